import {
  type BallotCore,
  ballotHash,
  bytesToHex,
  confirmationCode,
  encodePoint,
  G,
  type Result,
  randomBytes,
  unwrap,
  utf8ToBytes,
} from "@hanpyo/crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import {
  decodeEntry,
  decodeTlogProof,
  decodeVkey,
  encodeTlogProof,
  nobleSigner,
  type Policy,
  policy,
} from "../log/index.ts";
import { ed25519Official, encodeDefinitionBody, signDefinition } from "../record/authoring/index.ts";
import { encodeBallot } from "../record/ballot-entry.ts";
import { EntryType } from "../record/entry-types.ts";
import { acknowledgementMessage, refusalMessage } from "../record/messages.ts";
import { MemoryBoard } from "../testing/memory-board.ts";
import { smallDefinition } from "../testing/small-definition.ts";
import { encodeBase64url } from "./base64url.ts";
import { type CastOutcome, castBallot, type SignedBallot } from "./cast-ballot.ts";
import { encodePolicyDocument, encodeTrustSnapshot } from "./documents.ts";
import { type Board, openBoard } from "./election.ts";
import { LogReader } from "./log-reader.ts";
import { encodeIndexRow, lookUp } from "./look-up.ts";
import type { FetchAnswer, Surroundings, Trouble } from "./transport.ts";

const origin = "test.example/rehearsal/device";
const seeded = (name: string) => nobleSigner(sha256(utf8ToBytes(name)));
const answer = (status: number, body: string | Uint8Array): FetchAnswer => ({
  status,
  body: new Response(typeof body === "string" ? body : Uint8Array.from(body)).body as FetchAnswer["body"],
});
const code = <T>(result: Result<T, Trouble>): string => (result.ok ? "ok" : result.error.code);

/** A board of `size` entries that mean nothing; the log's own checks do not ask. */
function opaque(size: number, tag = ""): MemoryBoard {
  const board = new MemoryBoard({ origin });
  while (board.size < size) unwrap(board.append(EntryType.ballot, utf8ToBytes(`${tag}${board.size}`), true));
  return board;
}
function policyOf(board: MemoryBoard): Policy {
  const { keys, witnesses, witnessQuorum } = board.keys;
  return unwrap(
    policy(
      unwrap(decodeVkey(keys.record)),
      witnesses.map((text) => unwrap(decodeVkey(text))),
      witnessQuorum,
    ),
  );
}
/** Surroundings in which some paths answer otherwise. */
function meddling(
  board: () => MemoryBoard,
  meddle: (path: string) => FetchAnswer | null | Promise<FetchAnswer | null>,
): Surroundings {
  return {
    ...board().surroundings(),
    fetch: async (url, init) => (await meddle(new URL(url).pathname)) ?? board().surroundings().fetch(url, init),
  };
}
const readerOf = (around: Surroundings, board: MemoryBoard) =>
  new LogReader(around, "http://board/record", policyOf(board));

