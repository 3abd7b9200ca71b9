/** What only the operator may send to a board: documents and the definition, under the operator's token. */
import { createHash } from "node:crypto";
import { binary, integer, parseJson, shape } from "@hanpyo/bulletin-board";
import { bytesToHex, equalBytes, err, ok, type Result } from "@hanpyo/crypto";

export interface OperatorBoard {
  /** Address without a slash at its end. */
  readonly server: string;
  /** Null for a board that asks for none. */
  readonly token: string | null;
}

/** Status 0 = no answer. */
export interface PostFault {
  readonly status: number;
  readonly detail: string;
}

async function send(
  board: OperatorBoard,
  method: string,
  path: string,
  body: Uint8Array,
): Promise<Result<Uint8Array, PostFault>> {
  const headers: Record<string, string> = { "content-type": "application/octet-stream" };
  if (board.token !== null) headers.authorization = `Bearer ${board.token}`;
  try {
    const answer = await fetch(`${board.server}${path}`, {
      method,
      headers,
      body: Uint8Array.from(body),
      redirect: "error",
    });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (answer.ok) return ok(bytes);
    return err({ status: answer.status, detail: Buffer.from(bytes.subarray(0, 2000)).toString("utf8") });
  } catch (error) {
    return err({ status: 0, detail: error instanceof Error ? error.message : "no answer" });
  }
}

/** Uploads a document and gives its hash. */
export async function putDocument(board: OperatorBoard, bytes: Uint8Array): Promise<Result<Uint8Array, PostFault>> {
  const hash = new Uint8Array(createHash("sha256").update(bytes).digest());
  const sent = await send(board, "PUT", `/documents/${bytesToHex(hash)}`, bytes);
  return sent.ok ? ok(hash) : sent;
}

const placed = shape({ index: integer, leaf: binary(32) });

/** Puts entry 0 on the board and gives E. */
export async function postDefinition(
  board: OperatorBoard,
  payload: Uint8Array,
): Promise<Result<Uint8Array, PostFault>> {
  const sent = await send(board, "POST", "/api/entries/1", payload);
  if (!sent.ok) return sent;
  const answer = parseJson(sent.value, placed);
  if (!answer.ok) return err({ status: 200, detail: answer.error });
  const first = answer.value.index === 0 && !equalBytes(answer.value.leaf, new Uint8Array(32));
  return first ? ok(answer.value.leaf) : err({ status: 200, detail: "the board did not make it entry 0" });
}
