/** A trustee shows, from its backup and on a fresh page, that it holds its share: no drill, no opening. */
import type { Point } from "../group/ristretto.ts";
import { type SchnorrFault, schnorrProve, schnorrVerify } from "../proof/schnorr.ts";
import type { Result } from "../result.ts";
import type { Transcript } from "../transcript.ts";
import type { ShareSecret } from "./keys.ts";
import { type Ceremony, ceremonyTranscript } from "./parameters.ts";

function drillTranscript(ceremony: Ceremony, index: number, confirm: Uint8Array): Transcript {
  return ceremonyTranscript("drill", ceremony).number("index", index).append("confirm", confirm);
}

/** 64 bytes; `confirm` is the leaf hash of the round's last confirm. Throws for a share of another ceremony or round. */
export function proveDrill(ceremony: Ceremony, share: ShareSecret, confirm: Uint8Array): Uint8Array {
  const same = share.group === ceremony.group && share.round === ceremony.round;
  if (!same || share.election.some((byte, i) => byte !== ceremony.election[i])) {
    throw new Error("the share belongs to another ceremony");
  }
  return schnorrProve(drillTranscript(ceremony, share.index, confirm), share.keys);
}

/** `key` is X_index of the completed round. */
export function verifyDrill(
  ceremony: Ceremony,
  index: number,
  key: Point,
  confirm: Uint8Array,
  proof: Uint8Array,
): Result<null, SchnorrFault> {
  return schnorrVerify(drillTranscript(ceremony, index, confirm), key, proof);
}
