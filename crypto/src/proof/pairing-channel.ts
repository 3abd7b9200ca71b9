/** What the two devices of a pairing say to each other through a relay that must not read or reorder it. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, u64be, utf8ToBytes } from "../bytes.ts";
import { err, ok, type Result } from "../result.ts";
import { Secret } from "../secret.ts";

export interface PairingKey {
  readonly secret: Secret<Uint8Array>;
  /** X25519 public key (RFC 7748), 32 bytes: the `channel` of a `PairingSide`. */
  readonly channel: Uint8Array;
}

export function newPairingKey(): PairingKey {
  const { secretKey, publicKey } = x25519.keygen();
  return { secret: new Secret(secretKey), channel: publicKey };
}

/**
 * One direction is ChaCha20-Poly1305 under HKDF-SHA512(ikm = X25519 secret, salt = empty, info = session ‖ "A" or "B", the
 * sender), nonce = 0000 ‖ u64 number of the message from 0, associated data = session. Each message opens once, in order.
 */
export class PairingChannel {
  readonly #session: Uint8Array;
  readonly #sending: Uint8Array;
  readonly #receiving: Uint8Array;
  #sent = 0;
  #received = 0;

  private constructor(session: Uint8Array, shared: Uint8Array, role: "A" | "B") {
    const keyOf = (sender: "A" | "B") =>
      hkdf(sha512, shared, new Uint8Array(0), concatBytes(session, utf8ToBytes(sender)), 32);
    this.#session = session;
    this.#sending = keyOf(role);
    this.#receiving = keyOf(role === "A" ? "B" : "A");
  }

  /** `session` is `checkerSession`; `peer` the other side's channel key. A peer of small order is refused. */
  static open(
    own: PairingKey,
    peer: Uint8Array,
    session: Uint8Array,
    role: "A" | "B",
  ): Result<PairingChannel, "channel"> {
    if (peer.length !== 32) return err("channel");
    let shared: Uint8Array;
    try {
      shared = x25519.getSharedSecret(own.secret.reveal(), peer);
    } catch {
      // With right lengths, noble throws for exactly one reason: the shared secret is zero.
      return err("channel");
    }
    return ok(new PairingChannel(session, shared, role));
  }

  /** 16 bytes longer than the message. */
  seal(message: Uint8Array): Uint8Array {
    return this.#cipher(this.#sending, this.#sent++).encrypt(message);
  }

  /** The next message of the other side; a refused one does not count, so a relay cannot shift the numbering. */
  receive(sealed: Uint8Array): Result<Uint8Array, "cipher"> {
    if (sealed.length < 16) return err("cipher");
    try {
      const message = this.#cipher(this.#receiving, this.#received).decrypt(sealed);
      this.#received++;
      return ok(message);
    } catch {
      // With right lengths, noble throws for exactly one reason: the tag does not match.
      return err("cipher");
    }
  }

  #cipher(key: Uint8Array, number: number) {
    return chacha20poly1305(key, concatBytes(new Uint8Array(4), u64be(number)), this.#session);
  }
}
