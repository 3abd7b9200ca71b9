/** The steps a script is made of: what each party appends, computed from what the record says by then. */
import { equalBytes } from "@hanpyo/crypto";
import { type Act, proposal } from "../../record/acts.ts";
import {
  type AuthoredEntry,
  confirmAct,
  type PartyHand,
  proposeAct,
  withdrawAct,
} from "../../record/authoring/index.ts";
import { ceremonyOf } from "../../record/authoring/party.ts";
import { EntryType } from "../../record/entry-types.ts";
import { decodeRecord } from "../../record/schema/cbor.ts";
import type { CeremonyRound } from "../../record/state.ts";
import { officialOf, signerOf } from "./keys.ts";
import type { CheckpointChanges, Run, Step } from "./run.ts";

export type Make = (run: Run) => AuthoredEntry | Promise<AuthoredEntry>;

export const step = (name: string, act: Step["act"]): Step => ({ name, act });
export const entry = (name: string, make: Make): Step => step(name, async (run) => run.append(await make(run)));
export const wait = (name: string, seconds: number): Step =>
  step(name, (run) => {
    run.now += seconds;
  });

/** Moves time to `at` (or not at all) and anchors both logs. */
export const anchorStep = (
  name: string,
  at?: number,
  board: CheckpointChanges = {},
  passes: CheckpointChanges = {},
): Step =>
  step(name, (run) => {
    run.now = at ?? run.now;
    run.append({ type: EntryType.anchor, payload: run.anchorPayload(board, passes) });
  });

/** Where in the election an act is made, as the record says. */
export function placeOf(run: Run) {
  const { origin, election, lastAct } = run.state;
  if (!election || !lastAct) throw new Error("there is no definition yet");
  return { origin, election, last: lastAct };
}

export interface ActOptions {
  /** Proposing and confirming official. */
  readonly officials?: readonly [number, number];
  /** Time of the anchor before the confirming entry. */
  readonly at: number;
}

export const proposeStep = (name: string, act: (run: Run) => Act, official: number): Step =>
  entry(name, (run) => proposeAct(placeOf(run), act(run), officialOf(official)));
export const confirmStep = (name: string, proposed: string, official: number): Step =>
  entry(name, (run) => confirmAct(placeOf(run), proposalOf(run, proposed), officialOf(official)));

/** A proposal as it stands on the record, whether or not the rules admitted it. */
export function proposalOf(run: Run, proposed: string) {
  const place = run.places.get(proposed);
  const decoded = decodeRecord(proposal, run.record.entries[place ?? -1]?.subarray(42) ?? new Uint8Array(0));
  if (!decoded.ok) throw new Error(`“${proposed}” is no proposal: ${decoded.error}`);
  return { leafHash: run.leaf(proposed), proposal: decoded.value };
}

/** Proposal, anchor, confirming entry: named "X: propose", "X: anchor" and "X". */
export const actSteps = (name: string, act: (run: Run) => Act, { officials = [0, 1], at }: ActOptions): Step[] => [
  proposeStep(`${name}: propose`, act, officials[0]),
  anchorStep(`${name}: anchor`, at),
  confirmStep(name, `${name}: propose`, officials[1]),
];

export const withdrawStep = (name: string, act: string, official: number): Step =>
  entry(name, (run) => withdrawAct(placeOf(run), run.leaf(act), officialOf(official)));

/** A round of a ceremony with a party's key; throws where the record has no such round. */
export function seat(
  run: Run,
  group: 0 | 1,
  round: number,
  index: number,
): PartyHand & { readonly round: CeremonyRound } {
  const found = run.state.ceremonies[group].rounds.find((each) => each.round === round);
  if (!found) throw new Error(`there is no round ${round}`);
  const key = signerOf(`${group === 0 ? "trustee" : "registrar"} ${index}`);
  return { ceremony: ceremonyOf(run.state, group, found), key, round: found };
}

/** The name of the step that appended the entry with this leaf hash. */
export const stepOf = (run: Run, leaf: Uint8Array): string | undefined =>
  [...run.places].find(([, index]) => equalBytes(run.record.leaves[index]!, leaf))?.[0];
