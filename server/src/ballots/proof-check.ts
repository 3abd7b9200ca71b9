/**
 * What the proofs, signatures and passes of ballots need to be checked, in a form that crosses to child processes, and the
 * check itself: checks 11b–11d, 12b, 13a, 14a, 15a, 15b and 16a (the rulebook does the rest).
 */
import {
  type BallotPass,
  type CheckPart,
  decodeBallot,
  type ElectionState,
  passesHash,
  type RefusalCode,
} from "@hanpyo/bulletin-board";
import {
  type BallotContext,
  type BallotCore,
  type BallotItem,
  type BallotPart,
  ballotContext,
  ballotHash,
  type Casting,
  type ContestSlot,
  castEquation,
  decodeNonIdentity,
  nobleEngine,
  passMessage,
  type RsaVerifier,
  unwrap,
  verifyBallots,
  verifyItem,
} from "@hanpyo/crypto";

/** Public keys and contests of an open election. */
export interface ProofSetting {
  /** E */
  readonly election: Uint8Array;
  /** C */
  readonly context: Uint8Array;
  /** K */
  readonly key: Uint8Array;
  /** Per class its contests, ascending. */
  readonly classes: readonly (readonly ContestSlot[])[];
  /** Per registrar (from 1, so the first is empty) and class the RSA modulus. */
  readonly moduli: readonly (readonly Uint8Array[])[];
}

export interface ProofFault {
  readonly part: CheckPart;
  readonly code: RefusalCode;
}

export const faultCodes = {
  "11a": "wrong-class",
  "11b": "malformed",
  "11c": "bad-point",
  "11d": "bad-scalar",
  "13a": "signature-invalid",
  "14a": "selection-invalid",
  "15a": "limits-invalid",
  "15b": "blank-invalid",
  "16a": "randomness-repeated",
} as const satisfies Record<BallotPart, RefusalCode>;

/** Null before the election is open. */
export function proofSetting(state: ElectionState): ProofSetting | null {
  const { election, context, definition } = state;
  const key = state.ceremonies[0].completed?.key;
  if (election === null || context === null || definition === null || key === undefined) return null;
  return {
    election,
    context,
    key,
    classes: definition.classes.map(({ contests }) =>
      contests.map((index) => ({ index, rule: definition.contests[index]!.rule })),
    ),
    moduli: [[], ...definition.registrars.map((_, i) => state.registrarKeys.get(i + 1)!.message.moduli)],
  };
}

export class BallotContexts {
  readonly #setting: ProofSetting;
  readonly #known = new Map<number, BallotContext>();

  constructor(setting: ProofSetting) {
    this.#setting = setting;
  }

  /** Undefined for a class that does not exist. */
  of(item: number): BallotContext | undefined {
    const contests = this.#setting.classes[item];
    if (contests === undefined) return undefined;
    let made = this.#known.get(item);
    if (made === undefined) {
      const key = unwrap(decodeNonIdentity(this.#setting.key));
      made = ballotContext({ context: this.#setting.context, key, class: item, contests });
      this.#known.set(item, made);
    }
    return made;
  }
}

/**
 * Checks a batch; per ballot null or what fails first. The payloads decoded before, so that they decode here. What only
 * somebody with a pass or a pseudonym's key can make comes first: a stranger's proofs would cost much and spoil the batch.
 */
export class ProofChecker {
  readonly #setting: ProofSetting;
  readonly #contexts: BallotContexts;
  readonly #rsa: RsaVerifier;
  readonly #engine = nobleEngine();

  constructor(setting: ProofSetting, rsa: RsaVerifier) {
    this.#setting = setting;
    this.#contexts = new BallotContexts(setting);
    this.#rsa = rsa;
  }

  async check(payloads: readonly Uint8Array[]): Promise<(ProofFault | null)[]> {
    const verdicts: (ProofFault | null)[] = payloads.map(() => null);
    const items: BallotItem[] = [];
    const positions: number[] = [];
    for (const [i, payload] of payloads.entries()) {
      const { core, passes, signature } = unwrap(decodeBallot(payload));
      const ballot = this.#contexts.of(core.class);
      if (ballot === undefined) {
        verdicts[i] = { part: "11a", code: "wrong-class" };
        continue;
      }
      const casting = { signature, passesHash: passesHash(this.#setting.election, passes) };
      verdicts[i] = (await this.#passesHold(core, passes))
        ? this.#signatureFault(core, casting)
        : { part: "12b", code: "pass-invalid" };
      if (verdicts[i] !== null) continue;
      items.push({ kind: "ballot", ballot, core, casting });
      positions.push(i);
    }
    for (const { index, fault } of verifyBallots(this.#engine, items).failures) {
      if (fault.part === "schnorr") throw new Error("a ballot failed as something else");
      verdicts[positions[index]!] = { part: fault.part, code: faultCodes[fault.part] };
    }
    return verdicts;
  }

  /** A re-vote carries no pass; its signature is in the batch too, with all others. */
  #signatureFault(core: BallotCore, { signature, passesHash: passes }: Casting): ProofFault | null {
    if (core.previous === null) return null;
    const { context } = this.#setting;
    const equation = castEquation({ context, ballot: ballotHash(context, core), passes }, core.pseudonym, signature);
    const holds = equation.ok && verifyItem({ kind: "schnorr", equation: equation.value }).ok;
    return holds ? null : { part: "13a", code: "signature-invalid" };
  }

  async #passesHold(core: BallotCore, passes: readonly BallotPass[]): Promise<boolean> {
    const message = passMessage(this.#setting.election, core.class, core.pseudonym);
    for (const { registrar, signature } of passes) {
      const modulus = this.#setting.moduli[registrar]?.[core.class];
      if (modulus === undefined || !(await this.#rsa.verify(modulus, message, signature))) return false;
    }
    return true;
  }
}
