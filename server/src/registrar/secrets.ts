/** A registrar's own keys beside its signing key: an RSA key per class and the endorsement key, made once, in its folder. */
import { createHash, createHmac, type KeyObject } from "node:crypto";
import path from "node:path";
import { decodeScalar, encodeScalar, type KeyPair, keyPairFrom, randomKeyPair } from "@hanpyo/crypto";
import { readIfThere, writeDurably } from "../trustees/files.ts";
import { exportPrivateKey, importPrivateKey, modulusOf, nodeRsa } from "./rsa.ts";

export interface RegistrarSecrets {
  /** By class. */
  readonly rsa: readonly KeyObject[];
  readonly moduli: readonly Uint8Array[];
  readonly endorsement: KeyPair;
  /** A tag of a person that nobody without this registrar's keys can make or try. */
  tag(personKey: Uint8Array): Uint8Array;
}

/** Reads the keys, making those that are missing: a registrar interrupted while it made them goes on. */
export async function registrarSecrets(folder: string, classes: number): Promise<RegistrarSecrets> {
  const rsa: KeyObject[] = [];
  for (let i = 0; i < classes; i++) {
    const file = path.join(folder, `class-${i}.rsa`);
    const known = readIfThere(file);
    if (known === null) writeDurably(file, exportPrivateKey((await nodeRsa.generateKey()).privateKey));
    rsa.push(importPrivateKey(readIfThere(file)!));
  }
  const file = path.join(folder, "endorsement.key");
  if (readIfThere(file) === null) writeDurably(file, encodeScalar(randomKeyPair().secret.reveal()));
  const scalar = decodeScalar(readIfThere(file)!);
  if (!scalar.ok) throw new Error(`${file} is damaged`);
  const endorsement = keyPairFrom(scalar.value);
  const tagKey = createHash("sha256").update("hanpyo person tag").update(encodeScalar(scalar.value)).digest();
  return {
    rsa,
    moduli: rsa.map(modulusOf),
    endorsement,
    tag: (personKey) => new Uint8Array(createHmac("sha256", tagKey).update(personKey).digest()),
  };
}
