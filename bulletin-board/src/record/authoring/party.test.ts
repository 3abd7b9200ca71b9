import {
  combineKeys,
  type DealerSecret,
  encodePoint,
  judgeComplaint,
  newDealer,
  type ShareSecret,
  unwrap,
  verifyDrill,
} from "@hanpyo/crypto";
import { describe, expect, it } from "vitest";
import { leafHash, nobleSigner, strictVerify } from "../../log/index.ts";
import { complaint, confirm, drill, registrarKeys, reveal, shares } from "../ceremony-entries.ts";
import { EntryType } from "../entry-types.ts";
import { ceremonyMessage, registrarKeysMessage } from "../messages.ts";
import { decodeRecord } from "../schema/cbor.ts";
import type { Schema } from "../schema/schema.ts";
import type { CeremonyRound, ElectionState } from "../state.ts";
import { type CeremonyEntryType, signRegistrarKeys, unsignedCeremonyBytes } from "./ceremony.ts";
import type { AuthoredEntry } from "./entry.ts";
import * as party from "./party.ts";

const election = new Uint8Array(32).fill(5);
const indices = [1, 2, 4];
const keys = new Map(indices.map((index) => [index, nobleSigner(new Uint8Array(32).fill(index))]));
const state = { election, definition: { threshold: 2, quorum: 2 } } as unknown as ElectionState;

/** A record of ceremony messages alone: decodes, checks the signature, files the message. */
function newRecord() {
  const round: CeremonyRound = {
    round: 1,
    parties: indices,
    reveals: new Map(),
    shares: new Map(),
    confirms: new Map(),
  };
  let size = 0;
  const append = <T>(entry: AuthoredEntry, schema: Schema<T>): { entry: number; leafHash: Uint8Array; message: T } => {
    const message = unwrap(decodeRecord(schema, entry.payload));
    const { signature, ...fields } = message as T & { index: number; signature: Uint8Array };
    const unsigned = unsignedCeremonyBytes(entry.type as CeremonyEntryType, fields as never);
    const signed = ceremonyMessage({ election, type: entry.type, unsigned });
    expect(strictVerify(signature, signed, keys.get(fields.index)!.publicKey)).toBe(true);
    return { entry: size++, leafHash: leafHash(entry.payload), message };
  };
  return { round, append };
}

function revealed(group: 0 | 1) {
  const { round, append } = newRecord();
  const ceremony = party.ceremonyOf(state, group, round);
  const hands = new Map(indices.map((index) => [index, { ceremony, key: keys.get(index)! }]));
  const dealers = new Map<number, DealerSecret>(indices.map((index) => [index, newDealer(ceremony, index)]));
  for (const index of indices)
    round.reveals.set(index, append(party.authorReveal(hands.get(index)!, dealers.get(index)!), reveal.signed));
  return { round, append, ceremony, hands, dealers };
}

describe("a party of a ceremony", () => {
  it.each([0, 1] as const)("of group %i gets from reveal to drill", (group) => {
    const { round, append, ceremony, hands, dealers } = revealed(group);
    for (const index of indices)
      round.shares.set(index, append(party.authorShares(hands.get(index)!, dealers.get(index)!, round), shares.signed));
    const received = new Map<number, ShareSecret>();
    for (const index of indices) {
      received.set(index, unwrap(party.receiveShares(ceremony, dealers.get(index)!, round)));
      round.confirms.set(index, append(party.authorConfirm(hands.get(index)!, index, round), confirm.signed));
    }
    expect(round.confirms.get(4)!.message.last).toEqual(round.shares.get(4)!.leafHash);
    const joint = unwrap(combineKeys(ceremony, party.verifiedReveals(ceremony, round)));
    const last = round.confirms.get(4)!.leafHash;
    for (const index of indices) {
      expect(encodePoint(joint.shares.get(index)!)).toEqual(received.get(index)!.keys.encoded);
      const entry = party.authorDrill(hands.get(index)!, received.get(index)!, last);
      const { message } = append(entry, drill.signed);
      const proof = { index: message.index, key: joint.shares.get(index)!, proof: message.proof };
      expect(verifyDrill(ceremony, proof.index, proof.key, last, proof.proof).ok).toBe(true);
      expect(verifyDrill(ceremony, proof.index, proof.key, election, proof.proof).ok).toBe(false);
    }
  });

  it("complains about a bad share so that the sender is named", () => {
    const { round, append, ceremony, hands, dealers } = revealed(0);
    for (const index of indices) {
      const entry = append(party.authorShares(hands.get(index)!, dealers.get(index)!, round), shares.signed);
      if (index === 2) entry.message.shares[0]!.ciphertext[0]! ^= 1;
      round.shares.set(index, entry);
    }
    const bad = party.receiveShares(ceremony, dealers.get(1)!, round);
    expect(bad).toEqual({ ok: false, error: { from: 2, fault: "cipher" } });
    expect(party.receiveShares(ceremony, dealers.get(4)!, round).ok).toBe(true);
    const entry = party.authorComplaint(hands.get(1)!, dealers.get(1)!, round, 2);
    const { message } = append(entry, complaint.signed);
    const reveals = party.verifiedReveals(ceremony, round);
    const judged = unwrap(judgeComplaint(ceremony, reveals, round.shares.get(2)!.message, message));
    expect(judged).toEqual({ guilty: 2, reason: "cipher" });
    const unfounded = append(party.authorComplaint(hands.get(4)!, dealers.get(4)!, round, 2), complaint.signed).message;
    expect(unwrap(judgeComplaint(ceremony, reveals, round.shares.get(2)!.message, unfounded)).guilty).toBe(4);
  });

  it("does not go on without every party's reveal", () => {
    const { round, hands, dealers } = revealed(0);
    round.reveals.delete(4);
    expect(() => party.authorShares(hands.get(1)!, dealers.get(1)!, round)).toThrow("party 4");
  });
});

describe("a registrar's keys", () => {
  it("are signed with policy and trust, and read back", () => {
    const key = keys.get(1)!;
    const fields = {
      election,
      index: 1,
      moduli: [new Uint8Array(256).fill(0xc1), new Uint8Array(256).fill(0xd3)],
      endorsement: new Uint8Array(32).fill(9),
      policy: new Uint8Array(32).fill(1),
      trust: new Uint8Array(32).fill(2),
    };
    const entry = signRegistrarKeys(fields, key);
    expect(entry.type).toBe(EntryType.registrarKeys);
    const read = unwrap(decodeRecord(registrarKeys.signed, entry.payload));
    expect(strictVerify(read.signature, registrarKeysMessage({ ...fields, ...read }), key.publicKey)).toBe(true);
    const other = registrarKeysMessage({ ...fields, ...read, policy: fields.trust });
    expect(strictVerify(read.signature, other, key.publicKey)).toBe(false);
  });
});
