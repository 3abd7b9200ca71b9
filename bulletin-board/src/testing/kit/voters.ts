/** Residents of the kit: their passes, their ballots, and a prover that does whatever it is told. */
import {
  type BallotContext,
  type BallotCore,
  ballotChallenge,
  ballotHash,
  bytesToHex,
  type Choices,
  commitDisjunction,
  concatBytes,
  encodePoint,
  encodeScalar,
  encryptBallot,
  endorse,
  evidenceHash,
  G,
  type KeyPair,
  modOrder,
  multiplyPublic,
  nullifier,
  passMessage,
  passSecrets,
  personPoint,
  respondDisjunction,
  Secret,
  sealEvidence,
  signCast,
  unwrap,
  utf8ToBytes,
} from "@hanpyo/crypto";
import type { AuthoredEntry } from "../../record/authoring/index.ts";
import { type Ballot, type BallotPass, encodeBallot, passesHash } from "../../record/ballot-entry.ts";
import { EntryType } from "../../record/entry-types.ts";
import { type PassEntry, passEntry } from "../../record/pass-entry.ts";
import { encodeRecord } from "../../record/schema/cbor.ts";
import { ballotContexts } from "../../verify/ballot-proofs.ts";
import { bytesOf, endorsementKey, evidenceKey, passSignature, scalarOf } from "./keys.ts";
import type { Run, Step } from "./run.ts";
import { entry, step } from "./steps.ts";

export interface Voter {
  readonly number: number;
  readonly class: number;
  readonly weight: number;
}
/** Six of class 0, five of class 1, three of class 2 and of weight two; more of class 0 for those who tamper. */
export const voters: readonly Voter[] = Array.from({ length: 18 }, (_, number) => {
  const item = number < 6 || number > 13 ? 0 : number < 11 ? 1 : 2;
  return { number, class: item, weight: item === 2 ? 2 : 1 };
});

const kept = new Map<string, unknown>();
/** Computed once per process and name; the name says everything that the value depends on. */
function once<T>(name: readonly (string | number | Uint8Array)[], make: () => T): T {
  const key = name.map((part) => (part instanceof Uint8Array ? bytesToHex(part) : part)).join("|");
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key) as T;
}

const electionOf = (run: Run): Uint8Array => {
  if (!run.state.election) throw new Error("there is no definition yet");
  return run.state.election;
};

export const pseudonymOf = (run: Run, { number, weight }: Voter): KeyPair => {
  const election = electionOf(run);
  return once(["pseudonym", election, number], () => {
    const seed = new Secret(bytesOf(`voter ${number}`));
    return passSecrets(seed, { election, denomination: weight, copy: 0 }).pseudonym;
  });
};

/** The nullifier key: the sum of the registrars' constant terms of the first round. */
const nullifierKey = (): bigint => modOrder([1, 2, 3, 4].reduce((sum, i) => sum + scalarOf(`dealer 1/1/${i}/0`), 0n));

/** A pass-log entry that registrars endorse as it is, whatever it says. */
export function endorsedPass(
  run: Run,
  fields: Partial<Omit<PassEntry, "endorsements">>,
  endorsers: readonly number[] = [1, 2, 3],
): PassEntry {
  const election = electionOf(run);
  const pass = {
    nullifier: bytesOf("nullifier"),
    class: 0,
    request: bytesOf("request"),
    policy: run.state.definition!.policy,
    ...fields,
  };
  const endorsements = endorsers.map((registrar) => {
    const sealed = sealEvidence(election, registrar, evidenceKey.publicKey, utf8ToBytes("evidence"));
    const evidence = evidenceHash(sealed);
    const signature = endorse(endorsementKey(registrar), { election, ...pass, registrar, evidence });
    return { registrar, evidence, signature };
  });
  return { ...pass, endorsements };
}

/** What stands in the pass log for a resident. The hash of its requests covers blinded values that nobody else can check. */
export function passOf(
  run: Run,
  { number, class: item, weight }: Voter,
  endorsers: readonly number[] = [1, 2, 3],
): PassEntry {
  const election = electionOf(run);
  return once(["pass", election, number, endorsers.join()], () => {
    const prf = encodePoint(multiplyPublic(personPoint(election, utf8ToBytes(`row:${number}`)), nullifierKey()));
    const fields = {
      nullifier: nullifier(election, weight, 0, prf),
      class: item,
      request: bytesOf(`request ${number}`),
    };
    return endorsedPass(run, fields, endorsers);
  });
}
export const passStep = (
  voter: Voter,
  change: (pass: PassEntry, run: Run) => PassEntry = (pass) => pass,
  name = `pass ${voter.number}`,
): Step => step(name, (run) => run.appendPass(encodeRecord(passEntry, change(passOf(run, voter), run))));

/** Signatures of a pass by these registrars, as the resident's device unblinds them. */
export function signedPasses(run: Run, voter: Voter, registrars: readonly number[], item = voter.class): BallotPass[] {
  const election = electionOf(run);
  const message = passMessage(election, item, pseudonymOf(run, voter).encoded);
  return registrars.map((registrar) => ({
    registrar,
    signature: once(["signed", election, voter.number, item, registrar], () => passSignature(registrar, item, message)),
  }));
}

/** Which three of the four registrars a resident's device drew. */
const drawn = ({ number }: Voter): number[] => [1, 2, 3, 4].filter((registrar) => registrar !== 1 + (number % 4));

