/**
 * An auditor's own software. It believes the record under its witnesses and its own folder: reveals its value only once the
 * count is on the record, opens the evidence of the entries that were drawn, checks it all, and signs what it found itself.
 */
import {
  decodePolicyDocument,
  decodeRecord,
  decodeTrustSnapshot,
  EntryType,
  LogReader,
  type PassEntry,
  passEntry,
  RecordFollower,
  readOverview,
  type Surroundings,
  type Trouble,
  tileWidth,
  trouble,
} from "@hanpyo/bulletin-board";
import { auditCommitment, auditDraw, equalBytes, err, ok, type Result } from "@hanpyo/crypto";
import { Policy } from "../eligibility/policy.ts";
import { readRoll } from "../eligibility/roll-folder.ts";
import { sendEntry } from "../trustees/participant.ts";
import type { FolderFault } from "../trustees/party-folder.ts";
import { EvidenceClient } from "./evidence-client.ts";
import { type AuditSetting, auditedRegistrars, examineEndorsement, examineEntry } from "./examine.ts";
import { entryFinding, evidenceFinding, type Finding, listFindings } from "./findings.ts";
import { type AuditorFolder, type AuditorKeys, publicPart } from "./keys.ts";
import { completeReport, encodeReport, signReport } from "./report.ts";

export interface AuditorOptions {
  readonly around: Surroundings;
  /** Address of the board, without a slash at its end. */
  readonly server: string;
  readonly folder: AuditorFolder;
  /** E, where the auditor states it. */
  readonly election?: Uint8Array | undefined;
}

/** Why an agent does not do what it was asked; `detail` is for its owner. */
export interface AuditorFault {
  readonly code: "not-an-auditor" | "too-early" | "value" | "roll" | "differs" | "incomplete" | "registrars-silent";
  readonly detail: string;
}
const fault = (code: AuditorFault["code"], detail: string) => err<AuditorFault>({ code, detail });
export type AuditorTrouble = Trouble | FolderFault | AuditorFault;

export interface AuditWork {
  /** Per auditor of the definition its revealed value, or null where it withholds it. */
  readonly values: readonly (Uint8Array | null)[];
  /** Folder with roll.csv, roll.sig and roll.salt. */
  readonly roll: string;
  /** Addresses of registrars by index, with a slash at the end, where they differ from what the board says. */
  readonly registrars?: ReadonlyMap<number, string>;
  /** Nothing more is waited for: what a registrar does not hand over becomes a finding. */
  readonly final?: boolean;
  readonly progress?: (done: number, of: number) => void;
}

export interface AuditOutcome {
  /** The report without signatures, as it is exchanged and signed. */
  readonly unsigned: Uint8Array;
  readonly sample: readonly number[];
  readonly findings: readonly Finding[];
  /** Auditors, from 1, that withheld their value. */
  readonly withheld: readonly number[];
}

export class AuditorAgent {
  readonly follower: RecordFollower;
  /** From 1. */
  readonly index: number;
  readonly #folder: AuditorFolder;
  readonly #keys: AuditorKeys;

  private constructor(follower: RecordFollower, folder: AuditorFolder, keys: AuditorKeys, index: number) {
    this.follower = follower;
    this.index = index;
    this.#folder = folder;
    this.#keys = keys;
  }

  /** Reads the record so far; the definition must name this folder's key, its value's hash and V. */
  static async open(options: AuditorOptions): Promise<Result<AuditorAgent, AuditorTrouble>> {
    const keys = options.folder.keys();
    if (!keys.ok) return keys;
    const follower = await RecordFollower.open(options);
    if (!follower.ok) return follower;
    const { definition, election } = follower.value;
    const { key, commitment, evidenceKey } = publicPart(keys.value);
    const index = definition.auditors.findIndex((it) => equalBytes(it.key, key)) + 1;
    const named = definition.auditors[index - 1];
    if (named === undefined)
      return fault("not-an-auditor", "the definition does not name this folder's key as an auditor's");
    if (!equalBytes(named.commitment, commitment))
      return fault("value", "the definition holds another commitment than that of this folder's value");
    if (definition.evidenceKey === null || !equalBytes(definition.evidenceKey, evidenceKey))
      return fault("value", "the definition holds another evidence key than this folder");
    const pinned = options.folder.pin(election, index);
    return pinned.ok ? ok(new AuditorAgent(follower.value, options.folder, keys.value, index)) : pinned;
  }

