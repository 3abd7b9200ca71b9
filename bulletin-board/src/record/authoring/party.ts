/** What a party of a key ceremony sends, from the state of the record and its own secrets (docs/protocol.md section 4). */
import {
  type BadShare,
  type Ceremony,
  combineShare,
  type DealerSecret,
  dealReveal,
  dealShares,
  makeComplaint,
  proveDrill,
  type Result,
  type ShareSecret,
  type VerifiedReveal,
  verifyReveal,
} from "@hanpyo/crypto";
import type { Ed25519Signer } from "../../log/index.ts";
import { EntryType } from "../entry-types.ts";
import type { CeremonyRound, ElectionState } from "../state.ts";
import { signCeremonyMessage } from "./ceremony.ts";
import type { AuthoredEntry } from "./entry.ts";

/** The ceremony of a round as crypto takes it. Throws before there is a definition. */
export function ceremonyOf(
  state: ElectionState,
  group: 0 | 1,
  round: Pick<CeremonyRound, "round" | "parties">,
): Ceremony {
  const { definition, election } = state;
  if (!definition || !election) throw new Error("there is no definition yet");
  const threshold = group === 0 ? definition.threshold : definition.quorum;
  return { election, group, round: round.round, parties: round.parties, threshold };
}

/** The reveals of a round, verified anew. Throws unless there is a valid one of every party: the rulebook admits no other. */
export function verifiedReveals(ceremony: Ceremony, round: CeremonyRound): VerifiedReveal[] {
  return ceremony.parties.map((party) => {
    const reveal = round.reveals.get(party);
    const verified = reveal && verifyReveal(ceremony, reveal.message);
    if (!verified?.ok) throw new Error(`the record has no valid reveal of party ${party}`);
    return verified.value;
  });
}

/** A party's place in a ceremony with the key it signs with. */
export interface PartyHand {
  readonly ceremony: Ceremony;
  readonly key: Ed25519Signer;
}

const place = ({ ceremony: { group, round } }: PartyHand, index: number) => ({ group, round, index });

export function authorReveal(hand: PartyHand, secret: DealerSecret): AuthoredEntry {
  const { election } = hand.ceremony;
  const message = { ...place(hand, secret.index), ...dealReveal(hand.ceremony, secret) };
  return signCeremonyMessage(election, EntryType.reveal, message, hand.key);
}

/** After every party's reveal; every call encrypts under fresh keys, so that the entry is kept and sent again as it is. */
export function authorShares(hand: PartyHand, secret: DealerSecret, round: CeremonyRound): AuthoredEntry {
  const reveals = verifiedReveals(hand.ceremony, round);
  const message = { ...place(hand, secret.index), ...dealShares(hand.ceremony, secret, reveals) };
  return signCeremonyMessage(hand.ceremony.election, EntryType.shares, message, hand.key);
}

/** The party's own share of the key, or the first sender whose share is bad. Needs every party's shares message. */
export function receiveShares(
  ceremony: Ceremony,
  secret: DealerSecret,
  round: CeremonyRound,
): Result<ShareSecret, BadShare> {
  const messages = [...round.shares.values()].map(({ message }) => message);
  return combineShare(ceremony, secret, verifiedReveals(ceremony, round), messages);
}

/** Leaf hash of the round's last shares entry: what confirms name. */
export function lastSharesEntry(round: CeremonyRound): Uint8Array {
  const last = [...round.shares.values()].reduce((a, b) => (a.entry > b.entry ? a : b));
  return last.leafHash;
}

export function authorConfirm(hand: PartyHand, index: number, round: CeremonyRound): AuthoredEntry {
  const message = { ...place(hand, index), last: lastSharesEntry(round) };
  return signCeremonyMessage(hand.ceremony.election, EntryType.confirm, message, hand.key);
}

/** Shows the Diffie–Hellman point of a bad share, so that anybody can judge it. */
export function authorComplaint(
  hand: PartyHand,
  secret: DealerSecret,
  round: CeremonyRound,
  against: number,
): AuthoredEntry {
  const share = round.shares.get(against)?.message.shares.find(({ to }) => to === secret.index);
  if (!share) throw new Error(`there is no share of party ${against} to complain about`);
  const message = { ...place(hand, secret.index), ...makeComplaint(hand.ceremony, secret, against, share) };
  return signCeremonyMessage(hand.ceremony.election, EntryType.complaint, message, hand.key);
}

/** `lastConfirm` is the leaf hash of the round's last confirm; `share` comes from the backup. */
export function authorDrill(hand: PartyHand, share: ShareSecret, lastConfirm: Uint8Array): AuthoredEntry {
  const proof = proveDrill(hand.ceremony, share, lastConfirm);
  return signCeremonyMessage(hand.ceremony.election, EntryType.drill, { index: share.index, proof }, hand.key);
}
