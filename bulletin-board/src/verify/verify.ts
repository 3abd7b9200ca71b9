/**
 * The verification of an election: reads as its steps. Nothing that a source says is trusted; whose election it is, its
 * reader decides by comparing origin and E with what was printed elsewhere.
 */
import { bytesToHex, equalBytes } from "@hanpyo/crypto";
import {
  decodeCheckpoint,
  decodeEntry,
  decodeNote,
  openUnwitnessed,
  type Policy,
  type VerifierKey,
} from "../log/index.ts";
import type { CheckPart } from "../record/checks.ts";
import { type DefinitionBody, definitionBody, definition as definitionSchema } from "../record/definition.ts";
import { Judge } from "../record/judge.ts";
import { decodeRecord } from "../record/schema/cbor.ts";
import type { ElectionState } from "../record/state.ts";
import { type ClientFetcher, verifyClient } from "./client-files.ts";
import { findingsOf } from "./findings.ts";
import { notAsked } from "./not-asked.ts";
import { judgePapers, type Papers, PaperTrail } from "./papers.ts";
import { PassStream } from "./pass-stream.ts";
import { anywhere, type VerifierPlatform } from "./platform.ts";
import { RecordStream } from "./record-stream.ts";
import { checkReports, conclude, type Report, Stopwatch } from "./report.ts";
import { type RecordSource, readEntries, UnreadableSource } from "./source.ts";

export interface Progress {
  readonly stage: "record" | "passes" | "end";
  readonly done: number;
  readonly total: number;
  /** Ballots whose proofs have been verified. */
  readonly ballots: number;
  readonly phase: string;
  /** Checks with their verdicts so far. */
  readonly judge: Pick<Judge, "held" | "refusals">;
}

export interface VerifyOptions {
  readonly platform?: VerifierPlatform;
  /** E in lower-case hex, where the reader knows it from elsewhere: any other election is unreadable. */
  readonly election?: string;
  /** Papers of residents to hold against the record (check 25). */
  readonly papers?: Papers;
  /** Served pages to hold against the digests (check 24). */
  readonly client?: ClientFetcher;
  /** Called after every bundle. */
  readonly onProgress?: (progress: Progress) => void;
  /** Throw from here to stop. */
  readonly onBundle?: () => Promise<void>;
  /** Checks up to this size only: what a checkpoint that the caller already verified covers. */
  readonly checkpoint?: string;
}

/** Throws `UnreadableSource` where the source cannot be read as a record at all; everything else is in the report. */
export async function verifyElection(source: RecordSource, options: VerifyOptions = {}): Promise<Report> {
  const platform = options.platform ?? anywhere();
  const judge = new Judge();
  const watch = new Stopwatch(platform.stopwatch);

  const record = await openLog(source, "record", options.checkpoint);
  const passes = await openLog(source, "passes");
  const claimed = await readDefinition(source, record.size);
  const papers = new PaperTrail(options.papers ?? { receipts: [], acknowledgements: [], refusals: [] });

  const stream = new RecordStream(claimed.origin, source, record.size, platform, judge, watch, papers.wanted);
  for await (const { index, entries } of readEntries(source.record, record.size)) {
    await watch.timeAsync("1a", async () => {
      for (const bytes of entries) await stream.entry(bytes);
    });
    options.onProgress?.(progressOf("record", index + entries.length, record.size, stream, judge));
    await options.onBundle?.();
  }
  await stream.finish();
  const { state } = stream.rulebook;
  const found = state.election && bytesToHex(state.election);
  if (options.election !== undefined && options.election !== found)
    throw new UnreadableSource(`another election: E is ${found ?? "unknown"}`);
  checkpointChecks(record, stream.root(), state, judge);

  // Entry 0 was read alone to begin with, and a source may have answered otherwise then: the record's own is what counts.
  const defined = state.definition ?? claimed;
  const passSize = await passLog(source, passes, stream, state, defined, platform, judge, watch, options);
  endChecks(state, judge);
  const served = await watch.timeAsync("24a", () => verifyClient(state, source, options.client, judge));
  judgePapers(papers, state, defined, record.size, judge);

  const reports = checkReports(judge, notAsked(state, { papers: papers.given, client: served }), watch.milliseconds);
  options.onProgress?.(progressOf("end", record.size, record.size, stream, judge));
  return {
    version: 1,
    origin: claimed.origin,
    election: state.election && bytesToHex(state.election),
    context: state.context && bytesToHex(state.context),
    rehearsal: defined.rehearsal,
    phase: state.phase,
    size: record.size,
    root: bytesToHex(record.root),
    passesSize: passSize,
    ballots: state.ballots,
    counted: state.firstBallots.reduce((sum, count) => sum + count, 0),
    engine: platform.engine.name,
    checks: reports,
    findings: findingsOf(state, { overruled: stream.overruled, audit: defined }),
    result: state.result?.message.contests.map(({ totals, unopened }) => ({ totals, unopened })) ?? null,
    ...conclude(reports, state.phase === "aborted"),
  };
}

