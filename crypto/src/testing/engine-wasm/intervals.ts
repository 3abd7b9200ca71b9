/**
 * Interval arithmetic over the sources of the WebAssembly engine, read as text: no value that the field code shifts, masks or
 * stores leaves 64 bits, no stored limb leaves 32, for all inputs within given bounds; and whatever the point formulas hand from
 * one field function to the next is within them. Conditions are not read: what an `if` guards may happen or not.
 *
 * Sums and products are kept as polynomials of the loaded limbs: 64-bit arithmetic is a ring, so that what cancels (as in
 * Karatsuba's products) may overflow on the way. Intervals are taken where the ring ends: at shifts, masks and stores.
 */
export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

/** Bounds of the nine limbs of an element. */
export type Bounds = readonly Interval[];

export const LIMBS = 9;
const WORD = 2n ** 63n;
const STORED = 2n ** 31n;

export const within = (magnitude: bigint): Bounds =>
  Array.from({ length: LIMBS }, () => ({ low: -magnitude, high: magnitude }));
const exactly = (value: bigint): Interval => ({ low: value, high: value });
export const join = (a: Interval, b: Interval): Interval => ({
  low: a.low < b.low ? a.low : b.low,
  high: a.high > b.high ? a.high : b.high,
});
export const contains = (outer: Bounds, inner: Bounds): boolean =>
  outer.every(({ low, high }, i) => low <= inner[i]!.low && inner[i]!.high <= high);
const hull = (a: Bounds, b: Bounds): Bounds => a.map((each, i) => join(each, b[i]!));
/** Canonical limbs. */
export const CANONICAL: Bounds = Array.from({ length: LIMBS }, (_, i) => ({
  low: 0n,
  high: (i === LIMBS - 1 ? 2n ** 23n : 2n ** 29n) - 1n,
}));

interface SourceFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: readonly string[];
}

/** Top-level functions; their bodies as trimmed lines without comments. */
export function functionsOf(source: string): Map<string, SourceFunction> {
  const found = new Map<string, SourceFunction>();
  for (const [, name, parameters, body] of source.matchAll(
    /^(?:export )?function (\w+)\(([^)]*)\)[^{]*\{\n([\s\S]*?)^\}/gm,
  ))
    found.set(name!, {
      name: name!,
      parameters: parameters!.split(",").flatMap((each) => each.split(":")[0]!.trim() || []),
      body: body!
        .split("\n")
        .map((line) => line.replace(/\/\/.*/, "").trim())
        .filter((line) => line !== ""),
    });
  return found;
}

/** Coefficients of products of symbols; the constant has the empty name. */
type Polynomial = ReadonlyMap<string, bigint>;

/** Limbs and results of shifts and masks: unknown but for their bounds. */
class Symbols {
  readonly #bounds = new Map<string, Interval>();

  fresh(name: string, bounds: Interval): Polynomial {
    if (bounds.low === bounds.high) return new Map([["", bounds.low]]);
    const symbol = this.#bounds.has(name) ? `${name}#${this.#bounds.size}` : name;
    this.#bounds.set(symbol, bounds);
    return new Map([[symbol, 1n]]);
  }

