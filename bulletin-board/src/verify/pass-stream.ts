/** Check 18: the pass log, entry by entry, and against what the record's anchors say of it. */
import { equalBytes, type SchnorrItem, verifyBallots } from "@hanpyo/crypto";
import { decodeEntry, Frontier, firstPrev, leafHash } from "../log/index.ts";
import type { Judge } from "../record/judge.ts";
import { judgePass, type PassRules, type PassView } from "../record/pass-log.ts";
import { FingerprintTable } from "./fingerprint-table.ts";
import type { VerifierPlatform } from "./platform.ts";
import type { PassesAtAnchor } from "./record-stream.ts";
import type { Stopwatch } from "./report.ts";

const chunk = 4096;

export class PassStream implements PassView {
  readonly #rules: PassRules;
  readonly #platform: VerifierPlatform;
  readonly #judge: Judge;
  readonly #watch: Stopwatch;
  readonly #anchors: readonly PassesAtAnchor[];
  readonly #frozen: number | null;
  readonly #nullifiers = new FingerprintTable(1);
  readonly #counts: number[];
  readonly #frontier: Frontier;
  #prev: Uint8Array;
  #next = 0;
  /** The first anchor that has not been held against this log yet. */
  #anchor = 0;
  #queue: { readonly entry: number; readonly item: SchnorrItem }[] = [];

  constructor(
    origin: string,
    rules: PassRules,
    anchors: readonly PassesAtAnchor[],
    frozen: number | null,
    platform: VerifierPlatform,
    judge: Judge,
    watch: Stopwatch,
  ) {
    this.#rules = rules;
    this.#anchors = anchors;
    this.#frozen = frozen;
    this.#platform = platform;
    this.#judge = judge;
    this.#watch = watch;
    this.#counts = rules.definition.classes.map(() => 0);
    this.#frontier = new Frontier(platform.sha256);
    this.#prev = firstPrev(origin, platform.sha256);
    this.#holdAnchors();
  }

  get size(): number {
    return this.#next;
  }
  root(): Uint8Array {
    return this.#frontier.root();
  }
  nullifier(nullifier: Uint8Array): number | undefined {
    return this.#nullifiers.get(nullifier)?.[0];
  }
  passes(classIndex: number): number {
    return this.#counts[classIndex] ?? 0;
  }

  async entry(bytes: Uint8Array): Promise<void> {
    const judge = this.#judge;
    const index = this.#next++;
    judge.entry = index;
    const leaf = leafHash(bytes, this.#platform.sha256);
    const prev = this.#prev;
    this.#prev = leaf;
    this.#frontier.append(leaf);
    if (this.#frozen !== null)
      judge.require("18e", index < this.#frozen, "passes-frozen", `the log was frozen at ${this.#frozen}`);
    const decoded = decodeEntry(bytes);
    const fits = decoded.ok && decoded.value.index === index && equalBytes(decoded.value.prev, prev);
    if (judge.require("18a", fits, "chain-broken", "pass log: form, index or predecessor") && decoded.ok) {
      const judged = judgePass(this.#rules, this, decoded.value.type, decoded.value.payload, judge);
      if (judged) {
        this.#nullifiers.add(judged.pass.nullifier)[0] = index;
        this.#counts[judged.pass.class]! += 1;
        for (const equation of judged.endorsements)
          this.#queue.push({ entry: index, item: { kind: "schnorr", equation } });
      }
    }
    this.#holdAnchors();
    if (this.#queue.length >= chunk) await this.finish();
  }

  /** Endorsements that still wait. */
  async finish(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    const items = queue.map(({ item }) => item);
    const verdict = this.#watch.time("18b", () => verifyBallots(this.#platform.engine, items));
    for (const { index } of verdict.failures) {
      this.#judge.entry = queue[index]!.entry;
      this.#judge.refuse("18b", "endorsement-invalid", "the endorsement does not hold");
    }
    const held = queue.length - verdict.failures.length;
    if (held > 0) this.#judge.held.set("18b", (this.#judge.held.get("18b") ?? 0) + held);
    await this.#platform.breathe();
  }

  /** At every anchor: the log's root at its size, and no more first ballots than passes. */
  #holdAnchors(): void {
    for (
      let anchor = this.#anchors[this.#anchor];
      anchor && anchor.size <= this.#next;
      anchor = this.#anchors[++this.#anchor]
    ) {
      this.#judge.entry = anchor.entry;
      const { size, root, firstBallots } = anchor;
      this.#judge.require(
        "18a",
        equalBytes(root, this.#frontier.root()),
        "root-differs",
        `an anchor has another root at ${size}`,
      );
      const enough = firstBallots.every((ballots, item) => ballots <= this.#counts[item]!);
      this.#judge.require(
        "18d",
        enough,
        "no-passes-left",
        () => `first ballots ${firstBallots.join(", ")}, passes ${this.#counts.join(", ")}`,
      );
    }
  }

  /** Anchors that promise more entries than there are. */
  get anchorsAhead(): number {
    return this.#anchors.length - this.#anchor;
  }
}
