/** A receiver shows the Diffie–Hellman point of a bad share, and anybody judges who is at fault. */
import { decodeNonIdentity, encodePoint } from "../group/ristretto.ts";
import { dleqImage, dleqProve, dleqVerify } from "../proof/dleq.ts";
import { err, ok, type Result } from "../result.ts";
import type { Transcript } from "../transcript.ts";
import { type Ceremony, ceremonyTranscript, revealsByParty, type VerifiedReveal } from "./parameters.ts";
import type { DealerSecret } from "./reveal.ts";
import { openShareWith, type ShareFault } from "./share-channel.ts";
import type { EncryptedShare, Shares } from "./shares.ts";

export interface Complaint {
  readonly index: number;
  readonly against: number;
  /** ephemeral^y, 32 bytes. */
  readonly dh: Uint8Array;
  /** 96 bytes. */
  readonly proof: Uint8Array;
}

function complaintTranscript(ceremony: Ceremony, index: number, against: number, ephemeral: Uint8Array): Transcript {
  return ceremonyTranscript("channel-dh", ceremony)
    .number("index", index)
    .number("against", against)
    .append("ephemeral", ephemeral);
}

/** The complaint about a share sent to this party; throws where its ephemeral is no point, which no record holds. */
export function makeComplaint(
  ceremony: Ceremony,
  secret: DealerSecret,
  against: number,
  share: EncryptedShare,
): Complaint {
  const ephemeral = decodeNonIdentity(share.ephemeral);
  if (!ephemeral.ok) throw new Error("a shares message with a malformed ephemeral is refused before");
  const dh = dleqImage(secret.channel, ephemeral.value);
  const transcript = complaintTranscript(ceremony, secret.index, against, share.ephemeral);
  return {
    index: secret.index,
    against,
    dh: encodePoint(dh),
    proof: dleqProve(transcript, secret.channel, ephemeral.value, dh),
  };
}

/** Who is named and why: the complainer for `dh`, `proof` or `good-share`, the sender for a bad share. */
export interface Judgement {
  readonly guilty: number;
  readonly reason: "dh" | "proof" | "good-share" | ShareFault;
}

/** Why a complaint is refused as an entry: not parties of the round, the same party, or another's shares message. */
export type ComplaintFault = "parties" | "shares";

/** Anybody's judgement; `message` is the shares message of the accused as it stands on the record. */
export function judgeComplaint(
  ceremony: Ceremony,
  reveals: readonly VerifiedReveal[],
  message: Shares,
  complaint: Complaint,
): Result<Judgement, ComplaintFault> {
  const byParty = revealsByParty(ceremony, reveals);
  const [complainer, accused] = [byParty.get(complaint.index), byParty.get(complaint.against)];
  if (complainer === undefined || accused === undefined || complainer === accused) return err("parties");
  const share = message.shares.find((each) => each.to === complaint.index);
  if (message.index !== complaint.against || share === undefined) return err("shares");
  const ephemeral = decodeNonIdentity(share.ephemeral);
  if (!ephemeral.ok) return ok({ guilty: accused.index, reason: "ephemeral" });
  const dh = decodeNonIdentity(complaint.dh);
  if (!dh.ok) return ok({ guilty: complainer.index, reason: "dh" });
  const transcript = complaintTranscript(ceremony, complaint.index, complaint.against, share.ephemeral);
  const statement = { key: complainer.channel, base: ephemeral.value, image: dh.value };
  if (!dleqVerify(transcript, statement, complaint.proof).ok) return ok({ guilty: complainer.index, reason: "proof" });
  const opened = openShareWith(ceremony, accused, complainer, share, dh.value);
  if (opened.ok) return ok({ guilty: complainer.index, reason: "good-share" });
  return ok({ guilty: accused.index, reason: opened.error });
}
