/** docker-compose.yml against the configuration it is for: no container engine is needed to find a wrong word in it. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig, secretSettings, variables } from "../src/config.ts";

interface Service {
  readonly image: string;
  readonly user: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly profiles?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const root = path.resolve(import.meta.dirname, "../..");
const text = readFileSync(path.join(root, "docker-compose.yml"), "utf8");
const compose = parse(text, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const server = compose.services.server!;

/** `${NAME:-default}` as compose reads it where nothing is set. */
const settled = (value: string): string => value.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, "$1");

describe("docker-compose.yml", () => {
  it("has the parts of a board, with versions", () => {
    expect(Object.fromEntries(services.map(([name, { image }]) => [name, image]))).toEqual({
      db: "postgres:18",
      signer: "node:24-slim",
      witness: "node:24-slim",
      server: "node:24-slim",
      k6: expect.stringMatching(/^grafana\/k6:2\.[0-9]+\.[0-9]+$/),
    });
    expect(compose.services.k6!.profiles).toEqual(["loadtest"]);
  });

  it.each(services)("runs %s without root, on a read-only root, without capabilities", (_, service) => {
    expect(service.user).toMatch(/^[1-9][0-9]*:[1-9][0-9]*$/);
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(["ALL"]);
    expect(service.security_opt).toContain("no-new-privileges:true");
  });

  it("sets only variables that the configuration knows, to values that it takes", () => {
    const names = new Set<string>(Object.values(variables));
    for (const setting of secretSettings) names.add(`${variables[setting]}_FILE`);
    const environment = Object.fromEntries(
      Object.entries(server.environment!).map(([name, value]) => [name, settled(value)]),
    );
    for (const name of Object.keys(environment)) expect(names).toContain(name);
    // Secrets come by file; here the files are made.
    const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-compose-"));
    const contents = { "database-url": "postgres://hanpyo:secret@db/hanpyo", "operator-token": "x".repeat(32) };
    for (const [name, value] of Object.entries(contents)) writeFileSync(path.join(folder, name), value);
    const here = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, value.replace("/run/secrets", folder)]),
    );
    const config = readConfig(here);
    expect(config).toMatchObject({ mode: "production", host: "0.0.0.0", port: 3000, dataDir: "/data" });
    expect(config.databaseUrl).toContain("@db/");
    expect(server.ports).toEqual([`127.0.0.1:${config.port}:${config.port}`]);
    expect(server.volumes).toContain(`board:${config.dataDir}`);
    const socket = config.signerUrl!.slice("unix:".length);
    expect(compose.services.signer!.command).toContain(socket);
    for (const name of ["server", "signer"])
      expect(compose.services[name]!.volumes).toContain(`signer-socket:${path.dirname(socket)}`);
    const [witness] = config.witnessUrls;
    const command = compose.services.witness!.command!;
    expect(witness).toBe(
      `${command[command.indexOf("--name") + 1]}=http://127.0.0.1:${command[command.indexOf("--port") + 1]}`,
    );
  });

  it("keeps secrets in files, and waits for a healthy database and signer", () => {
    expect(text).not.toMatch(/PASSWORD:|TOKEN:|postgres:\/\//);
    for (const [name, service] of services)
      for (const secret of service.secrets ?? []) expect(compose.secrets[secret]?.file, name).toMatch(/^\.\/secrets\//);
    expect(readFileSync(path.join(root, ".gitignore"), "utf8")).toMatch(/^\/?secrets\/?$/m);
    expect(compose.services.db!.healthcheck!.test.join(" ")).toContain("pg_isready");
    expect(server.depends_on).toMatchObject({
      db: { condition: "service_healthy" },
      signer: { condition: "service_healthy" },
    });
  });

  it("names volumes and programs that exist", () => {
    for (const [, service] of services) {
      for (const volume of service.volumes ?? []) {
        const [source] = volume.split(":") as [string];
        if (!source.startsWith(".")) expect(Object.keys(compose.volumes)).toContain(source);
      }
      const script = service.command?.find((word) => /^[a-z].*\/src\/.*\.ts$/.test(word));
      if (script !== undefined) expect(existsSync(path.join(root, script)), script).toBe(true);
    }
  });
});
