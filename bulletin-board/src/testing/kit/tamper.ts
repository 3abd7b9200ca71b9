/** A tampered record: the honest script with one thing changed, everything after it computed and signed again. */
import type { CheckPart } from "../../record/checks.ts";
import type { VerifyOptions } from "../../verify/index.ts";
import type { Publication } from "./publish.ts";
import type { Envelope, Run, Step } from "./run.ts";

/** A change of a script. */
export type Edit = (honest: readonly Step[]) => readonly Step[];

export interface Tamper {
  /** The first part that fails, in the order of numbers and letters. */
  readonly part: CheckPart;
  /** What was done. */
  readonly what: string;
  readonly script?: Edit;
  readonly publish?: (run: Run) => Publication;
  readonly reader?: (run: Run) => Pick<VerifyOptions, "papers" | "client">;
  /** Later steps cannot all be made from such a record: its honest parties stop. */
  readonly stops?: boolean;
}

const at = (script: readonly Step[], name: string): number => {
  const found = script.findIndex((step) => step.name === name);
  if (found < 0) throw new Error(`the script has no step “${name}”`);
  return found;
};

/** Edits of a script. Every one throws where the step is not there. */
export const replaced = (script: readonly Step[], name: string, ...steps: readonly Step[]): readonly Step[] =>
  script.toSpliced(at(script, name), 1, ...steps);
export const before = (script: readonly Step[], name: string, ...steps: readonly Step[]): readonly Step[] =>
  script.toSpliced(at(script, name), 0, ...steps);
export const after = (script: readonly Step[], name: string, ...steps: readonly Step[]): readonly Step[] =>
  script.toSpliced(at(script, name) + 1, 0, ...steps);
export const without = (script: readonly Step[], ...names: readonly string[]): readonly Step[] =>
  names.reduce((rest, name) => replaced(rest, name), script);
/** Up to and with this step. */
export const upTo = (script: readonly Step[], name: string): readonly Step[] => script.slice(0, at(script, name) + 1);

/** The step as it was, with something set on the run before it acts. */
function prepared(script: readonly Step[], name: string, prepare: (run: Run) => void): readonly Step[] {
  const { act } = script[at(script, name)]!;
  return replaced(script, name, {
    name,
    act: (run) => {
      prepare(run);
      return act(run);
    },
  });
}

/** The entry of a step under another envelope. */
export const enveloped = (
  script: readonly Step[],
  name: string,
  envelope: Envelope | ((run: Run) => Envelope),
): readonly Step[] =>
  prepared(script, name, (run) => {
    run.envelope = typeof envelope === "function" ? envelope(run) : envelope;
  });
export const passEnveloped = (script: readonly Step[], name: string, envelope: Envelope): readonly Step[] =>
  prepared(script, name, (run) => {
    run.passEnvelope = envelope;
  });
/** The entry of a step with its payload changed, not signed again. */
export const altered = (
  script: readonly Step[],
  name: string,
  change: (payload: Uint8Array) => Uint8Array,
): readonly Step[] =>
  prepared(script, name, (run) => {
    run.alter = change;
  });
