/** `npm run board -- COMMAND …`: what operators do with a log. Exit codes: 0 done, 1 found wrong, 3 wrong usage. */
import { UsageError } from "./usage.ts";

interface Command {
  readonly summary: string;
  /** Runs with the arguments after its name and returns the exit code. Throws `UsageError` for wrong arguments. */
  run(args: readonly string[]): Promise<number>;
}

const commands: Readonly<Record<string, Command>> = {
  show: {
    summary: "print an entry of a bundle or server as readable JSON",
    run: async (args) => (await import("./show.ts")).runShow(args),
  },
  fsck: {
    summary: "compare rows, tiles and checkpoint; --repair derives damaged tiles anew",
    run: async (args) => (await import("./fsck.ts")).runFsck(args),
  },
  recover: {
    summary: "replay published bundles above a restored, older database",
    run: async (args) => (await import("./recover.ts")).runRecover(args),
  },
  witness: {
    summary: "serve a C2SP witness",
    run: async (args) => (await import("./witness.ts")).runWitness(args),
  },
};

const usage = [
  "usage: board COMMAND [options]   (board COMMAND --help shows the options)",
  "",
  ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`),
].join("\n");

const [name, ...args] = process.argv.slice(2);
if (name === "--help" || name === "help") {
  console.log(usage);
} else {
  const command = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
  if (command === undefined) {
    console.error(name === undefined ? usage : `there is no command ${name}\n\n${usage}`);
    process.exitCode = 3;
  } else {
    try {
      process.exitCode = await command.run(args);
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      process.exitCode = error instanceof UsageError ? 3 : 1;
    }
  }
}
