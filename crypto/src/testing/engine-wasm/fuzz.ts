/**
 * Compares the WebAssembly engine with noble on random and on extreme inputs for as long as told:
 * `tsx crypto/src/testing/engine-wasm/fuzz.ts --seconds 600 [--seed N]`. Exits with 1, and prints seed and round, at the first
 * difference; the same seed gives the same inputs.
 */
import { parseArgs } from "node:util";
import { type BallotItem, verifyBallots, verifyItem } from "../../ballot/batch.ts";
import { approval, chooseOne, score } from "../../ballot/rule.ts";
import { bytesToHex, concatBytes, hexToBytes } from "../../bytes.ts";
import { untestedWasmEngine } from "../../engine-wasm/engine.ts";
import type { Engine } from "../../group/engine.ts";
import { nobleEngine } from "../../group/noble-engine.ts";
import { encodePoint, G, hashToGroup, multiplyPublic } from "../../group/ristretto.ts";
import { ORDER } from "../../group/scalar.ts";
import { Transcript } from "../../transcript.ts";
import { proverBallot, testContext } from "../ballots.ts";
import { BAD } from "../rfc9496.ts";
import { plainCombination } from "./plain-combination.ts";
import { bytesOf, mod, numberOf, P, RawKernel } from "./raw-kernel.ts";

const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } });
const seconds = Number(values.seconds ?? 60);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error("usage: fuzz.ts --seconds N [--seed N]");
  process.exit(3);
}

/** Bytes that follow from the seed alone. */
class Source {
  #counter = 0;
  #held = new Uint8Array(0);

