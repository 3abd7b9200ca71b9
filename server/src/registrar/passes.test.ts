import {
  type Board,
  encodeBase64url,
  holderOf,
  obtainPasses,
  type Passes,
  type PassInput,
  type Presentation,
  RegistrarClient,
  type RequestFields,
  type Surroundings,
  type Trouble,
} from "@hanpyo/bulletin-board";
import {
  bytesToHex,
  encodePoint,
  equalBytes,
  G,
  generateActivationCode,
  openEvidence,
  passMessage,
  presentationNonce,
  type Result,
  randomBytes,
  requestPass,
  Secret,
  signPresentation,
  unwrap,
  verifyPss,
} from "@hanpyo/crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { decodeEvidence } from "./evidence-record.ts";
import { registrarSchema } from "./registrar.ts";
import { PassWorld } from "./testing/pass-world.ts";

type Got = Result<Passes, Trouble>;
const codeOf = (got: Got): string => (got.ok ? "ok" : got.error.code);

describe("passes", () => {
  let world: PassWorld;
  let next = 0;
  let board: Board;
  const voters = Array.from({ length: 40 }, (_, i): [string, string, string, string] => [`v${i}`, "0", "30", "1"]);
  /** A voter nobody has used yet. */
  const fresh = () => `v${next++}`;

  beforeAll(async () => {
    world = await PassWorld.start({
      voters: [...voters, ["child", "0", "17", "1"], ["rich", "0", "50", "3"], ["odd", "1", "50", "0"]],
      holdSign: 1500,
      change: (body) => ({ classes: body.classes.map((each) => ({ ...each, certified: 60 })) }),
      limits: {
        wrongPerConnection: { times: 1000, within: 600_000 },
        noncesPerKey: { times: 100, within: 600_000 },
      },
    });
    board = await world.board();
  });
  afterEach(() => {
    world.meddle.clear();
    world.log.witnesses = 4;
    world.log.frozen = false;
    world.refusePasses = false;
    world.phase = "setup";
    world.shift = 0;
  });
  afterAll(async () => {
    await world.stop();
    expect(world.fatal).toEqual([]);
  });

  const input = (id: string, seed = new Secret(randomBytes(32)), more: Partial<PassInput> = {}): PassInput => ({
    code: world.codes.get(id)!.reveal(),
    seed,
    apart: 0,
    ...more,
  });
  const obtain = async (id: string, seed?: Secret<Uint8Array>, more?: Partial<PassInput>): Promise<Got> =>
    obtainPasses(world.around, board, input(id, seed, more));
  const patience = (milliseconds: number): Surroundings => {
    // A device whose clock runs ten times as fast gives up ten times as early; it waits as long as it is told.
    const began = Date.now();
    return { ...world.around, clock: { now: () => began + (Date.now() - began) * (60_000 / milliseconds) } };
  };
  const logged = () => world.log.entries.length;

  it("come from an activation code to q good signatures, and nothing that was sent repeats", async () => {
    const steps = new Set<string>();
    const got = unwrap(await obtain(fresh(), undefined, { progress: ({ step }) => void steps.add(step) }));
    const [pass] = got.passes;
    expect(got.passes).toHaveLength(1);
    expect(pass!.answered).toEqual([1, 2, 3, 4]);
    expect(pass!.passes).toHaveLength(3);
    const message = passMessage(board.election.id, pass!.class, pass!.pseudonym.encoded);
    for (const { registrar, signature } of pass!.passes) {
      const modulus = board.election.registrars[registrar - 1]!.moduli[pass!.class]!;
      expect(verifyPss(modulus, message, signature)).toBe(true);
    }
    expect([...steps].sort()).toEqual(["code", "done", "endorsements", "logged", "nonces", "shares", "signatures"]);
    const sent = world.seen.map(({ body }) => body).join();
    expect(sent).not.toContain(encodeBase64url(pass!.pseudonym.encoded));
    for (const { signature } of pass!.passes) expect(sent).not.toContain(encodeBase64url(signature));
  });

  it("draw the registrars they use by the device's random bytes", async () => {
    const seed = new Secret(randomBytes(32));
    const id = fresh();
    const drawn = async (byte: number) => {
      const around = { ...world.around, random: (length: number) => new Uint8Array(length).fill(byte) };
      const [pass] = unwrap(await obtainPasses(around, board, input(id, seed))).passes;
      return pass!.passes.map(({ registrar }) => registrar);
    };
    expect(await drawn(0)).toEqual([1, 2, 3]);
    expect(await drawn(3)).toEqual([1, 2, 4]);
  });

  it("of several denominations and copies share no value", async () => {
    const before = logged();
    const got = unwrap(await obtain("rich"));
    expect(got.passes.map(({ class: home, denomination, copy }) => [home, denomination, copy])).toEqual([
      [2, 2, 0],
      [0, 1, 0],
    ]);
    const entries = world.log.passes.slice(before);
    expect(entries).toHaveLength(2);
    const values = entries.flatMap(({ nullifier, request, endorsements }) => [
      nullifier,
      request,
      ...endorsements.flatMap(({ evidence, signature }) => [evidence, signature]),
    ]);
    expect(new Set(values.map(bytesToHex)).size).toBe(values.length);
    const [a, b] = got.passes;
    expect(equalBytes(a!.pseudonym.encoded, b!.pseudonym.encoded)).toBe(false);
  });

  it("are sealed evidence that the auditors alone can open, each with the whole presentation", async () => {
    const id = fresh();
    const got = unwrap(await obtain(id));
    const schema = registrarSchema(board.election.id, 2);
    const { rows } = await world.pool.query<{ sealed: Buffer }>(
      `select sealed from "${schema}".endorsement where nullifier = $1`,
      [got.passes[0]!.nullifier],
    );
    const sealed = Uint8Array.from(rows[0]!.sealed);
    const opened = unwrap(decodeEvidence(unwrap(openEvidence(board.election.id, 2, world.auditors, sealed))));
    expect(opened.row).toMatch(new RegExp(`^${id},0,30,1,[0-9a-f]{64}$`));
    expect(opened.shares).toHaveLength(3);
    expect(openEvidence(board.election.id, 3, world.auditors, sealed).ok).toBe(false);
    expect(Buffer.from(sealed).includes(id)).toBe(false);
  });

  describe("one person", () => {
    it("with two devices at once gets exactly one pass", async () => {
      for (let round = 0; round < 3; round++) {
        const id = fresh();
        const before = logged();
        const both = await Promise.all([obtain(id), obtain(id)]);
        expect(both.map(codeOf).sort()).toEqual(["ok", "pass-used"]);
        expect(logged()).toBe(before + 1);
      }
    });

    it("whose requests are split over the registrars gets at most one pass", async () => {
      const id = fresh();
      const before = logged();
      // Each device reaches two registrars alone: neither has a quorum of endorsements.
      world.meddle.set(3, (route) => (route === "endorse" ? "down" : null));
      world.meddle.set(4, (route) => (route === "endorse" ? "down" : null));
      expect(codeOf(await obtain(id))).toBe("unavailable");
      world.meddle.clear();
      world.meddle.set(1, (route) => (route === "endorse" ? "down" : null));
      world.meddle.set(2, (route) => (route === "endorse" ? "down" : null));
      expect(codeOf(await obtain(id))).toBe("unavailable");
      expect(logged()).toBe(before);
      world.meddle.clear();
      expect((await Promise.all([obtain(id), obtain(id), obtain(id)])).map(codeOf).sort()).toEqual([
        "ok",
        "pass-used",
        "pass-used",
      ]);
      expect(logged()).toBe(before + 1);
    });

    it("who comes with a used code and another seed is refused, and with the same seed gets the same pass", async () => {
      const id = fresh();
      const seed = new Secret(randomBytes(32));
      const first = unwrap(await obtain(id, seed));
      const before = logged();
      const refused = await obtain(id);
      expect(refused).toMatchObject({ ok: false, error: { code: "pass-used", index: first.passes[0]!.entry } });
      const again = unwrap(await obtain(id, seed));
      expect(again.passes[0]!.entry).toBe(first.passes[0]!.entry);
      expect(again.passes[0]!.pseudonym.encoded).toEqual(first.passes[0]!.pseudonym.encoded);
      expect(logged()).toBe(before);
    });

    it("who lost every answer repeats byte-identical requests and is served", async () => {
      const id = fresh();
      const seed = new Secret(randomBytes(32));
      const blindedOf = (route: string) =>
        world.seen
          .filter((each) => each.route === route)
          .map(({ body }) =>
            JSON.stringify(
              (JSON.parse(body) as { requests?: unknown; blinded?: unknown }).requests ?? JSON.parse(body),
            ),
          );
      world.seen.length = 0;
      for (const i of [1, 2, 3, 4]) world.meddle.set(i, (route) => (route === "endorse" ? "drop" : null));
      expect(codeOf(await obtain(id, seed))).toBe("unavailable");
      for (const i of [1, 2, 3, 4]) world.meddle.set(i, (route) => (route === "sign" ? "drop" : null));
      expect(codeOf(await obtainPasses(patience(2000), board, input(id, seed)))).toBe("unavailable");
      world.meddle.clear();
      const before = logged();
      expect(unwrap(await obtain(id, seed)).passes[0]!.answered).toEqual([1, 2, 3, 4]);
      expect(logged()).toBe(before);
      expect(new Set(blindedOf("evaluate")).size).toBe(1);
      expect(new Set(blindedOf("endorse")).size).toBe(1);
      expect(new Set(blindedOf("sign")).size).toBe(1);
      expect(blindedOf("sign").length).toBeGreaterThan(4);
    });

    it.each([
      ["a child", "child", "not-eligible"],
      ["a row whose weight makes no pass", "odd", "not-eligible"],
    ])("who is %s is not eligible", async (_name, id, code) => {
      expect(codeOf(await obtain(id))).toBe(code);
    });

    it("with an unknown code is refused before anything else", async () => {
      const before = world.seen.length;
      const wrong = { code: "0000-0000-0000-0000", seed: new Secret(randomBytes(32)) };
      expect(codeOf(await obtainPasses(world.around, board, wrong))).toBe("unknown-voter");
      expect(world.seen.length).toBe(before);
      const other = strangersCode().reveal();
      expect(codeOf(await obtainPasses(world.around, board, { ...wrong, code: other }))).toBe("unknown-voter");
      expect(world.seen.slice(before).every(({ route }) => route === "nonce")).toBe(true);
    });
  });

  describe("a registrar that", () => {
    it("is down is done without, and its person is told", async () => {
      world.meddle.set(2, () => "down");
      const asked: number[][] = [];
      const got = unwrap(
        await obtain(fresh(), undefined, {
          waitForAll: async (answered) => {
            asked.push([...answered].sort());
            return false;
          },
        }),
      );
      expect(got.passes[0]!.answered).toEqual([1, 3, 4]);
      expect(asked).toEqual([[1, 3, 4]]);
      expect(got.troubles.some(({ party }) => party === 2)).toBe(true);
    });

    it("is the second one down stops the issue", async () => {
      world.meddle.set(2, () => "down");
      world.meddle.set(3, () => "down");
      const before = logged();
      expect(codeOf(await obtain(fresh()))).toBe("unavailable");
      expect(logged()).toBe(before);
    });

    it("gives a bad share is found out and done without", async () => {
      world.meddle.set(1, (route) =>
        route === "evaluate" ? { answer: (text) => change(text, "share", encodeBase64url(otherPoint())) } : null,
      );
      const got = unwrap(await obtain(fresh()));
      expect(got.troubles).toContainEqual(expect.objectContaining({ party: 1, code: "share-invalid" }));
      expect(got.passes[0]!.answered).toEqual([1, 2, 3, 4]);
    });

    it("answers for another person is outvoted", async () => {
      const other = fresh();
      const id = fresh();
      let swapped = 0;
      world.meddle.set(4, (route) =>
        route === "evaluate"
          ? {
              answer: (text) => {
                swapped++;
                return text.replace(/"base":"[^"]*"/, `"base":"${encodeBase64url(otherPoint())}"`);
              },
            }
          : null,
      );
      expect(other).not.toBe(id);
      expect(unwrap(await obtainPasses(world.around, board, input(id))).passes).toHaveLength(1);
      expect(swapped).toBe(1);
    });

    it("endorses wrongly is found out before anything is logged under its name", async () => {
      world.meddle.set(3, (route) =>
        route === "endorse"
          ? { answer: (text) => text.replace(/"evidence":"[^"]*"/, `"evidence":"${encodeBase64url(randomBytes(32))}"`) }
          : null,
      );
      expect(codeOf(await obtain(fresh()))).toBe("ok");
      expect(world.log.passes.at(-1)!.endorsements.map(({ registrar }) => registrar)).toEqual([1, 2, 4]);
      world.meddle.set(4, (route) => (route === "endorse" ? "down" : null));
      const before = logged();
      expect(codeOf(await obtain(fresh()))).toBe("endorsement-invalid");
      expect(logged()).toBe(before);
    });

    it("gives a bad blind signature is named and not used", async () => {
      world.meddle.set(2, (route) =>
        route === "sign" ? { answer: (text) => change(text, "signature", encodeBase64url(randomBytes(256))) } : null,
      );
      const got = unwrap(await obtain(fresh()));
      expect(got.passes[0]!.answered).toEqual([1, 3, 4]);
      expect(got.troubles).toContainEqual(expect.objectContaining({ party: 2, code: "pass-invalid" }));
    });

    it("restarts between log and sign signs after it, and only what was logged", async () => {
      const id = fresh();
      const seed = new Secret(randomBytes(32));
      for (const i of [1, 2, 3, 4]) world.meddle.set(i, (route) => (route === "sign" ? "down" : null));
      expect(codeOf(await obtainPasses(patience(1500), board, input(id, seed)))).toBe("unavailable");
      await world.registrars[0]!.stop();
      await world.registrars[1]!.stop();
      await (await world.startRegistrar(1)).ready;
      await (await world.startRegistrar(2)).ready;
      world.meddle.clear();
      expect(codeOf(await obtain(id))).toBe("pass-used");
      expect(unwrap(await obtain(id, seed)).passes[0]!.answered).toEqual([1, 2, 3, 4]);
    });

    it("lost its tables rebuilds its copy of the log and refuses what came second", async () => {
      const id = fresh();
      const seed = new Secret(randomBytes(32));
      const first = unwrap(await obtain(id, seed));
      await world.registrars[3]!.stop();
      await world.pool.query(`drop schema "${registrarSchema(board.election.id, 4)}" cascade`);
      await (await world.startRegistrar(4)).ready;
      const client = new RegistrarClient(world.around, board.election.registrars[3]!);
      const mine = request(board, seed);
      expect((await client.sign(mine, first.passes[0]!.nullifier)).ok).toBe(true);
      const second = await client.sign(request(board, new Secret(randomBytes(32))), first.passes[0]!.nullifier);
      expect(second).toMatchObject({ ok: false, error: { code: "pass-used", index: first.passes[0]!.entry } });
    });
  });

  describe("the log", () => {
    it("without the witnesses' quorum lets no pass be issued, and lets it afterwards", async () => {
      const id = fresh();
      const seed = new Secret(randomBytes(32));
      world.log.witnesses = 2;
      const got = await obtainPasses(patience(3000), board, input(id, seed));
      expect(["quorum-missing", "witnesses-missing"]).toContain(codeOf(got));
      for (let i = 1; i <= 4; i++) {
        const { rows } = await world.pool.query(
          `select from "${registrarSchema(board.election.id, i)}".signed where request = $1`,
          [requestHashOf(board, seed)],
        );
        expect(rows).toHaveLength(0);
      }
      world.log.witnesses = 3;
      expect(unwrap(await obtain(id, seed)).passes[0]!.answered).toEqual([1, 2, 3, 4]);
    });

    it("that stands still in a registrar's copy keeps that registrar from signing", async () => {
      const id = fresh();
      const seed = new Secret(randomBytes(32));
      world.log.frozen = true;
      expect(codeOf(await obtainPasses(patience(3000), board, input(id, seed)))).toBe("not-logged");
      world.log.frozen = false;
      expect(codeOf(await obtain(id))).toBe("pass-used");
      expect(codeOf(await obtain(id, seed))).toBe("ok");
    });

    it("gets what was endorsed and not logged from the registrars, after a minute", async () => {
      // What earlier tests left endorsed and not logged is published first.
      const earlier = world.overviews;
      world.shift = 90_000;
      await until(() => world.overviews >= earlier + 8, 20_000);
      world.shift = 0;
      const id = fresh();
      const seed = new Secret(randomBytes(32));
      world.refusePasses = true;
      expect(codeOf(await obtain(id, seed))).toBe("overloaded");
      world.refusePasses = false;
      const before = logged();
      const asked = world.overviews;
      world.shift = 20_000;
      await until(() => world.overviews >= asked + 8, 20_000);
      expect(logged()).toBe(before);
      world.shift = 90_000;
      await until(() => logged() > before, 15_000);
      expect(logged()).toBe(before + 1);
      world.shift = 0;
      expect(codeOf(await obtain(id, seed))).toBe("ok");
      expect(codeOf(await obtain(id))).toBe("pass-used");
    });

    it("that is closed ends the issue", async () => {
      world.phase = "closed";
      world.shift = 6_000;
      const id = fresh();
      const client = new RegistrarClient(world.around, board.election.registrars[0]!);
      const holder = unwrap(holderOf(board.election, world.codes.get(id)!.reveal()));
      await until(async () => {
        const answer = await client.nonce(holder.publicKey);
        return !answer.ok && answer.error.code === "passes-frozen";
      }, 15_000);
      expect(logged()).toBe(world.log.passes.length);
      world.phase = "setup";
      world.shift = 12_000;
      await until(async () => (await client.nonce(holder.publicKey)).ok, 15_000);
    });
  });

  describe("a presentation", () => {
    /** A person's requests by hand, as far as the presentation. */
    async function presented(id: string) {
      const holder = unwrap(holderOf(board.election, world.codes.get(id)!.reveal()));
      const clients = board.election.registrars.map((view) => new RegistrarClient(world.around, view));
      const nonces: Uint8Array[] = [];
      for (const client of clients) nonces.push(unwrap(await client.nonce(holder.publicKey)).nonce);
      const make = (seed: Secret<Uint8Array>, own = nonces): Presentation => {
        const wanted = [request(board, seed)];
        const nonce = presentationNonce(board.election.id, own, [requestHashOf(board, seed)]);
        return { key: holder.publicKey, signature: signPresentation(holder, nonce), nonces: own, requests: wanted };
      };
      return { board, clients, nonces, make, holder };
    }
    const evaluated = async (client: RegistrarClient, it: Presentation) => {
      const answer = await client.evaluate(it);
      return answer.ok ? "ok" : answer.error.code;
    };

    it("serves one set of requests: the same again, never another", async () => {
      const { clients, make } = await presented(fresh());
      const seed = new Secret(randomBytes(32));
      expect(await evaluated(clients[0]!, make(seed))).toBe("ok");
      expect(await evaluated(clients[0]!, make(seed))).toBe("ok");
      expect(await evaluated(clients[0]!, make(new Secret(randomBytes(32))))).toBe("nonce-expired");
    });

    it("is refused when its nonce is too old, another person's, or made up", async () => {
      const [first, second] = [await presented(fresh()), await presented(fresh())];
      const seed = new Secret(randomBytes(32));
      expect(await evaluated(first.clients[1]!, first.make(seed, second.nonces))).toBe("nonce-expired");
      expect(
        await evaluated(
          first.clients[1]!,
          first.make(
            seed,
            first.nonces.map(() => randomBytes(16)),
          ),
        ),
      ).toBe("nonce-expired");
      world.shift = 300_001;
      expect(await evaluated(first.clients[1]!, first.make(seed))).toBe("nonce-expired");
      world.shift = 200_000;
      expect(await evaluated(first.clients[1]!, first.make(seed))).toBe("ok");
    });

    it("covers the blinded requests: one swapped after it is refused at every step", async () => {
      const { board, clients, make } = await presented(fresh());
      const seed = new Secret(randomBytes(32));
      const mine = make(seed);
      const foreign = request(board, new Secret(randomBytes(32)));
      const [own] = mine.requests;
      const swapped = { ...mine, requests: [{ ...own!, blinded: [foreign.blinded[0]!, ...own!.blinded.slice(1)] }] };
      expect(await evaluated(clients[0]!, swapped)).toBe("presentation-invalid");
      expect(await evaluated(clients[0]!, { ...mine, requests: [foreign] })).toBe("presentation-invalid");
      const shares = [];
      for (const [i, client] of clients.slice(0, 3).entries())
        shares.push({ registrar: i + 1, ...unwrap(await client.evaluate(mine)) });
      const endorsed = await clients[0]!.endorse(swapped, shares);
      expect(endorsed).toMatchObject({ ok: false, error: { code: "presentation-invalid" } });
      expect((await clients[0]!.endorse(mine, shares)).ok).toBe(true);
    });

    it("with shares that are too few, doubled or false is not endorsed", async () => {
      const { clients, make } = await presented(fresh());
      const mine = make(new Secret(randomBytes(32)));
      const shares: { registrar: number; share: Uint8Array; proof: Uint8Array }[] = [];
      for (const [i, client] of clients.entries())
        shares.push({ registrar: i + 1, ...unwrap(await client.evaluate(mine)) });
      const outcome = async (given: typeof shares) => {
        const answer = await clients[0]!.endorse(mine, given);
        return answer.ok ? "ok" : answer.error.code;
      };
      const [a, b, c, d] = shares as [(typeof shares)[0], (typeof shares)[0], (typeof shares)[0], (typeof shares)[0]];
      expect(await outcome([a, b])).toBe("share-invalid");
      expect(await outcome([a, b, c, d])).toBe("share-invalid");
      expect(await outcome([a, b, b])).toBe("share-invalid");
      expect(await outcome([a, b, { ...c, registrar: 4 }])).toBe("share-invalid");
      expect(await outcome([a, b, { ...c, share: d.share }])).toBe("share-invalid");
      expect(await outcome([b, c, d])).toBe("ok");
    });

    it("may ask for no more than the policy grants", async () => {
      const { board, clients, nonces, holder } = await presented(fresh());
      const asked = async (wanted: { class: number; denomination: number; copy: number }) => {
        const name = { election: board.election.id, denomination: wanted.denomination, copy: wanted.copy };
        const moduli = board.election.registrars.map((view) => view.moduli[wanted.class]!);
        const made = unwrap(requestPass(new Secret(randomBytes(32)), name, wanted.class, moduli));
        const nonce = presentationNonce(board.election.id, nonces, [made.request]);
        const signature = signPresentation(holder, nonce);
        const requests = [{ ...wanted, blinded: made.blinded }];
        return evaluated(clients[0]!, { key: holder.publicKey, signature, nonces, requests });
      };
      expect(await asked({ class: 1, denomination: 1, copy: 0 })).toBe("not-eligible");
      expect(await asked({ class: 0, denomination: 1, copy: 1 })).toBe("not-eligible");
      expect(await asked({ class: 2, denomination: 2, copy: 0 })).toBe("not-eligible");
      expect(await asked({ class: 0, denomination: 2, copy: 0 })).toBe("malformed");
      expect(await asked({ class: 0, denomination: 1, copy: 0 })).toBe("ok");
    });
  });

  describe("the interface", () => {
    const post = async (registrar: number, route: string, body: unknown) => {
      const answer = await fetch(`${board.election.registrars[registrar - 1]!.url}${route}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      return {
        status: answer.status,
        json: (await answer.json()) as { code?: string; sentence?: { ko: string; en: string } },
      };
    };

    it.each([
      ["no key", "nonce", {}],
      ["a number for a key", "nonce", { key: 7 }],
      ["an unknown field", "nonce", { key: "A".repeat(43), more: 1 }],
      ["a short key", "nonce", { key: "A".repeat(42) }],
      ["unused bits", "nonce", { key: `${"A".repeat(42)}B` }],
      ["no JSON", "nonce", "{"],
      [
        "a string for a number",
        "sign",
        { class: "0", denomination: 1, copy: 0, blinded: ["A".repeat(342)], nullifier: "A".repeat(43) },
      ],
      [
        "a blinded value too few",
        "sign",
        { class: 0, denomination: 1, copy: 0, blinded: ["A".repeat(342)], nullifier: "A".repeat(43) },
      ],
      [
        "blinded values above the modulus",
        "sign",
        {
          class: 0,
          denomination: 1,
          copy: 0,
          blinded: Array(4).fill(`${"_".repeat(341)}w`),
          nullifier: "A".repeat(43),
        },
      ],
      [
        "no such class",
        "sign",
        { class: 7, denomination: 1, copy: 0, blinded: Array(4).fill("A".repeat(342)), nullifier: "A".repeat(43) },
      ],
    ])("refuses %s with a sentence in both languages", async (_name, route, body) => {
      const { status, json } = await post(1, route, body);
      expect(status).toBe(400);
      expect(json.code).toBe("malformed");
      expect(json.sentence!.ko.length * json.sentence!.en.length).toBeGreaterThan(0);
    });

    it("answers a request to sign what is not logged when its time is over", async () => {
      const client = new RegistrarClient(world.around, board.election.registrars[0]!);
      const answer = await client.sign(request(board, new Secret(randomBytes(32))), randomBytes(32));
      expect(answer).toMatchObject({ ok: false, error: { code: "not-logged" } });
    });

    it("writes no key, code, nonce, nullifier, address or body into its log", async () => {
      const id = fresh();
      world.logLines.length = 0;
      const seed = new Secret(randomBytes(32));
      const got = unwrap(await obtain(id, seed));
      await post(1, "nonce?key=secret-in-the-query", { key: "A".repeat(43) });
      await post(1, "nonce", "{");
      expect(world.logLines).toEqual([]);
      // Its own failures it does report: here a table is gone.
      const schema = registrarSchema(board.election.id, 1);
      await world.pool.query(`alter table "${schema}".nonce rename to nonce_away`);
      expect(codeOf(await obtain(id, seed))).toBe("ok");
      await world.pool.query(`alter table "${schema}".nonce_away rename to nonce`);
      expect(world.logLines).toHaveLength(1);
      const text = world.logLines.join("");
      expect(text).toContain('"route":"/nonce"');
      expect(text).toContain("42P01");
      const holder = unwrap(holderOf(board.election, world.codes.get(id)!.reveal()));
      const values = [holder.publicKey, got.passes[0]!.nullifier, got.passes[0]!.pseudonym.encoded];
      for (const value of values) {
        expect(text).not.toContain(encodeBase64url(value));
        expect(text).not.toContain(bytesToHex(value));
      }
      for (const word of [
        "secret-in-the-query",
        "127.0.0.1",
        world.codes.get(id)!.reveal(),
        `"${id}"`,
        "remoteAddress",
        "blinded",
        "signature",
      ])
        expect(text).not.toContain(word);
    });
  });

  it("are no longer evaluated once a registrar's key was destroyed, also after a restart", async () => {
    const registrar = world.registrars[3]!;
    registrar.destroyNullifierKey();
    const got = unwrap(await obtain(fresh()));
    expect(got.troubles).toContainEqual(expect.objectContaining({ party: 4, code: "passes-frozen" }));
    await registrar.stop();
    await (await world.startRegistrar(4)).ready;
    expect(unwrap(await obtain(fresh())).troubles).toContainEqual(
      expect.objectContaining({ party: 4, code: "passes-frozen" }),
    );
    expect((await world.folders[3]!.backup()).ok).toBe(false);
  });

  function request(board: Board, seed: Secret<Uint8Array>): RequestFields {
    const name = { election: board.election.id, denomination: 1, copy: 0 };
    const moduli = board.election.registrars.map((view) => view.moduli[0]!);
    return { class: 0, denomination: 1, copy: 0, blinded: unwrap(requestPass(seed, name, 0, moduli)).blinded };
  }
  function requestHashOf(board: Board, seed: Secret<Uint8Array>): Uint8Array {
    const name = { election: board.election.id, denomination: 1, copy: 0 };
    const moduli = board.election.registrars.map((view) => view.moduli[0]!);
    return unwrap(requestPass(seed, name, 0, moduli)).request;
  }
});

describe("wrong codes", () => {
  it("too often from one connection are refused, right ones then too, until the time is over", async () => {
    const world = await PassWorld.start({
      limits: { wrongPerConnection: { times: 3, within: 60_000 }, noncesPerKey: { times: 2, within: 60_000 } },
    });
    try {
      const board = await world.board();
      const tried = async (code: string) =>
        codeOf(await obtainPasses(world.around, board, { code, seed: new Secret(randomBytes(32)) }));
      const right = world.codes.get("1001")!.reveal();
      const wrong = strangersCode().reveal();
      for (let i = 0; i < 3; i++) expect(await tried(wrong)).toBe("unknown-voter");
      expect(await tried(wrong)).toBe("too-many-attempts");
      expect(await tried(right)).toBe("too-many-attempts");
      world.shift = 60_001;
      const seed = new Secret(randomBytes(32));
      expect(codeOf(await obtainPasses(world.around, board, { code: right, seed }))).toBe("ok");
      expect(codeOf(await obtainPasses(world.around, board, { code: right, seed }))).toBe("ok");
      // The third time in a minute for one key.
      expect(codeOf(await obtainPasses(world.around, board, { code: right, seed }))).toBe("too-many-attempts");
    } finally {
      await world.stop();
    }
  });
});

/** A well-formed code that is on no roll. */
const strangersCode = (): Secret<string> => generateActivationCode();

const change = (text: string, field: string, value: string): string =>
  JSON.stringify({ ...(JSON.parse(text) as object), [field]: value });

/** A point that is nobody's share. */
function otherPoint(): Uint8Array {
  return encodePoint(G);
}

async function until(condition: () => boolean | Promise<boolean>, milliseconds: number): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
