/** Acts of officials: proposal, confirmation, withdrawal, and the body of each act (docs/protocol.md section 6). */
import { bilingual, hash32, seconds } from "./definition.ts";
import { type ActType, EntryType } from "./entry-types.ts";
import { bytes, list, map, named, type Schema, type TypeOf, text, uint } from "./schema/schema.ts";
import { officialSignature } from "./signatures.ts";

const official = uint(65_535);
const reason = bilingual(1000);

export const proposal = named(
  "proposal",
  map({ act: uint(255), body: bytes(1, 8000), official, signature: officialSignature }),
);
export const confirmation = named("confirmation", map({ proposal: hash32, official, signature: officialSignature }));
export const withdrawal = named("withdrawal", map({ act: hash32, official, signature: officialSignature }));
export type Proposal = TypeOf<typeof proposal>;
export type Confirmation = TypeOf<typeof confirmation>;
export type Withdrawal = TypeOf<typeof withdrawal>;

export const openBody = named("open", map({ at: seconds }));
export const pauseBody = named("pause", map({ at: seconds, reason }));
export const resumeBody = named("resume", map({ at: seconds }));
export const extendBody = named("extend", map({ at: seconds, seconds: uint(31_536_000, 1), reason }));
export const abortBody = named("abort", map({ at: seconds, reason }));
export const restartBody = named("restart", map({ group: uint(1), round: uint(1000, 1) }));
export const clientBody = named("client", map({ digests: hash32, reason }));
export const noticeBody = named("notice", map({ text: bilingual(1000) }));
export const witnessChangeBody = named(
  "witness-change",
  map({ witnesses: list(text(300), 20, 1), quorum: uint(20, 1), dishonest: uint(20), reason }),
);

export const actBodies = {
  [EntryType.open]: openBody,
  [EntryType.pause]: pauseBody,
  [EntryType.resume]: resumeBody,
  [EntryType.extend]: extendBody,
  [EntryType.abort]: abortBody,
  [EntryType.restart]: restartBody,
  [EntryType.client]: clientBody,
  [EntryType.notice]: noticeBody,
  [EntryType.witnessChange]: witnessChangeBody,
} satisfies Record<ActType, Schema<unknown>>;
export type ActBody<A extends ActType> = TypeOf<(typeof actBodies)[A]>;
/** An act with its decoded body. */
export type Act = { [A in ActType]: { readonly type: A; readonly body: ActBody<A> } }[ActType];