describe("a log reader", () => {
  const board = opaque(300);

  it("proves entries one by one and in ranges", async () => {
    const reader = readerOf(board.surroundings(), board);
    const under = unwrap(await reader.checkpoint());
    for (const index of [0, 255, 256, 299]) {
      const { entry } = unwrap(await reader.entry(index, under));
      expect(entry).toEqual(unwrap(decodeEntry(board.entry(index))));
    }
    const range = unwrap(await reader.range(200, 300, under, null));
    expect(range.map(({ entry }) => entry.index)).toEqual(Array.from({ length: 100 }, (_, i) => 200 + i));
    expect(unwrap(await reader.range(5, 5, under, null))).toEqual([]);
    expect(code(await reader.entry(300, under))).toBe("wrong-position");
    expect(code(await reader.range(200, 250, under, new Uint8Array(32)))).toBe("chain-broken");
  });

  it("makes receipts for the leaf that stands there and no other", async () => {
    const reader = readerOf(board.surroundings(), board);
    const under = unwrap(await reader.checkpoint());
    const { leaf } = unwrap(await reader.entry(7, under));
    const receipt = unwrap(await reader.receipt(7, leaf, under));
    expect(encodeTlogProof(unwrap(decodeTlogProof(receipt)))).toBe(receipt);
    expect(code(await reader.receipt(8, leaf, under))).toBe("root-differs");
  });

  it("refuses a checkpoint without the quorum, of another key, or that is none", async () => {
    const at = (text: string) =>
      readerOf(
        meddling(
          () => board,
          (path) => (path === "/record/checkpoint" ? answer(200, text) : null),
        ),
        board,
      ).checkpoint();
    expect(code(await at(board.checkpoint(3)))).toBe("ok");
    expect(code(await at(board.checkpoint(2)))).toBe("quorum-missing");
    expect(code(await at(new MemoryBoard({ origin, name: "other" }).checkpoint()))).toBe("checkpoint-invalid");
    expect(code(await at("hello"))).toBe("checkpoint-invalid");
    const reader = readerOf(
      meddling(
        () => board,
        () => answer(404, ""),
      ),
      board,
    );
    expect(code(await reader.checkpoint())).toBe("unavailable");
  });

  it("finds out two histories, follows one, and is not led back", async () => {
    const growing = opaque(40);
    const reader = readerOf(growing.surroundings(), growing);
    expect(unwrap(await reader.checkpoint()).checkpoint.size).toBe(40);
    const old = growing.checkpoint();
    unwrap(growing.append(EntryType.ballot, utf8ToBytes("more"), true));
    expect(unwrap(await reader.checkpoint()).checkpoint.size).toBe(41);
    expect(unwrap(await reader.accept(old)).checkpoint.size).toBe(41);
    expect(code(await reader.accept(opaque(40, "x").checkpoint()))).toBe("promise-broken");
    let shown = growing;
    const led = readerOf(
      meddling(
        () => shown,
        () => null,
      ),
      growing,
    );
    expect(unwrap(await led.checkpoint()).checkpoint.size).toBe(41);
    shown = opaque(50, "x");
    expect(code(await led.checkpoint())).toBe("promise-broken");
  });

  it("refuses changed, swapped, cut and missing entries", async () => {
    const bundle = "/record/tile/entries/001.p/44";
    const original = Buffer.from(
      await collect(await board.surroundings().fetch(`http://board${bundle}`, { method: "GET" } as never)),
    );
    const read = async (change: (bytes: Buffer) => FetchAnswer) => {
      const reader = readerOf(
        meddling(
          () => board,
          (path) => (path === bundle ? change(Buffer.from(original)) : null),
        ),
        board,
      );
      return code(await reader.entry(260, unwrap(await reader.checkpoint())));
    };
    expect(await read((bytes) => answer(200, bytes))).toBe("ok");
    expect(await read((bytes) => answer(200, bytes.fill(0x39, 4 * 47 + 46, 4 * 47 + 47)))).toBe("root-differs");
    const rows = Array.from({ length: 44 }, (_, i) => original.subarray(i * 47, i * 47 + 47));
    expect(rows.every((row) => row[0] === 0 && row[1] === 45)).toBe(true);
    expect(
      await read(() => answer(200, Buffer.concat([...rows.slice(0, 4), rows[5]!, rows[4]!, ...rows.slice(6)]))),
    ).toBe("root-differs");
    expect(await read((bytes) => answer(200, bytes.subarray(0, -1)))).toBe("form-invalid");
    expect(await read((bytes) => answer(200, Buffer.concat([bytes, rows[0]!])))).toBe("form-invalid");
    expect(await read(() => answer(404, ""))).toBe("unavailable");
    const tileless = readerOf(
      meddling(
        () => board,
        (path) => (path.startsWith("/record/tile/0/") ? answer(404, "") : null),
      ),
      board,
    );
    expect(code(await tileless.entry(260, unwrap(await tileless.checkpoint())))).toBe("unavailable");
  });

  it("takes the full tile where the partial one is gone", async () => {
    let shown = opaque(300);
    const reader = readerOf(
      meddling(
        () => shown,
        (path) => (path.endsWith(".p/44") ? answer(404, "") : null),
      ),
      shown,
    );
    const under = unwrap(await reader.checkpoint());
    shown = opaque(512);
    expect(unwrap(await reader.entry(299, under)).entry.index).toBe(299);
  });
});

