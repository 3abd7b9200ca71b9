/** Tries what must be refused and throws where it is not, or not with the code that it must have. */
import { type Board, obtainPasses, type RefusalCode, type Surroundings, verifyRefusal } from "@hanpyo/bulletin-board";
import { bytesToHex, equalBytes, generateActivationCode, randomBytes, Secret } from "@hanpyo/crypto";
import type { BadBallot } from "./bad-ballots.ts";
import { postBallot, refusalPaper } from "./ballot-post.ts";
import type { Papers } from "./voting.ts";

export interface RefusalCheck {
  readonly name: string;
  readonly code: RefusalCode;
}

/** Posts each ballot; its refusal must be signed and is kept with the papers. */
export async function checkRefusals(board: Board, bad: readonly BadBallot[], papers: Papers): Promise<RefusalCheck[]> {
  const checks: RefusalCheck[] = [];
  for (const { name, code, payload, context } of bad) {
    const answer = await postBallot(board.url, context ?? bytesToHex(board.election.voting!.context), payload);
    if (answer.code !== code)
      throw new Error(`${name}: expected ${code}, found ${answer.code ?? "that it was admitted"}`);
    if (!answer.refusal || !verifyRefusal(board.election, answer.refusal))
      throw new Error(`${name}: the refusal is not validly signed`);
    papers.refusals.set(
      `${String(papers.refusals.size + 1).padStart(3, "0")}-${code}`,
      refusalPaper(answer.refusal, payload),
    );
    checks.push({ name, code });
  }
  return checks;
}

export interface DeviceTrials {
  /** A code whose pass was issued. */
  readonly used: Secret<string>;
  /** A code of somebody whom the policy does not admit. */
  readonly barred: Secret<string>;
  /** A ballot on the record: sent again, its first entry is the answer. */
  readonly recorded: { readonly payload: Uint8Array; readonly h: Uint8Array };
}

/** Codes that give no pass, and a ballot that is sent again. */
export async function checkDevices(around: Surroundings, board: Board, trials: DeviceTrials): Promise<RefusalCheck[]> {
  const cases: readonly (readonly [string, Secret<string>, RefusalCode])[] = [
    ["a used code on another device", trials.used, "pass-used"],
    ["a code of somebody who may not vote", trials.barred, "not-eligible"],
    ["a code that is on no roll", generateActivationCode(), "unknown-voter"],
    ["no code at all", new Secret("0000"), "unknown-voter"],
  ];
  const checks: RefusalCheck[] = [];
  for (const [name, code, expected] of cases) {
    const input = { code: code.reveal(), seed: new Secret(randomBytes(32)), apart: 0 };
    const obtained = await obtainPasses(around, board, input);
    const found = obtained.ok ? "a pass" : obtained.error.code;
    if (found !== expected) throw new Error(`${name}: expected ${expected}, found ${found}`);
    checks.push({ name, code: expected });
  }
  const context = board.election.voting!.context;
  const again = await postBallot(board.url, bytesToHex(context), trials.recorded.payload);
  if (again.index === null) throw new Error(`a repeated ballot was answered by ${again.code}`);
  const under = await board.record.checkpoint();
  if (!under.ok) throw new Error(under.error.detail);
  const entry = await board.record.entry(again.index, under.value);
  if (!entry.ok || !equalBytes(entry.value.entry.payload, trials.recorded.payload))
    throw new Error("a repeated ballot was not answered with its first entry");
  return checks;
}
