/**
 * Writes docs/transcript-examples.md: one worked example of every use of the transcript. Nothing is typed off: the real
 * functions run on fixed inputs and a fixed stream of "randomness", and what they append is written down.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as board from "@hanpyo/bulletin-board";
import * as crypto from "@hanpyo/crypto";

export interface Example {
  readonly use: crypto.TranscriptUse;
  readonly appends: readonly (readonly [label: string, hex: string])[];
  readonly digest: string;
}

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);
const E = bytes(32, 0xe0);
const C = bytes(32, 0xc0);

/** Runs `work` and returns the first transcript of every use that was asked for a digest, in order. */
function record(work: () => void): Example[] {
  const { append, digest } = crypto.Transcript.prototype;
  const appended = new WeakMap<crypto.Transcript, [string, string][]>();
  const examples = new Map<crypto.TranscriptUse, Example>();
  crypto.Transcript.prototype.append = function (label, value) {
    const list = appended.get(this) ?? [];
    appended.set(this, list);
    list.push([label, crypto.bytesToHex(value)]);
    return append.call(this, label, value);
  };
  crypto.Transcript.prototype.digest = function () {
    const result = digest.call(this);
    const example = { use: this.use, appends: [...(appended.get(this) ?? [])], digest: crypto.bytesToHex(result) };
    // A proof asks twice: for its nonce, then for its challenge, which has everything in it.
    const known = examples.get(this.use);
    if (!known || isLonger(example, known)) examples.set(this.use, example);
    return result;
  };
  try {
    withFixedRandomness(work);
  } finally {
    Object.assign(crypto.Transcript.prototype, { append, digest });
  }
  return [...examples.values()];
}

/** Whether `a` goes on where `b` ends. */
const isLonger = (a: Example, b: Example): boolean =>
  a.appends.length > b.appends.length &&
  b.appends.every(([label, hex], i) => a.appends[i]![0] === label && a.appends[i]![1] === hex);

function withFixedRandomness(work: () => void): void {
  const original = globalThis.crypto.getRandomValues;
  let counter = 0;
  globalThis.crypto.getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    const view = new Uint8Array(array!.buffer, array!.byteOffset, array!.byteLength);
    for (let at = 0; at < view.length; at += 64)
      view.set(
        createHash("sha512")
          .update(`hanpyo example ${counter++}`)
          .digest()
          .subarray(0, Math.min(64, view.length - at)),
        at,
      );
    return array;
  };
  try {
    work();
  } finally {
    globalThis.crypto.getRandomValues = original;
  }
}

/** A modulus that is the same at every run: any odd number of 2048 bits serves to blind under. */
const modulus = (registrar: number): Uint8Array => {
  const digits = crypto.concatBytes(
    ...[0, 1, 2, 3].map((i) => createHash("sha512").update(`modulus ${registrar} ${i}`).digest()),
  );
  digits[0]! |= 0x80;
  digits[255]! |= 1;
  return digits;
};

