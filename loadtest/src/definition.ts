/** The definition of a test election, its roll and its policy, as files that the officials' and the roll's command lines take. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { makePeople, officialKey, registrarCount, scripts, type World, witnessCount } from "./parties.ts";
import { certifiedPerClass, classes, type Resident, rules } from "./plan.ts";
import { must } from "./processes.ts";

const both = (en: string, ko: string) => ({ ko, en });
const optionNames = [
  ["Playground", "놀이터"],
  ["Library", "도서관"],
  ["Cycle path", "자전거길"],
  ["Swimming pool", "수영장"],
  ["Park", "공원"],
] as const;

export interface DefineInput {
  readonly residents: readonly Resident[];
  readonly trustees: number;
  readonly threshold: number;
  /** Seconds from the definition to the end. */
  readonly open: number;
}

/** Makes roll and policy, has both officials sign, and puts everything on the board. Returns E as hex. */
export async function defineElection(world: World, input: DefineInput): Promise<string> {
  const file = (name: string) => path.join(world.folder, name);
  const [people] = await Promise.all([makePeople(world, input.trustees), makeRoll(world, input.residents)]);
  const policy = file("policy.json");
  writeFileSync(file("policy.draft.json"), JSON.stringify(policyDocument(world.clock.seconds)));
  await must(scripts.roll, ["policy", file("policy.draft.json"), policy]);
  const trust = path.join(world.rollFolder, "trust.json");
  const client = file("digests.json");
  writeFileSync(client, "{}\n");

  const overview = (await (await fetch(`${world.server}/api/election`)).json()) as { keys: Record<string, string> };
  const body = definitionBody(world, input, people, overview.keys, { policy, trust, client });
  writeFileSync(file("definition.json"), `${JSON.stringify(body, null, 2)}\n`);
  const definition = ["--definition", file("definition.json")];
  await Promise.all(
    [0, 1].map((i) => {
      const where = ["--key", officialKey(world, i), "--out", file(`${i}.signature`)];
      return must(scripts.official, ["sign", ...definition, ...where]);
    }),
  );
  const documents = [policy, trust, client].flatMap((name) => ["--document", name]);
  const signatures = [0, 1].flatMap((i) => ["--signature", file(`${i}.signature`)]);
  const where = ["--server", world.server, "--token-file", world.tokenFile];
  const output = await must(scripts.official, ["define", ...definition, ...signatures, ...documents, ...where]);
  return output.match(/^[0-9a-f]{64}$/m)![0];
}

async function makeRoll(world: World, residents: readonly Resident[]): Promise<void> {
  const list = path.join(world.folder, "list.csv");
  const rows = residents.map(({ id, class: item, weight, eligible }) => `${id},${item},${weight},${eligible}`);
  writeFileSync(list, `id,class,weight,resident\n${rows.join("\n")}\n`);
  const authority = ["--authority", "Test authority", "--key", path.join(world.folder, "authority.key")];
  await must(scripts.roll, ["make", list, world.rollFolder, ...authority]);
}

const policyDocument = (snapshotAt: number) => ({
  v: 1,
  snapshotAt,
  source: "signed-roll",
  columns: [
    { name: "class", type: "int" },
    { name: "weight", type: "int" },
    { name: "resident", type: "bool" },
  ],
  eligible: "resident",
  class: "class",
  weight: "weight",
  tests: [
    { name: "north", row: ["0", "3", "true"], eligible: true, class: 2 },
    { name: "south", row: ["1", "1", "true"], eligible: true, class: 1 },
    { name: "moved away", row: ["1", "1", "false"], eligible: false, class: null },
  ],
});

function definitionBody(
  world: World,
  input: DefineInput,
  people: { readonly officials: readonly string[]; readonly trustees: readonly string[] },
  keys: Readonly<Record<string, string>>,
  documents: { readonly policy: string; readonly trust: string; readonly client: string },
) {
  const hashOf = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
  const named = (list: readonly string[], what: string) => list.map((key, i) => ({ name: `${what} ${i + 1}`, key }));
  const certified = certifiedPerClass(input.residents);
  const now = world.clock.seconds;
  return {
    version: 1,
    origin: world.origin,
    title: both("Test election", "시험 투표"),
    text: both("A whole election, run by npm run election.", "npm run election으로 치르는 시험 투표입니다."),
    rehearsal: true,
    contests: rules.map((rule, contest) => ({
      title: contest === 0 ? both("Approve up to three", "셋까지 고르기") : both("Give points", "점수 주기"),
      text: both("What should be built?", "무엇을 지을까요?"),
      options: optionNames.slice(0, rule.options).map(([en, ko]) => both(en, ko)),
      rule,
    })),
    groups: [
      { title: both("Town", "시"), parent: null },
      { title: both("North", "북구"), parent: 0 },
      { title: both("South", "남구"), parent: 0 },
    ],
    classes: classes.map((item, i) => ({ ...item, certified: certified[i] })),
    schedule: { opens: now, closes: now + input.open },
    bounds: { pauses: 5, pauseSeconds: 3600, extensions: 2, extensionSeconds: 3600 },
    officials: people.officials.map((key, i) => ({
      name: `Official ${i}`,
      key: { algorithm: "Ed25519", key },
      passkey: false,
    })),
    webauthn: null,
    trustees: named(people.trustees, "Trustee"),
    threshold: input.threshold,
    minTrustees: Math.min(input.trustees, input.threshold + 1),
    registrars: named(
      world.ready.registrars.map(({ key }) => key),
      "Registrar",
    ),
    quorum: registrarCount - 1,
    dishonest: 1,
    witnesses: world.ready.witnesses.map(({ vkey }) => vkey),
    witnessQuorum: witnessCount - 1,
    witnessDishonest: 1,
    auditors: world.ready.auditors.map((each, i) => ({ name: `Auditor ${i + 1}`, ...each })),
    evidenceKey: world.ready.evidenceKey,
    auditSample: 20,
    policy: hashOf(documents.policy),
    trust: hashOf(documents.trust),
    revote: true,
    maxBallots: 4,
    mmd: 60,
    mixSeconds: 1,
    smallestGroup: 10,
    client: hashOf(documents.client),
    keys: { record: keys.record, passes: keys.passes, acknowledgement: keys.acknowledgement },
  };
}
