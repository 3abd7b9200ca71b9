/** The hash of a ballot's passes under its signature (docs/protocol.md section 5). */
import { Transcript } from "@hanpyo/crypto";
import type { BallotPass } from "../record/ballot-entry.ts";

/** 32 bytes; of the empty list too. */
export function passesHash(election: Uint8Array, passes: readonly BallotPass[]): Uint8Array {
  const transcript = new Transcript("passes").append("election", election).number("count", passes.length);
  for (const { registrar, signature } of passes)
    transcript.number("registrar", registrar).append("signature", signature);
  return transcript.hash();
}
