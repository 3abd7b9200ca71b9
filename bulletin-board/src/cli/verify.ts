/** `npm run verify -- DIR-or-URL [--json] [--receipt FILE]…`: the numbered checks, for people or programs. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { UnreadableSource, verifyElection } from "../verify/index.ts";
import { nodePlatform } from "./node-platform.ts";
import { TerminalProgress } from "./progress.ts";
import { reportText } from "./report-text.ts";
import { openSource } from "./sources.ts";

const usage = `usage: npm run verify -- DIR-or-URL [--election E] [--json] [--quiet] [--receipt FILE]... [--acknowledgement FILE]... [--refusal FILE]...

Verifies an election from an exported bundle (a folder) or a running server, trusting neither.

  --election E       64 hex digits from a polling notice: any other election is unreadable
  --json             the report as JSON on standard output
  --quiet            no progress on standard error
  --receipt FILE     hold this receipt against the record too (check 25a); also --acknowledgement, --refusal

exit code  0 verified · 1 a check failed · 2 nothing failed but something was not asked (an open election too)
           3 unreadable, or wrong usage
`;

async function main(): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 3;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [where, ...more] = positionals;
  if (where === undefined || more.length > 0) {
    process.stderr.write(usage);
    return 3;
  }
  const progress = new TerminalProgress(process.stderr, values.quiet || values.json);
  try {
    const opened = await openSource(where);
    const papers = {
      receipts: [...opened.papers.receipts, ...(await files(values.receipt))],
      acknowledgements: [...opened.papers.acknowledgements, ...(await files(values.acknowledgement))],
      refusals: [...opened.papers.refusals, ...(await files(values.refusal))],
    };
    const report = await verifyElection(opened.source, {
      platform: nodePlatform(),
      papers,
      ...(values.election === undefined ? {} : { election: values.election.toLowerCase() }),
      ...(opened.client ? { client: opened.client } : {}),
      onProgress: (at) => progress.show(at),
    });
    progress.end();
    process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
    return report.exitCode;
  } catch (error) {
    progress.end();
    if (!(error instanceof UnreadableSource)) throw error;
    process.stderr.write(`unreadable: ${error.message}\n`);
    return 3;
  }
}

const parse = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      quiet: { type: "boolean", default: false },
      election: { type: "string" },
      help: { type: "boolean", default: false },
      receipt: { type: "string", multiple: true, default: [] },
      acknowledgement: { type: "string", multiple: true, default: [] },
      refusal: { type: "string", multiple: true, default: [] },
    },
  });

async function files(names: readonly string[]): Promise<{ name: string; text: string }[]> {
  return Promise.all(
    names.map(async (name) => {
      try {
        return { name, text: await readFile(name, "utf8") };
      } catch (error) {
        throw new UnreadableSource(`${name}: ${(error as Error).message}`);
      }
    }),
  );
}

process.exitCode = await main();
