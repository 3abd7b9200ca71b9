import { randomBytes } from "node:crypto";
import { unwrap, utf8ToBytes } from "@hanpyo/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBase64 } from "./base64.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { type Ed25519Signer, isStrictPublicKey, nobleSigner, strictVerify } from "./ed25519.ts";
import { leafHash } from "./merkle.ts";
import {
  cosign,
  decodeNote,
  decodeSignatureLines,
  encodeNote,
  encodeSignatureLine,
  type NoteSignature,
  signNote,
  verifyNote,
} from "./note.ts";
import {
  decodePolicy,
  encodePolicy,
  openCheckpoint,
  openUnwitnessed,
  type Policy,
  policy,
  quorumTime,
  trimToQuorum,
} from "./policy.ts";
import { MemoryTree } from "./proof.ts";
import { decodeTlogProof, encodeTlogProof, verifyTlogProof } from "./tlog-proof.ts";
import { acknowledgementKeyName, decodeVkey, encodeVkey, keyType, verifierKey } from "./vkey.ts";

const origin = "board.example.org/e1";
const newSigner = (): Ed25519Signer => nobleSigner(new Uint8Array(randomBytes(32)));
const log = newSigner();
const logKey = verifierKey(origin, keyType.note, log.publicKey);
const witnesses = Array.from({ length: 4 }, newSigner);
const witnessKeys = witnesses.map((it, i) => verifierKey(`witness.example/w${i}`, keyType.cosignature, it.publicKey));
const threeOfFour = unwrap(policy(logKey, witnessKeys, 3));

const noteOf = (text: string, who: readonly number[], extra: readonly NoteSignature[] = []): string =>
  encodeNote({
    text,
    signatures: [
      signNote(text, logKey, log),
      ...who.map((i) => cosign(text, 1_700_000_000 + i, witnessKeys[i]!, witnesses[i]!)),
      ...extra,
    ],
  });
const text = encodeCheckpoint({ origin, size: 1_500_000, root: leafHash(utf8ToBytes("root")) });
/** A line of a scheme this software does not know, as ML-DSA-44 would be. */
const unknownLine: NoteSignature = { name: origin, keyId: 0x06060606, signature: new Uint8Array(2_420).fill(7) };

describe("known answers of c2sp.org", () => {
  it("reads the example checkpoint and its two signature lines", () => {
    const example =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
      "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n" +
      "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    const note = unwrap(decodeNote(example));
    expect(encodeNote(note)).toBe(example);
    expect(unwrap(decodeCheckpoint(note.text))).toMatchObject({
      origin: "example.com/behind-the-sofa",
      size: 20852163,
    });
    expect(note.signatures.map(({ keyId }) => keyId.toString(16))).toEqual(["33de0ae", "8d66cf3f"]);
    const time = new DataView(note.signatures[1]!.signature.buffer).getBigUint64(0);
    expect(time).toBe(1679315147n);
  });

  it("verifies the note of the Go package's documentation", () => {
    // golang.org/x/mod/sumdb/note, Example of Open.
    const vkey = unwrap(decodeVkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
    const msg =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
      "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const note = unwrap(decodeNote(msg));
    expect(unwrap(verifyNote(note, [vkey]))).toEqual([{ key: vkey, time: null }]);
    const forged = { ...note, text: note.text.replace("answer", "Answer") };
    expect(verifyNote(forged, [vkey])).toMatchObject({ ok: false, error: { code: "signature" } });
  });
});

describe("checkpoint text", () => {
  it("decodes to what was encoded and nothing else decodes", () => {
    expect(encodeCheckpoint(unwrap(decodeCheckpoint(text)))).toBe(text);
    const [name, size, root] = text.split("\n") as [string, string, string];
    for (const bad of [
      "",
      `${name}\n${size}\n${root}`,
      `${name}\n${size}\n${root}\nextension\n`,
      `${name}\n0${size}\n${root}\n`,
      `${name}\n-1\n${root}\n`,
      `${name}\n9007199254740992\n${root}\n`,
      `${name}\n${size}\n${encodeBase64(new Uint8Array(31))}\n`,
      `a b\n${size}\n${root}\n`,
      `a+b\n${size}\n${root}\n`,
      `\n${size}\n${root}\n`,
      `${name}\r\n${size}\n${root}\n`,
    ]) {
      expect(decodeCheckpoint(bad).ok, bad).toBe(false);
    }
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "0", "1", "\n", "=", "A", " ", "+") }), (random) => {
        const decoded = decodeCheckpoint(random);
        if (decoded.ok) expect(encodeCheckpoint(decoded.value)).toBe(random);
      }),
    );
  });
});