  /** Bounds of a value, which must fit 64 bits. */
  bounds(value: Polynomial): Interval {
    let sum = exactly(0n);
    for (const [monomial, coefficient] of value) {
      let term = exactly(coefficient);
      for (const symbol of monomial === "" ? [] : monomial.split("·")) term = times(term, this.#bounds.get(symbol)!);
      sum = { low: sum.low + term.low, high: sum.high + term.high };
    }
    if (sum.low < -WORD || sum.high >= WORD) throw new RangeError(`leaves 64 bits: ${show(sum)}`);
    return sum;
  }
}

function times(a: Interval, b: Interval): Interval {
  const corners = [a.low, a.high].flatMap((x) => [x * b.low, x * b.high]);
  return corners.map(exactly).reduce(join);
}

function plus(a: Polynomial, b: Polynomial, sign: bigint): Polynomial {
  const sum = new Map(a);
  for (const [monomial, coefficient] of b) {
    const total = (sum.get(monomial) ?? 0n) + sign * coefficient;
    if (total === 0n) sum.delete(monomial);
    else sum.set(monomial, total);
  }
  return sum;
}

function multiply(a: Polynomial, b: Polynomial): Polynomial {
  let product: Polynomial = new Map();
  for (const [x, m] of a)
    for (const [y, n] of b) {
      const monomial = [x, y].flatMap((each) => (each === "" ? [] : each.split("·"))).sort();
      product = plus(product, new Map([[monomial.join("·"), m * n]]), 1n);
    }
  return product;
}

/** An expression of + − * >> & over names, numbers and loads, with the precedence of the language. */
class Expression {
  readonly #tokens: readonly string[];
  readonly #symbols: Symbols;
  readonly #value: (name: string) => Polynomial;
  readonly #load: (pointer: string, limb: number) => Interval;
  #at = 0;

  constructor(
    text: string,
    symbols: Symbols,
    value: (name: string) => Polynomial,
    load: (pointer: string, limb: number) => Interval,
  ) {
    this.#tokens = text.match(/i64\.load32_s\(\w+(?:, \d+)?\)|\w+|>>|[-+*&()]|\S/g) ?? [];
    this.#symbols = symbols;
    this.#value = value;
    this.#load = load;
  }

  evaluate(): Polynomial {
    const result = this.#and();
    if (this.#at !== this.#tokens.length) throw new SyntaxError(`not read: ${this.#tokens.slice(this.#at).join(" ")}`);
    return result;
  }

  #take(...wanted: string[]): string | null {
    const token = this.#tokens[this.#at];
    if (token === undefined || !wanted.includes(token)) return null;
    this.#at++;
    return token;
  }

  #and(): Polynomial {
    let left = this.#shift();
    while (this.#take("&") !== null) {
      const { low: mask, high } = this.#symbols.bounds(this.#shift());
      if (mask !== high || (mask & (mask + 1n)) !== 0n) throw new SyntaxError("a mask of ones is expected");
      const bounds = this.#symbols.bounds(left);
      left = this.#symbols.fresh("masked", bounds.low < 0n || bounds.high > mask ? { low: 0n, high: mask } : bounds);
    }
    return left;
  }

  #shift(): Polynomial {
    let left = this.#sum();
    while (this.#take(">>") !== null) {
      const { low: by } = this.#symbols.bounds(this.#sum());
      const { low, high } = this.#symbols.bounds(left);
      left = this.#symbols.fresh("shifted", { low: low >> by, high: high >> by });
    }
    return left;
  }

  #sum(): Polynomial {
    let left = this.#product();
    for (let sign = this.#take("+", "-"); sign !== null; sign = this.#take("+", "-"))
      left = plus(left, this.#product(), sign === "+" ? 1n : -1n);
    return left;
  }

  #product(): Polynomial {
    let left = this.#atom();
    while (this.#take("*") !== null) left = multiply(left, this.#atom());
    return left;
  }

  #atom(): Polynomial {
    const token = this.#tokens[this.#at++] ?? "nothing";
    if (token === "(") {
      const inner = this.#and();
      if (this.#take(")") === null) throw new SyntaxError("a parenthesis is not closed");
      return inner;
    }
    const load = /^i64\.load32_s\((\w+)(?:, (\d+))?\)$/.exec(token);
    if (load !== null) {
      const limb = Number(load[2] ?? 0) / 4;
      return this.#symbols.fresh(`${load[1]}[${limb}]`, this.#load(load[1]!, limb));
    }
    if (/^\d+$/.test(token)) return new Map([["", BigInt(token)]]);
    if (/^\w+$/.test(token)) return this.#value(token);
    throw new SyntaxError(`not understood: ${token}`);
  }
}

