/** The four routes of a registrar as a device calls them (docs/api.md). */
import type { Result } from "@hanpyo/crypto";
import { encodeBase64url } from "./base64url.ts";
import type { RegistrarView } from "./election.ts";
import { array, binary, flag, integer, object, type Shape, shape } from "./shape.ts";
import { call, type Surroundings, type Trouble } from "./transport.ts";

const grant = shape({ class: integer, weight: integer, copies: integer });
export const nonceShape = shape({
  nonce: binary(16),
  class: integer,
  denominations: array(object(grant), 31),
  used: flag,
});
/** `base` is the person's group element, which the device needs to check the proof of the share. */
export const evaluateShape = shape({ base: binary(32), share: binary(32), proof: binary(96) });
const endorsed = shape({ nullifier: binary(32), evidence: binary(32), signature: binary(64) });
export const endorseShape = shape({ endorsements: array(object(endorsed), 256) });
export const signShape = shape({ signature: binary(256) });

type Answer<S> = S extends Shape<infer F> ? Shape<F>["type"] : never;
export type NonceAnswer = Answer<typeof nonceShape>;
export type EvaluateAnswer = Answer<typeof evaluateShape>;
export type EndorseAnswer = Answer<typeof endorseShape>;
export type Grant = NonceAnswer["denominations"][number];

export interface RequestFields {
  readonly class: number;
  readonly denomination: number;
  readonly copy: number;
  readonly blinded: readonly Uint8Array[];
}
export interface Presentation {
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
  /** By registrar; null where none answered. */
  readonly nonces: readonly (Uint8Array | null)[];
  readonly requests: readonly RequestFields[];
}
export interface SharedShare {
  readonly registrar: number;
  readonly share: Uint8Array;
  readonly proof: Uint8Array;
}

const request = (it: RequestFields) => ({
  class: it.class,
  denomination: it.denomination,
  copy: it.copy,
  blinded: it.blinded.map(encodeBase64url),
});
const presented = (it: Presentation) => ({
  presentation: { key: encodeBase64url(it.key), signature: encodeBase64url(it.signature) },
  nonces: it.nonces.map((nonce) => (nonce === null ? "" : encodeBase64url(nonce))),
  requests: it.requests.map(request),
});

export class RegistrarClient {
  readonly #around: Surroundings;
  readonly #url: string;

  constructor(around: Surroundings, registrar: Pick<RegistrarView, "url">) {
    this.#around = around;
    this.#url = registrar.url;
  }

  nonce(key: Uint8Array): Promise<Result<NonceAnswer, Trouble>> {
    return call(this.#around, `${this.#url}nonce`, { key: encodeBase64url(key) }, nonceShape);
  }

  evaluate(presentation: Presentation): Promise<Result<EvaluateAnswer, Trouble>> {
    return call(this.#around, `${this.#url}evaluate`, presented(presentation), evaluateShape);
  }

  endorse(presentation: Presentation, shares: readonly SharedShare[]): Promise<Result<EndorseAnswer, Trouble>> {
    const body = {
      ...presented(presentation),
      shares: shares.map(({ registrar, share, proof }) => ({
        registrar,
        share: encodeBase64url(share),
        proof: encodeBase64url(proof),
      })),
    };
    return call(this.#around, `${this.#url}endorse`, body, endorseShape);
  }

  /** Held open by the registrar for up to 20 seconds. */
  sign(it: RequestFields, nullifier: Uint8Array): Promise<Result<{ readonly signature: Uint8Array }, Trouble>> {
    const body = { ...request(it), nullifier: encodeBase64url(nullifier) };
    return call(this.#around, `${this.#url}sign`, body, signShape, { timeout: 30_000 });
  }
}
