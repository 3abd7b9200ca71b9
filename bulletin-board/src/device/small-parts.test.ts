import { err, ok, type Result, randomBytes, unwrap, utf8ToBytes } from "@hanpyo/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { decodePolicyDocument, decodeTrustSnapshot, encodePolicyDocument, encodeTrustSnapshot } from "./documents.ts";
import { gather, prevailing } from "./gather.ts";
import { encodeIndexRow, entriesInBucket, indexBucket, isCounted } from "./look-up.ts";
import { drawSubset, uniformBelow } from "./random.ts";
import { array, binary, flag, hex, integer, object, oneOf, orNull, parseJson, shape, string } from "./shape.ts";
import {
  call,
  type FetchAnswer,
  fetcher,
  getFile,
  lines,
  readRefusal,
  type Surroundings,
  type Trouble,
} from "./transport.ts";

describe("base64url", () => {
  it("round-trips and is canonical", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = encodeBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(unwrap(decodeBase64url(text))).toEqual(bytes);
      }),
    );
    for (const text of ["A", "AB", "AA==", "A+", "A/", "AAA=", "A A", "AAAB\n", "é"])
      expect(decodeBase64url(text).ok).toBe(false);
  });
});

describe("shapes", () => {
  const wanted = shape({
    n: integer,
    b: binary(2),
    h: hex(2),
    f: flag,
    s: string(3),
    o: orNull(object(shape({ x: integer }))),
    a: array(integer, 2),
    k: oneOf("x", "y"),
  });
  const good = { n: 1, b: "AAA", h: "00ff", f: true, s: "abc", o: { x: 2 }, a: [1, 2], k: "y" };
  const read = (value: unknown) => parseJson(utf8ToBytes(JSON.stringify(value)), wanted);

  it("read what fits and ignore what is new", () => {
    const value = unwrap(read({ ...good, more: 1 }));
    expect(value).toEqual({ ...good, b: new Uint8Array(2), h: Uint8Array.of(0, 255) });
    expect(unwrap(read({ ...good, o: null })).o).toBeNull();
  });

  it.each<[string, object]>([
    ["a missing field", { n: undefined }],
    ["a fraction", { n: 1.5 }],
    ["a negative number", { n: -1 }],
    ["a number above 2^53", { n: 2 ** 53 }],
    ["a string for a number", { n: "1" }],
    ["bytes of another length", { b: "AAAA" }],
    ["unused bits", { b: "AAB" }],
    ["upper-case hex", { h: "00FF" }],
    ["short hex", { h: "00" }],
    ["a number for a flag", { f: 1 }],
    ["a long text", { s: "abcd" }],
    ["an array for an object", { o: [] }],
    ["too many elements", { a: [1, 2, 3] }],
    ["an unknown word", { k: "z" }],
  ])("refuse %s", (_name, change) => {
    expect(read({ ...good, ...change }).ok).toBe(false);
  });

  it("refuse what is not JSON, not UTF-8, not an object, or inherited", () => {
    for (const bytes of [
      utf8ToBytes("{"),
      Uint8Array.of(0xff),
      utf8ToBytes("[]"),
      utf8ToBytes("null"),
      utf8ToBytes("7"),
    ])
      expect(parseJson(bytes, wanted).ok).toBe(false);
    expect(parseJson(utf8ToBytes("{}"), shape({ toString: string(9) })).ok).toBe(false);
  });
});

describe("random draws", () => {
  const source = { random: (length: number) => randomBytes(length) };

  it("are below their bound and reach all of it", () => {
    const seen = new Set(Array.from({ length: 400 }, () => uniformBelow(source, 5)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(() => uniformBelow(source, 0)).toThrow();
  });

  it("reject the bytes that would favour small values", () => {
    // 2^32 mod 3 = 1: only the largest value is thrown away.
    const words = [Uint8Array.of(255, 255, 255, 255), Uint8Array.of(0, 0, 0, 4)];
    expect(uniformBelow({ random: () => words.shift()! }, 3)).toBe(1);
    expect(words).toEqual([]);
  });

  it("draw every subset about equally often, in order", () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 2000; i++) {
      const drawn = drawSubset(source, [1, 2, 3, 4], 3).join();
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["1,2,3", "1,2,4", "1,3,4", "2,3,4"]);
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(150);
    expect(() => drawSubset(source, [1], 2)).toThrow();
  });
});

