import { describe, expect, it } from "vitest";
import { utf8ToBytes } from "../bytes.ts";
import { unwrap } from "../result.ts";
import { newPairingKey, PairingChannel } from "./pairing-channel.ts";

const session = new Uint8Array(32).fill(3);

function pair(otherSession = session) {
  const [a, b] = [newPairingKey(), newPairingKey()];
  return {
    a: unwrap(PairingChannel.open(a, b.channel, session, "A")),
    b: unwrap(PairingChannel.open(b, a.channel, otherSession, "B")),
  };
}

describe("PairingChannel", () => {
  it("carries messages both ways, in order", () => {
    const { a, b } = pair();
    for (const text of ["one", "two", ""])
      expect(unwrap(b.receive(a.seal(utf8ToBytes(text))))).toEqual(utf8ToBytes(text));
    expect(unwrap(a.receive(b.seal(utf8ToBytes("answer"))))).toEqual(utf8ToBytes("answer"));
  });

  it("refuses replays, other orders, reflections and changes, and goes on after them", () => {
    const { a, b } = pair();
    const [first, second] = [a.seal(utf8ToBytes("1")), a.seal(utf8ToBytes("2"))];
    expect(b.receive(second).ok).toBe(false);
    expect(a.receive(first).ok).toBe(false);
    const changed = Uint8Array.from(first);
    changed[0]! ^= 1;
    expect(b.receive(changed).ok).toBe(false);
    expect(b.receive(first.slice(0, 15)).ok).toBe(false);
    expect(b.receive(first).ok).toBe(true);
    expect(b.receive(first).ok).toBe(false);
    expect(b.receive(second).ok).toBe(true);
  });

  it("does not open under another session or for a device in the middle", () => {
    const { a, b } = pair(new Uint8Array(32));
    expect(b.receive(a.seal(utf8ToBytes("secret"))).ok).toBe(false);
    expect(pair().b.receive(a.seal(utf8ToBytes("secret"))).ok).toBe(false);
  });

  it("refuses keys of small order and other lengths", () => {
    const own = newPairingKey();
    expect(PairingChannel.open(own, new Uint8Array(32), session, "A")).toEqual({ ok: false, error: "channel" });
    const one = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0));
    expect(PairingChannel.open(own, one, session, "A")).toEqual({ ok: false, error: "channel" });
    expect(PairingChannel.open(own, new Uint8Array(31), session, "A")).toEqual({ ok: false, error: "channel" });
    expect(JSON.stringify(own.secret)).toBe('"[secret]"');
  });
});
