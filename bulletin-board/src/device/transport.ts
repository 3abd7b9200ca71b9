/**
 * How a device speaks HTTP and waits: everything comes from outside, so that the same code runs in a page, in a worker, on
 * the command line and in tests, and never sees more of its surroundings than this.
 */
import { type Clock, concatBytes, err, ok, type Result } from "@hanpyo/crypto";
import { decodeUtf8 } from "../log/index.ts";
import { isRefusalCode, type RefusalCode } from "../record/refusal-codes.ts";
import { type Fields, parseJson, type Shape } from "./shape.ts";

/** The part of a platform's `fetch` that is used; a browser's and Node's own fit. */
export interface FetchAnswer {
  readonly status: number;
  readonly body: ByteStream | null;
}
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** No cookie, no referrer, no redirect: an answer comes from the origin that was asked. */
  readonly credentials: "omit";
  readonly referrerPolicy: "no-referrer";
  readonly redirect: "error";
  readonly cache: "no-store" | "default";
  /** Milliseconds for the headers of the answer and all of its body. */
  readonly timeout?: number;
}
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>;

/** What a device is given by its platform. */
export interface Surroundings {
  readonly fetch: Fetch;
  /** Uniform random bytes. */
  random(length: number): Uint8Array;
  readonly clock: Clock;
  /** Resolves after so many milliseconds. */
  wait(milliseconds: number): Promise<void>;
}

/** `fetch` with time-outs: `fetcher(fetch, AbortSignal.timeout)`. */
export function fetcher<Signal>(
  platform: (url: string, init: Omit<FetchInit, "timeout"> & { signal?: Signal }) => Promise<FetchAnswer>,
  signalAfter: (milliseconds: number) => Signal,
): Fetch {
  return (url, { timeout, ...init }) =>
    platform(url, timeout === undefined ? init : { ...init, signal: signalAfter(timeout) });
}

/** Why something did not work: a code of the closed table, and words for operators that quote no person and no choice. */
export interface Trouble {
  readonly code: RefusalCode;
  readonly detail: string;
  /** The other party's index or address, where one is to blame. */
  readonly party?: number | string;
  /** Index of the entry that is the reason, where the answer named one. */
  readonly index?: number;
}

export const trouble = (
  code: RefusalCode,
  detail: string,
  more: { party?: number | string; index?: number } = {},
): { readonly ok: false; readonly error: Trouble } => err({ code, detail, ...more });

const LIMIT = 8 * 2 ** 20;
const TIMEOUT = 15_000;

/** Collects a body of at most `limit` bytes. */
async function collect(answer: FetchAnswer, limit: number): Promise<Result<Uint8Array, Trouble>> {
  if (answer.body === null) return ok(new Uint8Array(0));
  const reader = answer.body.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (value !== undefined) {
      length += value.length;
      if (length > limit) {
        await reader.cancel();
        return trouble("too-large", `an answer above ${limit} bytes`);
      }
      parts.push(value);
    }
    if (done) return ok(concatBytes(...parts));
  }
}

const described = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : "no answer";

function init(method: string, contentType: string | null, timeout: number): FetchInit {
  return {
    method,
    headers: contentType === null ? {} : { "content-type": contentType },
    credentials: "omit",
    referrerPolicy: "no-referrer",
    redirect: "error",
    cache: "no-store",
    timeout,
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** One exchange; a network that fails is a value like every other refusal (`unavailable`). */
export async function exchange(
  around: Surroundings,
  method: "GET" | "POST",
  url: string,
  body: Uint8Array | string | null = null,
  { limit = LIMIT, timeout = TIMEOUT }: { limit?: number; timeout?: number } = {},
): Promise<Result<RawAnswer, Trouble>> {
  const type = body === null ? null : typeof body === "string" ? "application/json" : "application/octet-stream";
  try {
    const answer = await around.fetch(url, {
      ...init(method, type, timeout),
      ...(body === null ? {} : { body: typeof body === "string" ? body : Uint8Array.from(body) }),
    });
    const bytes = await collect(answer, limit);
    return bytes.ok ? ok({ status: answer.status, bytes: bytes.value }) : bytes;
  } catch (error) {
    return trouble("unavailable", described(error));
  }
}

/** The bytes of a file, or null where there is none (404, 410). */
export async function getFile(
  around: Surroundings,
  url: string,
  limit: number = LIMIT,
): Promise<Result<Uint8Array | null, Trouble>> {
  const answer = await exchange(around, "GET", url, null, { limit });
  if (!answer.ok) return answer;
  const { status, bytes } = answer.value;
  if (status === 200) return ok(bytes);
  if (status === 404 || status === 410) return ok(null);
  return trouble("unavailable", `status ${status}`);
}

/** A refusal as JSON says it; a code that is not in the table is `unavailable`. */
export function readRefusal(status: number, bytes: Uint8Array): Trouble {
  const fallback: Trouble = { code: "unavailable", detail: `status ${status}` };
  const text = decodeUtf8(bytes);
  if (!text.ok) return fallback;
  let value: unknown;
  try {
    value = JSON.parse(text.value);
  } catch {
    return fallback; // a proxy's page, not the server's answer
  }
  const { code, index } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof code !== "string" || !isRefusalCode(code)) return fallback;
  const at = typeof index === "number" && Number.isSafeInteger(index) && index >= 0 ? { index } : {};
  return { code, detail: `status ${status}`, ...at };
}

/** Sends JSON (or GETs, for null) and reads an answer of this shape; any other status is the refusal it carries. */
export async function call<F extends Fields>(
  around: Surroundings,
  url: string,
  body: unknown,
  shape: Shape<F>,
  options: { limit?: number; timeout?: number } = {},
): Promise<Result<Shape<F>["type"], Trouble>> {
  const method = body === null ? "GET" : "POST";
  const sent = body === null ? null : body instanceof Uint8Array ? body : JSON.stringify(body);
  const answer = await exchange(around, method, url, sent, options);
  if (!answer.ok) return answer;
  const { status, bytes } = answer.value;
  if (status !== 200 && status !== 201) return err(readRefusal(status, bytes));
  const value = parseJson(bytes, shape);
  return value.ok ? value : trouble("form-invalid", value.error);
}

/** The lines of a stream as they come (NDJSON); ends with the stream, and with an error value where it breaks. */
export async function* lines(
  around: Surroundings,
  url: string,
  body: Uint8Array,
  { limit = 1 << 20, timeout = 120_000 }: { limit?: number; timeout?: number } = {},
): AsyncGenerator<Result<{ readonly status: number; readonly line: Uint8Array }, Trouble>> {
  try {
    const answer = await around.fetch(url, {
      ...init("POST", "application/octet-stream", timeout),
      body: Uint8Array.from(body),
    });
    if (answer.body === null) return;
    const reader = answer.body.getReader();
    let rest: Uint8Array = new Uint8Array(0);
    let total = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (value !== undefined) {
          total += value.length;
          if (total > limit) {
            yield trouble("too-large", `an answer above ${limit} bytes`);
            return;
          }
          rest = concatBytes(rest, value);
          for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
            const line = rest.slice(0, end);
            rest = rest.slice(end + 1);
            if (line.length > 0) yield ok({ status: answer.status, line });
          }
        }
        if (done) break;
      }
      if (rest.length > 0) yield ok({ status: answer.status, line: rest });
    } finally {
      await reader.cancel();
    }
  } catch (error) {
    yield trouble("unavailable", described(error));
  }
}
