import { parseArgs } from "node:util";
import { fewestVoters } from "./plan.ts";

export const usage = `npm run election -- --voters N --out DIR [options]

A whole election without a browser, over the HTTP interface of a server it starts itself: definition, ceremony, passes,
ballots and ballots that must be refused, close, shares, result; exports a bundle to DIR and verifies it.

  --voters N       residents who vote, at least ${fewestVoters} (default 300)
  --out DIR        where the bundle goes; must not exist or be empty
  --trustees N     trustees of the ceremony (default 5)
  --threshold T    of them needed for the result; the others send no share (default 3)
  --devices N      residents at once (default 12)
  --seed N         another plan of choices (default 1)
  --keep           keep the temporary folder with all logs and keys, and print where it is

Exit code 0 only if the result equals what was cast and the bundle verifies; 3 for wrong usage.
`;

export interface ElectionOptions {
  readonly voters: number;
  readonly out: string;
  readonly trustees: number;
  readonly threshold: number;
  readonly devices: number;
  readonly seed: number;
  readonly keep: boolean;
}

/** The options, "help", or the sentence that says what is wrong. */
export function readOptions(args: readonly string[]): ElectionOptions | "help" | { readonly fault: string } {
  let values: Record<string, string | boolean | undefined>;
  try {
    values = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        voters: { type: "string", default: "300" },
        out: { type: "string" },
        trustees: { type: "string", default: "5" },
        threshold: { type: "string", default: "3" },
        devices: { type: "string", default: "12" },
        seed: { type: "string", default: "1" },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
  if (values.help === true) return "help";
  const number = (name: string, min: number, max: number): number | null => {
    const text = values[name];
    const value = typeof text === "string" && /^[0-9]{1,7}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : null;
  };
  const voters = number("voters", fewestVoters, 100_000);
  if (voters === null) return { fault: `--voters is a number from ${fewestVoters}` };
  const trustees = number("trustees", 3, 50);
  if (trustees === null) return { fault: "--trustees is a number from 3 to 50" };
  const threshold = number("threshold", 2, trustees - 1);
  if (threshold === null) return { fault: "--threshold is a number from 2 and below the number of trustees" };
  const devices = number("devices", 1, 500);
  const seed = number("seed", 0, 9_999_999);
  if (devices === null || seed === null) return { fault: "--devices and --seed are numbers" };
  if (typeof values.out !== "string" || values.out === "") return { fault: "--out is missing" };
  return { voters, trustees, threshold, devices, seed, out: values.out, keep: values.keep === true };
}
