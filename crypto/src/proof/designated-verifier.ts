/**
 * The second-phone check: device A proves to device B what a recorded ballot holds, so that B can check it and nobody else
 * needs to believe it (designated-verifier proof: Jakobsson, Sako and Impagliazzo 1996; the disjunction: Cramer, Damgård and
 * Schoenmakers 1994). The statement is "the choices are those of this ballot, **or** I hold the checker key": B knows that
 * it kept its key to itself; for everybody else B could have made the proof alone, for any choices (`simulateDesignated`).
 *
 * c = scalar of T("designated": …) splits into c = c₁ + c₂. Branch 1, per option j with value v: log_g R = log_K (S / g^v),
 * g^{s_j} = a_j · R^{c₁} and K^{s_j} = b_j · (S/g^v)^{c₁}, one c₁ for all. Branch 2: g^t = A · checker^{c₂}.
 * Bytes: per option a ‖ b, A, c₁, per option s, t: 96 · options + 96.
 */
import { type BallotContext, type BallotCore, ballotHash } from "../ballot/core.ts";
import { allows } from "../ballot/rule.ts";
import { type Choices, coreRoot, seedScalar } from "../ballot/seed.ts";
import { equalBytes } from "../bytes.ts";
import { CIPHERTEXT_BYTES, type Ciphertext } from "../elgamal.ts";
import { hedgedScalar } from "../group/hedge.ts";
import type { KeyPair } from "../group/keypair.ts";
import {
  decodeNonIdentity,
  decodePoint,
  encodePoint,
  G,
  multiply,
  multiplyPublic,
  multiplyPublic2,
  type Point,
} from "../group/ristretto.ts";
import { challengeScalar, decodeScalar, encodeScalar, modOrder } from "../group/scalar.ts";
import { err, ok, type Result } from "../result.ts";
import { Transcript } from "../transcript.ts";

/** What the proof is about. `choices` and `session` are what A sent, `core` what stands on the record. */
export interface DesignatedStatement {
  readonly ballot: BallotContext;
  readonly core: BallotCore;
  /** Values per contest, the blank last. */
  readonly choices: Choices;
  /** Hash of the pairing (`checkerSession`), 32 bytes. */
  readonly session: Uint8Array;
}

/** Why a proof is refused; `checker`: the recorded ballot names another device's key. */
export type DesignatedFault =
  | "checker"
  | "class"
  | "choices"
  | "ciphertexts"
  | "length"
  | "commitment"
  | "scalar"
  | "selection"
  | "designation";

/** (R, S) of every option of every contest, in order, of a statement whose form is right. */
function ciphertextsOf({ ballot, core, choices }: DesignatedStatement): Result<Ciphertext[], DesignatedFault> {
  if (core.class !== ballot.class || core.contests.length !== ballot.contests.length) return err("class");
  if (choices.length !== ballot.contests.length) return err("choices");
  const all: Ciphertext[] = [];
  for (const [i, { rule, layout }] of ballot.contests.entries()) {
    if (!allows(rule, choices[i]!)) return err("choices");
    const { ciphertexts } = core.contests[i]!;
    if (ciphertexts.length !== layout.ciphertextBytes) return err("ciphertexts");
    for (let at = 0; at < ciphertexts.length; at += CIPHERTEXT_BYTES) {
      const R = decodeNonIdentity(ciphertexts.subarray(at, at + 32));
      const S = decodePoint(ciphertexts.subarray(at + 32, at + 64));
      if (!R.ok || !S.ok) return err("ciphertexts");
      all.push({ R: R.value, S: S.value });
    }
  }
  return ok(all);
}

/** (R, S / g^v). Device B's side only: variable time in the choices, which B is told anyway. */
function opened(ciphertexts: readonly Ciphertext[], choices: Choices): Ciphertext[] {
  const values = choices.flat();
  return ciphertexts.map(({ R, S }, j) => ({ R, S: S.subtract(multiplyPublic(G, BigInt(values[j]!))) }));
}

/** Everything but the commitments. */
function statementTranscript({ ballot, core, choices, session }: DesignatedStatement): Transcript {
  const transcript = new Transcript("designated")
    .append("context", ballot.context)
    .append("key", ballot.keyBytes)
    .append("ballot", ballotHash(ballot.context, core))
    .append("pseudonym", core.pseudonym)
    .append("checker", core.checker)
    .append("session", session)
    .number("contests", ballot.contests.length);
  for (const [i, { index }] of ballot.contests.entries()) {
    transcript.number("contest", index);
    for (const value of choices[i]!) transcript.number("value", value);
    transcript.append("ciphertexts", core.contests[i]!.ciphertexts);
  }
  return transcript;
}

/** c; the transcript is used up. */
function challenge(transcript: Transcript, commitments: Uint8Array, designation: Uint8Array): bigint {
  return challengeScalar(transcript.append("commitments", commitments).append("designation", designation));
}

/** Throws for a statement that `verifyDesignated` would refuse before looking at the proof. */
function ciphertextsOrThrow(statement: DesignatedStatement): Ciphertext[] {
  const ciphertexts = ciphertextsOf(statement);
  if (!ciphertexts.ok) throw new RangeError(`not a statement about a ballot: ${ciphertexts.error}`);
  return ciphertexts.value;
}

function encodePairs(pairs: readonly (readonly [Point, Point])[]): Uint8Array {
  const bytes = new Uint8Array(64 * pairs.length);
  for (const [j, [a, b]] of pairs.entries()) {
    bytes.set(encodePoint(a), 64 * j);
    bytes.set(encodePoint(b), 64 * j + 32);
  }
  return bytes;
}

