/** A ballot as an entry (docs/protocol.md section 5), about 2.5 kB for choose one of five with three passes. */
import { type BallotCore, type Result, Transcript } from "@hanpyo/crypto";
import { hash32, key32 } from "./definition.ts";
import { decodeRecord, encodeRecord } from "./schema/cbor.ts";
import { bytes, list, named, nullable, type Schema, type TypeOf, tuple, uint } from "./schema/schema.ts";

const block = bytes(0, 60_000);
export const ballotContest = named(
  "ballot-contest",
  tuple({ ciphertexts: block, commitments: block, responses: block }),
);
export const ballotCore: Schema<BallotCore> = named(
  "ballot-core",
  tuple({
    class: uint(999),
    pseudonym: key32,
    previous: nullable(hash32),
    checker: key32,
    contests: list(ballotContest, 64, 1),
  }),
) as Schema<BallotCore>;
export const ballotPass = named("ballot-pass", tuple({ registrar: uint(20, 1), signature: bytes(256) }));
export const ballot = named("ballot", tuple({ core: ballotCore, passes: list(ballotPass, 20), signature: bytes(64) }));
export type Ballot = TypeOf<typeof ballot>;
export type BallotPass = TypeOf<typeof ballotPass>;

export const encodeBallot = (value: Ballot): Uint8Array => encodeRecord(ballot, value);
export const decodeBallot = (bytes: Uint8Array): Result<Ballot, string> => decodeRecord(ballot, bytes);

/** Hash of a ballot's passes, which its signature covers; also of none. `election` is E. */
export function passesHash(election: Uint8Array, passes: readonly BallotPass[]): Uint8Array {
  const transcript = new Transcript("passes").append("election", election).number("count", passes.length);
  for (const { registrar, signature } of passes)
    transcript.number("registrar", registrar).append("signature", signature);
  return transcript.hash();
}
