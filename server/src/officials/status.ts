/** Where an election stands, as an official's own reading of the record says. */
import type { RecordFollower } from "@hanpyo/bulletin-board";
import { bytesToHex, equalBytes } from "@hanpyo/crypto";
import { describeAct } from "./act-arguments.ts";

const time = (seconds: number | null | undefined): string =>
  seconds === null || seconds === undefined ? "–" : new Date(1000 * seconds).toISOString();

export function statusLines(follower: RecordFollower): string[] {
  const { state, definition, election } = follower;
  const lines = [
    `election   ${bytesToHex(election)}`,
    `origin     ${definition.origin}${definition.rehearsal ? "  (rehearsal)" : ""}`,
    `title      ${definition.title.ko} / ${definition.title.en}`,
    `phase      ${state.phase}`,
    `entries    ${follower.size}, the newest under a checkpoint with ${state.witnesses?.quorum ?? 0} cosignatures`,
    `time       ${time(state.anchor?.time)} (last anchor)`,
    `opens      ${time(definition.schedule.opens)}`,
    `ends       ${time(state.end)}`,
    `ballots    ${state.ballots} of ${state.firstBallots.reduce((a, b) => a + b, 0)} voters`,
    `pauses     ${state.pausesUsed} of ${definition.bounds.pauses}; extensions ${state.extensionsUsed} of ${definition.bounds.extensions}`,
  ];
  for (const [group, ceremony] of state.ceremonies.entries()) {
    const who = group === 0 ? "trustees" : "registrars";
    const round = ceremony.rounds.at(-1);
    if (!round) continue;
    const have = (messages: ReadonlyMap<number, unknown>) => `${messages.size}/${round.parties.length}`;
    lines.push(
      `${who.padEnd(10)} ${
        ceremony.completed
          ? `round ${ceremony.completed.round} complete`
          : `round ${round.round}: reveals ${have(round.reveals)}, shares ${have(round.shares)}, confirms ${have(round.confirms)}${
              round.ended ? `; ended, named ${round.ended.named.join(", ")}` : ""
            }`
      }`,
    );
  }
  lines.push(`drills     ${[...state.drills.keys()].join(", ") || "none"}`);
  lines.push(`keys       of registrars ${[...state.registrarKeys.keys()].join(", ") || "none"}`);
  for (const waiting of state.waiting)
    lines.push(
      `waiting    ${bytesToHex(waiting.leafHash)}`,
      ...describeAct(waiting.act as never).map((line) => `  ${line}`),
    );
  for (const proposal of state.proposals.values()) {
    const current = state.lastAct !== null && equalBytes(proposal.last, state.lastAct);
    lines.push(
      `proposal   ${bytesToHex(proposal.leafHash)} by official ${proposal.official}${current ? "" : " (outdated: another act was confirmed since)"}`,
      ...describeAct(proposal.act).map((line) => `  ${line}`),
    );
  }
  return lines;
}