  /** Whether the record holds a report of this auditor. */
  get reported(): boolean {
    return this.follower.state.audits.some(({ message }) => (message.values[this.index - 1] ?? null) !== null);
  }

  /** This auditor's value: only once a witnessed checkpoint covers the count. */
  async reveal(): Promise<Result<Uint8Array, AuditorTrouble>> {
    const counted = await this.#counted();
    return counted.ok ? ok(this.#keys.value.reveal()) : counted;
  }

  /** Draws, opens and checks; keeps the report in the folder. */
  async audit(work: AuditWork): Promise<Result<AuditOutcome, AuditorTrouble>> {
    const counted = await this.#counted();
    if (!counted.ok) return counted;
    const checked = this.#checkValues(work.values);
    if (!checked.ok) return checked;
    const setting = await this.#setting(work.roll);
    if (!setting.ok) return setting;
    const { definition } = this.follower;
    const { count, passesFrozen } = counted.value;
    const revealed = work.values.filter((value) => value !== null);
    const sample = auditDraw(count, revealed, passesFrozen, definition.auditSample);
    const findings = await this.#examine(setting.value, sample, passesFrozen, work);
    if (!findings.ok) return findings;
    const unsigned = encodeReport({ values: work.values, sample, findings: findings.value });
    this.#folder.keepReport(unsigned);
    const withheld = work.values.flatMap((value, i) => (value === null ? [i + 1] : []));
    return ok({ unsigned, sample, findings: findings.value, withheld });
  }

  /** The report of this auditor's last audit, without signatures. */
  ownReport(): Result<Uint8Array, AuditorFault> {
    const own = this.#folder.report();
    return own === null ? fault("too-early", "there is no audit of this auditor's own yet") : ok(own);
  }

  /** Signs a report that says what this auditor's own audit found, and for one draw only. */
  async sign(unsigned: Uint8Array): Promise<Result<Uint8Array, AuditorTrouble>> {
    const counted = await this.#counted();
    if (!counted.ok) return counted;
    const own = this.ownReport();
    if (!own.ok) return own;
    if (!equalBytes(own.value, unsigned)) return fault("differs", "this auditor's own audit led to another report");
    const pinned = this.#folder.pinReport(counted.value.count, unsigned);
    return pinned.ok ? ok(signReport(this.follower.election, unsigned, this.#keys.signing)) : pinned;
  }

  async #counted(): Promise<Result<{ count: Uint8Array; passesFrozen: number }, AuditorTrouble>> {
    const advanced = await this.follower.advance();
    if (!advanced.ok) return advanced;
    const { count, passesFrozen } = this.follower.state;
    return count === null || passesFrozen === null
      ? fault("too-early", "the record does not show the count yet")
      : ok({ count: count.leafHash, passesFrozen });
  }

  #checkValues(values: AuditWork["values"]): Result<null, AuditorFault> {
    const { auditors } = this.follower.definition;
    if (values.length !== auditors.length) return fault("value", `${auditors.length} values, or null, are needed`);
    if (values[this.index - 1] === null) return fault("value", "an auditor does not leave out its own value");
    const wrong = auditors.findIndex(({ commitment }, i) => {
      const value = values[i] ?? null;
      return value !== null && !equalBytes(auditCommitment(value), commitment);
    });
    return wrong < 0 ? ok(null) : fault("value", `the value of auditor ${wrong + 1} is not the one it committed to`);
  }

  async #setting(rollFolder: string): Promise<Result<AuditSetting, AuditorTrouble>> {
    const { definition, election, state } = this.follower;
    const policyBytes = await this.follower.document(definition.policy);
    if (!policyBytes.ok) return policyBytes;
    const trustBytes = await this.follower.document(definition.trust);
    if (!trustBytes.ok) return trustBytes;
    const document = decodePolicyDocument(policyBytes.value);
    const policy = document.ok ? Policy.compile(document.value, definition.classes) : null;
    if (!policy?.ok) return trouble("form-invalid", "the policy of the definition does not compile");
    const trust = decodeTrustSnapshot(trustBytes.value);
    if (!trust.ok) return trouble("form-invalid", `trust snapshot: ${trust.error}`);
    const roll = readRoll(rollFolder, trust.value);
    if (!roll.ok) return fault("roll", `the roll in ${rollFolder}: ${roll.error.detail}`);
    return ok({
      election,
      definition,
      registrars: auditedRegistrars(state),
      roll: roll.value,
      policy: policy.value,
      evidence: this.#keys.evidence,
    });
  }

