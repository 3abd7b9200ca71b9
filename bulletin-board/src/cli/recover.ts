import { readFileSync } from "node:fs";
import { openCheckpoint, openUnwitnessed } from "../log/index.ts";
import { nodeVerify } from "../store/node-crypto.ts";
import { recover } from "../store/recover.ts";
import { logOptions, logOptionsUsage, withLog } from "./log-options.ts";
import { SubmissionNamer } from "./submission.ts";
import { parseOptions, UsageError } from "./usage.ts";

const usage = `usage: board recover [--data FOLDER] --tiles FOLDER --policy FILE [--schema NAME] [--note FILE]

Replays published bundles above a restored, older database. Everything is checked before anything is inserted:
one chain from the database through the bundles, and the root of the last signed checkpoint. Start the server
afterwards; it rebuilds its own tables from the log.
${logOptionsUsage}
  --note FILE      a newer signed checkpoint than the published one, for example the signer's last`;

export async function runRecover(args: readonly string[]): Promise<number> {
  const values = parseOptions(args, { ...logOptions, note: { type: "string" } }, usage);
  if (values === null) return 0;
  return withLog(values, usage, async ({ store, objects, policy }) => {
    const bytes = await objects.get("checkpoint");
    const note =
      values.note === undefined ? (bytes === null ? null : Buffer.from(bytes).toString("utf8")) : read(values.note);
    if (note === null) throw new UsageError("the tiles folder holds no checkpoint: give one with --note");
    const opened = openUnwitnessed(note, policy, nodeVerify);
    if (!opened.ok) {
      console.error(`the checkpoint is refused: ${opened.error.detail}`);
      return 1;
    }
    if (!openCheckpoint(note, policy, nodeVerify).ok) console.error("note: this checkpoint does not carry its quorum");
    const namer = new SubmissionNamer();
    const done = await recover({
      store,
      objects,
      signed: opened.value.checkpoint,
      submissionOf: (entry) => namer.nameOf(entry),
    });
    if (!done.ok) {
      console.error(`nothing was changed: ${done.error}`);
      return 1;
    }
    const { before, after } = done.value;
    console.log(
      `${store.origin}: ${before} entries before, ${after} now, root of size ${opened.value.checkpoint.size} is the signed one`,
    );
    return 0;
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
