/** Ballots that must not be admitted, each with the refusal it must get. All but their fault is right, signatures included. */
import {
  type BallotPass,
  type Board,
  decodeBallot,
  encodeBallot,
  passesHash,
  type RefusalCode,
} from "@hanpyo/bulletin-board";
import {
  type BallotCore,
  ballotHash,
  encryptBallot,
  type KeyPair,
  randomBytes,
  signCast,
  unwrap,
} from "@hanpyo/crypto";

export interface BadBallot {
  readonly name: string;
  readonly payload: Uint8Array;
  readonly code: RefusalCode;
  /** Sent to this context instead of the election's. */
  readonly context?: string;
}

/** Somebody with a pass. */
export interface PassHolder {
  readonly class: number;
  readonly pseudonym: KeyPair;
  readonly passes: readonly BallotPass[];
}

type Contests = BallotCore["contests"];
type Block = Contests[number];

/** Signs a core as its owner would, whatever is in it. */
export function craft(board: Board, core: BallotCore, keys: KeyPair, passes: readonly BallotPass[]): Uint8Array {
  const { id, voting } = board.election;
  const statement = {
    context: voting!.context,
    ballot: ballotHash(voting!.context, core),
    passes: passesHash(id, passes),
  };
  return encodeBallot({ core, passes, signature: signCast(statement, keys) });
}

/** A correct core of the class that all bad ones start from. */
export function honestCore(
  board: Board,
  holder: PassHolder,
  previous: Uint8Array | null,
  values: readonly (readonly number[])[],
): BallotCore {
  const input = {
    pseudonym: holder.pseudonym.encoded,
    previous,
    checker: null,
    choices: values,
    seed: randomBytes(32),
  };
  return unwrap(encryptBallot(board.election.voting!.ballotContext(holder.class), input));
}

function changed(
  core: BallotCore,
  contest: number,
  field: keyof Block,
  change: (bytes: Uint8Array) => void,
): BallotCore {
  const contests = core.contests.map((block, i) => {
    if (i !== contest) return block;
    const bytes = block[field].slice();
    change(bytes);
    return { ...block, [field]: bytes };
  });
  return { ...core, contests };
}

/** By a holder of the class of both contests that has no ballot on the record yet. `recorded` is somebody else's payload there. */
export function badFirstBallots(
  board: Board,
  holder: PassHolder,
  values: readonly (readonly number[])[],
  recorded: Uint8Array,
): BadBallot[] {
  const core = honestCore(board, holder, null, values);
  const { pseudonym, passes } = holder;
  const signed = (it: BallotCore, carried = passes) => craft(board, it, pseudonym, carried);
  const good = signed(core);
  const bad = (name: string, code: RefusalCode, payload: Uint8Array, context?: string): BadBallot =>
    context === undefined ? { name, code, payload } : { name, code, payload, context };
  const with1 = (bytes: Uint8Array, at: number): void => {
    bytes[at]! ^= 1;
  };
  const scoreProofs = core.contests[1]!.responses.length;
  const other = unwrap(decodeBallot(recorded)).core;
  const broken = unwrap(decodeBallot(good));
  return [
    bad(
      "a selection's proof is tampered with",
      "selection-invalid",
      signed(changed(core, 0, "responses", (b) => with1(b, 0))),
    ),
    bad(
      "the sum's proof is tampered with",
      "limits-invalid",
      signed(changed(core, 1, "responses", (b) => with1(b, scoreProofs - 32))),
    ),
    bad(
      "the signature is another's",
      "signature-invalid",
      encodeBallot({ ...broken, signature: broken.signature.with(40, broken.signature[40]! ^ 1) }),
    ),
    bad("a pass is missing", "pass-missing", signed(core, passes.slice(1))),
    bad(
      "a pass is forged",
      "pass-invalid",
      signed(
        core,
        passes.map((pass, i) =>
          i === 0 ? { ...pass, signature: pass.signature.with(9, pass.signature[9]! ^ 1) } : pass,
        ),
      ),
    ),
    bad("no such class", "wrong-class", signed({ ...core, class: 99 })),
    bad("another class's contests", "wrong-class", signed({ ...core, class: 1 })),
    bad(
      "the pass of another class",
      "pass-invalid",
      craft(board, { ...honestCore(board, { ...holder, class: 1 }, null, values.slice(0, 1)) }, pseudonym, passes),
    ),
    bad("a point that is none", "bad-point", signed(changed(core, 0, "ciphertexts", (b) => b.fill(0xff, 32, 64)))),
    bad("the identity as randomness", "bad-point", signed(changed(core, 0, "ciphertexts", (b) => b.fill(0, 0, 32)))),
    bad("a scalar above the order", "bad-scalar", signed(changed(core, 0, "responses", (b) => b.fill(0xff, 0, 32)))),
    bad(
      "randomness used twice",
      "randomness-repeated",
      signed(changed(core, 0, "ciphertexts", (b) => b.copyWithin(64, 0, 32))),
    ),
    bad("another's ciphertexts", "copied", signed({ ...core, contests: other.contests })),
    bad(
      "a predecessor that is not there",
      "stale-previous",
      signed(honestCore(board, holder, randomBytes(32), values)),
    ),
    bad("another election", "wrong-election", good, "00".repeat(32)),
    bad("cut short", "malformed", good.slice(0, -1)),
    bad("bytes after the end", "malformed", Uint8Array.of(...good, 0)),
    bad("not a ballot", "malformed", randomBytes(100)),
    bad("too large", "too-large", new Uint8Array(60_001)),
  ];
}

/** By a holder whose latest ballot `latest` is on the record. */
export function badRevotes(
  board: Board,
  holder: PassHolder,
  latest: Uint8Array,
  values: readonly (readonly number[])[],
): BadBallot[] {
  const { pseudonym, passes } = holder;
  const stale = honestCore(board, holder, null, values);
  const current = honestCore(board, holder, latest, values);
  const moved = honestCore(board, { ...holder, class: 1 }, latest, values.slice(0, 1));
  return [
    { name: "a re-vote without its predecessor", code: "stale-previous", payload: craft(board, stale, pseudonym, []) },
    { name: "a re-vote with passes", code: "pass-invalid", payload: craft(board, current, pseudonym, passes) },
    { name: "a re-vote in another class", code: "class-changed", payload: craft(board, moved, pseudonym, []) },
  ];
}