function assemble(commitments: Uint8Array, designation: Uint8Array, scalars: readonly bigint[]): Uint8Array {
  const proof = new Uint8Array(commitments.length + 32 + 32 * scalars.length);
  proof.set(commitments, 0);
  proof.set(designation, commitments.length);
  for (const [i, scalar] of scalars.entries()) proof.set(encodeScalar(scalar), commitments.length + 32 + 32 * i);
  return proof;
}

/** Device A's proof; `seed` is that of the core. A seed or choices of another core give a proof that does not verify. */
export function proveDesignated(statement: DesignatedStatement, seed: Uint8Array): Uint8Array {
  const { ballot, core, choices } = statement;
  const options = ciphertextsOrThrow(statement).length;
  const checker = decodeNonIdentity(core.checker);
  if (!checker.ok) throw new RangeError("the checker is no key");
  const root = coreRoot(seed, ballot, { ...core, choices });
  const randomness = ballot.contests.flatMap(({ index, layout }) =>
    Array.from({ length: layout.values }, (_, option) => seedScalar(root, "r", index, option, 0)),
  );
  const nonceOf = (secret: bigint, use: string, j: number) =>
    hedgedScalar(secret, statementTranscript(statement).text("nonce", use).number("option", j));
  const nonces = randomness.map((r, j) => nonceOf(r, "selection", j));
  const commitments = encodePairs(nonces.map((w) => [multiply(G, w), multiply(ballot.key, w)]));
  // Branch 2 is simulated: A does not hold the checker key. A guessable c₂ would tell who made the proof.
  const c2 = nonceOf(randomness[0]!, "challenge", options);
  const t = nonceOf(randomness[0]!, "response", options);
  const designation = encodePoint(multiply(G, t).subtract(multiply(checker.value, c2)));
  const c1 = modOrder(challenge(statementTranscript(statement), commitments, designation) - c2);
  const responses = nonces.map((w, j) => modOrder(w + c1 * randomness[j]!));
  return assemble(commitments, designation, [c1, ...responses, t]);
}

/**
 * The same proof made by the holder of the checker key alone, for any choices whatever the ballot holds: indistinguishable
 * from A's, which is why B convinces nobody. Throws where `checker` is not the ballot's.
 */
export function simulateDesignated(statement: DesignatedStatement, checker: KeyPair): Uint8Array {
  const { ballot, core } = statement;
  if (!equalBytes(checker.encoded, core.checker)) throw new RangeError("another checker's ballot");
  const ciphertexts = opened(ciphertextsOrThrow(statement), statement.choices);
  const secret = checker.secret.reveal();
  const nonceOf = (use: string, j: number) =>
    hedgedScalar(secret, statementTranscript(statement).text("nonce", use).number("option", j));
  const c1 = nonceOf("challenge", ciphertexts.length);
  const responses = ciphertexts.map((_, j) => nonceOf("selection", j));
  const commitments = encodePairs(
    ciphertexts.map(({ R, S }, j) => {
      const s = responses[j]!;
      return [multiply(G, s).subtract(multiply(R, c1)), multiply(ballot.key, s).subtract(multiply(S, c1))];
    }),
  );
  const w = nonceOf("response", ciphertexts.length);
  const designation = encodePoint(multiply(G, w));
  const c2 = modOrder(challenge(statementTranscript(statement), commitments, designation) - c1);
  return assemble(commitments, designation, [c1, ...responses, modOrder(w + c2 * secret)]);
}

/**
 * Device B's check. `checker` is B's own key of this pairing (32 bytes). The caller has taken C, K and the ballot from the
 * record it verified itself, checked that the ballot's h is the one it scanned, and verified the ballot's own proofs.
 */
export function verifyDesignated(
  statement: DesignatedStatement,
  checker: Uint8Array,
  proof: Uint8Array,
): Result<null, DesignatedFault> {
  const { ballot, core } = statement;
  const key = decodeNonIdentity(checker);
  if (!key.ok || !equalBytes(checker, core.checker)) return err("checker");
  const ciphertexts = ciphertextsOf(statement);
  if (!ciphertexts.ok) return ciphertexts;
  const count = ciphertexts.value.length;
  if (proof.length !== 96 * count + 96) return err("length");
  const part = (at: number) => proof.subarray(at, at + 32);
  const scalars: bigint[] = [];
  for (let at = 64 * count + 32; at < proof.length; at += 32) {
    const scalar = decodeScalar(part(at));
    if (!scalar.ok) return err("scalar");
    scalars.push(scalar.value);
  }
  const commitments = proof.subarray(0, 64 * count);
  const designation = decodeNonIdentity(part(64 * count));
  if (!designation.ok) return err("commitment");
  const c = challenge(statementTranscript(statement), commitments, part(64 * count));
  const c1 = scalars[0]!;
  for (const [j, { R, S }] of opened(ciphertexts.value, statement.choices).entries()) {
    const a = decodeNonIdentity(part(64 * j));
    const b = decodeNonIdentity(part(64 * j + 32));
    if (!a.ok || !b.ok) return err("commitment");
    const s = scalars[1 + j]!;
    if (!multiplyPublic2(G, s, R, modOrder(-c1)).equals(a.value)) return err("selection");
    if (!multiplyPublic2(ballot.key, s, S, modOrder(-c1)).equals(b.value)) return err("selection");
  }
  const answered = multiplyPublic2(G, scalars[1 + count]!, key.value, modOrder(c1 - c));
  return answered.equals(designation.value) ? ok(null) : err("designation");
}