describe("gather", () => {
  const never = () => new Promise<Result<number, Trouble>>(() => undefined);
  const at = (value: number) => Promise.resolve(ok(value));
  const bad = () => Promise.resolve(err<Trouble>({ code: "share-invalid", detail: "" }));
  const around = { wait: (_ms: number) => Promise.resolve() } as Surroundings;
  const enough = { needed: 2, grace: 10, from: "enough" } as const;

  it("does not wait for one that hangs once enough have answered", async () => {
    const got = await gather(around, [1, 2, 3], (party) => (party === 2 ? never() : at(party)), enough);
    expect([...got.answers.keys()]).toEqual([1, 3]);
  });

  it("goes on waiting with too few, also after the grace", async () => {
    let release: (answer: Result<number, Trouble>) => void = () => undefined;
    const late = new Promise<Result<number, Trouble>>((resolve) => {
      release = resolve;
    });
    let done = false;
    const got = gather(around, [1, 2, 3], (party) => (party === 1 ? at(1) : party === 2 ? late : never()), {
      needed: 2,
      grace: 0,
      from: "start",
    }).then((value) => {
      done = true;
      return value;
    });
    for (let i = 0; i < 20; i++) await Promise.resolve();
    expect(done).toBe(false);
    release(ok(2));
    expect((await got).answers.size).toBe(2);
  });

  it("ends when all have settled, and names who failed", async () => {
    const got = await gather(around, [1, 2], (party) => (party === 1 ? bad() : at(2)), enough);
    expect(got.answers.size).toBe(1);
    expect(got.troubles).toEqual([{ party: 1, code: "share-invalid", detail: "" }]);
    await got.settled;
  });

  it("shows the most frequent refusal, and 'unavailable' only if nothing else was said", () => {
    const trouble = (code: Trouble["code"]): Trouble => ({ code, detail: "" });
    const fallback = trouble("overloaded");
    expect(prevailing([], fallback)).toBe(fallback);
    expect(
      prevailing(
        ["unavailable", "unavailable", "pass-used"].map((code) => trouble(code as Trouble["code"])),
        fallback,
      ).code,
    ).toBe("pass-used");
    expect(prevailing([trouble("unavailable")], fallback).code).toBe("unavailable");
    expect(prevailing([trouble("pass-used"), trouble("not-eligible"), trouble("not-eligible")], fallback).code).toBe(
      "not-eligible",
    );
  });
});

describe("documents", () => {
  const trust = {
    v: 1,
    source: "signed-roll",
    authority: { name: "구청 Office", key: randomBytes(32) },
    roll: randomBytes(32),
    rows: 3,
    root: randomBytes(32),
    codeSalt: randomBytes(32),
  } as const;

  it("have one form each, which people can read", () => {
    const bytes = encodeTrustSnapshot(trust);
    expect(unwrap(decodeTrustSnapshot(bytes))).toEqual(trust);
    const text = Buffer.from(bytes).toString("utf8");
    expect(text.startsWith('{\n  "v": 1,\n  "source": "signed-roll",')).toBe(true);
    for (const other of [
      text.trimEnd(),
      JSON.stringify(JSON.parse(text)),
      text.replace('"rows": 3', '"rows": 3.0'),
      text.replace('"v": 1,', '"v": 1,\n  "w": 1,'),
    ])
      expect(decodeTrustSnapshot(utf8ToBytes(other)).ok).toBe(false);
    expect(decodePolicyDocument(bytes).ok).toBe(false);
    expect(() => encodePolicyDocument(trust as never)).toThrow();
  });
});

describe("the look-up index", () => {
  it("has a bucket per 12 bits and rows of 16 bytes", () => {
    const pseudonym = Uint8Array.from({ length: 32 }, (_, i) => i + 0xab);
    expect(indexBucket(pseudonym)).toBe(0xaba);
    const other = Uint8Array.from(pseudonym);
    other[7]! ^= 1;
    const rows = [
      encodeIndexRow(pseudonym, 700),
      encodeIndexRow(other, 3),
      encodeIndexRow(pseudonym, 5),
      encodeIndexRow(pseudonym, 5),
    ];
    const bucket = Buffer.concat([...rows, new Uint8Array(7)]);
    expect(entriesInBucket(bucket, pseudonym)).toEqual([5, 700]);
    expect(entriesInBucket(new Uint8Array(0), pseudonym)).toEqual([]);
    const huge = encodeIndexRow(pseudonym, 0);
    huge.fill(255, 8);
    expect(entriesInBucket(huge, pseudonym)).toEqual([]);
  });

  it("reads the bitmap least significant bit first", () => {
    const bitmap = Uint8Array.of(0b0000_0101, 0b1000_0000);
    const set = Array.from({ length: 16 }, (_, i) => unwrap(isCounted(bitmap, i)));
    expect(set.flatMap((bit, i) => (bit ? [i] : []))).toEqual([0, 2, 15]);
    expect(isCounted(bitmap, 16).ok).toBe(false);
  });
});

