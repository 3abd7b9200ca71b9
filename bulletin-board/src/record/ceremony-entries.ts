/** Messages of the key ceremonies of trustees (group 0) and registrars (group 1), docs/protocol.md section 4. */
import { hash32, key32 } from "./definition.ts";
import { bytes, list, map, named, type Schema, type TypeOf, uint } from "./schema/schema.ts";

const group = uint(1);
const round = uint(1000, 1);
const index = uint(50, 1);
const signature = bytes(64);

const revealFields = {
  group,
  round,
  index,
  coefficients: list(key32, 50, 1),
  possession: bytes(64),
  channel: key32,
  channelProof: bytes(64),
};
const encryptedShare = named("encrypted-share", map({ to: index, ephemeral: key32, ciphertext: bytes(48) }));
const sharesFields = { group, round, index, shares: list(encryptedShare, 49) };
const confirmFields = { group, round, index, last: hash32 };
const complaintFields = { group, round, index, against: index, dh: key32, proof: bytes(96) };
const drillFields = { index, proof: bytes(64) };
const registrarKeysFields = { index: uint(20, 1), moduli: list(bytes(256), 220, 1), endorsement: key32 };

/** `unsigned` is what the signature covers: the same fields without it. */
function signedMessage<F extends Record<string, Schema<unknown>>>(name: string, fields: F) {
  return { signed: named(name, map({ ...fields, signature })), unsigned: map(fields) };
}

export const reveal = signedMessage("ceremony-reveal", revealFields);
export const shares = signedMessage("ceremony-shares", sharesFields);
export const confirm = signedMessage("ceremony-confirm", confirmFields);
export const complaint = signedMessage("ceremony-complaint", complaintFields);
export const drill = signedMessage("drill", drillFields);
export const registrarKeys = signedMessage("registrar-keys", registrarKeysFields);

export type Reveal = TypeOf<typeof reveal.signed>;
export type Shares = TypeOf<typeof shares.signed>;
export type Confirm = TypeOf<typeof confirm.signed>;
export type Complaint = TypeOf<typeof complaint.signed>;
export type Drill = TypeOf<typeof drill.signed>;
export type RegistrarKeys = TypeOf<typeof registrarKeys.signed>;
