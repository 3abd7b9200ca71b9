/**
 * What a rulebook is whatever its rules are. `judge` changes nothing; `apply` of its answer does. A refused entry can still be
 * applied: the verifier does so, as far as its meaning is known, so that one fault is not reported as a hundred.
 */
import { EntryType } from "./entry-types.ts";
import type { Judge } from "./judge.ts";
import { type Judgement, noEffect, type RecordEntry, type RuleInputs, type RuleTable, type RuleTools } from "./rule.ts";
import type { ElectionState } from "./state.ts";

export class BareRulebook {
  readonly state: ElectionState;

  readonly #rules: RuleTable;
  readonly #tools: RuleTools;

  constructor(state: ElectionState, rules: RuleTable, tools: RuleTools) {
    this.state = state;
    this.#rules = rules;
    this.#tools = tools;
  }

  /** Judges an entry against the state so far; what it thinks goes to `judge`. */
  judge(entry: RecordEntry, inputs: RuleInputs, judge: Judge): Judgement {
    judge.entry = entry.index;
    const judgement = this.#judge(entry, inputs, judge);
    return {
      ...judgement,
      apply: () => {
        judgement.apply();
        this.state.newest = { entry: entry.index, type: entry.type };
      },
    };
  }

  #judge(entry: RecordEntry, inputs: RuleInputs, judge: Judge): Judgement {
    const rule = this.#rules.get(entry.type);
    if (!judge.require("1b", rule !== undefined, "unknown-type", () => `type ${entry.type}`) || !rule) return noEffect;
    const first = entry.index === 0;
    if (
      !judge.require(
        "8b",
        first === (entry.type === EntryType.definition),
        "out-of-order",
        "the definition, and only it, is entry 0",
      )
    )
      return noEffect;
    if (!first && this.state.definition === null) {
      judge.refuse("4a", "definition-invalid", "there is no definition to judge it by", 0);
      return noEffect;
    }
    return rule(this.state, entry, inputs, judge, this.#tools);
  }
}