  bytes(length: number): Uint8Array {
    while (this.#held.length < length)
      this.#held = concatBytes(
        this.#held,
        new Transcript("test")
          .number("seed", seed)
          .number("counter", this.#counter++)
          .digest(),
      );
    const part = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return part;
  }

  below(limit: number): number {
    return Number(numberOf(this.bytes(6)) % BigInt(limit));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const source = new Source();
const wasm = untestedWasmEngine();
const noble = nobleEngine();
const raw = new RawKernel();
const bad = Object.values(BAD).flat().map(hexToBytes);
const contexts = [testContext(chooseOne(5)), testContext(approval(2, 0, 1, true), score(2, 2))];
const choices = [
  [[0, 1, 0, 0, 0]],
  [
    [0, 0, 1],
    [2, 1],
  ],
];
const ballots = contexts.flatMap((context, i) => Array.from({ length: 6 }, () => proverBallot(context, choices[i]!)));

function same(what: string, a: Uint8Array, b: Uint8Array): void {
  if (bytesToHex(a) !== bytesToHex(b)) throw new Error(`${what}: ${bytesToHex(a)} is not ${bytesToHex(b)}`);
}

function scalar(): bigint {
  const bits = source.pick([1, 16, 64, 127, 128, 129, 130, 200, 251, 252, 253]);
  const value = numberOf(source.bytes(32)) % 2n ** BigInt(bits);
  const edge = 2n ** BigInt(bits) - 1n - BigInt(source.below(3));
  const choice = source.pick([value, value, edge, ORDER - 1n - value, ORDER / 2n + value, ORDER / 2n - value]);
  return mod(choice, ORDER);
}

function limbs(bound: number): number[] {
  return Array.from({ length: 9 }, () =>
    source.pick([bound, -bound, 0, source.below(2 * bound + 1) - bound, source.below(2 * bound + 1) - bound]),
  );
}

function fuzzField(): void {
  const [a, b] = [limbs(2 ** 30), limbs(2 ** 29)];
  const value = (each: readonly number[]) => each.reduceRight((sum, limb) => (sum << 29n) + BigInt(limb), 0n);
  const times = 1 + source.below(9);
  raw.arena.scope(() => {
    const [x, y] = [raw.limbs(a), raw.limbs(b)];
    const product = raw.result((o) => raw.kernel.feMul(o, x, y)).value;
    const power = raw.result((o) => raw.kernel.feSquareTimes(o, y, times)).value;
    let expected = value(b);
    for (let i = 0; i < times; i++) expected = mod(expected * expected);
    if (product !== mod(value(a) * value(b)) || power !== expected) throw new Error(`field: ${a} and ${b}, ${times}`);
  });
}

function encoding(): Uint8Array {
  const kind = source.below(8);
  if (kind === 0) return source.pick(bad);
  if (kind === 1) return bytesOf(P - 8n + BigInt(source.below(16)));
  if (kind === 2) return bytesOf(BigInt(2 * source.below(5000)));
  if (kind === 3) {
    const bytes = source.bytes(32);
    bytes[0]! &= 254;
    bytes[31]! &= 127;
    return bytes;
  }
  return kind === 4 ? encodePoint(multiplyPublic(G, scalar())) : encodePoint(hashToGroup(source.bytes(64)));
}

function fuzzPoints(): void {
  const count = 1 + source.below(40);
  const encodings = concatBytes(...Array.from({ length: count }, encoding));
  const right = wasm.hints!(encodings);
  const hints = source.pick([
    undefined,
    right,
    right.map((byte, i) => (i % 77 === 3 ? byte ^ 4 : byte)),
    source.bytes(32 * count),
  ]);
  const scalars = concatBytes(...Array.from({ length: count }, () => bytesOf(scalar())));
  const [a, b] = [wasm.decode(encodings, hints), noble.decode(encodings)];
  if (a.bad.join() !== b.bad.join() || a.identities.join() !== b.identities.join())
    throw new Error(`decoding ${bytesToHex(encodings)}`);
  const columns = (engine: Engine, { points }: typeof a) => {
    const sums = engine.accumulator(1, points.slice(0, 1));
    for (let i = 0; i < count; i++)
      if (i % 3 === 0) sums.subtract(points, i);
      else sums.add(points, i);
    return sums.encode();
  };
  same("columns", columns(wasm, a), columns(noble, b));
  same("sum", wasm.msm([{ points: a.points, scalars }]), noble.msm([{ points: b.points, scalars }]));
}

/** Flips a bit anywhere in a ballot, or nowhere. */
function bent(item: BallotItem): BallotItem {
  const contests = item.core.contests.map(({ ciphertexts, commitments, responses }) => ({
    ciphertexts: ciphertexts.slice(),
    commitments: commitments.slice(),
    responses: responses.slice(),
  }));
  const signature = item.casting.signature.slice();
  const target = source.pick([signature, ...contests.flatMap((each) => Object.values(each))]);
  const way = source.below(4);
  if (way === 0) target[source.below(target.length)]! ^= 1 << source.below(8);
  if (way === 1) target.set(encoding(), 32 * source.below(target.length / 32));
  return { ...item, core: { ...item.core, contests }, casting: { ...item.casting, signature } };
}

function fuzzBallots(): void {
  const items = Array.from({ length: 1 + source.below(6) }, () => bent(source.pick(ballots)));
  const expected = items.flatMap((item, index) => {
    const verdict = verifyItem(item);
    return verdict.ok ? [] : [{ index, fault: verdict.error }];
  });
  const { failures, overruled } = verifyBallots(wasm, items);
  if (JSON.stringify(failures) !== JSON.stringify(expected) || overruled.length > 0)
    throw new Error(`verdicts: ${JSON.stringify(failures)} is not ${JSON.stringify(expected)}, overruled ${overruled}`);
  const weights = source.bytes(4096);
  const random = (length: number) => weights.slice(0, length);
  let members: number[] = [];
  let combined: Uint8Array = new Uint8Array(0);
  const spy: Engine = {
    ...wasm,
    batch: (records, use) =>
      wasm.batch!(records, (batch) => {
        members = [...records.keys()].filter((position) => !batch.refused.includes(position));
        combined = batch.combine(members, random);
        return use(batch);
      }),
  };
  verifyBallots(spy, items);
  if (members.length > 0) {
    const some = members.map((member) => items[member]!);
    same("combination", combined, plainCombination(some, random));
  }
}

const end = performance.now() + 1000 * seconds;
let rounds = 0;
try {
  for (; performance.now() < end; rounds++) {
    for (let i = 0; i < 50; i++) fuzzField();
    fuzzPoints();
    if (rounds % 4 === 0) fuzzBallots();
  }
} catch (error) {
  console.error(`seed ${seed}, round ${rounds}: ${String(error)}`);
  process.exit(1);
}
console.log(`seed ${seed}: ${rounds} rounds, no difference`);
