import { obtainPasses, type PassInput } from "@hanpyo/bulletin-board";
import { passMessage, randomBytes, Secret, unwrap, verifyPss } from "@hanpyo/crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PassWorld } from "./testing/pass-world.ts";

describe("passes", () => {
  let world: PassWorld;
  const newVoters = Array.from({ length: 16 }, (_, i): [string, string, string, string] => [
    `v${i}`,
    String(i % 2),
    "30",
    "1",
  ]);
  beforeAll(async () => {
    world = await PassWorld.start({
      voters: [...newVoters, ["child", "0", "17", "1"], ["rich", "0", "50", "3"]],
      holdSign: 4000,
    });
  });
  afterAll(async () => {
    expect(world.fatal).toEqual([]);
    await world.stop();
  });
  const input = (id: string, seed = new Secret(randomBytes(32)), more: Partial<PassInput> = {}): PassInput => ({
    code: world.codes.get(id)!.reveal(),
    seed,
    apart: 0,
    ...more,
  });

  it("come from an activation code to q good signatures", async () => {
    const board = await world.board();
    const steps: string[] = [];
    const start = performance.now();
    const got = unwrap(
      await obtainPasses(
        world.around,
        board,
        input("v0", undefined, { progress: ({ step }) => void steps.push(step) }),
      ),
    );
    console.log(`code to pass: ${Math.round(performance.now() - start)} ms`);
    const [pass] = got.passes;
    expect(got.passes).toHaveLength(1);
    expect(pass!.answered).toEqual([1, 2, 3, 4]);
    expect(pass!.passes).toHaveLength(3);
    for (const { registrar, signature } of pass!.passes) {
      const modulus = board.election.registrars[registrar - 1]!.moduli[pass!.class]!;
      expect(verifyPss(modulus, passMessage(board.election.id, pass!.class, pass!.pseudonym.encoded), signature)).toBe(
        true,
      );
    }
    expect(new Set(steps)).toEqual(
      new Set(["code", "nonces", "shares", "endorsements", "logged", "signatures", "done"]),
    );
  });
});
