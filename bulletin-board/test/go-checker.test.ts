import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodeVkey } from "../src/log/index.ts";
import { EntryStore, type Submission } from "../src/store/entry-store.ts";
import { Integrator } from "../src/store/integrator.ts";
import { migrate } from "../src/store/migrate.ts";
import { FolderObjectStore } from "../src/store/object-store.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { HandClock, parties, temporaryFolder } from "./parties.ts";

const origin = "go.example/1";
const batchOf = (from: number, to: number): Submission[] =>
  Array.from({ length: to - from }, (_, i) => {
    const payload = new TextEncoder().encode(`entry ${from + i}`.repeat(1 + (i % 5)));
    return { type: 1, payload, submission: new Uint8Array(createHash("sha256").update(payload).digest()) };
  });

let database: TestDatabase;
const { folder, remove } = temporaryFolder();
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.stop();
  remove();
});

it("the Go team's note and tlog packages accept our checkpoints, tiles and bundles, and refuse changed ones", {
  timeout: 300_000,
}, async (context) => {
  const checker = path.join(folder, "go-checker");
  const build = spawnSync("go", ["build", "-o", checker, "."], {
    cwd: path.join(import.meta.dirname, "go-checker"),
    encoding: "utf8",
    timeout: 200_000,
  });
  if (build.status !== 0) {
    const why = `Go could not build the checker: ${build.error?.message ?? build.stderr}`;
    console.warn(`skipped: ${why}`);
    return context.skip(why);
  }
  const { pool } = await database.create();
  await migrate(pool);
  const store = await EntryStore.open(pool, origin);
  const clock = new HandClock();
  const around = await parties(folder, origin, clock);
  const objects = new FolderObjectStore(path.join(folder, "log"));
  const integrator = await Integrator.open({
    store,
    objects,
    signer: around.signer,
    policy: around.policy,
    witnesses: around.ports,
    clock,
  });
  const check = (notes: readonly string[]) =>
    spawnSync(checker, [objects.root, encodeVkey(around.signer.key), ...notes], { encoding: "utf8" });
  const notes: string[] = [];
  let size = 0;
  for (const next of [1, 2, 255, 256, 257, 511, 512, 513, 65_537]) {
    for (; size < next; size = Math.min(next, size + 8_192))
      await store.append(batchOf(size, Math.min(next, size + 8_192)));
    const now = (await integrator.run())!;
    const { status, stdout, stderr } = check(notes);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`size ${next}, `);
    expect(stdout).toContain(`${notes.length} consistency proofs`);
    const file = path.join(folder, `note-${next}`);
    writeFileSync(file, now.note);
    notes.push(file);
  }
  for (const name of ["tile/0/003", "tile/entries/017", "tile/entries/256.p/1", "checkpoint"]) {
    const good = (await objects.get(name))!;
    const bad = Uint8Array.from(good);
    bad[45]! ^= 1;
    await objects.put({ path: name, bytes: bad });
    expect([name, check([]).status]).toEqual([name, 1]);
    await objects.put({ path: name, bytes: good });
  }
  expect(check(notes).status).toBe(0);
  expect(execFileSync(checker, [objects.root, encodeVkey(around.signer.key)], { encoding: "utf8" })).toContain("65537");
});
