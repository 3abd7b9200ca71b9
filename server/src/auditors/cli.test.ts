/** The command as auditors run it, in this process: two auditors who carry files to each other. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bytesToHex, randomBytes } from "@hanpyo/crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { main } from "./cli.ts";
import { makeDemoAuditors } from "./demo.ts";
import { AuditWorld } from "./testing/audit-world.ts";

let said = "";
beforeAll(() => {
  const keep = (text: string | Uint8Array) => {
    said += String(text);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(keep);
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
});
afterEach(() => {
  said = "";
});
afterAll(() => vi.restoreAllMocks());

describe("npm run auditor", () => {
  let world: AuditWorld;
  let exchange: string;
  const dir = (index: number) => world.auditorFolders[index - 1]!.path;
  const as = (index: number, command: string, ...more: string[]) =>
    main([command, "--server", world.passes.url, "--dir", dir(index), "--values", exchange, ...more]);
  const audit = (index: number, ...more: string[]) => {
    const where = [...world.registrars].flatMap(([i, url]) => ["--registrar", `${i}=${url}`]);
    return as(index, "audit", "--roll", world.passes.rollFolder, ...where, ...more);
  };
  const post = () => main(["post", "--server", world.passes.url, "--values", exchange]);

  beforeAll(async () => {
    world = await AuditWorld.start({ voters: 2, sample: 2 });
    exchange = path.join(world.folder, "exchange");
    mkdirSync(exchange);
    for (const id of ["v0", "v1"]) await world.pass(id);
    await world.open();
    world.close();
  }, 400_000);
  afterEach(() => world.lies.clear());
  afterAll(async () => {
    await world?.stop();
  });

  it("makes keys readable by their owner alone, once, and prints what a definition says", async () => {
    const [a, b] = ["a", "b"].map((name) => path.join(world.folder, name));
    expect(await main(["keygen", "--dir", a!])).toBe(0);
    const first = JSON.parse(said);
    said = "";
    for (const file of ["signing.key", "value", "evidence.key"])
      expect(statSync(path.join(a!, file)).mode & 0o777, file).toBe(0o600);
    expect(await main(["keygen", "--dir", b!, "--evidence-key", path.join(a!, "evidence.key")])).toBe(0);
    const second = JSON.parse(said);
    said = "";
    expect(second.evidenceKey).toBe(first.evidenceKey);
    expect(second.commitment).not.toBe(first.commitment);
    expect(second.key).not.toBe(first.key);
    expect(await main(["keygen", "--dir", a!])).toBe(0);
    expect(JSON.parse(said)).toEqual(first);
    expect(said).not.toContain(readFileSync(path.join(a!, "value"), "utf8").trim());
    const third = path.join(world.folder, "c");
    expect(await main(["keygen", "--dir", third])).toBe(0);
    // Another V is not put over one that is there.
    expect(await main(["keygen", "--dir", third, "--evidence-key", path.join(a!, "evidence.key")])).toBe(3);
  });

  it("tells wrong usage from the rest", async () => {
    expect(await main([])).toBe(3);
    expect(await main(["help"])).toBe(0);
    expect(await main(["frobnicate", "--dir", "x"])).toBe(3);
    expect(await main(["reveal", "--dir", dir(1), "--values", exchange])).toBe(3);
    expect(await main(["audit", "--dir", dir(1), "--what"])).toBe(3);
    expect(await main(["reveal", "--server", world.passes.url, "--dir", "/nowhere", "--values", exchange])).toBe(3);
    expect(await audit(1, "--withheld", "3")).toBe(3);
    expect(await audit(1, "--registrar", "https://x.example")).toBe(3);
    expect(await post()).toBe(3);
  });

  it("reveals nothing before the count", async () => {
    expect(await as(1, "reveal")).toBe(2);
    expect(existsSync(path.join(exchange, "auditor-1.value"))).toBe(false);
    expect(said).not.toContain(bytesToHex(world.value(1)));
  });

  it("leads two auditors from their values to the report on the record", async () => {
    world.count();
    expect(await as(1, "reveal")).toBe(0);
    expect(await audit(1)).toBe(2);
    expect(said).toContain("no value of auditor 2");
    writeFileSync(path.join(exchange, "auditor-2.value"), `${bytesToHex(randomBytes(32))}\n`);
    expect(await audit(1)).toBe(1);
    expect(await as(2, "reveal")).toBe(0);
    expect(await as(1, "sign")).toBe(2);

    const lie = vi.fn((_hash: string, res: { writeHead(status: number): { end(bytes: Buffer): unknown } }) =>
      Boolean(res.writeHead(200).end(Buffer.from("other"))),
    );
    world.lies.set(2, lie);
    expect(await audit(2)).toBe(1);
    expect(lie).toHaveBeenCalled();
    expect(said).toContain("registrar 2: other bytes were given than those endorsed");
    world.lies.clear();
    expect(await audit(1)).toBe(0);
    expect(await as(1, "sign")).toBe(1);
    expect(said).toContain("the report of auditor 2 differs");
    expect(await post()).toBe(1);
    expect(await audit(2)).toBe(0);
    expect(await as(1, "sign")).toBe(0);
    expect(await post()).toBe(2);
    expect(said).toContain("no signature of auditor 2");
    expect(await as(2, "sign")).toBe(0);
    for (const secret of [readFileSync(path.join(dir(1), "evidence.key"), "utf8").trim(), "v0", "v1"])
      expect(said).not.toContain(secret);
    expect(await post()).toBe(0);
    expect(world.passes.memory.rulebook.state.audit?.message.sample).toEqual([0, 1]);
    said = "";
    expect(await post()).toBe(0);
    expect(said).toContain("it is on the record");
  }, 300_000);
});

describe("the auditors of a demonstration", () => {
  it("wait for the count and put their report on the record by themselves, also after a restart", async () => {
    const world = await AuditWorld.start({ voters: 1, sample: 5 });
    try {
      await world.pass("v0");
      await world.open();
      const lines: string[] = [];
      const { around, url, rollFolder, memory } = world.passes;
      const options = {
        around,
        server: url,
        folder: world.folder,
        count: 2,
        roll: rollFolder,
        registrars: () => world.registrars,
        say: (line: string) => void lines.push(line),
        onFatal: (error: unknown) => expect.fail(String(error)),
      };
      const auditors = makeDemoAuditors(options);
      const { definition } = memory.rulebook.state;
      expect(auditors.definition.evidenceKey).toEqual(definition!.evidenceKey);
      expect(auditors.definition.auditors.map(({ key }) => key)).toEqual(definition!.auditors.map(({ key }) => key));
      auditors.start();
      world.close();
      expect(auditors.stand).toBe("waiting");
      world.count();
      await expect.poll(() => auditors.stand, { timeout: 200_000 }).toBe("reported");
      await auditors.stop();
      expect(memory.rulebook.state.audit?.message).toMatchObject({ sample: [0], findings: [] });
      expect(lines).toEqual(["opened 1 passes: 0 findings", "the report is on the record"]);
      const again = makeDemoAuditors(options);
      again.start();
      await expect.poll(() => again.stand, { timeout: 60_000 }).toBe("reported");
      await again.stop();
      expect(lines).toHaveLength(2);
    } finally {
      await world.stop();
    }
  }, 400_000);

  it("that are none say so", () => {
    const none = makeDemoAuditors({
      around: undefined as never,
      server: "",
      folder: "/nowhere",
      count: 0,
      roll: "",
      onFatal: () => undefined,
    });
    expect(none.definition).toEqual({ auditors: [], evidenceKey: null });
  });
});
