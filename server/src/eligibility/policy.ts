/**
 * Who on the roll may vote, in which class, with what weight: CEL over the roll's declared columns. Everything that can be
 * wrong with a policy is found when an official saves it; a row on which it stumbles afterwards is "not eligible".
 */
import { decodePolicyDocument, type ElectionClass, type Grant, type PolicyDocument } from "@hanpyo/bulletin-board";
import { err, ok, type Result } from "@hanpyo/crypto";
import { type ASTNode, Environment, type ParseResult } from "@marcbachmann/cel-js";

/** What a person on the roll may have; grants descend by weight. */
export type Verdict =
  | { readonly eligible: true; readonly grants: readonly Grant[] }
  | { readonly eligible: false; readonly reason: "rule" | "error" | "class" | "weight" };

export interface PolicyFault {
  readonly where: "document" | "columns" | "eligible" | "class" | "weight" | "tests";
  readonly detail: string;
}

const limits = { maxAstNodes: 200, maxDepth: 20, maxListElements: 5000, maxMapEntries: 200, maxCallArguments: 8 };
/** `matches` runs the platform's regular expressions, which can be made to run for ever. */
const refusedCalls = new Set(["matches"]);
const maxCopies = 64;
const maxWeight = 2 ** 30;

export class Policy {
  readonly document: PolicyDocument;
  readonly #classes: readonly ElectionClass[];
  readonly #eligible: ParseResult;
  readonly #class: ParseResult;
  readonly #weight: ParseResult | null;

  private constructor(
    document: PolicyDocument,
    classes: readonly ElectionClass[],
    parsed: { readonly eligible: ParseResult; readonly class: ParseResult; readonly weight: ParseResult | null },
  ) {
    this.document = document;
    this.#classes = classes;
    this.#eligible = parsed.eligible;
    this.#class = parsed.class;
    this.#weight = parsed.weight;
  }

  /** Type-checks the expressions and runs the policy's own tests. `classes` are the definition's. */
  static compile(document: PolicyDocument, classes: readonly ElectionClass[]): Result<Policy, PolicyFault> {
    const environment = new Environment({ unlistedVariablesAreDyn: false, limits });
    const names = new Set(document.columns.map(({ name }) => name));
    if (names.size !== document.columns.length || !document.columns.every(({ name }) => /^[a-z][a-z0-9_]*$/.test(name)))
      return err({ where: "columns", detail: "columns are different lower-case words" });
    for (const { name, type } of document.columns) environment.registerVariable(name, type);
    environment.registerVariable("snapshot", "int");
    const eligible = parse(environment, document.eligible, "bool");
    if (!eligible.ok) return err({ where: "eligible", detail: eligible.error });
    const ofClass = parse(environment, document.class, "int");
    if (!ofClass.ok) return err({ where: "class", detail: ofClass.error });
    const weight = document.weight === null ? ok(null) : parse(environment, document.weight, "int");
    if (!weight.ok) return err({ where: "weight", detail: weight.error });
    const policy = new Policy(document, classes, {
      eligible: eligible.value,
      class: ofClass.value,
      weight: weight.value,
    });
    const failed = policy.#failedTest();
    return failed === null ? ok(policy) : err({ where: "tests", detail: failed });
  }

  /** The same from the document's bytes. */
  static decode(bytes: Uint8Array, classes: readonly ElectionClass[]): Result<Policy, PolicyFault> {
    const document = decodePolicyDocument(bytes);
    return document.ok ? Policy.compile(document.value, classes) : err({ where: "document", detail: document.error });
  }

  /** `cells` by column name, as the roll has them. */
  judge(cells: ReadonlyMap<string, string>): Verdict {
    const values = this.#values(cells);
    if (values === null) return { eligible: false, reason: "error" };
    let eligible: unknown;
    let home: unknown;
    let weight: unknown;
    try {
      eligible = this.#eligible(values);
      if (eligible !== true) return { eligible: false, reason: "rule" };
      home = this.#class(values);
      weight = this.#weight === null ? null : this.#weight(values);
    } catch {
      // Division by zero, an index beyond a list: the rule does not say that this person may vote.
      return { eligible: false, reason: "error" };
    }
    const index = typeof home === "bigint" && home >= 0n && home < BigInt(this.#classes.length) ? Number(home) : null;
    if (index === null) return { eligible: false, reason: "class" };
    if (weight === null)
      return { eligible: true, grants: [{ class: index, weight: this.#classes[index]!.weight, copies: 1 }] };
    const grants = typeof weight === "bigint" ? this.#spread(index, weight) : null;
    return grants === null ? { eligible: false, reason: "weight" } : { eligible: true, grants };
  }

  /** Greedily, highest denomination first, over the classes of the same constituency; null if it does not come out even. */
  #spread(index: number, weight: bigint): Grant[] | null {
    if (weight < 1n || weight > BigInt(maxWeight)) return null;
    const { group } = this.#classes[index]!;
    const denominations = this.#classes
      .map((each, i) => ({ class: i, weight: each.weight, group: each.group }))
      .filter((each) => each.group === group)
      .sort((a, b) => b.weight - a.weight);
    let rest = Number(weight);
    const grants: Grant[] = [];
    for (const each of denominations) {
      const copies = Math.floor(rest / each.weight);
      if (copies > maxCopies) return null;
      if (copies > 0) grants.push({ class: each.class, weight: each.weight, copies });
      rest -= copies * each.weight;
    }
    return rest === 0 ? grants : null;
  }

  /** The row's values in the types the policy declares; null if a cell is not of its type. */
  #values(cells: ReadonlyMap<string, string>): Record<string, unknown> | null {
    const values: Record<string, unknown> = { snapshot: BigInt(this.document.snapshotAt) };
    for (const { name, type } of this.document.columns) {
      const cell = cells.get(name);
      if (cell === undefined) return null;
      if (type === "string") values[name] = cell;
      else if (type === "int") {
        if (!/^(0|-?[1-9][0-9]{0,17})$/.test(cell)) return null;
        values[name] = BigInt(cell);
      } else {
        if (cell !== "true" && cell !== "false") return null;
        values[name] = cell === "true";
      }
    }
    return values;
  }

  #failedTest(): string | null {
    for (const test of this.document.tests) {
      if (test.row.length !== this.document.columns.length) return `${test.name}: a cell per column`;
      const verdict = this.judge(new Map(this.document.columns.map(({ name }, i) => [name, test.row[i]!])));
      if (verdict.eligible !== test.eligible)
        return `${test.name}: expected ${test.eligible ? "eligible" : "not eligible"}`;
      const home = verdict.eligible ? verdict.grants[0]!.class : null;
      if (home !== test.class) return `${test.name}: class ${home} instead of ${test.class}`;
    }
    return null;
  }
}

function parse(environment: Environment, source: string, type: "bool" | "int"): Result<ParseResult, string> {
  let parsed: ParseResult;
  try {
    parsed = environment.parse(source);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
  const called = callsIn(parsed.ast).find((name) => refusedCalls.has(name));
  if (called !== undefined) return err(`${called} is not allowed`);
  const checked = parsed.check();
  if (!checked.valid) return err(checked.error?.message ?? "does not type-check");
  return checked.type === type ? ok(parsed) : err(`is of type ${checked.type}, not ${type}`);
}

/** Names of all functions that an expression calls. */
function callsIn(root: ASTNode): string[] {
  const names: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    else if (typeof value === "object" && value !== null && "op" in value && "args" in value) {
      const { op, args } = value as ASTNode;
      if (op === "call" || op === "rcall") names.push((args as unknown[])[0] as string);
      visit(args);
    }
  };
  visit(root);
  return names;
}
