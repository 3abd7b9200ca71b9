import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Bounds,
  CANONICAL,
  contains,
  FormulaBounds,
  fieldResult,
  functionsOf,
  within,
} from "../testing/engine-wasm/intervals.ts";
import { fieldSource } from "./generate-field.ts";

const read = (name: string) => readFileSync(path.join(import.meta.dirname, "assembly", name), "utf8");
const field = read("field.generated.as");
const code = functionsOf(field);
const formulas = `${read("field.as")}\n${read("point.as")}`;

/** What a product leaves: a little over 2^28, because the last carries are not followed to the end. */
const CARRIED = within(2n ** 28n + 2n ** 17n);
const HALVES = within(2n ** 29n + 2n ** 28n);
const result = (name: string, ...operands: Bounds[]) => fieldResult(code.get(name)!, operands);

describe("limb bounds of the emitted field code", () => {
  it("are proved over the file that is compiled", () => {
    expect(field).toBe(fieldSource());
    expect([...code.keys()].sort()).toEqual(
      ["feMul", "feAddMul", "feSubMul", "feSquareTimes", "feSquare", "feAdd", "feSub"].sort(),
    );
  });

  it("hold for products of wide operands", () => {
    for (const wide of [within(2n ** 29n), within(2n ** 30n)])
      expect(contains(CARRIED, result("feMul", wide, within(2n ** 29n + 2n ** 20n)))).toBe(true);
    expect(contains(CARRIED, result("feSquare", within(2n ** 29n + 2n ** 20n)))).toBe(true);
    expect(contains(CARRIED, result("feSquareTimes", within(2n ** 29n)))).toBe(true);
  });

  it("would not hold for wider ones", () => {
    expect(() => result("feMul", within(2n ** 31n - 1n), within(2n ** 29n))).toThrow("leaves 64 bits");
    expect(() => result("feSquare", within(2n ** 30n + 2n ** 28n))).toThrow("leaves 64 bits");
    expect(() => result("feAdd", within(2n ** 30n), within(2n ** 30n))).toThrow("leaves 32 bits");
  });

  it("would be broken by one carry less", () => {
    const lines = field.split("\n");
    const at = lines.findIndex((line) => line.includes("(c8 >> 29) * 1216"));
    const broken = functionsOf([...lines.slice(0, at), ...lines.slice(at + 1)].join("\n"));
    const product = fieldResult(broken.get("feMul")!, [CARRIED, CARRIED]);
    expect(contains(CARRIED, product)).toBe(true); // the sum is wrong then, which field.test.ts sees
    const kept = lines.findIndex((line) => line.includes("c8 = c8 & "));
    const loose = functionsOf([...lines.slice(0, kept), ...lines.slice(kept + 1)].join("\n"));
    expect(() => fieldResult(loose.get("feMul")!, [CARRIED, CARRIED])).toThrow("leaves 32 bits");
  });
});

describe("limb bounds of the point formulas", () => {
  const coordinates = ["X", "Y", "Z", "T"];
  const extended = (bounds: FormulaBounds, name: string) => {
    for (const each of coordinates) bounds.set(`${name} + ${each}`, CARRIED);
  };
  const stays = (bounds: FormulaBounds, name: string) => {
    for (const each of coordinates) expect(contains(CARRIED, bounds.get(`${name} + ${each}`)), each).toBe(true);
  };
  const cached = (bounds: FormulaBounds) => {
    bounds.set("q + MINUS", HALVES);
    bounds.set("q + PLUS", HALVES);
    bounds.set("q + DT", CARRIED);
  };
  const fresh = () => new FormulaBounds(field, formulas);

  for (const name of ["addCached", "subtractCached", "setCached"])
    it(`${name}: a carried point stays carried`, () => {
      const bounds = fresh();
      if (name !== "setCached") extended(bounds, "p");
      cached(bounds);
      bounds.run(name);
      stays(bounds, "p");
      expect(bounds.calls).toBeGreaterThanOrEqual(4);
    });

  it("addExtended and doubleExtended", () => {
    const sum = fresh();
    extended(sum, "p");
    extended(sum, "q");
    sum.run("addExtended");
    stays(sum, "p");
    expect(sum.calls).toBe(15);
    const double = fresh();
    extended(double, "p");
    double.run("doubleExtended");
    stays(double, "p");
    expect(double.calls).toBe(14);
  });

  it("tables of multiples, whose sums are not carried", () => {
    for (const name of ["addTable", "subtractTable"]) {
      const bounds = fresh();
      extended(bounds, "p");
      bounds.run("toTable");
      for (const each of ["MINUS", "PLUS", "DT", "Z2"]) bounds.set(`q + ${each}`, bounds.get(`o + ${each}`));
      bounds.run(name);
      stays(bounds, "p");
      expect(bounds.calls).toBe(16);
    }
  });

  it("the same point twice", () => {
    const bounds = fresh();
    extended(bounds, "p");
    for (let i = 0; i < 3; i++) bounds.run("doubleExtended");
    stays(bounds, "p");
  });

  it("decoding gives a cached point, and canonical roots", () => {
    const bounds = fresh();
    bounds.run("decodePoint");
    expect(contains(HALVES, bounds.get("o + MINUS"))).toBe(true);
    expect(contains(HALVES, bounds.get("o + PLUS"))).toBe(true);
    expect(contains(CARRIED, bounds.get("o + DT"))).toBe(true);
    expect(bounds.calls).toBeGreaterThan(40);
    bounds.set("t0", CANONICAL);
    bounds.run("setIdentityCached");
    expect(contains(HALVES, bounds.get("o + PLUS"))).toBe(true);
  });

  it("encoding", () => {
    const bounds = fresh();
    extended(bounds, "p");
    bounds.run("encodePoint");
    expect(contains(CANONICAL, bounds.get("t8"))).toBe(true);
  });
});
