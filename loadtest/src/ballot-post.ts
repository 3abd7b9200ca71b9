/** One post of ballot bytes, whatever they are, and what the server said: for bytes that no honest device would send. */
import {
  binary,
  encodeBase64url,
  integer,
  isRefusalCode,
  object,
  orNull,
  parseJson,
  type SignedRefusal,
  shape,
  string,
} from "@hanpyo/bulletin-board";
import { unwrap } from "@hanpyo/crypto";

const acknowledged = shape({
  index: integer,
  prev: binary(32),
  leaf: binary(32),
  ballot: binary(32),
  signature: binary(64),
});
const refusal = shape({
  code: string(40),
  ballot: orNull(binary(32)),
  head: orNull(integer),
  leaf: orNull(binary(32)),
  reason: orNull(integer),
  signature: orNull(binary(64)),
});
const line = shape({ acknowledged: orNull(object(acknowledged)), refusal: orNull(object(refusal)) });

export interface PostAnswer {
  readonly status: number;
  /** The code of the refusal, signed or not; null if it was acknowledged. */
  readonly code: string | null;
  /** Null where nothing was judged and so nothing is signed. */
  readonly refusal: SignedRefusal | null;
  /** Index of the entry, where it was acknowledged. */
  readonly index: number | null;
}

export async function postBallot(server: string, context: string, payload: Uint8Array): Promise<PostAnswer> {
  const answer = await fetch(`${server}/api/ballots/${context}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: Uint8Array.from(payload),
    redirect: "error",
  });
  const text = await answer.text();
  for (const part of text.split("\n").filter((it) => it !== "")) {
    const said = unwrap(parseJson(new TextEncoder().encode(part), line));
    if (said.acknowledged) return { status: answer.status, code: null, refusal: null, index: said.acknowledged.index };
    if (!said.refusal) continue;
    const { code, head, leaf, signature, ...rest } = said.refusal;
    const signed = isRefusalCode(code) && head !== null && leaf !== null && signature !== null;
    return {
      status: answer.status,
      code,
      index: null,
      refusal: signed ? { ...rest, code, head, leaf, signature } : null,
    };
  }
  throw new Error(`status ${answer.status} without an answer: ${text.slice(0, 200)}`);
}

/** A refusal as a file of a bundle holds it; with the ballot it refused, so that a wrong one can be shown. */
export const refusalPaper = (it: SignedRefusal, payload?: Uint8Array) => ({
  code: it.code,
  ballot: it.ballot && encodeBase64url(it.ballot),
  head: it.head,
  leaf: encodeBase64url(it.leaf),
  reason: it.reason,
  signature: encodeBase64url(it.signature),
  ...(payload && payload.length < 60_000 ? { payload: encodeBase64url(payload) } : {}),
});
