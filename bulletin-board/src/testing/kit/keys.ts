/**
 * All keys of the test kit's election. Everything but RSA follows from names, so that a record's bytes stay the same where
 * nothing was changed; the RSA keys are made once per process.
 */
import { createPrivateKey, constants as crypto, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  type Ceremony,
  type DealerSecret,
  type KeyPair,
  keyPairFrom,
  reduceWide,
  Secret,
  utf8ToBytes,
} from "@hanpyo/crypto";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { type Ed25519Signer, keyType, nobleSigner, type VerifierKey, verifierKey } from "../../log/index.ts";
import { ed25519Official, type OfficialSigner, passkeyOfficial } from "../../record/authoring/index.ts";
import { type AssertionFaults, syntheticPasskey } from "../passkey.ts";

/** 32 bytes that follow from a name. */
export const bytesOf = (name: string): Uint8Array => sha256(utf8ToBytes(`kit/${name}`));
/** A scalar that follows from a name. */
export const scalarOf = (name: string): bigint => reduceWide(sha512(utf8ToBytes(`kit/${name}`)));
export const keyPairOf = (name: string): KeyPair => keyPairFrom(scalarOf(name));

const signers = new Map<string, Ed25519Signer>();
/** An Ed25519 key by name: "trustee 1", "registrar 2", "official 0", "auditor 1", "witness 3", "record", … */
export function signerOf(name: string): Ed25519Signer {
  const known = signers.get(name) ?? nobleSigner(bytesOf(name));
  signers.set(name, known);
  return known;
}

export const origin = "vote.example/rehearsal/kit";
export const relying = { rpId: "vote.example", origins: ["https://vote.example"] };
export const passkey = syntheticPasskey({
  algorithm: "ES256",
  rpId: relying.rpId,
  origin: relying.origins[0]!,
  secretKey: bytesOf("passkey"),
});

/** Officials 0 and 1 sign from the command line, 2 with a passkey. */
export function officialOf(index: number, faults: AssertionFaults = {}): OfficialSigner {
  return index === 2
    ? passkeyOfficial(2, (challenge) => passkey.assert(challenge, faults))
    : ed25519Official(index, signerOf(`official ${index}`));
}

export interface NoteParty {
  readonly key: VerifierKey;
  readonly signer: Ed25519Signer;
}
/** Key and signer of a log: "" for the record, "/passes", "/ack". */
export function logParty(logOrigin: string): NoteParty {
  const signer = signerOf(`log ${logOrigin}`);
  return { signer, key: verifierKey(logOrigin, keyType.note, signer.publicKey) };
}
export function witnessParty(index: number): NoteParty {
  const signer = signerOf(`witness ${index}`);
  return { signer, key: verifierKey(`witness${index}.example`, keyType.cosignature, signer.publicKey) };
}

/** What a party of a ceremony knows in a round. */
export function dealerOf(ceremony: Ceremony, index: number): DealerSecret {
  const { election, group, round, threshold } = ceremony;
  const name = `dealer ${group}/${round}/${index}`;
  const coefficients = Array.from({ length: threshold }, (_, m) => scalarOf(`${name}/${m}`));
  return {
    election,
    group,
    round,
    index,
    coefficients: new Secret(coefficients),
    channel: keyPairOf(`${name}/channel`),
  };
}

export const endorsementKey = (registrar: number): KeyPair => keyPairOf(`endorsement ${registrar}`);
export const evidenceKey: KeyPair = keyPairOf("evidence");

interface RsaKey {
  readonly modulus: Uint8Array;
  readonly key: KeyObject;
}
const rsaKeys = new Map<string, RsaKey>();
/** A registrar's RSA key for a class. */
export function rsaKey(registrar: number, classIndex: number): RsaKey {
  const name = `${registrar}/${classIndex}`;
  let known = rsaKeys.get(name);
  if (!known) {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicExponent: 65537,
      privateKeyEncoding: { type: "pkcs8", format: "der" },
      publicKeyEncoding: { type: "spki", format: "der" },
    });
    const key = createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" });
    known = { key, modulus: Uint8Array.from(Buffer.from(key.export({ format: "jwk" }).n!, "base64url")) };
    rsaKeys.set(name, known);
  }
  return known;
}

/** What unblinding a registrar's answer gives: RSASSA-PSS, SHA-384, 48 bytes of salt. */
export function passSignature(registrar: number, classIndex: number, message: Uint8Array): Uint8Array {
  const key = { key: rsaKey(registrar, classIndex).key, padding: crypto.RSA_PKCS1_PSS_PADDING, saltLength: 48 };
  return Uint8Array.from(sign("sha384", message, key));
}