function everything(): void {
  // What is signed on the record
  board.definitionMessage("board.example/rehearsal/1", bytes(3, 0xa1));
  const act = { origin: "board.example/rehearsal/1", election: E, type: 12, body: bytes(3, 0xa1), last: E };
  board.confirmationMessage({ ...act, proposal: bytes(32, 0x0a) });
  board.ceremonyMessage({ election: E, type: 4, unsigned: bytes(3, 0xa1) });
  board.registrarKeysMessage({
    election: E,
    index: 1,
    moduli: [modulus(1)],
    endorsement: bytes(32, 2),
    policy: bytes(32, 3),
    trust: bytes(32, 4),
  });
  board.shareMessage({ election: E, tally: bytes(32, 5), decryptions: bytes(32, 6), proof: bytes(96, 7) });
  board.acknowledgementMessage({
    origin: "board.example/rehearsal/1",
    index: 9,
    prev: bytes(32, 8),
    leaf: bytes(32, 9),
    ballot: bytes(32, 10),
  });
  board.refusalMessage({
    origin: "board.example/rehearsal/1",
    ballot: bytes(32, 10),
    code: "stale-previous",
    head: 9,
    leaf: bytes(32, 9),
    reason: 7,
  });
  board.auditReportMessage({ election: E, unsigned: bytes(3, 0xa1) });

  // A ceremony of two, a complaint, a drill
  const ceremony = { election: E, group: 0 as const, round: 1, parties: [1, 2], threshold: 2 };
  const dealers = ceremony.parties.map((index) => crypto.newDealer(ceremony, index));
  const reveals = dealers.map((dealer) =>
    crypto.unwrap(crypto.verifyReveal(ceremony, crypto.dealReveal(ceremony, dealer))),
  );
  const messages = dealers.map((dealer) => crypto.dealShares(ceremony, dealer, reveals));
  crypto.makeComplaint(ceremony, dealers[1]!, 1, messages[0]!.shares[0]!);
  const share = crypto.unwrap(crypto.combineShare(ceremony, dealers[0]!, reveals, messages));
  crypto.proveDrill(ceremony, share, bytes(32, 11));

  // A pass
  const seed = new crypto.Secret(bytes(32, 0x5e));
  const name = { election: E, denomination: 1, copy: 0 };
  const request = crypto.unwrap(crypto.requestPass(seed, name, 0, [modulus(1), modulus(2)]));
  crypto.presentationNonce(E, [bytes(16, 1), null], [request.request]);
  const person = crypto.personPoint(E, crypto.utf8ToBytes("row:1"));
  const prf = crypto.evaluateNullifier(E, 1, share.keys, person);
  const nullifier = crypto.nullifier(E, 1, 0, prf.share);
  crypto.endorse(share.keys, {
    election: E,
    nullifier,
    class: 0,
    request: request.request,
    policy: bytes(32, 3),
    registrar: 1,
    evidence: bytes(32, 12),
  });
  crypto.sealEvidence(E, 1, reveals[0]!.coefficients[0]!, bytes(8, 13));
  crypto.auditDraw(bytes(32, 14), [bytes(32, 15)], 1000, 1);

  // A ballot, cast, with and for a second device
  const pseudonym = request.pseudonym;
  const ballot = crypto.ballotContext({
    context: C,
    key: reveals[0]!.coefficients[0]!,
    class: 0,
    contests: [{ index: 0, rule: crypto.chooseOne(2) }],
  });
  const checker = crypto.keyPairFrom(7n);
  const choices = [[1, 0]];
  const coreSeed = bytes(32, 0x5c);
  const input = { pseudonym: pseudonym.encoded, previous: null, checker: checker.encoded, choices, seed: coreSeed };
  const core = crypto.unwrap(crypto.encryptBallot(ballot, input));
  const passes = board.passesHash(E, [{ registrar: 1, signature: bytes(256, 16) }]);
  crypto.signCast({ context: C, ballot: crypto.ballotHash(C, core), passes }, pseudonym);
  const sides = [17, 18].map((fill) => ({ nonce: bytes(crypto.PAIRING_NONCE_BYTES, fill), channel: bytes(32, fill) }));
  crypto.checkerHello(E, checker, sides[0]!);
  const session = crypto.checkerSession(C, checker.encoded, sides[0]!, sides[1]!);
  crypto.proveDesignated({ ballot, core, choices, session }, coreSeed);

  // A decryption share
  const key = share.keys.publicKey;
  crypto.decryptSums({ context: C, tally: bytes(32, 5), key, ciphertexts: [crypto.G, key] }, share.keys);
}

export const examples = (): Example[] => record(everything).sort((a, b) => a.use.localeCompare(b.use));

const short = (hex: string): string =>
  hex.length > 160
    ? `${hex.slice(0, 96)}… (${hex.length / 2} bytes, SHA-256 ${createHash("sha256").update(Buffer.from(hex, "hex")).digest("hex")})`
    : hex || "(empty)";

export function markdown(): string {
  const head = `# Transcript examples

Generated by \`npx tsx docs/transcript-examples.ts\` from the code that runs; a test compares. Every transcript is SHA-512 over
frame("hanpyo/v1") ‖ frame(use) ‖ per line frame(label) ‖ frame(value), with frame(x) = u32 big-endian length ‖ x (protocol.md 1.1).
E is 32 bytes e0, C 32 bytes c0; long values are cut, with their SHA-256.
`;
  const sections = examples().map(
    ({ use, appends, digest }) =>
      `\n## \`${use}\`\n\n| label | value (hex) |\n|---|---|\n${appends.map(([label, hex]) => `| ${label} | \`${short(hex)}\` |`).join("\n")}\n\ndigest \`${digest}\`\n`,
  );
  return head + sections.join("");
}

export const examplesFile = path.join(import.meta.dirname, "transcript-examples.md");
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(examplesFile, markdown());