const show = ({ low, high }: Interval) => `${low}..${high}`;

/** What a function of the generated field code stores, for operands within `operands` (in the order of its parameters after o). */
export function fieldResult(code: SourceFunction, operands: readonly Bounds[]): Bounds {
  const pointers = new Map(code.parameters.slice(1).map((name, i) => [name, operands[i]]));
  const symbols = new Symbols();
  const names = new Map<string, Polynomial>();
  const out: Interval[] = [];
  const evaluate = (text: string) =>
    new Expression(
      text,
      symbols,
      (name) => names.get(name) ?? fail(`${code.name}: ${name} has no value`),
      (pointer, limb) => pointers.get(pointer)?.[limb] ?? fail(`${code.name}: ${pointer}[${limb}] is not known`),
    ).evaluate();
  const run = (lines: readonly string[]) => {
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!;
      if (line === "do {") {
        const end = lines.findIndex((each, j) => j > i && each.startsWith("} while"));
        loop(lines.slice(i + 1, end));
        i = end;
        continue;
      }
      const stored = /^i64\.store32\(o, (.+), (\d+)\);$/.exec(line);
      const assigned = /^(?:const |let )?(\w+)(?:: i64)? = (.+);$/.exec(line);
      if (stored !== null) {
        const limb = symbols.bounds(evaluate(stored[1]!));
        if (limb.low < -STORED || limb.high >= STORED) throw new RangeError(`leaves 32 bits: ${show(limb)}`);
        out[Number(stored[2]) / 4] = limb;
      } else if (assigned !== null) names.set(assigned[1]!, evaluate(assigned[2]!));
      else throw new SyntaxError(`${code.name}: not understood: ${line}`);
    }
  };
  /** Any number of rounds: until bounds that include the start stop growing. */
  const loop = (lines: readonly string[]) => {
    for (let round = 0; ; round++) {
      const before = new Map(Array.from(names, ([name, value]) => [name, symbols.bounds(value)]));
      run(lines);
      let grew = false;
      for (const [name, old] of before) {
        const joined = join(old, symbols.bounds(names.get(name)!));
        grew ||= joined.low !== old.low || joined.high !== old.high;
        names.set(name, symbols.fresh(name, joined));
      }
      if (!grew) {
        // The last round's values, which are what leaves the loop.
        run(lines);
        return;
      }
      if (round > 20) throw new RangeError(`${code.name}: the loop's bounds keep growing`);
    }
  };
  run(code.body);
  return out.length === LIMBS ? out : fail(`${code.name} stores ${out.length} limbs`);
}

function fail(message: string): never {
  throw new Error(message);
}

type State = ReadonlyMap<string, Bounds>;

/** Follows the calls of the point formulas: which bounds every named place in memory has. */
export class FormulaBounds {
  readonly #field: Map<string, SourceFunction>;
  readonly #formulas: Map<string, SourceFunction>;
  readonly #places = new Map<string, Bounds>();
  readonly #known = new Map<string, Bounds>();
  /** How many calls of field functions were followed. */
  calls = 0;

