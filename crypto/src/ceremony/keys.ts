/** What a completed round gives: the joint key, everybody's public shares, and each party's own secret share. */
import { type KeyPair, keyPairFrom } from "../group/keypair.ts";
import { IDENTITY, type Point } from "../group/ristretto.ts";
import { modOrder } from "../group/scalar.ts";
import { err, ok, type Result } from "../result.ts";
import { type Ceremony, revealsByParty, type VerifiedReveal } from "./parameters.ts";
import { evaluateCommitments, evaluatePolynomial } from "./polynomial.ts";
import type { DealerSecret } from "./reveal.ts";
import { openShare, type ShareFault } from "./share-channel.ts";
import type { Shares } from "./shares.ts";

export interface CeremonyKeys {
  /** K = Π A_{j,0}. */
  readonly publicKey: Point;
  /** X_i = g^{x_i} by party index. */
  readonly shares: ReadonlyMap<number, Point>;
}

/**
 * K and every X_i, recomputed by everyone. `identity` (which nobody can bring about without knowing a discrete
 * logarithm) means that the round has to be run again.
 */
export function combineKeys(ceremony: Ceremony, reveals: readonly VerifiedReveal[]): Result<CeremonyKeys, "identity"> {
  const ordered = [...revealsByParty(ceremony, reveals).values()];
  const sums = Array.from({ length: ceremony.threshold }, (_, m) =>
    ordered.reduce((sum, reveal) => sum.add(reveal.coefficients[m]!), IDENTITY),
  );
  const shares = new Map(ceremony.parties.map((index) => [index, evaluateCommitments(sums, index)]));
  const publicKey = sums[0]!;
  if (publicKey.is0() || [...shares.values()].some((share) => share.is0())) return err("identity");
  return ok({ publicKey, shares });
}

/** A party's share of the key: what a backup holds, a drill proves and the tally uses. */
export interface ShareSecret {
  readonly election: Uint8Array;
  readonly group: Ceremony["group"];
  readonly round: number;
  readonly index: number;
  /** x_i with X_i. */
  readonly keys: KeyPair;
}

/** A sender whose share is bad, for a complaint. */
export interface BadShare {
  readonly from: number;
  readonly fault: ShareFault;
}

/**
 * x_i = Σ_j f_j(i) of all shares messages of the round, or the first bad share in ascending order of senders. Throws
 * unless there is one well-formed message of every party.
 */
export function combineShare(
  ceremony: Ceremony,
  secret: DealerSecret,
  reveals: readonly VerifiedReveal[],
  messages: readonly Shares[],
): Result<ShareSecret, BadShare> {
  const own = revealsByParty(ceremony, reveals).get(secret.index);
  if (own === undefined || messages.length !== ceremony.parties.length) throw new Error("one message of every party");
  let sum = evaluatePolynomial(secret.coefficients.reveal(), secret.index);
  for (const from of ceremony.parties) {
    if (from === secret.index) continue;
    const share = messages.find((message) => message.index === from)?.shares.find((each) => each.to === secret.index);
    if (share === undefined) throw new Error("one message of every party");
    const opened = openShare(ceremony, secret, reveals, from, share);
    if (!opened.ok) return err({ from, fault: opened.error });
    sum = modOrder(sum + opened.value);
  }
  const keys = keyPairFrom(sum);
  const combined = combineKeys(ceremony, reveals);
  if (!combined.ok || !combined.value.shares.get(secret.index)!.equals(keys.publicKey)) {
    throw new Error("the reveals are not those this secret belongs to");
  }
  const { election, group, round, index } = secret;
  return ok({ election, group, round, index, keys });
}
