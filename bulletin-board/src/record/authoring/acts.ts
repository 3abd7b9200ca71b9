/** Proposal, confirmation and withdrawal of officials' acts (docs/protocol.md section 6.1). */
import { type Act, actBodies, confirmation, type Proposal, proposal, withdrawal } from "../acts.ts";
import { EntryType } from "../entry-types.ts";
import { type ActFields, actHash, confirmationMessage, withdrawalMessage } from "../messages.ts";
import { encodeRecord } from "../schema/cbor.ts";
import type { Schema } from "../schema/schema.ts";
import type { AuthoredEntry } from "./entry.ts";
import type { OfficialSigner } from "./official-signer.ts";

/** Where in an election an act is made: the record itself tells all three. */
export interface ActPlace {
  readonly origin: string;
  /** E */
  readonly election: Uint8Array;
  /** Leaf hash of the last confirmed act, E before the first. */
  readonly last: Uint8Array;
}

/** CBOR of an act's body. */
export const encodeActBody = (act: Act): Uint8Array =>
  encodeRecord(actBodies[act.type] as Schema<Act["body"]>, act.body);

export async function proposeAct(place: ActPlace, act: Act, by: OfficialSigner): Promise<AuthoredEntry> {
  const body = encodeActBody(act);
  const signature = await by.sign(actHash({ ...place, type: act.type, body }));
  const payload = encodeRecord(proposal, { act: act.type, body, official: by.official, signature });
  return { type: EntryType.proposal, payload };
}

/** A proposal as it stands on the record. */
export interface RecordedProposal {
  readonly leafHash: Uint8Array;
  readonly proposal: Pick<Proposal, "act" | "body" | "official">;
}

/** Throws a RangeError if the proposer would confirm; that entry could never be accepted. */
export async function confirmAct(
  place: ActPlace,
  proposed: RecordedProposal,
  by: OfficialSigner,
): Promise<AuthoredEntry> {
  if (by.official === proposed.proposal.official) throw new RangeError("a different official confirms");
  const fields: ActFields = { ...place, type: proposed.proposal.act, body: proposed.proposal.body };
  const signature = await by.sign(confirmationMessage({ ...fields, proposal: proposed.leafHash }));
  const payload = encodeRecord(confirmation, { proposal: proposed.leafHash, official: by.official, signature });
  return { type: proposed.proposal.act, payload };
}

/** `act` is the leaf hash of the confirming entry of an extend or abort that has not taken effect. */
export async function withdrawAct(place: ActPlace, act: Uint8Array, by: OfficialSigner): Promise<AuthoredEntry> {
  const signature = await by.sign(withdrawalMessage({ ...place, act }));
  return { type: EntryType.withdraw, payload: encodeRecord(withdrawal, { act, official: by.official, signature }) };
}
