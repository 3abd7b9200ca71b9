/**
 * The resident's side of the protocol behind the page: opens the election, gets passes, locks, casts, looks up. Lives in a
 * worker; its surroundings and its store are handed in, so that tests run it over any fetch.
 */
import {
  type Board,
  castBallot,
  holderOf,
  obtainPasses,
  openBoard,
  type PassProgress,
  type RefusalCode,
  readOverview,
  type SignedBallot,
  type SignedRefusal,
  type Surroundings,
  signBallot,
  type Trouble,
  trouble,
} from "@hanpyo/bulletin-board";
import {
  type BallotCore,
  ballotHash,
  bytesToHex,
  confirmationCode,
  encryptBallot,
  ok,
  parseActivationCode,
  passSecrets,
  type Result,
  Secret,
} from "@hanpyo/crypto";
import { codeFault } from "../ui/codes.ts";
import type { Seeker } from "./finding.ts";
import {
  corrected,
  holderTag,
  type Kept,
  type KeptBallot,
  type KeptPass,
  type PendingBallot,
  recorded,
  refused,
  type Slot,
  sameBytes,
  signed,
  withSlot,
} from "./kept.ts";
import type {
  CodeProblem,
  Envelope,
  FromWorker,
  Lookup,
  PassStep,
  Phase,
  ReceiptFault,
  Sentence,
  Standing,
  ToWorker,
  Unreachable,
  VoterView,
  Waiting,
} from "./messages.ts";
import { evidenceFile, receiptFile, refusalFile, toBase64url, witnessedBy } from "./papers.ts";
import type { Selection } from "./selection.ts";
import type { Store } from "./store.ts";
import { electionView, placeOf } from "./view.ts";

export interface DeskSurroundings extends Surroundings {
  /** False where the device knows that it has no connection. */
  online(): boolean;
}

/** Longest random wait before a first ballot is sent, so that the time does not tell whose pass it is; ms. */
const APART = 8_000;
/** How long a page waits for the last registrars before it goes on with a quorum; ms. */
const PATIENCE_WITH_REGISTRARS = 20_000;

interface Locked {
  readonly core: BallotCore;
  readonly h: Uint8Array;
  readonly code: string;
}

export class Desk {
  readonly #around: DeskSurroundings;
  readonly #store: Store;
  readonly #post: (message: FromWorker) => void;
  #board: Board | null = null;
  #kept: Kept | null = null;
  #slot: Slot | null = null;
  #locked: readonly Locked[] = [];
  #goOn: (() => void) | null = null;
  /** Raised when everything is erased: what is under way must not write any more. */
  #life = 0;

  constructor(around: DeskSurroundings, store: Store, post: (message: FromWorker) => void) {
    this.#around = around;
    this.#store = store;
    this.#post = post;
  }

  async receive(message: ToWorker): Promise<void> {
    switch (message.type) {
      case "open":
        return this.#open(message.base);
      case "standing":
        return this.#standing();
      case "enter":
        return this.#enter(message.code, null);
      case "recover":
        return this.#recover(message.code, message.words);
      case "go-on":
        this.#goOn?.();
        return;
      case "lock":
        return this.#lock(message.choices);
      case "unlock":
        this.#locked = [];
        return;
      case "cast":
        return this.#cast();
      case "look-up":
        return this.#post({ type: "looked-up", result: await this.#lookUp(message.code) });
      case "words":
        return this.#words(message.language);
      case "erase":
        return this.#erase();
    }
  }

