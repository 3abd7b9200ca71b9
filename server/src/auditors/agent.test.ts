import { readFileSync } from "node:fs";
import path from "node:path";
import { EntryType, nobleSigner, signAuditReport } from "@hanpyo/bulletin-board";
import { auditDraw, bytesToHex, equalBytes, hexToBytes, ok, randomBytes, unwrap } from "@hanpyo/crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeRoll } from "../eligibility/make-roll.ts";
import { writeRoll } from "../eligibility/roll-folder.ts";
import { writeDurably } from "../trustees/files.ts";
import { AuditorAgent, type AuditWork, postReport } from "./agent.ts";
import { AuditorFolder } from "./keys.ts";
import { decodeReport, encodeReport } from "./report.ts";
import { AuditWorld } from "./testing/audit-world.ts";

const voters = 6;
const read = (file: string) => readFileSync(file, "utf8");
const codeOf = (result: { ok: boolean; error?: { code: string } }) => (result.ok ? "ok" : result.error!.code);

describe("auditors", () => {
  let world: AuditWorld;
  const endorsers = (entry: number): number[] =>
    world.passes.log.passes[entry]!.endorsements.map(({ registrar }) => registrar);
  let one: AuditorAgent;
  let two: AuditorAgent;
  const work = (more: Partial<AuditWork> = {}): AuditWork => ({
    values: [world.value(1), world.value(2)],
    roll: world.passes.rollFolder,
    registrars: world.registrars,
    ...more,
  });
  const ask = async (registrar: number, hash: string) => {
    const answer = await fetch(`${world.registrars.get(registrar)}evidence/${hash}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return {
      status: answer.status,
      bytes,
      code: answer.status === 200 ? null : JSON.parse(Buffer.from(bytes).toString()).code,
    };
  };

  const before: { phase: string; status: number; code: string | null; early: string[] }[] = [];
  beforeAll(async () => {
    world = await AuditWorld.start({ voters, sample: 4 });
    for (let i = 0; i < voters; i++) await world.pass(`v${i}`);
    const look = async (phase: string) => {
      const { status, code } = await ask(1, world.evidenceOf(0, 1));
      const agent = await world.auditor(1);
      const early = [
        codeOf(await agent.reveal()),
        codeOf(await agent.audit(work())),
        codeOf(await agent.sign(new Uint8Array(9))),
      ];
      before.push({ phase, status, code, early });
    };
    await look("before the opening");
    await world.open();
    await look("open");
    world.close();
    await look("closed");
    world.count();
    one = await world.auditor(1);
    two = await world.auditor(2);
  }, 400_000);
  afterEach(() => world.lies.clear());
  afterAll(async () => {
    await world?.stop();
  });

  it("get no evidence, and reveal, audit and sign nothing, before the record shows the count", () => {
    const early = ["too-early", "too-early", "too-early"];
    const refused = { status: 403, code: "out-of-order", early };
    expect(before).toEqual(["before the opening", "open", "closed"].map((phase) => ({ phase, ...refused })));
  });

  it("get the sealed bytes after the count, by the hash that was endorsed, and nothing under another", async () => {
    const hash = world.evidenceOf(0, 1);
    await expect.poll(async () => (await ask(1, hash)).status, { timeout: 60_000 }).toBe(200);
    const { bytes } = await ask(1, hash);
    expect(bytesToHex(sha256(bytes))).toBe(hash);
    expect(await ask(1, bytesToHex(randomBytes(32)))).toMatchObject({ status: 404, code: "document-missing" });
    expect((await ask(1, `${hash}00`)).status).toBe(400);
    for (const line of world.passes.logLines) expect(line).not.toContain(hash);
  });

  it("draw the same sample, find nothing wrong with honest registrars and write the same report", async () => {
    expect(equalBytes(unwrap(await one.reveal()), world.value(1))).toBe(true);
    const start = performance.now();
    const first = unwrap(await one.audit(work()));
    console.log(`audit of 4 entries: ${Math.round(performance.now() - start)} ms`);
    expect(first.findings).toEqual([]);
    expect(first.withheld).toEqual([]);
    expect(first.sample).toHaveLength(4);
    const second = unwrap(await two.audit(work()));
    expect(second.unsigned).toEqual(first.unsigned);
    const { count } = one.follower.state;
    expect(first.sample).toEqual(auditDraw(count!.leafHash, [world.value(1), world.value(2)], voters, 4));
  });

  it("leave a withheld value out of the draw and name who withheld it", async () => {
    const found = unwrap(await one.audit(work({ values: [world.value(1), null] })));
    const { count } = one.follower.state;
    expect(found.withheld).toEqual([2]);
    expect(found.sample).toEqual(auditDraw(count!.leafHash, [world.value(1)], voters, 4));
    expect(unwrap(decodeReport(found.unsigned)).values[1]).toBeNull();
  });

  it("refuse a value that is not the committed one, leaving out their own, and another roll", async () => {
    expect(codeOf(await one.audit(work({ values: [world.value(1), randomBytes(32)] })))).toBe("value");
    expect(codeOf(await one.audit(work({ values: [null, world.value(2)] })))).toBe("value");
    expect(codeOf(await one.audit(work({ values: [world.value(1)] })))).toBe("value");
    const columns = ["id", "class", "age", "shares"];
    const list = { columns, rows: [["v0", "0", "30", "1"]] };
    const made = await makeRoll(list, { authority: { name: "Office", key: nobleSigner(randomBytes(32)) } });
    const other = path.join(world.folder, "other-roll");
    writeRoll(other, made);
    expect(codeOf(await one.audit(work({ roll: other })))).toBe("roll");
  });

  it("name the registrar that has no evidence or gives other bytes", async () => {
    const { sample } = unwrap(await one.audit(work()));
    // Any three of the four registrars endorse: take one of those that did.
    const [silent, lying] = [endorsers(sample[0]!)[0]!, endorsers(sample[1]!).at(-1)!];
    const missing = JSON.stringify({ code: "document-missing", part: null });
    const [hidden, changed] = [world.evidenceOf(sample[0]!, silent), world.evidenceOf(sample[1]!, lying)];
    world.lies.set(silent, (hash, res) => (hash === hidden ? !!res.writeHead(404).end(missing) : false));
    world.lies.set(lying, (hash, res) =>
      hash === changed ? !!res.writeHead(200).end(Buffer.from(randomBytes(900))) : false,
    );
    expect(unwrap(await one.audit(work())).findings).toEqual([
      { entry: sample[0], text: `registrar ${silent}: no evidence was given for its endorsement` },
      { entry: sample[1], text: `registrar ${lying}: other bytes were given than those endorsed` },
    ]);
  });

  it("wait for a registrar that does not answer until they are told to go on, and name it then", async () => {
    const { sample } = unwrap(await one.audit(work()));
    const lost = endorsers(sample[0]!)[0]!;
    world.lies.set(lost, (_hash, res) => !!res.destroy());
    const silent = await one.audit(work());
    expect(silent).toMatchObject({
      ok: false,
      error: { code: "registrars-silent", detail: `no answer from registrar ${lost}` },
    });
    const { findings } = unwrap(await one.audit(work({ final: true })));
    const endorsed = sample.filter((entry) => endorsers(entry).includes(lost));
    const text = `registrar ${lost}: no evidence was given for its endorsement`;
    expect(findings).toEqual(endorsed.map((entry) => ({ entry, text })));
  });

  it("are refused by the rulebook with a sample that was not drawn or a signature that is missing", async () => {
    const { follower } = one;
    const { unsigned } = unwrap(await one.audit(work()));
    const report = unwrap(decodeReport(unsigned));
    const signers = world.auditorFolders.map((folder) => unwrap(folder.keys()).signing);
    const others = [0, 1, 2, 3, 4, 5].filter((entry) => !report.sample.includes(entry));
    const { memory } = world.passes;
    const refusalOf = (fields: typeof report, by: Parameters<typeof signAuditReport>[2] = signers) => {
      const entry = signAuditReport(follower.election, fields, by);
      const done = memory.append(EntryType.auditReport, entry.payload);
      return done.ok ? null : `${done.error.part} ${done.error.code} ${done.error.detail}`;
    };
    const wrong = "18g audit-invalid the sample is not the one drawn";
    expect(refusalOf({ ...report, sample: others })).toBe(wrong);
    expect(refusalOf({ ...report, sample: report.sample.slice(1) })).toBe(wrong);
    // With a value withheld another sample is due; of six passes it may by chance be the same one.
    const { count } = memory.rulebook.state;
    const due = auditDraw(count!.leafHash, [world.value(1)], voters, 4);
    const notDue = due.join() === report.sample.join() ? others : report.sample;
    const withheld = { ...report, values: [world.value(1), null], sample: notDue };
    expect(refusalOf(withheld, [signers[0]!, null])).toBe(wrong);
    expect(refusalOf(report, [signers[0]!, null])).toContain("value and signature go together");
    expect(refusalOf(report, [signers[0]!, nobleSigner(randomBytes(32))])).toContain("the signature does not hold");
  });

  it("sign only their own report, for one draw, and post it once all have signed", async () => {
    const { unsigned } = unwrap(await one.audit(work()));
    const { follower } = one;
    // The other auditor has other findings, as it were: it does not sign what it did not find.
    const report = unwrap(decodeReport(unsigned));
    const invented = encodeReport({ ...report, findings: [{ entry: report.sample[0]!, text: "something" }] });
    expect(codeOf(await two.sign(invented))).toBe("differs");
    unwrap(await two.audit(work()));
    const first = unwrap(await one.sign(unsigned));
    expect(await postReport(follower, unsigned, [first, null])).toMatchObject({
      error: { code: "incomplete", detail: "no signature of auditor 2" },
    });
    expect(codeOf(await postReport(follower, unsigned, [first, first]))).toBe("differs");
    // A signed draw is the only one for ever.
    const alone = unwrap(await one.audit(work({ values: [world.value(1), null] })));
    expect(codeOf(await one.sign(alone.unsigned))).toBe("other-election");
    const second = unwrap(await two.sign(unsigned));
    expect(one.reported).toBe(false);
    expect(await postReport(follower, unsigned, [first, second])).toEqual(ok("sent"));
    expect(await postReport(follower, unsigned, [first, second])).toEqual(ok("there"));
    const { audit } = world.passes.memory.rulebook.state;
    expect(audit?.message.sample).toEqual(report.sample);
    expect(audit?.message.findings).toEqual([]);
  });

  it("open with their own folder only", async () => {
    const folder = new AuditorFolder(`${world.folder}/stranger`);
    unwrap(folder.create());
    const { around } = world.passes;
    const opened = await AuditorAgent.open({ around, server: world.passes.url, folder });
    expect(codeOf(opened)).toBe("not-an-auditor");
    const mine = world.auditorFolders[0]!;
    const copy = (name: string, change: { value?: string; evidence?: string }) => {
      const { signing: _, ...keys } = unwrap(mine.keys());
      const target = `${world.folder}/${name}`;
      writeDurably(`${target}/signing.key`, read(`${mine.path}/signing.key`));
      writeDurably(`${target}/value`, change.value ?? bytesToHex(keys.value.reveal()));
      writeDurably(`${target}/evidence.key`, change.evidence ?? read(mine.evidenceFile));
      return AuditorAgent.open({ around, server: world.passes.url, folder: new AuditorFolder(target) });
    };
    expect(codeOf(await copy("same", {}))).toBe("ok");
    expect(codeOf(await copy("value", { value: bytesToHex(hexToBytes("07".repeat(32))) }))).toBe("value");
    expect(codeOf(await copy("key", { evidence: `05${"00".repeat(31)}` }))).toBe("value");
    expect(codeOf(await copy("zero", { evidence: "00".repeat(32) }))).toBe("damaged");
  });
});
