import { timingSafeEqual } from "node:crypto";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { err, ok, type Result } from "@hanpyo/crypto";
import { decodeBase64, decodeVkey, encodeBase64, encodeVkey, isKeyName, type VerifierKey } from "../log/index.ts";
import { originHash, type SignerHost, type SignerPort, type SignerRefusal, type SignRequest } from "./signer.ts";

const maxBody = 65_536;

/** Where a signer listens: a unix socket, or a port on 127.0.0.1 with a token that every request must carry. */
export type SignerAddress = { readonly socketPath: string } | { readonly port: number; readonly token: string };

/**
 * The signer's door: `POST /origins` {origin} makes or opens an origin, `GET /<hash>` and `POST /<hash>/sign` work on one.
 * An unexpected error (a failed fsync above all) is handed to `onFailure`, which should end the process.
 */
export function signerServer(host: SignerHost, token: string | null, onFailure: (error: unknown) => void): Server {
  return createServer((request, response) => {
    answer(host, token, request, response).catch((error: unknown) => {
      response.destroy();
      onFailure(error);
    });
  });
}

async function answer(host: SignerHost, token: string | null, request: IncomingMessage, response: ServerResponse) {
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (token !== null && !sameToken(request.headers.authorization ?? "", `Bearer ${token}`)) return send(401, {});
  const body = request.method === "POST" ? await readJson(request) : {};
  if (body === null) return send(400, { error: "malformed" });
  if (request.method === "POST" && request.url === "/origins") {
    if (typeof body.origin !== "string" || !isKeyName(body.origin)) return send(400, { error: "malformed" });
    return send(200, { vkey: encodeVkey((await host.create(body.origin)).key) });
  }
  const match = /^\/([0-9a-f]{64})(\/sign)?$/.exec(request.url ?? "");
  const signer = match === null ? undefined : host.byHash(match[1]!);
  if (signer === undefined) return send(404, { code: "origin", last: null });
  if (request.method === "GET" && match?.[2] === undefined) {
    return send(200, { vkey: encodeVkey(signer.key), last: await signer.last() });
  }
  if (request.method !== "POST" || match?.[2] === undefined) return send(405, {});
  const wanted = decodeSignRequest(body);
  if (wanted === null) return send(400, { error: "malformed" });
  const signed = await signer.sign(wanted);
  return signed.ok ? send(200, { note: signed.value }) : send(409, signed.error);
}

function sameToken(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function decodeSignRequest(body: Record<string, unknown>): SignRequest | null {
  const { size, root, oldSize, proof } = body;
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(oldSize) || !Array.isArray(proof)) return null;
  const hashes = [root, ...proof].map((it) => (typeof it === "string" ? decodeBase64(it) : null));
  if (proof.length > 64 || (size as number) < 0 || (oldSize as number) < 0) return null;
  const bytes = hashes.flatMap((it) => (it?.ok && it.value.length === 32 ? [it.value] : []));
  if (bytes.length !== hashes.length) return null;
  return { size: size as number, oldSize: oldSize as number, root: bytes[0]!, proof: bytes.slice(1) };
}

async function readJson(stream: IncomingMessage): Promise<Record<string, unknown> | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBody) return null;
      chunks.push(chunk);
    }
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null; // not JSON, or the other side hung up: no failure of ours
  }
}

/** The signer's client for one origin. Connection failures and answers out of shape throw. */
export class SignerClient implements SignerPort {
  readonly #address: SignerAddress;
  readonly #path: string;

  constructor(address: SignerAddress, origin: string) {
    this.#address = address;
    this.#path = `/${originHash(origin)}`;
  }

  /** Makes key and lock of an origin at the signer, or finds them; returns its public key. */
  static async create(address: SignerAddress, origin: string): Promise<{ client: SignerClient; key: VerifierKey }> {
    const { status, body } = await call(address, "POST", "/origins", { origin });
    const key = decodeVkey(String(body.vkey));
    if (status !== 200 || !key.ok || key.value.name !== origin) throw new Error(`the signer answered ${status}`);
    return { client: new SignerClient(address, origin), key: key.value };
  }

  async last(): Promise<string | null> {
    const { status, body } = await call(this.#address, "GET", this.#path);
    if (status !== 200 || (body.last !== null && typeof body.last !== "string")) {
      throw new Error(`the signer answered ${status}`);
    }
    return body.last;
  }

  async sign(request: SignRequest): Promise<Result<string, SignerRefusal>> {
    const { status, body } = await call(this.#address, "POST", `${this.#path}/sign`, {
      ...request,
      root: encodeBase64(request.root),
      proof: request.proof.map(encodeBase64),
    });
    if (status === 200 && typeof body.note === "string") return ok(body.note);
    if (status === 409 || status === 404) return err(body as unknown as SignerRefusal);
    throw new Error(`the signer answered ${status}`);
  }
}

function call(address: SignerAddress, method: string, path: string, body?: unknown) {
  return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    const target = "socketPath" in address ? address : { host: "127.0.0.1", port: address.port };
    const headers = "token" in address ? { authorization: `Bearer ${address.token}` } : {};
    const request = httpRequest({ ...target, method, path, headers, timeout: 10_000 }, (response) => {
      readJson(response).then((parsed) => {
        if (parsed === null) reject(new Error("the signer's answer is not JSON"));
        else resolve({ status: response.statusCode ?? 0, body: parsed });
      }, reject);
    });
    request.on("timeout", () => request.destroy(new Error("the signer does not answer")));
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