describe("verifier keys", () => {
  it("decode to what was encoded; wrong ids, types, encodings and small-order keys are refused", () => {
    const vkey = encodeVkey(logKey);
    expect(unwrap(decodeVkey(vkey))).toEqual(logKey);
    expect(unwrap(decodeVkey(encodeVkey(witnessKeys[0]!)))).toEqual(witnessKeys[0]);
    expect(decodeVkey(vkey.replace(/\+[0-9a-f]{8}\+/, "+00000000+")).ok).toBe(false);
    expect(decodeVkey(vkey.toUpperCase()).ok).toBe(false);
    expect(decodeVkey(`${vkey}\n`).ok).toBe(false);
    expect(decodeVkey(vkey.slice(0, -4)).ok).toBe(false);
    // The identity, a point of order 2, one of order 8, a non-canonical y (2^255 - 19), and bytes off the curve.
    for (const hex of [
      "0100000000000000000000000000000000000000000000000000000000000000",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "0200000000000000000000000000000000000000000000000000000000000000",
    ]) {
      const key = new Uint8Array(Buffer.from(hex, "hex"));
      expect(isStrictPublicKey(key), hex).toBe(false);
      expect(() => verifierKey(origin, keyType.note, key)).toThrow(RangeError);
    }
    expect(isStrictPublicKey(log.publicKey)).toBe(true);
    expect(acknowledgementKeyName(origin)).toBe("board.example.org/e1/ack");
  });

  it("survive random text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "+", "0", "f", "A", "=", "Q"), maxLength: 80 }), (random) => {
        const decoded = decodeVkey(random);
        if (decoded.ok) expect(encodeVkey(decoded.value)).toBe(random);
      }),
    );
  });
});

