/** `npm run board -- show INDEX DIR-or-URL`: an entry as readable JSON. */
import { parseArgs } from "node:util";
import { bytesToHex } from "@hanpyo/crypto";
import { decodeCheckpoint, decodeEntry, decodeNote, leafHash } from "../log/index.ts";
import { actBodies } from "../record/acts.ts";
import { decodePayload } from "../record/decode-payload.ts";
import { definitionBody } from "../record/definition.ts";
import { entryTypeName, isActType } from "../record/entry-types.ts";
import { decodeRecord } from "../record/schema/cbor.ts";
import { readSelected, UnreadableSource } from "../verify/index.ts";
import { openSource } from "./sources.ts";
import { UsageError } from "./usage.ts";

const usage = `usage: board show INDEX DIR-or-URL [--passes]

Prints an entry of the record (or, with --passes, of the pass log) as JSON: byte strings in hex. Nothing is verified.`;

/** Exit code 0; 3 where the source cannot be read or has no such entry. */
export async function runShow(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [position, where, ...more] = positionals;
  if (position === undefined || where === undefined || more.length > 0 || !/^\d{1,15}$/.test(position))
    throw new UsageError(usage);
  const index = Number(position);
  try {
    const { source } = await openSource(where);
    const log = values.passes ? source.passes : source.record;
    const size = sizeOf(await log.checkpoint());
    if (index >= size) throw new UnreadableSource(`there is no entry ${index}: the checkpoint has ${size}`);
    for await (const { entry } of readSelected(log, size, [index]))
      console.log(JSON.stringify(describe(entry), null, 2));
    return 0;
  } catch (error) {
    if (!(error instanceof UnreadableSource)) throw error;
    console.error(`unreadable: ${error.message}`);
    return 3;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { passes: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
}

function sizeOf(note: string): number {
  const decoded = decodeNote(note);
  const checkpoint = decoded.ok ? decodeCheckpoint(decoded.value.text) : decoded;
  if (!checkpoint.ok) throw new UnreadableSource(`checkpoint: ${checkpoint.error.detail}`);
  return checkpoint.value.size;
}

function describe(bytes: Uint8Array): unknown {
  const entry = decodeEntry(bytes);
  if (!entry.ok) return { fault: entry.error.detail, bytes: bytesToHex(bytes) };
  const { type, index, prev, payload } = entry.value;
  const decoded = decodePayload(type, payload);
  return {
    index,
    type,
    name: entryTypeName(type) ?? "unknown",
    bytes: bytes.length,
    leafHash: bytesToHex(leafHash(bytes)),
    prev: bytesToHex(prev),
    ...(decoded.ok
      ? { payload: readable(opened(decoded.value)) }
      : { fault: decoded.error, payload: bytesToHex(payload) }),
  };
}

/** Records inside byte strings (the definition's body, an act's) are opened too. */
function opened(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("body" in value) || !(value.body instanceof Uint8Array))
    return value;
  const act = "act" in value && typeof value.act === "number" ? value.act : null;
  const schema = act !== null && isActType(act) ? actBodies[act] : definitionBody;
  const body = decodeRecord<unknown>(schema, value.body);
  return body.ok ? { ...value, body: body.value } : value;
}

function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, readable(inner)]));
  return value;
}
