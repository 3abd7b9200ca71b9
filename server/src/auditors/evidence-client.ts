/** How auditors ask a registrar for evidence: `GET evidence/HASH` (docs/api.md). */
import { type RefusalCode, refusals, type Surroundings, type Trouble, trouble } from "@hanpyo/bulletin-board";
import { bytesToHex, ok, type Result } from "@hanpyo/crypto";

/** Largest evidence: 256 requests to 20 registrars, sealed. */
const limit = 2 << 20;
const reading = {
  method: "GET",
  headers: {},
  credentials: "omit",
  referrerPolicy: "no-referrer",
  redirect: "error",
  cache: "no-store",
} as const;

async function ask(around: Surroundings, url: string): Promise<Result<{ status: number; bytes: Uint8Array }, Trouble>> {
  try {
    const answer = await around.fetch(url, { ...reading, timeout: 15_000 });
    const parts: Uint8Array[] = [];
    let length = 0;
    const reader = answer.body?.getReader();
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
      parts.push(part.value ?? new Uint8Array(0));
      length += part.value?.length ?? 0;
      if (length <= limit) continue;
      await reader?.cancel();
      return trouble("too-large", `more than ${limit} bytes of evidence`);
    }
    return ok({ status: answer.status, bytes: new Uint8Array(Buffer.concat(parts)) });
  } catch (error) {
    return trouble("unavailable", error instanceof Error ? error.name : "no answer");
  }
}

/** The code of a refusal; a proxy's page and the like are `unavailable`. */
function codeOf(bytes: Uint8Array): RefusalCode {
  try {
    const { code } = JSON.parse(Buffer.from(bytes).toString("utf8")) as { code?: unknown };
    return typeof code === "string" && Object.hasOwn(refusals, code) ? (code as RefusalCode) : "unavailable";
  } catch {
    return "unavailable";
  }
}

/** Waits of a second: for a limit of requests to pass, for the registrar to see the count, for one that does not answer. */
const tries: Partial<Record<RefusalCode, number>> = { overloaded: 90, "out-of-order": 20, unavailable: 4 };

export class EvidenceClient {
  readonly #around: Surroundings;
  readonly #url: string;
  #gone: Trouble | null = null;

  /** `url` is the registrar's address, with a slash at its end. */
  constructor(around: Surroundings, url: string) {
    this.#around = around;
    this.#url = url;
  }

  /** The bytes that the registrar gives, whatever they are; null where it says that it has none. */
  async evidence(hash: Uint8Array): Promise<Result<Uint8Array | null, Trouble>> {
    if (this.#gone !== null) return { ok: false, error: this.#gone };
    for (let attempt = 0; ; attempt++) {
      const answer = await ask(this.#around, `${this.#url}evidence/${bytesToHex(hash)}`);
      if (answer.ok && answer.value.status === 200) return ok(answer.value.bytes);
      if (!answer.ok && answer.error.code === "too-large") return ok(new Uint8Array(0));
      const code = answer.ok ? codeOf(answer.value.bytes) : "unavailable";
      if (answer.ok && code === "document-missing") return ok(null);
      if (attempt >= (tries[code] ?? 0)) {
        this.#gone = { code, detail: answer.ok ? `status ${answer.value.status}` : answer.error.detail };
        return { ok: false, error: this.#gone };
      }
      await this.#around.wait(1_000);
    }
  }
}
