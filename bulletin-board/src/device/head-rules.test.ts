/** A device's part of the rulebook against the whole one, over the kit's election: it has a complaint, a restart and an ES256 passkey. */
import { bytesToHex, unwrap } from "@hanpyo/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeEntry } from "../log/index.ts";
import { BareRulebook } from "../record/bare-rulebook.ts";
import type { DefinitionBody } from "../record/definition.ts";
import { EntryType } from "../record/entry-types.ts";
import { Judge, type Refusal } from "../record/judge.ts";
import type { RecordEntry, RuleInputs } from "../record/rule.ts";
import { Rulebook } from "../record/rulebook.ts";
import { setupRules } from "../record/rules/setup.ts";
import { initialState } from "../record/state.ts";
import { honestElection } from "../testing/kit/honest.ts";
import type { Run } from "../testing/kit/run.ts";
import { MemoryBallotView } from "../verify/memory-ballot-view.ts";
import { headRules } from "./head-rules.ts";
import type { ProvedEntry } from "./log-reader.ts";

let run: Run;
let all: readonly ProvedEntry[];
let head: readonly ProvedEntry[];
let body: DefinitionBody;
let inputs: RuleInputs;
beforeAll(async () => {
  ({ run } = await honestElection());
  all = run.record.entries.map((bytes, i) => ({ entry: unwrap(decodeEntry(bytes)), leaf: run.record.leaves[i]! }));
  head = all.slice(0, all.findIndex(({ entry }) => entry.type === EntryType.open) + 1);
  body = run.state.definition!;
  inputs = {
    ballots: new MemoryBallotView(),
    recordRoot: (size) => run.record.root(size),
    passesRoot: () => undefined,
    document: (hash) => run.documents.get(bytesToHex(hash)),
    passesPerClass: () => undefined,
    classSums: () => undefined,
    countedBitmap: () => undefined,
  };
});

const asRuled = ({ entry, leaf }: ProvedEntry, payload = entry.payload): RecordEntry => ({
  index: entry.index,
  type: entry.type,
  payload,
  leafHash: leaf,
});
const deviceBook = async (entries = head) => {
  const { table, tools } = unwrap(await headRules(body, entries));
  return new BareRulebook(initialState(body.origin), table, tools);
};
const refusals = (book: BareRulebook, entry: RecordEntry): readonly Refusal[] => {
  const judge = new Judge();
  book.judge(entry, inputs, judge);
  return judge.refusals;
};

describe("the rules for the head of a record", () => {
  it("come to the state of the whole rulebook, and refuse what it refuses", async () => {
    const whole = new Rulebook(body.origin);
    const device = await deviceBook();
    const seen = new Set<number>();
    for (const each of head) {
      const cut = each.entry.payload.slice(0, -1);
      const changed = each.entry.payload.map((byte, i, { length }) => (i === length - 1 ? byte ^ 1 : byte));
      for (const payload of [each.entry.payload, cut, changed]) {
        const refused = refusals(device, asRuled(each, payload));
        expect(refused).toEqual(refusals(whole, asRuled(each, payload)));
        expect(refused.length === 0).toBe(payload === each.entry.payload);
      }
      for (const book of [whole, device]) book.judge(asRuled(each), inputs, new Judge()).apply();
      seen.add(each.entry.type);
    }
    for (const type of ["definition", "complaint", "restart", "drill", "anchor", "open"] as const)
      expect(seen).toContain(EntryType[type]);
    expect(device.state).toEqual(whole.state);
    expect(device.state.phase).toBe("open");
  });

  it("refuse before the opening every entry that only the whole rulebook has a rule for, as it does", async () => {
    const whole = new Rulebook(body.origin);
    const device = await deviceBook();
    for (const book of [whole, device])
      for (const each of head.slice(0, -1)) book.judge(asRuled(each), inputs, new Judge()).apply();
    const known = setupRules();
    const others = all.filter(({ entry }) => !known.has(entry.type) && entry.type !== EntryType.complaint);
    const types = [...new Set(others.map(({ entry }) => entry.type))].sort((a, b) => a - b);
    const { ballot, auditReport, close, count, encryptedTally, share, result } = EntryType;
    expect(types).toEqual([ballot, auditReport, close, count, encryptedTally, share, result]);
    for (const each of others) {
      expect(refusals(device, asRuled(each))).not.toEqual([]);
      expect(refusals(whole, asRuled(each))).not.toEqual([]);
    }
  });

  it("do not pass over a complaint or a passkey that was not asked for", async () => {
    const complaint = head.find(({ entry }) => entry.type === EntryType.complaint)!;
    const without = await deviceBook(head.filter(({ entry }) => entry.type !== EntryType.complaint));
    for (const each of head.slice(0, complaint.entry.index)) without.judge(asRuled(each), inputs, new Judge()).apply();
    expect(refusals(without, asRuled(complaint))).not.toEqual([]);

    const { table, tools } = unwrap(
      await headRules({ ...body, officials: body.officials.filter(({ passkey }) => !passkey) }, head),
    );
    const blind = new BareRulebook(initialState(body.origin), table, tools);
    expect(() => refusals(blind, asRuled(head[0]!))).toThrow("ES256");
  });
});