describe("transport", () => {
  const answering = (answer: () => FetchAnswer | Promise<FetchAnswer>): Surroundings => ({
    fetch: async () => answer(),
    random: randomBytes,
    clock: { now: () => 0 },
    wait: () => Promise.resolve(),
  });
  const text = (status: number, body: string): FetchAnswer => ({
    status,
    body: new Response(body).body as FetchAnswer["body"],
  });
  const wanted = shape({ n: integer });
  const code = <T>(result: Result<T, Trouble>) => (result.ok ? "ok" : result.error.code);

  it("turns everything that goes wrong into a value", async () => {
    const asked = (answer: () => FetchAnswer) => call(answering(answer), "http://x", null, wanted);
    expect(code(await asked(() => text(200, '{"n":1}')))).toBe("ok");
    expect(code(await asked(() => text(200, "{}")))).toBe("form-invalid");
    expect(code(await asked(() => text(200, "<html>")))).toBe("form-invalid");
    expect(await asked(() => text(409, '{"code":"pass-used","index":7}'))).toMatchObject({
      error: { code: "pass-used", index: 7 },
    });
    expect(code(await asked(() => text(502, "<html>")))).toBe("unavailable");
    expect(code(await asked(() => text(400, '{"code":"toString"}')))).toBe("unavailable");
    expect(
      code(
        await asked(() => {
          throw new TypeError("no network");
        }),
      ),
    ).toBe("unavailable");
    expect(
      code(
        await call(
          answering(() => text(200, `{"n":1}${" ".repeat(100)}`)),
          "http://x",
          null,
          wanted,
          { limit: 50 },
        ),
      ),
    ).toBe("too-large");
  });

  it("reads refusals of the closed table only", () => {
    const read = (body: string) => readRefusal(422, utf8ToBytes(body));
    expect(read('{"code":"paused","index":-1}')).toEqual({ code: "paused", detail: "status 422" });
    for (const body of ["", "null", "7", '{"code":7}', '{"code":"constructor"}'])
      expect(read(body).code).toBe("unavailable");
  });

  it("tells a file that is not there from one that could not be had", async () => {
    expect(
      await getFile(
        answering(() => text(404, "")),
        "http://x",
      ),
    ).toEqual(ok(null));
    expect(
      code(
        await getFile(
          answering(() => text(503, "")),
          "http://x",
        ),
      ),
    ).toBe("unavailable");
  });

  it("gives lines as they come, however they are cut, and a broken stream as a value", async () => {
    const chunks = ['{"a"', ":1}\n{", '"b":2}\n\n', '{"c":3}'];
    const stream = (fail: boolean): FetchAnswer => {
      let i = 0;
      return {
        status: 200,
        body: {
          getReader: () => ({
            read: async () => {
              if (fail && i === 2) throw new Error("reset");
              const next = chunks[i++];
              return next === undefined ? { done: true } : { done: false, value: utf8ToBytes(next) };
            },
            cancel: async () => undefined,
          }),
        },
      };
    };
    const seen: string[] = [];
    for await (const part of lines(
      answering(() => stream(false)),
      "http://x",
      new Uint8Array(1),
    ))
      seen.push(part.ok ? Buffer.from(part.value.line).toString() : part.error.code);
    expect(seen).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
    seen.length = 0;
    for await (const part of lines(
      answering(() => stream(true)),
      "http://x",
      new Uint8Array(1),
    ))
      seen.push(part.ok ? Buffer.from(part.value.line).toString() : part.error.code);
    expect(seen).toEqual(['{"a":1}', "unavailable"]);
  });

  it("adds a time-out to a platform's fetch and leaves nothing of itself behind", async () => {
    const inits: object[] = [];
    const fetch = fetcher(
      async (_url, init) => {
        inits.push(init);
        return text(200, "");
      },
      (ms) => `after ${ms}`,
    );
    const init = {
      method: "GET",
      headers: {},
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      cache: "no-store",
    } as const;
    await fetch("x", { ...init, timeout: 5 });
    await fetch("x", init);
    expect(inits).toEqual([{ ...init, signal: "after 5" }, init]);
  });
});
