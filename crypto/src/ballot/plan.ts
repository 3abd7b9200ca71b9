/**
 * The ballots of one class in flat bytes, for engines that do hashing and scalar algebra themselves (engine-wasm/): where
 * points and scalars lie, what the proofs speak of, and the three transcripts as images with gaps. A *record* is one ballot:
 * points (as in equations.ts) ‖ scalars (responses of the contests, then of the signature) ‖ previous ‖ hash of the passes,
 * and room for h and two challenges.
 */
import { concatBytes, u32be, u64be, utf8ToBytes } from "../bytes.ts";
import type { BallotPlan, BatchRecord } from "../group/engine.ts";
import { encodeScalar, modOrder } from "../group/scalar.ts";
import type { SchnorrEquation } from "../proof/schnorr.ts";
import type { TranscriptUse } from "../transcript.ts";
import type { BallotContext, BallotCore } from "./core.ts";
import { freePositions } from "./equations.ts";
import { ballotShapeFault } from "./form.ts";
import type { Casting } from "./verify.ts";

/** A transcript whose values are partly known only per ballot. */
class Image {
  readonly #parts: Uint8Array[] = [];
  readonly copies: { readonly from: number; readonly to: number; readonly length: number }[] = [];
  #length = 0;

  constructor(use: TranscriptUse) {
    this.#frame(utf8ToBytes("hanpyo/v1"));
    this.#frame(utf8ToBytes(use));
  }

  append(label: string, value: Uint8Array): this {
    this.#frame(utf8ToBytes(label));
    this.#frame(value);
    return this;
  }

  number(label: string, value: number): this {
    return this.append(label, u64be(value));
  }

  /** `length` bytes of the record from `from`. */
  gap(label: string, from: number, length: number): this {
    this.#frame(utf8ToBytes(label));
    this.#push(u32be(length));
    this.copies.push({ from, to: this.#length, length });
    this.#push(new Uint8Array(length));
    return this;
  }

  bytes(): Uint8Array {
    return concatBytes(...this.#parts);
  }

  #frame(value: Uint8Array): void {
    this.#push(u32be(value.length));
    this.#push(value);
  }

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }
}

/** Places in a record, in bytes. */
interface Places {
  /** Per contest. */
  readonly ciphertexts: readonly number[];
  readonly commitments: readonly number[];
  readonly responses: readonly number[];
  readonly signature: number;
  readonly pseudonym: number;
  readonly checker: number;
  readonly previous: number;
  readonly passes: number;
  readonly hash: number;
}

function places(ballot: BallotContext): Places & { readonly points: number; readonly scalars: number } {
  let at = 0;
  const take = (length: number) => {
    at += length;
    return at - length;
  };
  const ciphertexts: number[] = [];
  const commitments: number[] = [];
  for (const { layout } of ballot.contests) {
    ciphertexts.push(take(layout.ciphertextBytes));
    commitments.push(take(layout.commitmentBytes));
  }
  const signature = take(32);
  const pseudonym = take(32);
  const checker = take(32);
  const points = at / 32;
  const responses = ballot.contests.map(({ layout }) => take(layout.responseBytes));
  take(32); // the signature's response
  const scalars = at / 32 - points;
  const [previous, passes, hash] = [take(32), take(32), take(32)];
  return {
    ciphertexts,
    commitments,
    responses,
    signature,
    pseudonym,
    checker,
    previous,
    passes,
    hash,
    points,
    scalars,
  };
}

/** The transcripts of `ballotHash`, `ballotChallenge` and `castEquation`, in this order. */
function images(ballot: BallotContext, at: Places, previous: boolean): readonly Image[] {
  const statement = (image: Image) => {
    image.number("class", ballot.class).gap("pseudonym", at.pseudonym, 32);
    if (previous) image.gap("previous", at.previous, 32);
    else image.append("previous", new Uint8Array(0));
    return image.gap("checker", at.checker, 32).number("contests", ballot.contests.length);
  };
  const hash = statement(new Image("ballot").append("context", ballot.context));
  const proof = statement(new Image("proof").append("context", ballot.context).append("key", ballot.keyBytes));
  ballot.contests.forEach(({ index, layout }, contest) => {
    for (const image of [hash, proof]) {
      if (image === proof) image.number("contest", index);
      image
        .gap("ciphertexts", at.ciphertexts[contest]!, layout.ciphertextBytes)
        .gap("commitments", at.commitments[contest]!, layout.commitmentBytes);
    }
    hash.gap("responses", at.responses[contest]!, layout.responseBytes);
  });
  const cast = new Image("cast")
    .append("context", ballot.context)
    .gap("ballot", at.hash, 32)
    .gap("passes", at.passes, 32)
    .gap("key", at.pseudonym, 32)
    .gap("commitment", at.signature, 32);
  return [hash, proof, cast];
}

/** Words and byte strings that refer to one another by offset. */
class Builder {
  readonly #parts: Uint8Array[] = [];
  #length: number;

