import { decodeSignatureLines, encodeBase64, type NoteSignature, type VerifierKey } from "../log/index.ts";
import { originHash } from "../signer/signer.ts";
import type { Witness, WitnessResponse } from "./witness.ts";

/** A request to cosign: the log's signed note with the consistency proof from `oldSize`. */
export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: string;
}

/** What a witness answered. `conflict` carries its own size; `inconsistent` says our tree contradicts what it cosigned. */
export type WitnessAnswer =
  | { readonly kind: "cosigned"; readonly lines: readonly NoteSignature[] }
  | { readonly kind: "conflict"; readonly size: number }
  | { readonly kind: "inconsistent" }
  | { readonly kind: "refused"; readonly status: number };

/** A witness as the integrator sees it. Connection failures and time-outs throw. */
export interface WitnessPort {
  readonly key: VerifierKey;
  addCheckpoint(request: AddCheckpoint, signal: AbortSignal): Promise<WitnessAnswer>;
  /** The newest checkpoint note it cosigned for the origin, or null. */
  checkpoint(origin: string, signal: AbortSignal): Promise<string | null>;
}

/** The body of add-checkpoint. */
export const encodeAddCheckpoint = ({ oldSize, proof, note }: AddCheckpoint): string =>
  [`old ${oldSize}`, ...proof.map(encodeBase64), "", note].join("\n");

function toAnswer({ status, contentType, body }: WitnessResponse): WitnessAnswer {
  if (status === 200) {
    const lines = decodeSignatureLines(body);
    return lines.ok ? { kind: "cosigned", lines: lines.value } : { kind: "refused", status };
  }
  if (status === 409 && contentType.startsWith("text/x.tlog.size") && /^(0|[1-9][0-9]{0,14})\n$/.test(body)) {
    return { kind: "conflict", size: Number(body) };
  }
  // The older specification answers 409 without a size to a second root of one size.
  return status === 422 || status === 409 ? { kind: "inconsistent" } : { kind: "refused", status };
}

/** A witness over HTTP; `url` is its submission prefix without a slash at its end. */
export class HttpWitness implements WitnessPort {
  readonly key: VerifierKey;
  readonly #url: string;

  constructor(key: VerifierKey, url: string) {
    this.key = key;
    this.#url = url;
  }

  async addCheckpoint(request: AddCheckpoint, signal: AbortSignal): Promise<WitnessAnswer> {
    const body = encodeAddCheckpoint(request);
    return toAnswer(await fetchText(`${this.#url}/add-checkpoint`, { method: "POST", body, signal }));
  }

  async checkpoint(origin: string, signal: AbortSignal): Promise<string | null> {
    const answer = await fetchText(`${this.#url}/${originHash(origin)}/checkpoint`, { signal });
    return answer.status === 200 ? answer.body : null;
  }
}

/** A witness of the same process, for tests and demonstrations. */
export class LocalWitness implements WitnessPort {
  readonly #witness: Witness;

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  get key(): VerifierKey {
    return this.#witness.key;
  }

  async addCheckpoint(request: AddCheckpoint): Promise<WitnessAnswer> {
    return toAnswer(await this.#witness.addCheckpoint(encodeAddCheckpoint(request)));
  }

  async checkpoint(origin: string): Promise<string | null> {
    const answer = this.#witness.checkpointOf(originHash(origin));
    return answer.status === 200 ? answer.body : null;
  }
}

const maxAnswer = 131_072;

async function fetchText(url: string, init: RequestInit): Promise<WitnessResponse> {
  const response = await fetch(url, { ...init, redirect: "error" });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxAnswer) throw new Error("the witness's answer is too long");
    chunks.push(chunk);
  }
  const body = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  return { status: response.status, contentType: response.headers.get("content-type") ?? "", body };
}