export interface CastChanges {
  readonly class?: number;
  readonly previous?: Uint8Array | null;
  readonly registrars?: readonly number[];
  readonly passes?: (honest: readonly BallotPass[]) => readonly BallotPass[];
  /** Makes the core in place of the honest encryption. */
  readonly core?: (context: BallotContext, header: Header, choices: Choices) => BallotCore;
  /** Changes the core before it is signed. */
  readonly bend?: (core: BallotCore) => BallotCore;
  /** Changes what is signed already. */
  readonly after?: (ballot: Ballot) => Ballot;
  readonly signer?: KeyPair;
}
export type Header = Omit<BallotCore, "contests">;

export function contextOf(run: Run, item: number): BallotContext {
  const { state } = run;
  const contexts = once(["contexts", state.context ?? "none", state.ceremonies[0].completed?.key ?? "none"], () =>
    ballotContexts(state),
  );
  if (!contexts) throw new Error("the election is not open, or has no key");
  return contexts[item]!;
}

/** A ballot of a resident, following its latest one on the record. */
export function castBallot(run: Run, voter: Voter, choices: Choices, changes: CastChanges = {}): AuthoredEntry {
  const item = changes.class ?? voter.class;
  const context = contextOf(run, item);
  const keys = pseudonymOf(run, voter);
  const known = run.view.pseudonym(keys.encoded);
  const previous = changes.previous === undefined ? (known?.latest ?? null) : changes.previous;
  const name = [context.context, context.keyBytes, item, keys.encoded, previous ?? "first", JSON.stringify(choices)];
  const seed = bytesOf(name.map((part) => (part instanceof Uint8Array ? bytesToHex(part) : part)).join("|"));
  const honest = (): BallotCore =>
    once(["core", ...name], () =>
      unwrap(encryptBallot(context, { pseudonym: keys.encoded, previous, checker: null, choices, seed })),
    );
  const header = { class: item, pseudonym: keys.encoded, previous, checker: keys.encoded };
  const made = changes.core ? changes.core(context, header, choices) : honest();
  const core = changes.bend ? changes.bend(structuredClone(made)) : made;
  const registrars = changes.registrars ?? (known ? [] : drawn(voter));
  const signed = signedPasses(run, voter, registrars, item);
  const passes = changes.passes?.(signed) ?? signed;
  const hash = passesHash(electionOf(run), passes);
  const statement = { context: context.context, ballot: ballotHash(context.context, core), passes: hash };
  const signer = changes.signer ?? keys;
  const signature = once(["cast", statement.context, statement.ballot, hash, signer.encoded], () =>
    signCast(statement, signer),
  );
  const ballot = { core, passes, signature };
  return { type: EntryType.ballot, payload: encodeBallot(changes.after?.(ballot) ?? ballot) };
}

/** Honest choices: contest 0 (two options and blank), 1 (two options, not seen by class 2), 2 (any of two). */
export function choicesOf({ class: item }: Voter, turn: number): Choices {
  const first = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ][turn % 3]!;
  const second = turn % 2 === 0 ? [1, 0] : [0, 1];
  const third = [turn % 2, turn % 3 === 0 ? 1 : 0];
  return item === 2 ? [first, third] : [first, second, third];
}

export const ballotName = (voter: number, turn = 0): string =>
  turn === 0 ? `ballot ${voter}` : `ballot ${voter}, re-vote ${turn}`;
export const ballotStep = (voter: number, turn = 0, changes: CastChanges = {}, name = ballotName(voter, turn)): Step =>
  entry(name, (run) => castBallot(run, voters[voter]!, choicesOf(voters[voter]!, voter + turn), changes));

/** A prover that uses whatever randomness it is told, under proofs that all hold. */
export function proveWith(
  ballot: BallotContext,
  header: Header,
  choices: Choices,
  randomness: (contest: number, option: number) => bigint,
): BallotCore {
  const made = ballot.contests.map(({ layout }, contest) => {
    const values = choices[contest]!;
    const r = values.map((_, option) => randomness(contest, option));
    const ciphertexts = concatBytes(
      ...values.flatMap((value, option) => {
        const S = multiplyPublic(ballot.key, r[option]!).add(multiplyPublic(G, BigInt(value)));
        return [encodePoint(multiplyPublic(G, r[option]!)), encodePoint(S)];
      }),
    );
    const sum = { value: 0, r: 0n };
    layout.factors.forEach((factor, option) => {
      sum.value += Number(factor) * values[option]!;
      sum.r = modOrder(sum.r + factor * r[option]!);
    });
    const witnesses = layout.proofs.map(({ option, first, branches }, proof) => ({
      ...(option === null ? sum : { value: values[option]!, r: r[option]! }),
      first,
      branches: Array.from({ length: branches }, (_, j) => {
        const of = (purpose: string) => scalarOf(`${bytesToHex(header.pseudonym)}/${contest}/${proof}/${j}/${purpose}`);
        return { w: of("w"), c: of("c"), s: of("s") };
      }),
    }));
    const commitments = witnesses.flatMap((witness) =>
      commitDisjunction(ballot.keyTable(), witness).flatMap(({ a, b }) => [encodePoint(a), encodePoint(b)]),
    );
    return { ciphertexts, commitments: concatBytes(...commitments), witnesses };
  });
  const challenge = ballotChallenge(ballot, { ...header, contests: made });
  const contests = made.map(({ ciphertexts, commitments, witnesses }) => {
    const scalars = witnesses.flatMap((witness) => {
      const { challenges, responses } = respondDisjunction(witness, challenge);
      return [...challenges.slice(0, -1), ...responses];
    });
    return { ciphertexts, commitments, responses: concatBytes(...scalars.map(encodeScalar)) };
  });
  return { ...header, contests };
}
