import { type ParseArgsConfig, parseArgs } from "node:util";

/** Wrong arguments: one sentence for the operator, exit code 3. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Parsed options, or null after `--help` was printed. Throws `UsageError` for unknown or malformed ones. */
export function parseOptions<T extends Options>(args: readonly string[], options: T, usage: string) {
  try {
    const { values } = parseArgs({ args: [...args], options: { ...options, help: { type: "boolean" } }, strict: true });
    if ((values as { help?: boolean }).help !== true) return values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
  console.log(usage);
  return null;
}

/** The option's value; throws `UsageError` if it is missing. */
export function required(value: string | undefined, name: string, usage: string): string {
  if (value === undefined || value === "") throw new UsageError(`--${name} is missing\n${usage}`);
  return value;
}
