/**
 * The signer as a child of the server on one machine: `signer-process.ts FOLDER SOCKET`. Like its own command, and it ends
 * with its parent, also where that was killed, so that a new start finds the socket free.
 */
import { existsSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { clockOf, SignerHost, signerServer } from "@hanpyo/bulletin-board/node";

const [folder, socket] = process.argv.slice(2);
if (folder === undefined || socket === undefined) throw new Error("usage: signer-process.ts FOLDER SOCKET");

const fail = (error: unknown): never => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
};
/** Whether somebody listens there: the signer of a killed server needs a moment to notice. */
const isServed = (): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(socket, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
const deadline = performance.now() + 10_000;
while (existsSync(socket) && (await isServed())) {
  if (performance.now() > deadline) fail(new Error("another signer listens on this socket"));
  await new Promise((resolve) => setTimeout(resolve, 50));
}
rmSync(socket, { force: true });

const host = await SignerHost.open(folder, clockOf(process.env)).catch(fail);
const server = signerServer(host as SignerHost, null, fail);
server.on("error", fail);
process.umask(0o077);
server.listen(socket, () => console.log("ready"));
const stop = (): void => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
};
process.on("SIGTERM", stop);
process.stdin.on("end", stop).resume();
