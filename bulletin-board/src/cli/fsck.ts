import { fsck } from "../store/fsck.ts";
import { logOptions, logOptionsUsage, withLog } from "./log-options.ts";
import { parseOptions } from "./usage.ts";

const usage = `usage: board fsck [--data FOLDER] --tiles FOLDER --policy FILE [--schema NAME] [--repair]

Compares the rows with themselves, with bundles and tiles, and with the published checkpoint.
${logOptionsUsage}
  --repair         derive damaged or missing tiles anew, if the rows are whole`;

/** Exit code 0 if nothing contradicts (or all of it was repaired), else 1. */
export async function runFsck(args: readonly string[]): Promise<number> {
  const values = parseOptions(args, { ...logOptions, repair: { type: "boolean", default: false } }, usage);
  if (values === null) return 0;
  return withLog(values, usage, async ({ store, objects, policy }) => {
    const report = await fsck(store, objects, policy, { repair: values.repair === true });
    for (const fault of report.faults) console.error(fault);
    console.log(
      `${report.rows} rows, ${report.objects} objects, checkpoint ${report.checkpoint ?? "none"}` +
        `${report.checkpoint === null ? "" : report.witnessed ? " (witnessed)" : " (NOT witnessed)"}, ` +
        `${report.faults.length} faults${report.repaired > 0 ? `, ${report.repaired} objects repaired` : ""}`,
    );
    return report.faults.length > report.repaired ? 1 : 0;
  });
}
