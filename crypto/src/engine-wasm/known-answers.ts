/**
 * The start-up test of an engine: fixed inputs through decoding, hints, sums with long and short scalars, tally columns, and a
 * whole batch (transcripts, scalar algebra, terms), against answers that noble gave. A compiler or processor that computes
 * wrongly is found here, before it can accept anything. It takes some 50 ms, most of it compilation of what will run anyway.
 */
import type { BallotItem, SchnorrItem } from "../ballot/batch.ts";
import { ballotContext } from "../ballot/core.ts";
import { ballotRecord, schnorrRecord } from "../ballot/plan.ts";
import { chooseOne } from "../ballot/rule.ts";
import { bytesToHex, concatBytes, hexToBytes } from "../bytes.ts";
import type { BatchRecord, Engine } from "../group/engine.ts";
import { decodePoint } from "../group/ristretto.ts";
import { unwrap } from "../result.ts";

/** Multiples 1…8 of the generator, RFC 9496 appendix A.1. */
const POINTS = [
  "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
  "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
  "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
  "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
  "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e",
  "f64746d3c92b13050ed8d80236a7f0007c3b3f962f5ba793d19a601ebb1df403",
  "44f53520926ec81fbd5a387845beb7df85a96a24ece18738bdcfa6a7822a176d",
  "903293d8f2287ebe10e2374dc1a53e0bc887e592699f02d077d5263cdd55601c",
].map(hexToBytes);

/** One string of each kind that must be refused (appendix A.2); and the identity. */
const SPECIAL = [
  "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
  "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
].map(hexToBytes);

/** Bytes that look random and are the same everywhere: high bytes of a linear congruential generator. */
function digits(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

const point = (i: number) => POINTS[i % POINTS.length]!;
const points = (from: number, count: number) =>
  concatBytes(...Array.from({ length: count }, (_, i) => point(from + i)));
/** Below 2^252, so below l. */
const scalars = (count: number, seed: number) =>
  digits(32 * count, seed).map((byte, i) => (i % 32 === 31 ? byte & 15 : byte));

/** No valid ballots, but ballots and a proof whose combination is known. */
export function knownItems(): readonly [BallotItem, BallotItem, SchnorrItem] {
  const rule = { ...chooseOne(2, true), min: 0 };
  const key = unwrap(decodePoint(point(4)));
  const ballot = ballotContext({ context: digits(32, 1), key, class: 2, contests: [{ index: 3, rule }] });
  const { layout } = ballot.contests[0]!;
  const ballotAfter = (previous: Uint8Array | null): BallotItem => ({
    kind: "ballot",
    ballot,
    core: {
      class: 2,
      pseudonym: point(5),
      previous,
      checker: point(6),
      contests: [
        {
          ciphertexts: points(0, layout.ciphertextBytes / 32),
          commitments: points(3, layout.commitmentBytes / 32),
          responses: scalars(layout.responseBytes / 32, 2),
        },
      ],
    },
    casting: { signature: concatBytes(point(7), scalars(1, 3)), passesHash: digits(32, 4) },
  });
  const equation = { commitment: point(1), key: point(2), challenge: 2n ** 252n + 5n, response: 2n ** 251n - 7n };
  return [ballotAfter(null), ballotAfter(digits(32, 5)), { kind: "schnorr", equation }];
}

function knownRecords(): readonly BatchRecord[] {
  const [first, second, { equation }] = knownItems();
  const record = ({ ballot, core, casting }: BallotItem) => ballotRecord(ballot, core, casting, null)!;
  return [record(first), record(second), schnorrRecord(equation)!];
}

/** Weights of the known batch, 16 bytes each. */
export function knownRandom(): (length: number) => Uint8Array {
  let seed = 6;
  return (length) => digits(length, seed++);
}

export const KNOWN_SUM = "8ced4feb17063da1d961e683215951581d77d0e8bb63b4a0e6c921e13f23c249";
/** Three times as many terms, which takes the method for many. */
export const KNOWN_TRIPLE = "ee03891801191054ff20a3542dbd206f3406cc455a68b8eb62933d29bdc4017f";
export const KNOWN_COLUMNS = [
  "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e",
  "20706fd788b2720a1ed2a5dad4952b01f413bcf0e7564de8cdc816689e2db95f",
  "c0287ab3502a0f5c5853ebaa191d8b01c42cdc8c124c3cc76030ee08ddab8559",
].join("");
export const KNOWN_COMBINATION = "d4dfc0b01be1c37d99fa5345340bad8bc4fc83320017edb7430665ad4970d613";

/** Scalars of every length in use, and the extremes. */
export function knownTerms(): { readonly encodings: Uint8Array; readonly scalars: Uint8Array } {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const values = [0n, 1n, 2n ** 128n - 1n, 2n ** 128n, order - 1n, order / 2n, order / 2n + 1n, 2n ** 252n - 1n];
  const extremes = values.map((value) =>
    Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)),
  );
  const short = digits(32 * 40, 7).map((byte, i) => (i % 32 < 16 ? byte : 0));
  return { encodings: points(0, 68), scalars: concatBytes(...extremes, short, scalars(20, 8)) };
}

/** The first answer that differs, or null. Throws what the engine throws. */
export function knownAnswerFault(engine: Engine): string | null {
  const plain = engine.decode(concatBytes(...SPECIAL, ...POINTS));
  if (plain.bad.join() !== "0,1,2,3,4,5" || plain.identities.join() !== "6") return "strict decoding";
  const { encodings, scalars: exponents } = knownTerms();
  const hints = engine.hints?.(encodings);
  const decoded = engine.decode(encodings, hints);
  const terms = { points: decoded.points, scalars: exponents };
  if (bytesToHex(engine.msm([terms])) !== KNOWN_SUM) return "sum";
  if (bytesToHex(engine.msm([terms, terms, terms])) !== KNOWN_TRIPLE) return "long sum";
  const wrong = engine.decode(encodings, digits(encodings.length, 9));
  if (bytesToHex(engine.msm([{ points: wrong.points, scalars: exponents }])) !== KNOWN_SUM) return "wrong hints";
  const columns = engine.accumulator(3, decoded.points.slice(0, 3));
  for (let i = 0; i < 5; i++) columns.add(decoded.points, i * i);
  columns.subtract(decoded.points, 30);
  if (bytesToHex(columns.encode()) !== KNOWN_COLUMNS) return "columns";
  if (engine.batch === undefined) return null;
  const combination = engine.batch(knownRecords(), (batch) =>
    batch.refused.length === 0 ? bytesToHex(batch.combine([0, 1, 2], knownRandom())) : "refused",
  );
  return combination === KNOWN_COMBINATION ? null : "combination";
}
