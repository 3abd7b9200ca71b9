/** What the pass log says of a request, under a witnessed checkpoint. */
import { bytesToHex, equalBytes, ok, type Result } from "@hanpyo/crypto";
import { EntryType } from "../record/entry-types.ts";
import { type PassEntry, passEntry } from "../record/pass-entry.ts";
import { decodeRecord } from "../record/schema/cbor.ts";
import type { LogReader } from "./log-reader.ts";
import { type Surroundings, type Trouble, trouble } from "./transport.ts";

const POLL = 400;

/** Waits until the pass log's witnessed checkpoint covers `index`, at most until `deadline` (ms of the clock), and reads it. */
export async function readPassEntry(
  around: Surroundings,
  passes: LogReader,
  index: number,
  deadline: number,
): Promise<Result<PassEntry, Trouble>> {
  for (;;) {
    const under = await passes.checkpoint();
    if (under.ok && under.value.checkpoint.size > index) {
      const proved = await passes.entry(index, under.value);
      if (proved.ok) {
        const { type, payload } = proved.value.entry;
        const entry = type === EntryType.pass ? decodeRecord(passEntry, payload) : null;
        return entry?.ok ? ok(entry.value) : trouble("form-invalid", "not an entry of the pass log", { index });
      }
      if (proved.error.code !== "unavailable") return proved;
    } else if (!under.ok && under.error.code === "promise-broken") return under;
    if (around.clock.now() >= deadline)
      return under.ok ? trouble("not-logged", "no checkpoint covers the pass yet", { index }) : under;
    await around.wait(POLL);
  }
}

/** The entry under N and whether it is ours: else somebody else's request came first (`pass-used`). */
export async function confirmLogged(
  around: Surroundings,
  passes: LogReader,
  index: number,
  expected: { readonly nullifier: Uint8Array; readonly request: Uint8Array; readonly class: number },
  deadline: number,
): Promise<Result<number, Trouble>> {
  const entry = await readPassEntry(around, passes, index, deadline);
  if (!entry.ok) return entry;
  if (!equalBytes(entry.value.nullifier, expected.nullifier))
    return trouble("promise-broken", `entry ${index} is not under ${bytesToHex(expected.nullifier).slice(0, 8)}…`, {
      index,
    });
  if (!equalBytes(entry.value.request, expected.request) || entry.value.class !== expected.class)
    return trouble("pass-used", "another request was logged first", { index });
  return ok(index);
}
