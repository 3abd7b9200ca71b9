/** What a bench measured, with what it was measured on. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { repository } from "../processes.ts";

export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Hardware, date and versions of what the figures depend on. */
export function machine(): Machine {
  const [first] = cpus();
  const versions = ["@noble/curves", "@noble/hashes", "fastify", "pg"].map((name) => {
    const file = path.join(repository, "node_modules", name, "package.json");
    return [name, (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version] as const;
  });
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: first?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    commit: commit(),
    versions: Object.fromEntries(versions),
  };
}

function commit(): string {
  try {
    return execFileSync("git", ["-C", repository, "rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown"; // a copy without its history still has figures
  }
}

/** Milliseconds at a share of sorted samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
