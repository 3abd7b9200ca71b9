// Ballots as terms of the random linear combination (../../ballot/equations.ts has the same in plain TypeScript). A *plan* says
// where everything lies; a *record* is one ballot:
//   points (32 n) ‖ scalars (32 m) ‖ previous ‖ hash of the passes ‖ h ‖ challenge of the proofs ‖ challenge of the signature
// The caller fills everything up to the hash of the passes; `readBallot` writes the last three.
import { CACHED, addExtended } from "./point";
import { BUCKETS_ROOM, multiScalar } from "./msm";
import {
  addProduct,
  addWide,
  isCanonicalScalar,
  reduceWide,
  scalarSubtract,
  weigh,
  WIDE,
} from "./scalar";
import { sha512 } from "./sha512";
import { STRAUS_ROOM, straus } from "./straus";

// Words of a plan; offsets are from its start.
const POINTS: usize = 0;
const SCALARS: usize = 4;
const VALUES: usize = 8;
const VALUE_POSITIONS: usize = 12; // offset of u32[values]: which point is R; S follows
const PROOFS: usize = 16;
const PROOFS_AT: usize = 20;
const IMAGES: usize = 24; // [hash: ballot, proof, cast][previous: absent, present]{image, length, copies, number of copies}
// Words of a proof.
const PROOF_BYTES: usize = 28;
const FIRST_VALUE: usize = 0;
const VALUE_COUNT: usize = 4;
const FACTORS: usize = 8; // offset of u32[VALUE_COUNT]
const BRANCHES: usize = 12;
const CLAIM: usize = 16;
const COMMITMENT: usize = 20; // position among the points
const CHALLENGE: usize = 24; // position among the scalars

const READ: i32 = 0;
const OUT_OF_RANGE: i32 = 1;
const REPEATED: i32 = 2;

const digest: usize = memory.data(64, 16);

/** A transcript: the bytes of `image` with the fields of the record copied over its gaps. */
function hashImage(plan: usize, record: usize, hash: i32, previous: i32): void {
  const entry = plan + IMAGES + 16 * <usize>(2 * hash + previous);
  const image = plan + load<u32>(entry, 0);
  const copies = plan + load<u32>(entry, 8);
  const end = copies + 12 * load<u32>(entry, 12);
  for (let at = copies; at < end; at += 12)
    memory.copy(image + load<u32>(at, 4), record + load<u32>(at, 0), load<u32>(at, 8));
  sha512(digest, image, load<u32>(entry, 4));
}

/** Checks 11d and 16a inside the ballot, and its hashes. */
export function readBallot(plan: usize, record: usize, previous: i32): i32 {
  const scalars = record + 32 * load<u32>(plan, POINTS);
  const tail = scalars + 32 * load<u32>(plan, SCALARS);
  for (let at = scalars; at < tail; at += 32) if (!isCanonicalScalar(at)) return OUT_OF_RANGE;
  const values = load<u32>(plan, VALUES);
  const positions = plan + load<u32>(plan, VALUE_POSITIONS);
  for (let i: u32 = 1; i < values; i++) {
    const a = record + 32 * load<u32>(positions + 4 * i);
    const first = load<u64>(a);
    for (let j: u32 = 0; j < i; j++) {
      const b = record + 32 * load<u32>(positions + 4 * j);
      if (load<u64>(b) == first && memory.compare(a, b, 32) == 0) return REPEATED;
    }
  }
  hashImage(plan, record, 0, previous);
  memory.copy(tail + 64, digest, 32);
  hashImage(plan, record, 1, previous);
  reduceWide(tail + 96, digest);
  hashImage(plan, record, 2, previous);
  reduceWide(tail + 128, digest);
  return READ;
}

let termPoints: usize = 0;
let termScalars: usize = 0;
let long: i32 = 0;
let short: i32 = 0;
let capacity: i32 = 0;

/** Starts a sum of exactly `count` terms: u32 addresses and 32 bytes each. */
export function beginTerms(points: usize, scalars: usize, count: i32): void {
  termPoints = points;
  termScalars = scalars;
  capacity = count;
  long = 0;
  short = 0;
}

/** Long terms from the front, short ones from the back. */
export function addTerms(points: usize, scalars: usize, count: i32): void {
  for (let i = 0; i < count; i++, points += CACHED, scalars += 32) {
    const isShort = (load<u64>(scalars, 16) | load<u64>(scalars, 24)) == 0;
    const at: usize = isShort ? capacity - ++short : long++;
    store<u32>(termPoints + 4 * at, <u32>points);
    memory.copy(termScalars + 32 * at, scalars, 32);
  }
}

const part: usize = memory.data(144, 16);

