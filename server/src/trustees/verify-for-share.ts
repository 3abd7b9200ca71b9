/** What a trustee verifies before it decrypts: checks 1 to 20, 18 without its audit, over the record as a server has it now. */
import {
  httpSource,
  type Report,
  type Surroundings,
  type Trouble,
  UnreadableSource,
  verifyElection,
} from "@hanpyo/bulletin-board";
import { nodePlatform } from "@hanpyo/bulletin-board/node";
import { err, ok, type Result } from "@hanpyo/crypto";
import type { TallyVerification } from "./agent.ts";

/** Thrown inside this file to carry a server's silence through the verifier. */
class Unavailable extends Error {}

const reading = {
  method: "GET",
  headers: {},
  credentials: "omit",
  referrerPolicy: "no-referrer",
  redirect: "error",
} as const;

async function get(around: Surroundings, url: string): Promise<Uint8Array | undefined> {
  let answer: Awaited<ReturnType<Surroundings["fetch"]>>;
  try {
    answer = await around.fetch(url, { ...reading, cache: "no-store", timeout: 60_000 });
  } catch (error) {
    throw new Unavailable(`${url}: ${error instanceof Error ? error.message : "no answer"}`);
  }
  if (answer.status === 404 || answer.status === 410) return undefined;
  if (answer.status !== 200 || answer.body === null) throw new Unavailable(`${url}: status ${answer.status}`);
  const parts: Uint8Array[] = [];
  const reader = answer.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) if (part.value) parts.push(part.value);
  return new Uint8Array(Buffer.concat(parts));
}

export async function verifyForShare(
  server: string,
  around: Surroundings,
): Promise<Result<TallyVerification, Trouble>> {
  const source = httpSource(server, (url) => get(around, url));
  try {
    const checkpoint = await source.record.checkpoint();
    const report = await verifyElection(source, { platform: nodePlatform(), checkpoint });
    return ok({ ...judgeReport(report), size: report.size, checkpoint });
  } catch (error) {
    if (error instanceof Unavailable) return err({ code: "unavailable", detail: error.message });
    if (error instanceof UnreadableSource) return err({ code: "form-invalid", detail: error.message });
    throw error;
  }
}

/** Not asked in a record that is about to be opened: older checkpoints may be. */
const mayBeOpen: ReadonlySet<string> = new Set(["2c"]);
/** The audit may come later, and what it finds is for people to act on: it never blocks the tally. */
const notTrustees: ReadonlySet<string> = new Set(["18g"]);

/** Whether checks 1–20 hold, and a line for each. */
export function judgeReport(report: Pick<Report, "checks">): {
  readonly ok: boolean;
  readonly lines: readonly string[];
} {
  const lines: string[] = [];
  let allHeld = true;
  for (const check of report.checks.filter(({ number }) => number <= 20)) {
    const bad = check.parts.filter(
      ({ part, verdict }) =>
        !notTrustees.has(part) && (verdict === "failed" || (verdict === "not-asked" && !mayBeOpen.has(part))),
    );
    allHeld &&= bad.length === 0;
    const held = check.parts.reduce((sum, part) => sum + part.held, 0);
    lines.push(
      `${String(check.number).padStart(2)} ${check.title}: ${bad.length === 0 ? `held (${held})` : "NOT HELD"}`,
    );
    for (const { part, why, failures } of bad)
      lines.push(`   ${part}: ${why ?? failures.map(({ entry, detail }) => `entry ${entry}: ${detail}`).join("; ")}`);
  }
  return { ok: allHeld, lines };
}
