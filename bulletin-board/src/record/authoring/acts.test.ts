import { unwrap } from "@hanpyo/crypto";
import { describe, expect, it } from "vitest";
import { nobleSigner } from "../../log/index.ts";
import { type AssertionFaults, syntheticPasskey } from "../../testing/passkey.ts";
import { type Act, abortBody, confirmation, proposal, withdrawal } from "../acts.ts";
import { EntryType } from "../entry-types.ts";
import { actHash, confirmationMessage, withdrawalMessage } from "../messages.ts";
import { verifyOfficial } from "../official-signature.ts";
import { verifyP256 } from "../p256.ts";
import { decodeRecord } from "../schema/cbor.ts";
import { confirmAct, encodeActBody, proposeAct, withdrawAct } from "./acts.ts";
import { ed25519Official, passkeyOfficial } from "./official-signer.ts";

const relying = { rpId: "vote.example", origins: ["https://vote.example"] };
const alice = nobleSigner(new Uint8Array(32).fill(1));
const bob = nobleSigner(new Uint8Array(32).fill(2));
const es256 = syntheticPasskey({ algorithm: "ES256", rpId: relying.rpId, origin: relying.origins[0]! });
const eddsa = syntheticPasskey({ algorithm: "Ed25519", rpId: relying.rpId, origin: relying.origins[0]! });
const body = {
  webauthn: relying,
  officials: [
    { name: "Alice", key: { algorithm: "Ed25519", key: alice.publicKey }, passkey: false },
    { name: "Bob", key: { algorithm: "Ed25519", key: bob.publicKey }, passkey: false },
    { name: "Cho", key: es256.key, passkey: true },
    { name: "Dan", key: eddsa.key, passkey: true },
  ],
} as unknown as Parameters<typeof verifyOfficial>[0];

const place = {
  origin: "board.example/1",
  election: new Uint8Array(32).fill(7),
  last: new Uint8Array(32).fill(8),
};
const act: Act = { type: EntryType.abort, body: { at: 1000, reason: { ko: "사유", en: "reason" } } };

describe("acts", () => {
  it.each([
    ["Ed25519 keys", ed25519Official(0, alice), ed25519Official(1, bob)],
    ["passkeys", passkeyOfficial(2, es256.assert), passkeyOfficial(3, eddsa.assert)],
  ])("are proposed, confirmed and withdrawn with %s", async (_, first, second) => {
    const proposed = await proposeAct(place, act, first);
    expect(proposed.type).toBe(EntryType.proposal);
    const read = unwrap(decodeRecord(proposal, proposed.payload));
    expect(read.act).toBe(act.type);
    expect(unwrap(decodeRecord(abortBody, read.body))).toEqual(act.body);
    const fields = { ...place, type: act.type, body: encodeActBody(act) };
    expect(verifyOfficial(body, read.official, actHash(fields), read.signature, verifyP256).ok).toBe(true);

    const leafHash = new Uint8Array(32).fill(9);
    const confirmed = await confirmAct(place, { leafHash, proposal: read }, second);
    expect(confirmed.type).toBe(act.type);
    const agreed = unwrap(decodeRecord(confirmation, confirmed.payload));
    expect(agreed.proposal).toEqual(leafHash);
    const message = confirmationMessage({ ...fields, proposal: leafHash });
    expect(verifyOfficial(body, agreed.official, message, agreed.signature, verifyP256).ok).toBe(true);
    // The proposer's signature does not serve as a confirmation, nor that of one act as that of another.
    expect(verifyOfficial(body, read.official, message, read.signature, verifyP256).ok).toBe(false);
    const later = confirmationMessage({ ...fields, last: leafHash, proposal: leafHash });
    expect(verifyOfficial(body, agreed.official, later, agreed.signature, verifyP256).ok).toBe(false);

    const withdrawn = await withdrawAct(place, leafHash, first);
    const back = unwrap(decodeRecord(withdrawal, withdrawn.payload));
    const withdrawing = withdrawalMessage({ ...place, act: leafHash });
    expect(verifyOfficial(body, back.official, withdrawing, back.signature, verifyP256).ok).toBe(true);
  });

  it("cannot be confirmed by whoever proposed them", async () => {
    const recorded = { leafHash: place.last, proposal: { act: act.type, body: encodeActBody(act), official: 0 } };
    await expect(confirmAct(place, recorded, ed25519Official(0, alice))).rejects.toThrow(RangeError);
  });

  const wrong: [string, AssertionFaults][] = [
    ["another type", { type: "webauthn.create" }],
    ["another challenge", { challenge: new Uint8Array(32) }],
    ["another origin", { origin: "https://vote.example.evil" }],
    ["another relying party", { rpId: "evil.example" }],
    ["a frame of another origin", { crossOrigin: true }],
    ["no user verification", { flags: 0x01 }],
    ["no user presence", { flags: 0x04 }],
    ["attested credential data", { flags: 0x45, trailing: new Uint8Array(18) }],
    ["bytes behind the data", { trailing: new Uint8Array(1) }],
    ["a broken signature", { signature: (s) => s.with(s.length - 1, s.at(-1)! ^ 1) }],
    ["bytes behind the signature", { signature: (s) => Uint8Array.of(...s, 0) }],
  ];
  it.each(wrong)("refuse a passkey's assertion with %s", async (_, faults) => {
    for (const [index, key] of [es256, eddsa].entries()) {
      const message = actHash({ ...place, type: act.type, body: encodeActBody(act) });
      const right = { kind: 1 as const, ...(await key.assert(message)) };
      expect(verifyOfficial(body, 2 + index, message, right, verifyP256).ok).toBe(true);
      const assertion = { kind: 1 as const, ...(await key.assert(message, faults)) };
      expect(verifyOfficial(body, 2 + index, message, assertion, verifyP256).ok).toBe(false);
    }
  });

  it("take client data with fields a browser adds", async () => {
    const message = place.last;
    const assertion = { kind: 1 as const, ...(await es256.assert(message, { extra: { topOrigin: "x" } })) };
    expect(verifyOfficial(body, 2, message, assertion, verifyP256).ok).toBe(true);
  });
});