describe("signed note", () => {
  it("takes at least 16 signatures and ignores unknown ones, even with a known name or id", () => {
    const strangers = Array.from({ length: 20 }, (_, i) => ({ ...unknownLine, keyId: i }));
    const sameId: NoteSignature = { name: "stranger", keyId: logKey.keyId, signature: new Uint8Array(64) };
    const note = noteOf(text, [0, 1, 2], [...strangers, sameId]);
    expect(unwrap(openCheckpoint(note, threeOfFour)).cosignatures.map(({ time }) => time)).toEqual([
      1_700_000_000, 1_700_000_001, 1_700_000_002,
    ]);
  });

  it("is refused as a whole when one known key's signature fails", () => {
    const bad = cosign(text, 1_700_000_009, witnessKeys[3]!, witnesses[3]!);
    bad.signature[20]! ^= 1;
    expect(openCheckpoint(noteOf(text, [0, 1, 2], [bad]), threeOfFour)).toMatchObject({
      ok: false,
      error: { code: "signature" },
    });
    const moved = cosign(text, 1_700_000_009, witnessKeys[3]!, witnesses[3]!);
    moved.signature[7]! ^= 1; // another time than the one signed
    expect(openCheckpoint(noteOf(text, [0, 1, 2], [moved]), threeOfFour).ok).toBe(false);
    const short = { ...bad, signature: bad.signature.slice(0, 71) };
    expect(openCheckpoint(noteOf(text, [0, 1, 2], [short]), threeOfFour).ok).toBe(false);
  });

  it("refuses malformed notes", () => {
    const good = noteOf(text, [0]);
    const line = encodeSignatureLine(unknownLine);
    for (const bad of [
      "",
      text,
      `${text}\n`,
      good.slice(0, -1),
      good.replace("—", "-"),
      good.replace("— ", "—  "),
      good.replace("\n\n", "\n\n\n"),
      `${good}\n`,
      good.replaceAll("\n", "\r\n"),
      good.replace(origin, "\ud800"),
      `${good}— name AAAAAA==\n`,
      `${good}— na+me AAAAAAAA\n`,
      good + line.repeat(70),
    ]) {
      const decoded = decodeNote(bad);
      if (decoded.ok) expect(decodeCheckpoint(decoded.value.text).ok, bad).toBe(false);
      expect(openUnwitnessed(bad, threeOfFour).ok, bad).toBe(false);
    }
  });

  it("survives mutation: a refusal, or a note that encodes to the same text", () => {
    const good = noteOf(text, [0, 1]);
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom("", "\n", "—", "A", "=", " ", "+", "\u0000", "é"),
        fc.nat(2),
        (at, put, cut) => {
          const place = at % good.length;
          const mutated = good.slice(0, place) + put + good.slice(place + cut);
          const decoded = decodeNote(mutated);
          if (decoded.ok) expect(encodeNote(decoded.value)).toBe(mutated);
          const lines = decodeSignatureLines(mutated.slice(mutated.indexOf("\n\n") + 2));
          if (lines.ok) expect(lines.value.every(({ signature }) => signature.length > 0)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("quorum policy", () => {
  it("opens with k cosignatures and says so without", () => {
    expect(openCheckpoint(noteOf(text, [0, 2, 3]), threeOfFour).ok).toBe(true);
    expect(openCheckpoint(noteOf(text, [0, 2]), threeOfFour)).toMatchObject({ ok: false, error: { code: "quorum" } });
    expect(unwrap(openUnwitnessed(noteOf(text, [0, 2]), threeOfFour)).cosignatures.length).toBe(2);
    // The same witness three times is one witness.
    expect(openCheckpoint(noteOf(text, [0, 0, 0]), threeOfFour)).toMatchObject({
      ok: false,
      error: { code: "quorum" },
    });
  });

  it("refuses another origin, and a note the log did not sign", () => {
    const other = encodeCheckpoint({ origin: "other.example/e1", size: 1, root: new Uint8Array(32) });
    expect(openCheckpoint(noteOf(other, [0, 1, 2]), threeOfFour)).toMatchObject({
      ok: false,
      error: { code: "origin" },
    });
    const unsigned = encodeNote({
      text,
      signatures: [0, 1, 2].map((i) => cosign(text, 1, witnessKeys[i]!, witnesses[i]!)),
    });
    expect(openCheckpoint(unsigned, threeOfFour)).toMatchObject({ ok: false, error: { code: "unsigned" } });
  });

  it("refuses policies where one key speaks twice, or of the wrong types and numbers", () => {
    const twice = verifierKey("witness.example/again", keyType.cosignature, witnesses[0]!.publicKey);
    const self = verifierKey("witness.example/self", keyType.cosignature, log.publicKey);
    expect(policy(logKey, [...witnessKeys, twice], 3).ok).toBe(false);
    expect(policy(logKey, [self], 1).ok).toBe(false);
    expect(policy(witnessKeys[0]!, [], 0).ok).toBe(false);
    expect(policy(logKey, [logKey], 1).ok).toBe(false);
    for (const k of [-1, 5, 1.5]) expect(policy(logKey, witnessKeys, k).ok).toBe(false);
  });

  it("reads back its tlog-policy text and nothing else", () => {
    for (const it of [threeOfFour, unwrap(policy(logKey, [], 0))] satisfies Policy[]) {
      expect(unwrap(decodePolicy(encodePolicy(it)))).toEqual(it);
    }
    const encoded = encodePolicy(threeOfFour);
    for (const bad of [
      "",
      encoded.slice(0, -1),
      encoded.replace(" 3 ", " 03 "),
      encoded.replace(" 3 ", " 5 "),
      `${encoded}\n`,
    ]) {
      expect(decodePolicy(bad).ok, bad).toBe(false);
    }
  });

  it("trims a checkpoint to exactly its quorum and takes the time a minority cannot move", () => {
    const opened = unwrap(openCheckpoint(noteOf(text, [3, 1, 2, 0], [unknownLine]), threeOfFour));
    const trimmed = unwrap(trimToQuorum(opened, threeOfFour));
    expect(trimmed.signatures.map(({ name }) => name)).toEqual(
      [logKey, ...witnessKeys.slice(0, 3)].map(({ name }) => name),
    );
    expect(openCheckpoint(encodeNote(trimmed), threeOfFour).ok).toBe(true);
    expect(quorumTime([30, 10, 20])).toBe(20);
    expect(quorumTime([40, 10, 20, 30])).toBe(20);
    expect(quorumTime([5])).toBe(5);
  });
});

describe("tlog-proof", () => {
  const tree = new MemoryTree();
  for (let i = 0; i < 11; i++) tree.append(leafHash(Uint8Array.of(i)));
  const body = encodeCheckpoint({ origin, size: 11, root: tree.root() });
  const proof = { extra: null, index: 6, proof: tree.inclusionProof(6), checkpoint: noteOf(body, [0, 1, 2]) };
  const leaf = tree.hashOf({ level: 0, index: 6 });

  it("verifies, and no other leaf, index or quorum does", () => {
    expect(unwrap(verifyTlogProof(proof, leaf, threeOfFour)).checkpoint.size).toBe(11);
    expect(verifyTlogProof(proof, tree.hashOf({ level: 0, index: 7 }), threeOfFour)).toMatchObject({
      ok: false,
      error: { code: "proof" },
    });
    expect(verifyTlogProof({ ...proof, index: 7 }, leaf, threeOfFour).ok).toBe(false);
    const pending = { ...proof, checkpoint: noteOf(body, [0, 1]) };
    expect(verifyTlogProof(pending, leaf, threeOfFour)).toMatchObject({ ok: false, error: { code: "quorum" } });
  });

  it("decodes to what was encoded, with and without extra data", () => {
    for (const extra of [null, new Uint8Array(0), Uint8Array.of(1, 2, 3)]) {
      const it = { ...proof, extra };
      expect(unwrap(decodeTlogProof(encodeTlogProof(it)))).toEqual(it);
    }
    const single = { ...proof, proof: [] };
    expect(unwrap(decodeTlogProof(encodeTlogProof(single)))).toEqual(single);
  });

  it("survives mutation: a refusal, or a proof that encodes to the same text", () => {
    const good = encodeTlogProof({ ...proof, extra: Uint8Array.of(9) });
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom("", "\n", "A", "=", " ", "0", "index ", "extra "),
        fc.nat(2),
        (at, put, cut) => {
          const place = at % (good.indexOf("\n\n") + 4);
          const mutated = good.slice(0, place) + put + good.slice(place + cut);
          const decoded = decodeTlogProof(mutated);
          if (decoded.ok) expect(encodeTlogProof(decoded.value)).toBe(mutated);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("Ed25519", () => {
  it("answers no to wrong lengths instead of throwing", () => {
    const signature = log.sign(utf8ToBytes("x"));
    expect(strictVerify(signature, utf8ToBytes("x"), log.publicKey)).toBe(true);
    expect(strictVerify(signature, utf8ToBytes("y"), log.publicKey)).toBe(false);
    expect(strictVerify(signature.subarray(1), utf8ToBytes("x"), log.publicKey)).toBe(false);
    expect(strictVerify(signature, utf8ToBytes("x"), log.publicKey.subarray(1))).toBe(false);
  });
});
