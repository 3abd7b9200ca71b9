/** What a device keeps of one election. Several people may share a device: each has a slot with a seed of its own. */
import { type Secret, Transcript } from "@hanpyo/crypto";

export interface KeptPass {
  readonly class: number;
  readonly denomination: number;
  readonly copy: number;
  readonly passes: readonly { readonly registrar: number; readonly signature: Uint8Array }[];
}

/** A ballot signed as cast. */
export interface KeptBallot {
  readonly h: Uint8Array;
  readonly code: string;
}

export interface PendingBallot extends KeptBallot {
  /** The bytes that every retry sends. */
  readonly payload: Uint8Array;
  /** What it replaces: restored if it is refused for good. */
  readonly before: KeptBallot | null;
}

export interface Slot {
  /** Tells whose seed it is to whoever types the same code again. */
  readonly tag: Uint8Array;
  /** 32 bytes, written before anything is sent. */
  readonly seed: Uint8Array;
  /** Empty until the passes were obtained. */
  readonly passes: readonly KeptPass[];
  /** ms since 1970. */
  readonly obtainedAt: number;
  /** Per pass the latest ballot signed as cast that was not refused for good, pending ones included. */
  readonly latest: readonly (KeptBallot | null)[];
  /** Per pass the ballot that has no final answer. */
  readonly pending: readonly (PendingBallot | null)[];
}

export interface Kept {
  readonly version: 1;
  /** The one used last comes first. */
  readonly slots: readonly Slot[];
}

/** Recognises the holder of a code; without the seed it says nothing about the key. */
export const holderTag = (seed: Secret<Uint8Array>, holderKey: Uint8Array): Uint8Array =>
  new Transcript("seed").append("seed", seed.reveal()).text("purpose", "holder").append("key", holderKey).hash();

/** Puts a slot first, in place of the one with its seed. */
export const withSlot = (kept: Kept | null, slot: Slot): Kept => ({
  version: 1,
  slots: [slot, ...(kept?.slots ?? []).filter((it) => !sameBytes(it.seed, slot.seed))],
});

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

const replaceAt = <T>(list: readonly T[], index: number, value: T): readonly T[] =>
  list.map((it, position) => (position === index ? value : it));

/** A ballot was signed as cast: it is the latest from now on, and pending. */
export const signed = (slot: Slot, pass: number, ballot: KeptBallot & { readonly payload: Uint8Array }): Slot => {
  const { h, code, payload } = ballot;
  const before = slot.latest[pass] ?? null;
  return {
    ...slot,
    latest: replaceAt(slot.latest, pass, { h, code }),
    pending: replaceAt(slot.pending, pass, { h, code, payload, before }),
  };
};

export const recorded = (slot: Slot, pass: number): Slot => ({ ...slot, pending: replaceAt(slot.pending, pass, null) });

/** Refused for good: the vote before it is the latest again. */
export const refused = (slot: Slot, pass: number): Slot => ({
  ...recorded(slot, pass),
  latest: replaceAt(slot.latest, pass, slot.pending[pass]?.before ?? null),
});

/** What the record was found to hold. */
export const corrected = (slot: Slot, pass: number, latest: KeptBallot | null): Slot => ({
  ...slot,
  latest: replaceAt(slot.latest, pass, latest),
});