  constructor(field: string, formulas: string) {
    this.#field = functionsOf(field);
    this.#formulas = functionsOf(formulas);
    for (const [, name, limbs] of field.matchAll(/^export const (\w+): usize = memory\.data<i32>\(\[([^\]]+)\]\);/gm))
      this.#places.set(
        name!,
        limbs!.split(",").map((limb) => exactly(BigInt(limb.trim()))),
      );
  }

  set(place: string, bounds: Bounds): void {
    this.#places.set(place, bounds);
  }

  get(place: string): Bounds {
    return this.#places.get(place) ?? fail(`${place} is read before it is written`);
  }

  /** Runs a function of the formulas on places of the same names as its parameters. */
  run(name: string): void {
    const code = this.#formulas.get(name) ?? fail(`no function ${name}`);
    this.#follow(code, new Map());
  }

  #follow(code: SourceFunction, names: ReadonlyMap<string, string>): void {
    /** Per open block what held before it, and what holds after the branches that are already closed. */
    const blocks: { readonly before: State; after: State | null }[] = [];
    for (const line of code.body) {
      if (line === "} else {") {
        const block = blocks.at(-1)!;
        block.after = this.#state();
        this.#restore(block.before);
        continue;
      }
      if (line.startsWith("}")) {
        const { before, after } = blocks.pop() ?? fail(`${code.name}: a block that was not opened`);
        this.#join(after ?? before);
        continue;
      }
      const before = this.#state();
      const conditional = /^(?:else )?if .*\) fe\w+\(|^else fe/.test(line);
      for (const [, callee, list] of line.matchAll(/\b(fe\w+|isRoot)\(((?:[^()]|\([^()]*\))*)\)/g))
        this.#call(
          callee!,
          list!.split(",").map((each) => place(each, names)),
        );
      if (conditional) this.#join(before);
      if (line.endsWith("{")) blocks.push({ before: this.#state(), after: null });
    }
  }

  #state(): State {
    return new Map(this.#places);
  }

  #restore(state: State): void {
    this.#places.clear();
    for (const [name, bounds] of state) this.#places.set(name, bounds);
  }

  /** What holds if either this state or the other one was reached. */
  #join(other: State): void {
    for (const [name, bounds] of other) {
      const held = this.#places.get(name);
      this.#places.set(name, held === undefined ? bounds : hull(held, bounds));
    }
  }

  #call(callee: string, places: readonly string[]): void {
    if (/^feIs/.test(callee)) return;
    const code = this.#field.get(callee);
    if (code !== undefined) {
      this.calls++;
      const inputs = code.parameters.slice(1).flatMap((name, i) => (name === "n" ? [] : [this.get(places[i + 1]!)]));
      this.#write(places[0]!, this.#result(code, inputs));
      return;
    }
    const [o, a, b] = places;
    if (callee === "feFromBytes") this.#write(o!, CANONICAL);
    else if (callee === "feCanonical") {
      this.get(a!);
      this.#write(o!, CANONICAL);
    } else if (callee === "feCopy") this.#write(o!, this.get(a!));
    else if (callee === "feNegate") {
      const negated = this.get(a!).map(({ low, high }) => ({ low: -high, high: -low }));
      if (!contains(within(STORED - 1n), negated)) throw new RangeError("leaves 32 bits");
      this.#write(o!, negated);
    } else if (callee === "feHalfSum") {
      for (const operand of [a!, b!])
        if (!contains(CANONICAL, this.get(operand))) throw new RangeError(`${operand} is not canonical`);
      // (−2^29 + 1 − 19) >> 1 and above; (2^30 − 2) >> 1 and 2^28 from the next limb.
      this.#write(o!, within(2n ** 29n + 2n ** 28n));
    } else if (callee === "feToBytes") {
      if (!contains(CANONICAL, this.get(a!))) throw new RangeError(`${a} is not canonical`);
    } else {
      const formula = this.#formulas.get(callee) ?? fail(`not known: ${callee}`);
      this.#follow(formula, new Map(formula.parameters.map((name, i) => [name, places[i] ?? name])));
    }
  }

  #write(at: string, bounds: Bounds): void {
    this.#places.set(at, bounds);
  }

  #result(code: SourceFunction, inputs: readonly Bounds[]): Bounds {
    const key = `${code.name} ${inputs.map((each) => each.map(show).join()).join(" ")}`;
    let result = this.#known.get(key);
    if (result === undefined) {
      result = fieldResult(code, inputs);
      this.#known.set(key, result);
    }
    return result;
  }
}

/** "p + X" with p bound to "out" is "out + X". */
function place(text: string, names: ReadonlyMap<string, string>): string {
  return text.trim().replace(/^\w+/, (word) => names.get(word) ?? word);
}