  async #open(base: string): Promise<void> {
    const board = await openBoard(this.#around, base);
    if (!board.ok) return this.#post({ type: "unreachable", why: this.#unreachable(board.error) });
    this.#board = board.value;
    this.#kept = await this.#store.read(this.#name());
    const slot = this.#kept?.slots[0] ?? null;
    this.#slot = slot !== null && slot.passes.length > 0 ? slot : null;
    const pending = this.#slot?.pending.filter((it) => it !== null) ?? [];
    this.#post({
      type: "opened",
      election: electionView(board.value.election.definition),
      standing: this.#standingOf(board.value.overview),
      voter: this.#voter(),
      pending: pending.map(envelopeOf),
    });
    if (pending.length > 0) await this.#send();
  }

  async #standing(): Promise<void> {
    if (this.#board === null) return;
    const overview = await readOverview(this.#around, this.#board.url);
    if (!overview.ok) return; // asked again shortly; what a person does tells by itself whether the server answers
    const standing = this.#standingOf(overview.value);
    if (this.#board.election.voting === null && standing.phase !== "setup") {
      const board = await openBoard(this.#around, this.#board.url, this.#board.election.id);
      if (!board.ok || board.value.election.voting === null) return;
      this.#board = board.value;
    }
    this.#post({ type: "standing", standing });
  }

  async #enter(code: string, recovered: Uint8Array | null): Promise<void> {
    const problem = await this.#obtain(code, recovered);
    const voter = this.#voter();
    if (problem) this.#post({ type: "code-problem", problem });
    else if (voter) this.#post({ type: "entered", voter });
  }

  async #obtain(code: string, recovered: Uint8Array | null): Promise<CodeProblem | null> {
    const board = this.#opened();
    const fault = codeFault(code, 16);
    if (fault) return fault;
    if (!parseActivationCode(code).ok) return { kind: "check" };
    const holder = holderOf(board.election, code);
    if (!holder.ok) return this.#codeProblem(holder.error);
    const known = this.#kept?.slots.find((it) =>
      sameBytes(it.tag, holderTag(new Secret(it.seed), holder.value.publicKey)),
    );
    if (known && known.passes.length > 0 && recovered === null) {
      await this.#keep(known);
      return null;
    }
    const seed = recovered ?? known?.seed ?? this.#around.random(32);
    const tag = holderTag(new Secret(seed), holder.value.publicKey);
    await this.#keep({ tag, seed, passes: [], obtainedAt: 0, latest: [], pending: [] });
    const life = this.#life;
    const got = await obtainPasses(this.#around, board, {
      code,
      seed: new Secret(seed),
      progress: (progress) => this.#passProgress(progress),
      waitForAll: (answered) => this.#waitForAll(answered.length),
      apart: APART,
    });
    if (life !== this.#life) return null;
    if (!got.ok) return this.#codeProblem(got.error);
    const passes = got.value.passes.map(
      ({ class: classIndex, denomination, copy, passes: signatures }): KeptPass => ({
        class: classIndex,
        denomination,
        copy,
        passes: signatures,
      }),
    );
    const none = passes.map(() => null);
    await this.#keep({ tag, seed, passes, obtainedAt: this.#around.clock.now(), latest: none, pending: none });
    // A device that starts with an old seed must name the vote that its next one replaces.
    if (recovered !== null && board.election.voting !== null) {
      const wrong = await this.#readLatest();
      if (wrong) return this.#codeProblem(wrong);
    }
    return null;
  }

  #passProgress({ step, answered }: PassProgress): void {
    const at: PassStep =
      step === "signatures" || step === "done"
        ? "signing"
        : step === "logged"
          ? "signing"
          : step === "endorsements"
            ? "logging"
            : "asking";
    if (step === "code" || step === "done") return;
    const total = this.#opened().election.registrars.length;
    const count = step === "signatures" ? (answered ?? 0) : 0;
    if (count >= total) this.#goOn?.();
    this.#post({ type: "registrars", step: at, answered: count, late: this.#goOn !== null });
  }

  /** Tells that some are late, and waits for them until the person or patience says otherwise. */
  async #waitForAll(answered: number): Promise<boolean> {
    const going = new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
    this.#post({ type: "registrars", step: "signing", answered, late: true });
    await Promise.race([going, this.#around.wait(PATIENCE_WITH_REGISTRARS)]);
    this.#goOn = null;
    return false;
  }

  /** Reads from the record which ballots stand under the slot's pseudonyms. */
  async #readLatest(): Promise<Trouble | null> {
    const finding = await this.#finding();
    if (!finding.ok) return finding.error;
    const latest = await finding.value.latestBallots(this.#seeker());
    if (!latest.ok) return latest.error;
    for (const [pass, ballot] of latest.value.entries()) await this.#keep(corrected(this.#slot!, pass, ballot));
    return null;
  }

  async #lock(choices: readonly Selection[]): Promise<void> {
    const board = this.#opened();
    const slot = this.#slot!;
    const { voting, definition } = board.election;
    if (voting === null) return this.#post({ type: "lock-failed" });
    const seen = this.#contests(slot);
    const locked: Locked[] = [];
    for (const [pass, { class: classIndex }] of slot.passes.entries()) {
      const contests = definition.classes[classIndex]!.contests;
      const core = encryptBallot(voting.ballotContext(classIndex), {
        pseudonym: this.#pseudonym(slot, pass).encoded,
        previous: slot.latest[pass]?.h ?? null,
        checker: null,
        choices: contests.map((contest) => choices[seen.indexOf(contest)]!),
        seed: this.#around.random(32),
      });
      if (!core.ok) return this.#post({ type: "lock-failed" });
      const h = ballotHash(voting.context, core.value);
      locked.push({ core: core.value, h, code: confirmationCode(h) });
    }
    this.#locked = locked;
    this.#post({ type: "locked", envelopes: locked.map(envelopeOf) });
  }

  /** Signs what was locked, stores it, and only then sends it. */
  async #cast(): Promise<void> {
    const board = this.#opened();
    const before = this.#slot!;
    const first = before.latest.every((it) => it === null);
    let slot = before;
    for (const [pass, { core }] of this.#locked.entries()) {
      const ballot = signBallot(board, core, this.#pseudonym(slot, pass), slot.passes[pass]!.passes);
      slot = signed(slot, pass, ballot);
    }
    this.#locked = [];
    await this.#keep(slot);
    if (first) {
      this.#post({ type: "waiting", why: "mixing", retryAt: null });
      const [one, two] = this.#around.random(2);
      await this.#around.wait((((one! << 8) | two!) / 65_536) * APART);
    }
    await this.#send();
  }

  /** Sends what is pending until each has a final answer. */
  async #send(): Promise<void> {
    const life = this.#life;
    const results: Recorded[] = [];
    let received = 0;
    for (const [pass, ballot] of this.#slot!.pending.entries()) {
      if (ballot === null) continue;
      const count = this.#slot!.pending.filter((it) => it !== null).length + results.length;
      const result = await this.#sendOne(ballot, () => {
        received += 1;
        if (received >= count) this.#post({ type: "received" });
      });
      if (result === null || life !== this.#life) return;
      if (result.outcome === "refused") {
        await this.#keep(refused(this.#slot!, pass));
        if (result.refusal.code === "stale-previous") await this.#readLatest();
        const sentence = await sentenceOf(result.refusal.code);
        return this.#post({
          type: "refused",
          refusal: { ...sentence, file: refusalFile(ballot.code, result.refusal) },
        });
      }
      await this.#keep(recorded(this.#slot!, pass));
      results.push({ ballot, receipt: result.receipt });
    }
    const papers = results.map(({ ballot, receipt }) => ({ ballot, ...this.#read(receipt, ballot) }));
    const last = papers.at(-1);
    if (!last) return;
    this.#post({
      type: "recorded",
      places: papers.map((it) => it.place),
      witnessed: last.witnessed,
      receipts: papers.map((it) => it.file),
    });
  }

  async #sendOne(
    ballot: PendingBallot,
    received: () => void,
  ): Promise<{ outcome: "recorded"; receipt: string } | { outcome: "refused"; refusal: SignedRefusal } | null> {
    const board = this.#opened();
    const life = this.#life;
    let told = false;
    for (;;) {
      const answer = await castBallot(this.#around, board, ballot satisfies SignedBallot, {
        patience: board.election.definition.mmd * 1000 + 30_000,
        progress: ({ step, code }) => {
          if (life !== this.#life) return;
          if (step === "waiting") this.#post({ type: "waiting", why: this.#waiting(code), retryAt: null });
          if (step === "sending" && !told) this.#post({ type: "waiting", why: null, retryAt: null });
          if (step === "acknowledged" && !told) {
            told = true;
            received();
          }
        },
      });
      if (life !== this.#life) return null;
      if (answer.ok && answer.value.outcome !== "acknowledged") return answer.value;
      const fault = answer.ok ? "missing" : receiptFault(answer.error);
      if (fault !== null) {
        const detail = answer.ok ? answer.value : answer.error;
        this.#post({ type: "receipt-fault", fault, evidence: evidenceFile(ballot, fault, detail) });
        if (fault !== "missing") return null;
      }
      if (!answer.ok) this.#post({ type: "waiting", why: this.#waiting(answer.error.code), retryAt: null });
      await this.#around.wait(5_000);
    }
  }

  /** A receipt that `castBallot` verified, as the page shows it. */
  #read(receipt: string, ballot: KeptBallot) {
    const { place, witnessed } = witnessedBy(this.#opened().record.policy, receipt);
    return { place, witnessed, file: receiptFile(ballot.code, receipt) };
  }

  async #lookUp(typed: string | null): Promise<Lookup> {
    if (this.#board === null) return { kind: "unreachable", why: this.#around.online() ? "server" : "offline" };
    const finding = await this.#finding();
    if (!finding.ok) return this.#lookupTrouble(finding.error);
    const found = await finding.value.findBallot(this.#seeker(), typed);
    return found.ok ? found.value : this.#lookupTrouble(found.error);
  }

  /** Looking up is fetched when it is asked for: who votes once and leaves does without. */
  async #finding(): Promise<Result<typeof import("./finding.ts"), Trouble>> {
    try {
      return ok(await import("./finding.ts"));
    } catch {
      return trouble("unavailable", "looking up could not be loaded");
    }
  }

  #seeker(): Seeker {
    const slot = this.#slot;
    return {
      around: this.#around,
      board: this.#opened(),
      pseudonyms: (slot?.passes ?? []).map((_, pass) => this.#pseudonym(slot!, pass).encoded),
      last: slot?.latest.find((it) => it !== null) ?? null,
      looking: (done, size) => this.#post({ type: "looking", done, size }),
    };
  }

  async #words(language: "ko" | "en"): Promise<void> {
    if (this.#slot === null) return;
    const { toWords } = await import("./recovery-words.ts");
    this.#post({ type: "words", list: await toWords(this.#slot.seed, language), language });
  }

  async #recover(code: string, words: string): Promise<void> {
    const { fromWords } = await import("./recovery-words.ts");
    const seed = await fromWords(words);
    if (seed === null) return this.#post({ type: "code-problem", problem: { kind: "words" } });
    await this.#enter(code, seed);
  }

  async #erase(): Promise<void> {
    this.#life += 1;
    this.#slot = null;
    this.#kept = null;
    this.#locked = [];
    await this.#store.erase();
    this.#post({ type: "erased" });
  }

  #opened(): Board {
    if (this.#board === null) throw new Error("the election is not open here");
    return this.#board;
  }

  #name = (): string => bytesToHex(this.#opened().election.id);

  async #keep(slot: Slot): Promise<void> {
    this.#slot = slot;
    this.#kept = withSlot(this.#kept, slot);
    await this.#store.write(this.#name(), this.#kept);
  }

  #pseudonym(slot: Slot, pass: number) {
    const { denomination, copy } = slot.passes[pass]!;
    const name = { election: this.#opened().election.id, denomination, copy };
    return passSecrets(new Secret(slot.seed), name).pseudonym;
  }

  /** Contests that the slot's passes see, ascending. */
  #contests(slot: Slot): readonly number[] {
    const { classes } = this.#opened().election.definition;
    return [...new Set(slot.passes.flatMap((it) => classes[it.class]!.contests))].sort((a, b) => a - b);
  }

  #voter(): VoterView | null {
    const slot = this.#slot;
    if (slot === null || slot.passes.length === 0) return null;
    const { definition } = this.#opened().election;
    return {
      place: placeOf(definition, slot.passes[0]!.class),
      weight: slot.passes.reduce((sum, it) => sum + it.denomination, 0),
      contests: this.#contests(slot),
      last: slot.latest.filter((it) => it !== null).map(envelopeOf),
    };
  }

  #standingOf({ phase, end, now }: Board["overview"]): Standing {
    return { phase: phase as Phase, end, skew: now - this.#around.clock.now() / 1000 };
  }

  #unreachable({ code }: Trouble): Unreachable {
    if (!this.#around.online()) return "offline";
    return code === "unavailable" || code === "overloaded" ? "server" : "untrusted";
  }

  async #codeProblem(trouble: Trouble): Promise<CodeProblem> {
    const silent = trouble.code === "unavailable" && !this.#around.online();
    if (silent) return { kind: "unreachable", why: "offline" };
    return { kind: "refused", refusal: await sentenceOf(trouble.code) };
  }

  #lookupTrouble(trouble: Trouble): Lookup {
    const why = this.#unreachable(trouble);
    return why === "untrusted"
      ? { kind: "fault", fault: "proof", detail: trouble.detail }
      : { kind: "unreachable", why };
  }

  #waiting(code: string | undefined): Waiting {
    if (!this.#around.online() || code === "unavailable") return "offline";
    return code === "paused" || code === "too-soon" ? code : "overloaded";
  }
}

interface Recorded {
  readonly ballot: PendingBallot;
  readonly receipt: string;
}

/** The sentence of a code; where it does not come, what must be said without it. */
async function sentenceOf(code: RefusalCode): Promise<Sentence> {
  try {
    return (await import("./sentences.ts")).sentenceOf(code);
  } catch {
    return {
      code,
      sentence: {
        ko: `거절되었습니다(${code}). 설명을 불러오지 못했습니다. 이 화면을 새로 열고 기록을 확인해 주세요.`,
        en: `This was refused (${code}). The explanation could not be loaded. Open this page anew and look at the record.`,
      },
    };
  }
}

const envelopeOf = ({ code, h }: KeptBallot): Envelope => ({ code, hash: toBase64url.encode(h) });

/** Which promise a trouble of casting breaks, or null where it passes by itself. */
function receiptFault({ code }: Trouble): ReceiptFault | null {
  if (code === "promise-broken" || code === "root-differs") return "proof";
  if (code === "quorum-missing" || code === "checkpoint-invalid") return "witnesses";
  return code === "paper-invalid" ? "acknowledgement" : null;
}
