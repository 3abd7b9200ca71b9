import { createServer } from "node:http";
import { systemClock } from "@hanpyo/crypto";
import { decodeVkey, encodeVkey } from "../log/index.ts";
import { createWitness } from "../witness/witness.ts";
import { parseOptions, required, UsageError } from "./usage.ts";

const usage = `usage: board witness --dir FOLDER --port PORT --name NAME [--log VKEY]…

Serves a C2SP witness (POST /add-checkpoint, GET /<hash of origin>/checkpoint) on 127.0.0.1.
  --dir FOLDER   its key and what it has cosigned; keep it, and never restore it from a backup
  --port PORT    0 takes a free one
  --name NAME    its key name, a schema-less URL
  --log VKEY     a log to watch, in vkey form; those of earlier starts are remembered`;

/** Serves until SIGINT or SIGTERM. */
export async function runWitness(args: readonly string[]): Promise<number> {
  const values = parseOptions(
    args,
    {
      dir: { type: "string" },
      port: { type: "string" },
      name: { type: "string" },
      log: { type: "string", multiple: true },
    } as const,
    usage,
  );
  if (values === null) return 0;
  const folder = required(values.dir, "dir", usage);
  const name = required(values.name, "name", usage);
  const port = required(values.port, "port", usage);
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`${port} is not a port`);
  const keys = (values.log ?? []).map((text) => {
    const key = decodeVkey(text);
    if (!key.ok) throw new UsageError(`${text}: ${key.error.detail}`);
    return key.value;
  });
  const witness = await createWitness({ folder, name, clock: systemClock });
  for (const key of keys) await witness.addLog(key);
  const server = createServer((request, response) => {
    witness.handle(request, response).then(
      (handled) => handled || response.writeHead(404, { "content-type": "text/plain" }).end("not found\n"),
      (error: unknown) => {
        // What was cosigned may not be on disk: only a new start can know.
        console.error(error instanceof Error ? error.message : error);
        process.exit(1);
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(port), "127.0.0.1", resolve);
  });
  const address = server.address();
  console.log(
    `witness ${encodeVkey(witness.key)} listens on 127.0.0.1:${typeof address === "object" ? address?.port : port}`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  server.closeAllConnections();
  server.close();
  return 0;
}