async function collect(it: FetchAnswer): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const reader = it.body!.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) if (part.value) parts.push(part.value);
  return Buffer.concat(parts);
}

describe("opening a board", async () => {
  const board = new MemoryBoard({ origin });
  const parties = {
    officials: [seeded("official 0"), seeded("official 1")],
    trustees: [seeded("t1"), seeded("t2"), seeded("t3")],
    registrars: [seeded("r1")],
  };
  const trust = {
    v: 1,
    source: "signed-roll",
    authority: { name: "Office", key: seeded("authority").publicKey },
    roll: randomBytes(32),
    rows: 1,
    root: randomBytes(32),
    codeSalt: randomBytes(32),
  } as const;
  const policyBytes = encodePolicyDocument({
    v: 1,
    snapshotAt: 1,
    source: "signed-roll",
    columns: [],
    eligible: "true",
    class: "0",
    weight: null,
    tests: [],
  });
  const body = smallDefinition(board, parties, {
    policy: board.addDocument(policyBytes),
    trust: board.addDocument(encodeTrustSnapshot(trust)),
  });
  const signed = async (change: Partial<typeof body> = {}, second = parties.officials[1]!) =>
    signDefinition(encodeDefinitionBody({ ...body, ...change }), origin, [
      ed25519Official(0, parties.officials[0]!),
      ed25519Official(1, second),
    ]);
  unwrap(board.append(EntryType.definition, (await signed()).payload));

  const overview = (shown: MemoryBoard, change: object = {}) => ({
    origin,
    election: null,
    context: null,
    phase: "setup",
    opens: null,
    end: null,
    now: 1,
    rehearsal: null,
    size: shown.size,
    passes: 0,
    turnout: { total: 0, classes: [] },
    keys: { ...shown.keys.keys, witnesses: [], quorum: 0 },
    registrars: [],
    ...change,
  });
  const open = (
    shown: MemoryBoard,
    {
      expected = null,
      meddle = () => null,
    }: { expected?: Uint8Array | null; meddle?: (path: string) => FetchAnswer | null } = {},
  ) =>
    openBoard(
      meddling(
        () => shown,
        (path) => meddle(path) ?? (path === "/api/election" ? answer(200, JSON.stringify(overview(shown))) : null),
      ),
      "http://board/",
      expected,
    );

  it("reads definition, policy and trust, before there are registrars", async () => {
    const { election, url } = unwrap(await open(board));
    expect(url).toBe("http://board");
    expect(election.definition.title.en).toBe("Small vote");
    expect(election.trust).toEqual(trust);
    expect(election.registrars).toEqual([]);
    expect(election.voting).toBeNull();
    expect(code(await open(board, { expected: election.id }))).toBe("ok");
    expect(code(await open(board, { expected: randomBytes(32) }))).toBe("wrong-election");
  });

  it("refuses a definition that one official signed twice over, or another's key signed", async () => {
    const forged = new MemoryBoard({ origin });
    for (const [hash, bytes] of board.documents) forged.documents.set(hash, bytes);
    unwrap(forged.append(EntryType.definition, (await signed({}, seeded("stranger"))).payload, true));
    expect(await open(forged)).toMatchObject({ ok: false, error: { code: "definition-invalid", index: 0 } });
  });

  it("refuses a record without its quorum and a changed document", async () => {
    expect(
      code(
        await open(board, {
          meddle: (path) => (path === "/record/checkpoint" ? answer(200, board.checkpoint(2)) : null),
        }),
      ),
    ).toBe("quorum-missing");
    expect(
      code(
        await open(board, {
          meddle: (path) => (path === `/documents/${bytesToHex(body.policy)}` ? answer(200, "{}") : null),
        }),
      ),
    ).toBe("document-missing");
    expect(
      code(await open(board, { meddle: (path) => (path.startsWith("/documents/") ? answer(404, "") : null) })),
    ).toBe("document-missing");
  });

  it("refuses an overview that is none, and an empty record", async () => {
    expect(code(await open(board, { meddle: (path) => (path === "/api/election" ? answer(200, "{}") : null) }))).toBe(
      "form-invalid",
    );
    expect(code(await open(new MemoryBoard({ origin })))).toBe("unavailable");
  });
});

