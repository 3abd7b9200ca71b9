/** Secret states of a ceremony as bytes, for a backup: fixed layout, decoded strictly. */
import { concatBytes, u32be } from "../bytes.ts";
import { keyPairFrom } from "../group/keypair.ts";
import { decodeScalar, encodeScalar, SCALAR_BYTES } from "../group/scalar.ts";
import { err, ok, type Result } from "../result.ts";
import { Secret } from "../secret.ts";
import type { ShareSecret } from "./keys.ts";
import { type Ceremony, REGISTRARS, TRUSTEES } from "./parameters.ts";
import type { DealerSecret } from "./reveal.ts";

/*
 * u8 version (1) ‖ u8 kind ‖ E (32) ‖ u8 group ‖ u32 round ‖ u32 index ‖ scalars
 * kind 1, a dealer: y ‖ a_0 ‖ … ‖ a_{t−1}; kind 2, a share: x
 */
const VERSION = 1;
const DEALER = 1;
const SHARE = 2;
const HEADER = 43;
const MAX_SCALARS = 1025;

/** Why bytes are not a secret state. */
export type SecretStateFault = "length" | "version" | "kind" | "group" | "number" | "scalar";

type Owner = Pick<DealerSecret, "election" | "group" | "round" | "index">;

function encode(kind: number, owner: Owner, scalars: readonly bigint[]): Secret<Uint8Array> {
  const header = concatBytes(
    Uint8Array.of(VERSION, kind),
    owner.election,
    Uint8Array.of(owner.group),
    u32be(owner.round),
    u32be(owner.index),
  );
  if (header.length !== HEADER) throw new RangeError("E has 32 bytes");
  return new Secret(concatBytes(header, ...scalars.map(encodeScalar)));
}

function decode(kind: number, state: Secret<Uint8Array>): Result<Owner & { scalars: bigint[] }, SecretStateFault> {
  const bytes = state.reveal();
  const count = (bytes.length - HEADER) / SCALAR_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MAX_SCALARS) return err("length");
  if (bytes[0] !== VERSION) return err("version");
  if (bytes[1] !== kind) return err("kind");
  const group = bytes[34] as Ceremony["group"];
  if (group !== TRUSTEES && group !== REGISTRARS) return err("group");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [round, index] = [view.getUint32(35), view.getUint32(39)];
  if (round === 0 || index === 0) return err("number");
  const scalars: bigint[] = [];
  for (let at = HEADER; at < bytes.length; at += SCALAR_BYTES) {
    const scalar = decodeScalar(bytes.subarray(at, at + SCALAR_BYTES));
    if (!scalar.ok || scalar.value === 0n) return err("scalar");
    scalars.push(scalar.value);
  }
  return ok({ election: bytes.slice(2, 34), group, round, index, scalars });
}

export function encodeDealerSecret(secret: DealerSecret): Secret<Uint8Array> {
  return encode(DEALER, secret, [secret.channel.secret.reveal(), ...secret.coefficients.reveal()]);
}

export function decodeDealerSecret(state: Secret<Uint8Array>): Result<DealerSecret, SecretStateFault> {
  const decoded = decode(DEALER, state);
  if (!decoded.ok) return decoded;
  const { scalars, ...owner } = decoded.value;
  const [channel, ...coefficients] = scalars;
  if (coefficients.length === 0) return err("length");
  return ok({ ...owner, coefficients: new Secret(coefficients), channel: keyPairFrom(channel!) });
}

export function encodeShareSecret(secret: ShareSecret): Secret<Uint8Array> {
  return encode(SHARE, secret, [secret.keys.secret.reveal()]);
}

export function decodeShareSecret(state: Secret<Uint8Array>): Result<ShareSecret, SecretStateFault> {
  const decoded = decode(SHARE, state);
  if (!decoded.ok) return decoded;
  const { scalars, ...owner } = decoded.value;
  return scalars.length === 1 ? ok({ ...owner, keys: keyPairFrom(scalars[0]!) }) : err("length");
}
