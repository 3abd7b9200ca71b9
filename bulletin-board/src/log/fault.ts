import { err } from "@hanpyo/crypto";

/** Why the log chapter refused some bytes. `malformed` is about form; the others need keys or hashes to be found out. */
export type LogFaultCode = "malformed" | "too-large" | "origin" | "unsigned" | "signature" | "quorum" | "proof";

/** An expected refusal; `detail` is for operators and tests and never quotes an entry's payload. */
export interface LogFault {
  readonly code: LogFaultCode;
  readonly detail: string;
}

export const fault = (code: LogFaultCode, detail: string): { readonly ok: false; readonly error: LogFault } =>
  err({ code, detail });