/** Bytes that `sumTerms` needs beside the terms. */
export function sumRoom(count: i32, few: i32): usize {
  return count <= few ? STRAUS_ROOM * <usize>count : BUCKETS_ROOM;
}

/** sum (extended) += Σ of all terms, as many as were announced; by Straus' method if they are at most `few`. */
export function sumTerms(sum: usize, room: usize, few: i32): void {
  if (long + short != capacity) unreachable();
  if (capacity <= few) straus(part, termPoints, termScalars, long, capacity, room);
  else multiScalar(part, termPoints, termScalars, long, capacity, room);
  addExtended(sum, part);
}

function setWeight(o: usize, weight: usize): void {
  memory.copy(o, weight, 16);
  memory.fill(o + 16, 0, 16);
}

const lastChallenge: usize = memory.data(32, 16);
const sumR: usize = memory.data(64, 16);
const sumS: usize = memory.data(64, 16);
const weighted: usize = memory.data(64, 16);

/**
 * The terms of a ballot under its weights (16 bytes each, one per equation, in the order of equations.ts). What g and K are
 * taken to grows in two wide sums, to be negated. `exponents`: 32 bytes per point; `scratch`: 128 bytes per value.
 */
export function ballotTerms(
  plan: usize,
  record: usize,
  points: usize,
  weights: usize,
  exponents: usize,
  scratch: usize,
  generator: usize,
  key: usize,
): void {
  const count = load<u32>(plan, POINTS);
  const scalars = record + 32 * count;
  const tail = scalars + 32 * load<u32>(plan, SCALARS);
  const challenge = tail + 96;
  const values = load<u32>(plan, VALUES);
  memory.fill(scratch, 0, 2 * WIDE * values);
  let proof = plan + load<u32>(plan, PROOFS_AT);
  for (let i: u32 = 0; i < load<u32>(plan, PROOFS); i++, proof += PROOF_BYTES) {
    const branches = load<u32>(proof, BRANCHES);
    const claim = load<u32>(proof, CLAIM);
    const challenges = scalars + 32 * load<u32>(proof, CHALLENGE);
    const responses = challenges + 32 * (branches - 1);
    let commitment = exponents + 32 * load<u32>(proof, COMMITMENT);
    memory.fill(sumR, 0, WIDE);
    memory.fill(sumS, 0, WIDE);
    memory.copy(lastChallenge, challenge, 32);
    for (let j: u32 = 0; j < branches; j++, weights += 32, commitment += 64) {
      let c = lastChallenge;
      if (j < branches - 1) {
        c = challenges + 32 * j;
        scalarSubtract(lastChallenge, lastChallenge, c);
      }
      const response = responses + 32 * j;
      addProduct(sumR, weights, c);
      weigh(weighted, weights + 16, c);
      addWide(sumS, weighted, 12, 1);
      if (claim + j != 0) addWide(generator, weighted, 12, claim + j);
      addProduct(generator, weights, response);
      addProduct(key, weights + 16, response);
      setWeight(commitment, weights);
      setWeight(commitment + 32, weights + 16);
    }
    const factors = plan + load<u32>(proof, FACTORS);
    let value = scratch + 2 * WIDE * load<u32>(proof, FIRST_VALUE);
    for (let j: u32 = 0; j < load<u32>(proof, VALUE_COUNT); j++, value += 2 * WIDE) {
      const factor = load<u32>(factors + 4 * j);
      addWide(value, sumR, 16, factor);
      addWide(value + WIDE, sumS, 16, factor);
    }
  }
  const positions = plan + load<u32>(plan, VALUE_POSITIONS);
  for (let i: u32 = 0; i < values; i++) {
    const o = exponents + 32 * load<u32>(positions + 4 * i);
    reduceWide(o, scratch + 2 * WIDE * i);
    reduceWide(o + 32, scratch + 2 * WIDE * i + WIDE);
  }
  const signature = exponents + 32 * (count - 3);
  signatureExponents(signature, weights, tail + 128, tail - 32, generator);
  addTerms(points, exponents, count - 1);
}

/** g^s = A·P^e as A^ρ · P^(ρe) · g^(−ρs) */
function signatureExponents(o: usize, weight: usize, challenge: usize, response: usize, generator: usize): void {
  setWeight(o, weight);
  memory.fill(sumR, 0, WIDE);
  addProduct(sumR, weight, challenge);
  reduceWide(o + 32, sumR);
  addProduct(generator, weight, response);
}

/** A Schnorr proof: points A, P; record: challenge ‖ response. */
export function schnorrTerms(record: usize, points: usize, weight: usize, exponents: usize, generator: usize): void {
  signatureExponents(exponents, weight, record, record + 32, generator);
  addTerms(points, exponents, 2);
}
