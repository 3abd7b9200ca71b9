import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Embedded, startEmbedded } from "./embedded.ts";
import { openPool } from "./pool.ts";

let folder: string;
let data: string;
const running: Embedded[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "hanpyo-test-"));
  chmodSync(folder, 0o755);
  data = path.join(folder, "data");
});
afterEach(async () => {
  for (const embedded of running.splice(0)) {
    await embedded.stop();
    rmSync(String(embedded.pool.host), { recursive: true, force: true }); // the socket's folder
  }
  rmSync(folder, { recursive: true });
});
const start = async (settings: Record<string, string> = { fsync: "off" }): Promise<Embedded> => {
  const embedded = await startEmbedded(data, { settings });
  running.push(embedded);
  return embedded;
};
const query = async (embedded: Embedded, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client(embedded.pool);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
};

describe("embedded Postgres", () => {
  it("listens on a private socket only, keeps what people send out of its log, and keeps data over a restart", async () => {
    const first = await start({});
    expect(await query(first, "show listen_addresses")).toEqual([{ listen_addresses: "" }]);
    expect(await query(first, "show fsync")).toEqual([{ fsync: "on" }]);
    expect(await query(first, "show max_wal_size")).toEqual([{ max_wal_size: "256MB" }]);
    const socket = String(first.pool.host);
    expect(statSync(socket).mode & 0o777).toBe(0o700);
    await query(first, "create table t as select 'private choice' as x; create unique index on t (x)");
    await expect(query(first, "insert into t values ('private choice')")).rejects.toMatchObject({ code: "23505" });
    await expect(query(first, "select 'private choice'::int")).rejects.toThrow();
    const logs = readdirSync(socket, { withFileTypes: true }).filter((it) => it.isFile() && it.name.endsWith(".log"));
    expect(logs.length).toBe(1);
    expect(readFileSync(path.join(socket, logs[0]!.name), "utf8")).not.toContain("private choice");
    await first.stop();
    const again = await start({});
    expect(again.adopted).toBe(false);
    expect(await query(again, "select * from t")).toEqual([{ x: "private choice" }]);
  });

  it("is adopted when it runs already, and two starts at once share one server", async () => {
    const [a, b] = await Promise.all([start(), start()]);
    expect(a.pid()).toBe(b.pid());
    const c = await start();
    expect([c.adopted, c.pid()]).toEqual([true, a.pid()]);
    expect(await query(c, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("starts again after kill -9 of the postmaster, and a pool lives through it", async () => {
    const first = await start();
    const lost: Error[] = [];
    const pool = openPool(first.pool, (error) => lost.push(error));
    await pool.query("create table t as select 1 as x");
    const held = await pool.connect();
    process.kill(first.pid(), "SIGKILL");
    const again = await start();
    await expect(held.query("select 1")).rejects.toThrow();
    held.release(true);
    expect((await pool.query("select x from t")).rows).toEqual([{ x: 1 }]);
    expect(lost.length).toBeGreaterThan(0);
    await pool.end();
    expect(again.adopted).toBe(false);
  });

  it("refuses a data folder that others can open", async () => {
    mkdirSync(data);
    chmodSync(data, 0o755);
    if (process.getuid?.() === 0) chownSync(data, 65534, 65534);
    await expect(start()).rejects.toThrow("nobody else can open");
  });

  it("says what Postgres said when a setting is wrong", async () => {
    await expect(start({ nonsense_setting: "1" })).rejects.toThrow("nonsense_setting");
  });
});
