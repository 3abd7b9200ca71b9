/** From nothing to an election that is open for voting, by the parties' own command lines. */
import { type Board, openBoard, RecordFollower, type Surroundings } from "@hanpyo/bulletin-board";
import { nodeSurroundings } from "@hanpyo/bulletin-board/node";
import { bytesToHex, hexToBytes } from "@hanpyo/crypto";
import { type DefineInput, defineElection } from "./definition.ts";
import { act, trustee, type World } from "./parties.ts";

export interface OpenElection {
  /** E */
  readonly election: Uint8Array;
  readonly follower: RecordFollower;
  readonly around: Surroundings;
}

export async function openElection(
  world: World,
  input: DefineInput,
  say: (line: string) => void,
): Promise<OpenElection> {
  const election = hexToBytes(await defineElection(world, input));
  const id = bytesToHex(election).slice(0, 16);
  say(`defined: two contests, three classes, ${input.residents.length} on the roll; election ${id}…`);
  const around = nodeSurroundings(world.clock.clock, world.server);
  const follower = await follow(world, around, election);
  await Promise.all(Array.from({ length: input.trustees }, (_, i) => trustee(world, i + 1, "ceremony")));
  say(`ceremony of ${input.trustees} trustees with threshold ${input.threshold}, and their drills`);
  await reach(world, follower, "the registrars' keys", ({ state }) => {
    const ready = state.ceremonies[1].completed !== undefined && state.drills.size === input.trustees;
    return ready && state.registrarKeys.size === world.ready.registrars.length;
  });
  await act(world, "open");
  await reach(world, follower, "the opening", ({ state }) => state.phase === "open");
  say("open for voting");
  return { election, follower, around };
}

const passing: readonly string[] = ["unavailable", "quorum-missing"];

/** Once the definition stands under a witnessed checkpoint. */
async function follow(world: World, around: Surroundings, election: Uint8Array): Promise<RecordFollower> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    world.alive();
    const opened = await RecordFollower.open({ around, server: world.server, election });
    if (opened.ok) return opened.value;
    const { code, detail } = opened.error;
    if (!passing.includes(code) || performance.now() > deadline) throw new Error(`the record: ${code}: ${detail}`);
    await around.wait(100);
  }
}

/** A device's view of the board; asked again while the board has only just moved on from what it said. */
export async function openPatiently(around: Surroundings, server: string, election: Uint8Array): Promise<Board> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const opened = await openBoard(around, server, election);
    if (opened.ok) return opened.value;
    const { code, detail } = opened.error;
    if (!passing.includes(code) || performance.now() > deadline) throw new Error(`the board: ${code}: ${detail}`);
    await around.wait(100);
  }
}

/** Follows the record until it is so far. */
export async function reach(
  world: World,
  follower: RecordFollower,
  what: string,
  until: (it: RecordFollower) => boolean,
): Promise<void> {
  const deadline = performance.now() + 180_000;
  while (!until(follower)) {
    world.alive();
    const advanced = await follower.advance();
    if (!advanced.ok && !passing.includes(advanced.error.code))
      throw new Error(`${what}: ${advanced.error.code}: ${advanced.error.detail}`);
    if (performance.now() > deadline)
      throw new Error(`${what}: not within three minutes (phase ${follower.state.phase})`);
    if (!until(follower)) await follower.around.wait(150);
  }
}
