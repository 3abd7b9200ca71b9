/** `npm run check`, first part: every tsconfig type-checks, and packages and chapters import only what they may. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
/** Which folders a folder must not import from; everything not named here is allowed. */
const forbidden: readonly (readonly [from: string, to: RegExp, why: string])[] = [
  ["crypto/src", /@hanpyo\//, "crypto knows only @noble"],
  ["bulletin-board/src", /@hanpyo\/(server|client|loadtest)/, "the board knows only crypto"],
  ["server/src", /@hanpyo\/(client|loadtest)/, "the server never imports client or loadtest"],
  ["client/src", /@hanpyo\/(server|loadtest)|bulletin-board\/node/, "the client imports run-anywhere parts only"],
  ["loadtest/src", /@hanpyo\/(server|client)/, "loadtest starts the server as a child process"],
  ["bulletin-board/src/log", /\.\.\/(record|verify|store|signer|witness|cli)\//, "log is the lowest chapter"],
  ["bulletin-board/src/record", /\.\.\/(verify|store|signer|witness|cli)\//, "record knows only log"],
  ["bulletin-board/src/verify", /\.\.\/(store|signer|witness|cli)\//, "verify runs anywhere"],
  ["server/src/registrar", /\.\.\/(ballots|elections)\//, "registrars never see ballots: unlinkability is structural"],
];

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules" && entry.name !== "dist") yield* sources(name);
    } else if (/\.(ts|svelte)$/.test(entry.name)) yield name;
  }
}

let failures = 0;
for (const [from, to, why] of forbidden) {
  let files: string[] = [];
  try {
    files = [...sources(from)];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  for (const file of files) {
    const isTest = /\.test\.ts$|\/testing\//.test(file);
    for (const match of readFileSync(path.join(root, file), "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      if (to.test(match[1]!) && !isTest) {
        console.error(`${file} imports ${match[1]}: ${why}`);
        failures++;
      }
    }
  }
}
for (const project of ["crypto", "bulletin-board", "tsconfig.node.json"]) {
  const run = spawnSync("npx", ["--no-install", "tsc", "-p", project], { cwd: root, stdio: "inherit" });
  if (run.status !== 0) failures++;
}
process.exit(failures === 0 ? 0 : 1);
