/** A whole honest round, for tests that need keys or start from it to misbehave. */
import { combineKeys, combineShare } from "../ceremony/keys.ts";
import type { Ceremony } from "../ceremony/parameters.ts";
import { type DealerSecret, dealReveal, newDealer, verifyReveal } from "../ceremony/reveal.ts";
import { dealShares } from "../ceremony/share-channel.ts";
import { unwrap } from "../result.ts";

export function honestRound(
  ceremony: Ceremony,
  dealers: readonly DealerSecret[] = ceremony.parties.map((index) => newDealer(ceremony, index)),
) {
  const reveals = dealers.map((dealer) => dealReveal(ceremony, dealer));
  const verified = reveals.map((reveal) => unwrap(verifyReveal(ceremony, reveal)));
  const messages = dealers.map((dealer) => dealShares(ceremony, dealer, verified));
  const secrets = dealers.map((dealer) => unwrap(combineShare(ceremony, dealer, verified, messages)));
  return { dealers, reveals, verified, messages, secrets, keys: unwrap(combineKeys(ceremony, verified)) };
}