  constructor(header: number) {
    this.#length = header;
  }

  bytes(value: Uint8Array): number {
    const at = this.#length;
    const padded = new Uint8Array(Math.ceil(value.length / 8) * 8);
    padded.set(value);
    this.#parts.push(padded);
    this.#length += padded.length;
    return at;
  }

  words(values: readonly number[]): number {
    return this.bytes(littleEndian(values));
  }

  finish(header: readonly number[]): Uint8Array {
    return concatBytes(littleEndian(header), ...this.#parts);
  }
}

function littleEndian(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(4 * i, value, true);
  });
  return bytes;
}

const HEADER_WORDS = 30;
const plans = new WeakMap<BallotContext, BallotPlan>();

/** Made once per context. */
export function ballotPlan(ballot: BallotContext): BallotPlan {
  let plan = plans.get(ballot);
  if (plan === undefined) {
    plan = makePlan(ballot);
    plans.set(ballot, plan);
  }
  return plan;
}

function makePlan(ballot: BallotContext): BallotPlan {
  const at = places(ballot);
  const build = new Builder(4 * HEADER_WORDS);
  const positions: number[] = [];
  const proofs: number[] = [];
  let equations = 1;
  ballot.contests.forEach(({ layout }, contest) => {
    const firstValue = positions.length;
    for (let value = 0; value < layout.values; value++) positions.push(at.ciphertexts[contest]! / 32 + 2 * value);
    for (const proof of layout.proofs) {
      const factors = proof.option === null ? layout.factors.map(Number) : [1];
      const value = firstValue + (proof.option ?? 0);
      const commitment = (at.commitments[contest]! + proof.commitments) / 32;
      const challenge = (at.responses[contest]! + proof.challenges) / 32 - at.points;
      proofs.push(value, factors.length, build.words(factors), proof.branches, proof.first, commitment, challenge);
      equations += 2 * proof.branches;
    }
  });
  const table: number[] = [];
  const variants = [images(ballot, at, false), images(ballot, at, true)];
  for (let hash = 0; hash < 3; hash++)
    for (const variant of variants) {
      const { copies } = variant[hash]!;
      const bytes = variant[hash]!.bytes();
      const list = build.words(copies.flatMap(({ from, to, length }) => [from, to, length]));
      table.push(build.bytes(bytes), bytes.length, list, copies.length);
    }
  const header = [
    at.points,
    at.scalars,
    positions.length,
    build.words(positions),
    proofs.length / 7,
    build.words(proofs),
  ];
  const free = new Uint8Array(at.points);
  for (const position of freePositions(ballot)) free[position] = 1;
  return {
    bytes: build.finish([...header, ...table]),
    points: at.points,
    scalars: at.scalars,
    values: positions.length,
    equations,
    free,
    key: ballot.keyBytes,
  };
}

/** Null where the shape is wrong: then `verifyBallot` says how. */
export function ballotRecord(
  ballot: BallotContext,
  core: BallotCore,
  { signature, passesHash }: Casting,
  hints: Uint8Array | null,
): BatchRecord | null {
  if (ballotShapeFault(ballot, core, signature) !== null) return null;
  if (passesHash.length !== 32) throw new RangeError("the hash of the passes has 32 bytes");
  const plan = ballotPlan(ballot);
  return {
    plan,
    previous: core.previous !== null,
    hints: hints?.length === 32 * plan.points ? hints : null,
    write(into, start) {
      let at = start;
      const put = (bytes: Uint8Array) => {
        into.set(bytes, at);
        at += bytes.length;
      };
      for (const { ciphertexts, commitments } of core.contests) {
        put(ciphertexts);
        put(commitments);
      }
      put(signature.subarray(0, 32));
      put(core.pseudonym);
      put(core.checker);
      for (const { responses } of core.contests) put(responses);
      put(signature.subarray(32));
      if (core.previous !== null) put(core.previous);
      else at += 32;
      put(passesHash);
    },
  };
}

/** Null where key or commitment does not have 32 bytes. */
export function schnorrRecord(equation: SchnorrEquation): BatchRecord | null {
  const { commitment, key, challenge, response } = equation;
  if (commitment.length !== 32 || key.length !== 32) return null;
  return {
    plan: null,
    previous: false,
    hints: null,
    write(into, at) {
      into.set(commitment, at);
      into.set(key, at + 32);
      into.set(encodeScalar(modOrder(challenge)), at + 64);
      into.set(encodeScalar(modOrder(response)), at + 96);
    },
  };
}