interface OpenedLog {
  readonly note: string;
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The checkpoint's three lines; signatures are judged once the keys are known. */
async function openLog(source: RecordSource, which: "record" | "passes", given?: string): Promise<OpenedLog> {
  const note = given ?? (await source[which].checkpoint());
  const decoded = decodeNote(note);
  const checkpoint = decoded.ok ? decodeCheckpoint(decoded.value.text) : decoded;
  if (!checkpoint.ok) throw new UnreadableSource(`${which}/checkpoint: ${checkpoint.error.detail}`);
  return { note, ...checkpoint.value };
}

/** The definition as entry 0 claims it, judged later; without it nothing can be read. */
async function readDefinition(source: RecordSource, size: number): Promise<DefinitionBody> {
  for await (const { entries } of readEntries(source.record, size)) {
    const entry = decodeEntry(entries[0]!);
    const outer = entry.ok ? decodeRecord(definitionSchema, entry.value.payload) : null;
    const body = outer?.ok ? decodeRecord(definitionBody, outer.value.body) : null;
    if (body?.ok) return body.value;
    throw new UnreadableSource(
      `entry 0 is no definition: ${outer?.ok ? (body && !body.ok ? body.error : "") : (outer?.error ?? "malformed")}`,
    );
  }
  throw new UnreadableSource("the record is empty");
}

/** 2b and 3: the checkpoint of the record, under the keys and witnesses that the record itself ends with. */
function checkpointChecks(log: OpenedLog, root: Uint8Array | undefined, state: ElectionState, judge: Judge): void {
  judge.entry = log.size - 1;
  judge.require(
    "2b",
    root !== undefined && equalBytes(root, log.root),
    "root-differs",
    "the entries have another root than the checkpoint",
  );
  judge.require("3a", log.origin === state.origin, "checkpoint-invalid", () => `origin ${log.origin}`);
  if (log.origin === state.origin)
    signatureChecks(log, state.recordKey.current, state, judge, { signature: "3b", quorum: "3c" });
}

function signatureChecks(
  log: OpenedLog,
  key: VerifierKey | null,
  state: ElectionState,
  judge: Judge,
  parts: { readonly signature: CheckPart; readonly quorum: CheckPart },
): void {
  if (!key || !state.witnesses) return;
  const { witnesses, quorum } = state.witnesses;
  const policy: Policy = { log: key, witnesses, k: quorum };
  const opened = openUnwitnessed(log.note, policy);
  if (
    !judge.require(parts.signature, opened.ok, "checkpoint-invalid", () => (opened.ok ? "" : opened.error.detail)) ||
    !opened.ok
  )
    return;
  const count = opened.value.cosignatures.length;
  judge.require(parts.quorum, count >= quorum, "quorum-missing", `${count} cosignatures, ${quorum} needed`);
}

/** 18: the pass log up to where it ends. */
async function passLog(
  source: RecordSource,
  log: OpenedLog,
  record: RecordStream,
  state: ElectionState,
  claimed: DefinitionBody,
  platform: VerifierPlatform,
  judge: Judge,
  watch: Stopwatch,
  options: VerifyOptions,
): Promise<number> {
  const origin = `${claimed.origin}/passes`;
  const rules = {
    election: state.election ?? new Uint8Array(32),
    definition: claimed,
    endorsementKey: (registrar: number) => state.registrarKeys.get(registrar)?.message.endorsement,
  };
  const stream = new PassStream(origin, rules, record.anchors, state.passesFrozen, platform, judge, watch);
  for await (const { index, entries } of readEntries(source.passes, log.size)) {
    await watch.timeAsync("18a", async () => {
      for (const bytes of entries) await stream.entry(bytes);
    });
    options.onProgress?.(progressOf("passes", index + entries.length, log.size, record, judge));
    await options.onBundle?.();
  }
  await stream.finish();
  judge.entry = Math.max(0, log.size - 1);
  judge.require("18a", log.origin === origin, "checkpoint-invalid", () => `pass log: origin ${log.origin}`);
  judge.require(
    "18a",
    equalBytes(stream.root(), log.root),
    "root-differs",
    "the pass log has another root than its checkpoint",
  );
  judge.require(
    "18a",
    stream.anchorsAhead === 0,
    "root-differs",
    `${stream.anchorsAhead} anchors promise a longer pass log`,
  );
  if (log.origin === origin)
    signatureChecks(log, state.passesKey.current, state, judge, { signature: "18a", quorum: "18a" });
  return stream.size;
}

/** What only the end of the record can tell. */
function endChecks(state: ElectionState, judge: Judge): void {
  for (const { entry, message } of state.audits) {
    judge.entry = entry;
    const found = message.findings;
    const detail = () =>
      `the auditors found fault: ${found.map((each) => `pass ${each.entry}: ${each.text}`).join("; ")}`;
    judge.require("18g", found.length === 0, "audit-invalid", detail);
  }
}

function progressOf(
  stage: Progress["stage"],
  done: number,
  total: number,
  stream: RecordStream,
  judge: Judge,
): Progress {
  return { stage, done, total, ballots: stream.ballotsVerified, phase: stream.rulebook.state.phase, judge };
}
