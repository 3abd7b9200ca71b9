/** How officials sign: an Ed25519 key, or a passkey whose whole assertion stays on the record (section 6.2). */
import { bytes, choice, literal, map, named, type TypeOf } from "./schema/schema.ts";

export const ed25519Signature = named("ed25519-signature", map({ kind: literal(0), signature: bytes(64) }));
export const webauthnAssertion = named(
  "webauthn-assertion",
  map({
    kind: literal(1),
    authenticatorData: bytes(37, 1024),
    clientData: bytes(1, 2048),
    signature: bytes(8, 80),
  }),
);
export const officialSignature = named("official-signature", choice(ed25519Signature, webauthnAssertion));
export type OfficialSignature = TypeOf<typeof officialSignature>;
export type WebauthnAssertion = TypeOf<typeof webauthnAssertion>;
