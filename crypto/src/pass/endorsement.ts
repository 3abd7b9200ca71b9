/** A registrar's word that a request may be signed: Schnorr with the commitment carried, so that they join a batch. */
import type { KeyPair } from "../group/keypair.ts";
import type { Point } from "../group/ristretto.ts";
import {
  type SchnorrEquation,
  type SchnorrFault,
  schnorrEquation,
  schnorrProve,
  schnorrVerify,
} from "../proof/schnorr.ts";
import type { Result } from "../result.ts";
import { Transcript } from "../transcript.ts";

/** What is endorsed. Hashes have 32 bytes; `evidence` is that of the evidence this registrar sealed. */
export interface Endorsed {
  readonly election: Uint8Array;
  readonly nullifier: Uint8Array;
  readonly class: number;
  readonly request: Uint8Array;
  readonly policy: Uint8Array;
  readonly registrar: number;
  readonly evidence: Uint8Array;
}

function endorsementTranscript(endorsed: Endorsed): Transcript {
  return new Transcript("endorsement")
    .append("election", endorsed.election)
    .append("nullifier", endorsed.nullifier)
    .number("class", endorsed.class)
    .append("request", endorsed.request)
    .append("policy", endorsed.policy)
    .number("registrar", endorsed.registrar)
    .append("evidence", endorsed.evidence);
}

/** 64 bytes. */
export function endorse(keys: KeyPair, endorsed: Endorsed): Uint8Array {
  return schnorrProve(endorsementTranscript(endorsed), keys);
}

export function verifyEndorsement(key: Point, endorsed: Endorsed, signature: Uint8Array): Result<null, SchnorrFault> {
  return schnorrVerify(endorsementTranscript(endorsed), key, signature);
}

/** The endorsement as a term of a batch; `key` is the registrar's endorsement key, 32 bytes. */
export function endorsementEquation(
  key: Uint8Array,
  endorsed: Endorsed,
  signature: Uint8Array,
): Result<SchnorrEquation, SchnorrFault> {
  return schnorrEquation(endorsementTranscript(endorsed), key, signature);
}
