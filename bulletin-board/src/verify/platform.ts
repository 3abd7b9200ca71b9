/** What a verifier is given by its platform; everything has a default that runs anywhere, only slower. */
import { type Engine, nobleEngine, type RsaVerifier, verifyPss } from "@hanpyo/crypto";
import { nobleSha256, type Sha256 } from "../log/index.ts";

export interface VerifierPlatform {
  readonly engine: Engine;
  readonly rsa: RsaVerifier;
  readonly sha256: Sha256;
  /** Milliseconds of a clock that only measures. */
  stopwatch(): number;
  /** Lets other work of the thread go on between chunks (a worker must hear "stop"). */
  breathe(): Promise<void>;
}

export const anywhere = (): VerifierPlatform => ({
  engine: nobleEngine(),
  rsa: { verify: (modulus, message, signature) => verifyPss(modulus, message, signature) },
  sha256: nobleSha256,
  stopwatch: () => (globalThis as { performance?: { now(): number } }).performance?.now() ?? 0,
  breathe: () => Promise.resolve(),
});
