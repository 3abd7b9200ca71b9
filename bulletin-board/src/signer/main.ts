/**
 * The signer's own process: `tsx signer/main.ts --dir FOLDER (--socket FILE | --port PORT --token-file FILE)`.
 * It prints one line when it listens. Whatever goes wrong unexpectedly ends it: its folder is the truth.
 */
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { parseArgs } from "node:util";
import { systemClock } from "@hanpyo/crypto";
import { signerServer } from "./http.ts";
import { SignerHost } from "./signer.ts";

const usage = "usage: signer --dir FOLDER (--socket FILE | --port PORT --token-file FILE)";

function fail(message: string, code: number): never {
  console.error(message);
  process.exit(code);
}

const { values } = (() => {
  try {
    return parseArgs({
      options: {
        dir: { type: "string" },
        socket: { type: "string" },
        port: { type: "string" },
        "token-file": { type: "string" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    return fail(`${(error as Error).message}\n${usage}`, 3);
  }
})();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const { dir, socket, port, "token-file": tokenFile } = values;
if (dir === undefined || (socket === undefined) === (port === undefined)) fail(usage, 3);
if (port !== undefined && (!/^[0-9]{1,5}$/.test(port) || tokenFile === undefined)) fail(usage, 3);

/** Whether a signer already answers on the socket; a file left by a killed one does not. */
const isServed = (file: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(file, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });

const host = await SignerHost.open(dir, systemClock).catch((error: Error) => fail(error.message, 1));
const token = tokenFile === undefined ? null : readFileSync(tokenFile, "utf8").trim();
if (token !== null && token.length < 16) fail("the token is shorter than 16 characters", 3);
const server = signerServer(host, token, (error) => fail(`signer: ${(error as Error).message}`, 1));
server.on("error", (error) => fail(`signer: ${error.message}`, 1));
if (socket !== undefined) {
  if (existsSync(socket)) {
    if (await isServed(socket)) fail("another signer listens on this socket", 1);
    rmSync(socket);
  }
  process.umask(0o077);
  server.listen(socket, () => {
    chmodSync(socket, 0o600);
    console.log(`signer listens on ${socket}`);
  });
} else {
  server.listen(Number(port), "127.0.0.1", () => console.log(`signer listens on 127.0.0.1:${port}`));
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
