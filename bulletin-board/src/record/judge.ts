/**
 * How the rulebook speaks. Every rule asks a `Judge` to require things; the server gives each entry a fresh one and
 * appends only if nothing was refused, the verifier lets one judge run over the whole record and reports what held.
 */
import type { CheckPart } from "./checks.ts";
import type { RefusalCode } from "./refusal-codes.ts";

export interface Refusal {
  readonly part: CheckPart;
  readonly code: RefusalCode;
  /** For operators and reports: what was expected and found. Never a secret, never a person. */
  readonly detail: string;
  /** Index of the entry that was judged. */
  readonly entry: number;
  /** Index of the entry that is the reason, where there is one. */
  readonly reason?: number;
}

export class Judge {
  readonly refusals: Refusal[] = [];
  readonly held = new Map<CheckPart, number>();
  /** Index of the entry being judged. */
  entry = 0;

  /** Counts a thing that held, or records the refusal; returns the condition. */
  require(
    part: CheckPart,
    condition: boolean,
    code: RefusalCode,
    detail: string | (() => string),
    reason?: number,
  ): boolean {
    if (condition) this.held.set(part, (this.held.get(part) ?? 0) + 1);
    else this.refuse(part, code, typeof detail === "string" ? detail : detail(), reason);
    return condition;
  }

  refuse(part: CheckPart, code: RefusalCode, detail: string, reason?: number): void {
    this.refusals.push({ part, code, detail, entry: this.entry, ...(reason === undefined ? {} : { reason }) });
  }
}