describe("casting", () => {
  const context = randomBytes(32);
  const acknowledgement = seeded("board/ack");
  const core: BallotCore = {
    class: 0,
    pseudonym: encodePoint(G),
    previous: null,
    checker: encodePoint(G),
    contests: [{ ciphertexts: new Uint8Array(64), commitments: new Uint8Array(64), responses: new Uint8Array(32) }],
  };
  const h = ballotHash(context, core);
  const payload = encodeBallot({ core, passes: [], signature: new Uint8Array(64) });
  const ballot: SignedBallot = { h, code: confirmationCode(h), payload };

  /** A board that answers casts with these bodies, one after the other, and holds the ballot at entry 3. */
  function scene(
    answers: ((it: {
      memory: MemoryBoard;
      place: { index: number; prev: Uint8Array; leaf: Uint8Array };
    }) => FetchAnswer)[],
    stored = payload,
  ) {
    const memory = opaque(3);
    const place = unwrap(memory.append(EntryType.ballot, stored, true));
    const sent: Uint8Array[] = [];
    const around: Surroundings = {
      ...memory.surroundings(),
      fetch: async (url, init) => {
        const path = new URL(url).pathname;
        if (path === `/api/ballots/${bytesToHex(context)}`) {
          sent.push(init.body as Uint8Array);
          const next = answers.shift();
          if (next === undefined) throw new Error("no further answer");
          return next({ memory, place });
        }
        if (path.startsWith("/index/")) return answer(200, encodeIndexRow(core.pseudonym, 3));
        return memory.surroundings().fetch(url, init);
      },
      wait: async (milliseconds) => {
        memory.now += Math.ceil(milliseconds / 1000);
      },
    };
    const { keys } = memory.keys;
    const board = {
      url: "http://board",
      record: readerOf(around, memory),
      election: {
        definition: { origin },
        acknowledgementKey: unwrap(decodeVkey(keys.acknowledgement)),
        voting: { context, entry: 0 },
      },
    } as unknown as Board;
    return { memory, place, around, board, sent };
  }
  type Place = { index: number; prev: Uint8Array; leaf: Uint8Array };
  const line = (value: object) => `${JSON.stringify(value)}\n`;
  const promised = (place: Place, by = acknowledgement, of = h) =>
    line({
      acknowledged: {
        index: place.index,
        prev: encodeBase64url(place.prev),
        leaf: encodeBase64url(place.leaf),
        ballot: encodeBase64url(of),
        signature: encodeBase64url(by.sign(acknowledgementMessage({ origin, ...place, ballot: of }))),
      },
    });
  const refusal = (codeSaid: string, by = acknowledgement, of: Uint8Array | null = h) => {
    const leaf = new Uint8Array(32);
    const signature = by.sign(refusalMessage({ origin, ballot: of, code: codeSaid, head: 3, leaf, reason: null }));
    return line({
      refusal: {
        code: codeSaid,
        sentence: { ko: "가", en: "a" },
        ballot: of && encodeBase64url(of),
        head: 3,
        leaf: encodeBase64url(leaf),
        reason: null,
        signature: encodeBase64url(signature),
      },
    });
  };
  const received = line({ received: true });
  const outcome = (result: Result<CastOutcome, Trouble>) => (result.ok ? result.value.outcome : result.error.code);

  it("makes the receipt from public tiles where the connection broke after the promise", async () => {
    const { around, board, place } = scene([({ place: at }) => answer(200, received + promised(at))]);
    const cast = unwrap(await castBallot(around, board, ballot));
    expect(cast).toMatchObject({ outcome: "recorded", acknowledgement: { index: place.index } });
  });

  it("sends the same bytes again after lost answers and refusals that pass", async () => {
    const { around, board, sent } = scene([
      () => {
        throw new TypeError("reset");
      },
      () => answer(503, refusal("overloaded")),
      () => answer(200, received),
      () => answer(503, "<html>"),
      ({ place }) => answer(200, received + promised(place)),
    ]);
    expect(outcome(await castBallot(around, board, ballot))).toBe("recorded");
    expect(sent).toHaveLength(5);
    for (const bytes of sent) expect(Buffer.from(bytes).equals(payload)).toBe(true);
  });

  it("believes no promise that is not signed, or of another ballot", async () => {
    for (const by of [
      (place: Place) => promised(place, seeded("stranger")),
      (place: Place) => promised(place, acknowledgement, randomBytes(32)),
    ]) {
      const { around, board } = scene([({ place }) => answer(200, received + by(place))]);
      expect(outcome(await castBallot(around, board, ballot))).toBe("paper-invalid");
    }
  });

  it("finds out a promise for an entry that holds something else", async () => {
    const { around, board } = scene([({ place }) => answer(200, promised(place))], utf8ToBytes("something else"));
    expect(outcome(await castBallot(around, board, ballot))).toBe("promise-broken");
  });

  it("finds out a promise that the record does not keep", async () => {
    const { around, board } = scene([({ place }) => answer(200, promised({ ...place, leaf: randomBytes(32) }))]);
    expect(outcome(await castBallot(around, board, ballot))).toBe("promise-broken");
  });

  it("calls nothing recorded without the quorum", async () => {
    const { around, board, memory } = scene([({ place }) => answer(200, promised(place))]);
    const weak: Surroundings = {
      ...around,
      fetch: async (url, init) =>
        url.endsWith("/record/checkpoint") ? answer(200, memory.checkpoint(2)) : around.fetch(url, init),
    };
    const reading = { ...board, record: readerOf(weak, memory) } as Board;
    expect(outcome(await castBallot(weak, reading, ballot, { patience: 5000 }))).toBe("acknowledged");
  });

  it("refuses a receipt for another entry, and one before any promise", async () => {
    const receiptOf = async ({ board }: ReturnType<typeof scene>, index: number) => {
      const under = unwrap(await board.record.checkpoint());
      const { leaf } = unwrap(await board.record.entry(index, under));
      return line({ receipt: unwrap(await board.record.receipt(index, leaf, under)) });
    };
    const other = scene([]);
    const wrong = await receiptOf(other, 1);
    const right = await receiptOf(other, 3);
    const cast = async (make: (place: Place) => string) => {
      const { around, board } = scene([({ place }) => answer(200, make(place))]);
      return outcome(await castBallot(around, board, ballot));
    };
    expect(await cast((place) => promised(place) + right)).toBe("recorded");
    expect(await cast((place) => promised(place) + wrong)).toBe("paper-invalid");
    expect(await cast(() => right)).toBe("paper-invalid");
  });

  it("takes a final refusal only with its papers", async () => {
    const cast = async (text: string) => {
      const { around, board } = scene([() => answer(422, text)]);
      return outcome(await castBallot(around, board, ballot));
    };
    expect(await cast(refusal("stale-previous"))).toBe("refused");
    expect(await cast(refusal("malformed", acknowledgement, null))).toBe("paper-invalid");
    expect(await cast(refusal("stale-previous", seeded("stranger")))).toBe("paper-invalid");
    expect(await cast(refusal("late", acknowledgement, randomBytes(32)))).toBe("paper-invalid");
    expect(await cast(line({ refusal: { code: "late" } }))).toBe("paper-invalid");
  });

  it("gives up when its patience is over and says that nothing is known", async () => {
    const { around, board } = scene([]);
    expect(outcome(await castBallot(around, board, ballot, { patience: 3000 }))).toBe("unavailable");
  });

  it("looks up what the index names and the record holds, whatever else the index says", async () => {
    const { around, board, place } = scene([]);
    const found = unwrap(await lookUp(around, board, core.pseudonym));
    expect(found.ballots.map(({ index, code: text }) => [index, text])).toEqual([[place.index, ballot.code]]);
    expect(found.complete).toBe(true);
    const lying: Surroundings = {
      ...around,
      fetch: async (url, init) =>
        url.includes("/index/")
          ? answer(200, Buffer.concat([0, 1, 99].map((i) => encodeIndexRow(core.pseudonym, i))))
          : around.fetch(url, init),
    };
    expect(unwrap(await lookUp(lying, board, core.pseudonym)).ballots).toEqual([]);
  });
});