  async #examine(
    setting: AuditSetting,
    sample: readonly number[],
    frozen: number,
    work: AuditWork,
  ): Promise<Result<readonly Finding[], AuditorTrouble>> {
    const { around, server } = this.follower;
    const overview = await readOverview(around, server);
    if (!overview.ok) return overview;
    const clients = new Map(
      setting.registrars.map(({ index }) => {
        const said = overview.value.registrars.find((it) => it.index === index)?.url ?? "";
        return [index, new EvidenceClient(around, work.registrars?.get(index) ?? said.replace(/\/*$/, "/"))];
      }),
    );
    const entries = await this.#entries(sample, frozen);
    if (!entries.ok) return entries;
    const found: Finding[] = [];
    const silent = new Set<number>();
    for (const [i, { index, pass }] of entries.value.entries()) {
      if (pass === null) {
        found.push(entryFinding(index, "entry"));
        continue;
      }
      for (const each of examineEntry(setting, pass)) found.push(entryFinding(index, each));
      const opened = await Promise.all(
        pass.endorsements.map(async (endorsement) => {
          const { registrar, evidence } = endorsement;
          const sealed = (await clients.get(registrar)?.evidence(evidence)) ?? ok(null);
          if (!sealed.ok) silent.add(registrar);
          return { registrar, faults: examineEndorsement(setting, pass, endorsement, sealed.ok ? sealed.value : null) };
        }),
      );
      for (const { registrar, faults } of opened)
        for (const each of faults) found.push(evidenceFinding(index, registrar, each));
      work.progress?.(i + 1, sample.length);
    }
    if (silent.size > 0 && work.final !== true)
      return fault("registrars-silent", `no answer from registrar ${[...silent].sort((a, b) => a - b).join(", ")}`);
    return ok(listFindings(found));
  }

  /** The drawn entries under a witnessed checkpoint of the pass log; null for one that does not decode. */
  async #entries(
    sample: readonly number[],
    frozen: number,
  ): Promise<Result<readonly { readonly index: number; readonly pass: PassEntry | null }[], Trouble>> {
    const { around, server, state } = this.follower;
    const { witnesses } = state;
    const log = state.passesKey.current;
    if (witnesses === null || log === null) throw new Error("the rulebook counted an election without witnesses");
    const policy = { log, witnesses: witnesses.witnesses, k: witnesses.quorum };
    const reader = new LogReader(around, `${server}/passes`, policy);
    const under = await reader.checkpoint();
    if (!under.ok) return under;
    const { size } = under.value.checkpoint;
    if (size < frozen) return trouble("unavailable", "the pass log is shorter than its last anchor says");
    const read: { index: number; pass: PassEntry | null }[] = [];
    let bundle = { at: -1, entries: [] as readonly Uint8Array[] };
    for (const index of sample) {
      const at = Math.floor(index / tileWidth);
      if (bundle.at !== at) {
        const entries = await reader.bundle(at, size);
        if (!entries.ok) return entries;
        bundle = { at, entries: entries.value };
      }
      const proved = await reader.prove(bundle.entries[index % tileWidth]!, index, under.value);
      if (!proved.ok) return proved;
      const { type, payload } = proved.value.entry;
      const decoded = type === EntryType.pass ? decodeRecord(passEntry, payload) : null;
      read.push({ index, pass: decoded?.ok ? decoded.value : null });
    }
    return ok(read);
  }
}

/** Posts the report once everybody who revealed a value has signed it; anybody may. */
export async function postReport(
  follower: RecordFollower,
  unsigned: Uint8Array,
  signatures: readonly (Uint8Array | null)[],
): Promise<Result<"sent" | "there", AuditorTrouble>> {
  const advanced = await follower.advance();
  if (!advanced.ok) return advanced;
  const there = follower.state.audits.some(({ message: { signatures: _, ...fields } }) =>
    equalBytes(encodeReport(fields), unsigned),
  );
  if (there) return ok("there");
  const entry = completeReport(follower.definition, follower.election, unsigned, signatures);
  if (!entry.ok) {
    const { error } = entry;
    if (typeof error === "string") return fault("differs", error);
    const say = (what: string, indices: readonly number[]) =>
      indices.length > 0 ? [`${what} ${indices.join(", ")}`] : [];
    const parts = [
      ...say("no signature of auditor", error.missing),
      ...say("a wrong signature of auditor", error.wrong),
    ];
    return fault(error.wrong.length > 0 ? "differs" : "incomplete", parts.join("; "));
  }
  const sent = await sendEntry(follower, entry.value);
  return sent.ok ? ok("sent") : sent;
}
