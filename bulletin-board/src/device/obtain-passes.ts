/**
 * A person's passes, from activation code to blind signatures (docs/protocol.md 7.3). Everything derives from a seed that
 * the caller has stored before: called again with the same seed, every request is the same bytes, and a pass that was
 * logged before is signed again.
 */
import {
  activationKey,
  bytesToHex,
  combineNullifier,
  decodeNonIdentity,
  equalBytes,
  err,
  type HolderKey,
  type KeyPair,
  nullifier as nullifierOf,
  ok,
  type PassRequest,
  parseActivationCode,
  presentationNonce,
  type Result,
  requestPass,
  type Secret,
  signPresentation,
  verifyEndorsement,
  verifyNullifierShare,
} from "@hanpyo/crypto";
import type { BallotPass } from "../record/ballot-entry.ts";
import { type Endorsement, passEntry } from "../record/pass-entry.ts";
import { encodeRecord } from "../record/schema/cbor.ts";
import type { Board, Election, RegistrarView } from "./election.ts";
import { gather, type Patience, prevailing } from "./gather.ts";
import { confirmLogged } from "./pass-entry-reader.ts";
import { drawSubset, uniformBelow } from "./random.ts";
import {
  type EndorseAnswer,
  type EvaluateAnswer,
  type Grant,
  type NonceAnswer,
  type Presentation,
  RegistrarClient,
  type SharedShare,
} from "./registrar-client.ts";
import { integer, shape } from "./shape.ts";
import { call, type Surroundings, type Trouble, trouble } from "./transport.ts";

export type PassStep = "code" | "nonces" | "shares" | "endorsements" | "logged" | "signatures" | "done";

export interface PassProgress {
  readonly step: PassStep;
  /** Which pass, from 0, and how many there are; from the step `logged` on. */
  readonly pass?: number;
  readonly of?: number;
  /** Registrars that answered so far. */
  readonly answered?: number;
}

export interface PassInput {
  /** As the person typed it. */
  readonly code: string;
  /** 32 bytes, stored before this is called. */
  readonly seed: Secret<Uint8Array>;
  readonly progress?: (progress: PassProgress) => void;
  /** Called where fewer than all n registrars have signed after 4 s: whether to wait for the others. Default: go on. */
  readonly waitForAll?: (answered: readonly number[], of: number) => Promise<boolean>;
  /** Longest random delay between several passes of one person, milliseconds. */
  readonly apart?: number;
}

/** A pass that can vote. */
export interface Pass {
  readonly class: number;
  readonly denomination: number;
  readonly copy: number;
  /** P = g^x; derives from the seed, so that it need not be stored. */
  readonly pseudonym: KeyPair;
  readonly nullifier: Uint8Array;
  /** Its entry in the pass log, seen under a witnessed checkpoint. */
  readonly entry: number;
  /** Of the q registrars drawn, ascending. */
  readonly passes: readonly BallotPass[];
  /** Registrars whose blind signature was good. */
  readonly answered: readonly number[];
}

export interface Passes {
  readonly passes: readonly Pass[];
  /** Registrars that did not answer or answered wrongly, and how: for operators; says nothing about the person. */
  readonly troubles: readonly Trouble[];
}

interface Prepared {
  readonly grant: { readonly class: number; readonly denomination: number; readonly copy: number };
  readonly request: PassRequest;
}

const GRACE = 1500;
/** After the endorsements a device waits this long for the signatures of all (docs/protocol.md, "Requests"). */
const SIGN_GRACE = 4000;
const LOG_DEADLINE = 60_000;
const patient = (needed: number): Patience => ({ needed, grace: GRACE, from: "enough" });
const logged = shape({ index: integer });

/** The holder key of a typed code; scrypt, about 50 ms. */
export function holderOf(election: Election, typed: string): Result<HolderKey, Trouble> {
  const code = parseActivationCode(typed);
  return code.ok ? ok(activationKey(code.value, election.trust.codeSalt)) : trouble("unknown-voter", code.error);
}

/** All of a person's passes. Refused with the code that most registrars gave. */
export async function obtainPasses(
  around: Surroundings,
  board: Board,
  input: PassInput,
): Promise<Result<Passes, Trouble>> {
  const { election } = board;
  const { registrars } = election;
  const say = input.progress ?? (() => undefined);
  if (registrars.length === 0) return trouble("unavailable", "the registrars' keys are not on the record yet");
  say({ step: "code" });
  const holder = holderOf(election, input.code);
  if (!holder.ok) return holder;

  const granted = await askNonces(around, election, holder.value.publicKey);
  if (!granted.ok) return granted;
  say({ step: "nonces", answered: granted.value.nonces.size });
  const prepared = prepare(election, input.seed, granted.value.grants);
  if (!prepared.ok) return prepared;
  const presentation = present(election, holder.value, granted.value.nonces, prepared.value);

  const prf = await evaluate(around, election, presentation);
  if (!prf.ok) return prf;
  say({ step: "shares", answered: prf.value.shares.length });
  const nullifiers = prepared.value.map(({ grant }) =>
    nullifierOf(election.id, grant.denomination, grant.copy, prf.value.prf),
  );
  const endorsed = await endorseAll(around, election, presentation, prepared.value, nullifiers, prf.value.shares);
  if (!endorsed.ok) return endorsed;
  say({ step: "endorsements", answered: endorsed.value.byPass[0]!.length });

  const troubles = [...granted.value.troubles, ...prf.value.troubles, ...endorsed.value.troubles];
  const passes: Pass[] = [];
  for (const [i, each] of prepared.value.entries()) {
    if (i > 0) await around.wait(uniformBelow(around, (input.apart ?? 10_000) + 1));
    const pass = await logAndSign(
      around,
      board,
      each,
      nullifiers[i]!,
      endorsed.value.byPass[i]!,
      (step, answered) =>
        say({ step, pass: i, of: prepared.value.length, ...(answered === undefined ? {} : { answered }) }),
      input.waitForAll,
    );
    if (!pass.ok) return pass;
    passes.push(pass.value.pass);
    troubles.push(...pass.value.troubles);
  }
  say({ step: "done" });
  return ok({ passes, troubles });
}

const all = (election: Election): readonly number[] => election.registrars.map(({ index }) => index);
const registrar = (election: Election, index: number): RegistrarView => election.registrars[index - 1]!;
const client = (around: Surroundings, election: Election, index: number): RegistrarClient =>
  new RegistrarClient(around, registrar(election, index));

interface Granted {
  readonly nonces: ReadonlyMap<number, Uint8Array>;
  readonly grants: readonly Grant[];
  readonly troubles: readonly Trouble[];
}

/** Nonces from all; what the person may have is what q registrars agree on. */
async function askNonces(around: Surroundings, election: Election, key: Uint8Array): Promise<Result<Granted, Trouble>> {
  const { quorum } = election.definition;
  const asked = await gather(around, all(election), (i) => client(around, election, i).nonce(key), patient(quorum));
  const kinds = new Map<string, number[]>();
  for (const [index, answer] of asked.answers) {
    const kind = JSON.stringify(answer.denominations.map((each) => [each.class, each.weight, each.copies]));
    kinds.set(kind, [...(kinds.get(kind) ?? []), index]);
  }
  const agreeing = [...kinds.values()].find((indices) => indices.length >= quorum);
  if (agreeing === undefined)
    return err(prevailing(asked.troubles, { code: "unavailable", detail: "the registrars do not agree" }));
  const answers = agreeing.map((index) => [index, asked.answers.get(index)!] as [number, NonceAnswer]);
  const grants = answers[0]![1].denominations;
  const classes = election.definition.classes;
  const total = grants.reduce((sum, { copies }) => sum + copies, 0);
  const sane = grants.every((grant) => classes[grant.class]?.weight === grant.weight);
  if (!sane || total < 1 || total > 256)
    return trouble("form-invalid", "the registrars grant what the definition lacks");
  return ok({ nonces: new Map(answers.map(([i, { nonce }]) => [i, nonce])), grants, troubles: asked.troubles });
}

function prepare(
  election: Election,
  seed: Secret<Uint8Array>,
  grants: readonly Grant[],
): Result<readonly Prepared[], Trouble> {
  const prepared: Prepared[] = [];
  for (const grant of grants) {
    const moduli = election.registrars.map((each) => each.moduli[grant.class]!);
    for (let copy = 0; copy < grant.copies; copy++) {
      const name = { election: election.id, denomination: grant.weight, copy };
      const request = requestPass(seed, name, grant.class, moduli);
      if (!request.ok) return trouble("registrar-invalid", request.error.fault, { party: request.error.registrar });
      prepared.push({ grant: { class: grant.class, denomination: grant.weight, copy }, request: request.value });
    }
  }
  return ok(prepared);
}

function present(
  election: Election,
  holder: HolderKey,
  given: ReadonlyMap<number, Uint8Array>,
  prepared: readonly Prepared[],
): Presentation {
  const nonces = election.registrars.map(({ index }) => given.get(index) ?? null);
  const nonce = presentationNonce(
    election.id,
    nonces,
    prepared.map(({ request }) => request.request),
  );
  return {
    key: holder.publicKey,
    signature: signPresentation(holder, nonce),
    nonces,
    requests: prepared.map(({ grant, request }) => ({ ...grant, blinded: request.blinded })),
  };
}

const withNonce = (election: Election, { nonces }: Presentation): readonly number[] =>
  all(election).filter((index) => nonces[index - 1] !== null);

interface Evaluated {
  readonly prf: Uint8Array;
  readonly shares: readonly SharedShare[];
  readonly troubles: readonly Trouble[];
}

/** q proved shares over the person's group element on which q registrars agree. */
async function evaluate(
  around: Surroundings,
  election: Election,
  presentation: Presentation,
): Promise<Result<Evaluated, Trouble>> {
  const { quorum } = election.definition;
  const ask = async (index: number): Promise<Result<EvaluateAnswer, Trouble>> => {
    const answer = await client(around, election, index).evaluate(presentation);
    if (!answer.ok) return answer;
    const base = decodeNonIdentity(answer.value.base);
    const { nullifierKey } = registrar(election, index);
    const proved = base.ok && verifyNullifierShare(election.id, index, nullifierKey, base.value, answer.value).ok;
    return proved ? answer : trouble("share-invalid", "the proof of a share does not hold", { party: index });
  };
  const asked = await gather(around, withNonce(election, presentation), ask, patient(quorum));
  const bases = new Map<string, number[]>();
  for (const [index, { base }] of asked.answers)
    bases.set(bytesToHex(base), [...(bases.get(bytesToHex(base)) ?? []), index]);
  const agreeing = [...bases.values()].find((indices) => indices.length >= quorum);
  if (agreeing === undefined)
    return err(prevailing(asked.troubles, { code: "share-invalid", detail: "too few registrars agree" }));
  const shares = agreeing
    .sort((a, b) => a - b)
    .slice(0, quorum)
    .map((index): SharedShare => ({ registrar: index, ...asked.answers.get(index)! }));
  const points = shares.map(({ registrar: index, share }) => {
    const point = decodeNonIdentity(share);
    if (!point.ok) throw new Error("a proved share is a point");
    return { index, point: point.value };
  });
  return ok({ prf: combineNullifier(points, quorum), shares, troubles: asked.troubles });
}

interface Endorsed {
  /** Per pass the endorsements, ascending by registrar, at least q. */
  readonly byPass: readonly (readonly Endorsement[])[];
  readonly troubles: readonly Trouble[];
}

async function endorseAll(
  around: Surroundings,
  election: Election,
  presentation: Presentation,
  prepared: readonly Prepared[],
  nullifiers: readonly Uint8Array[],
  shares: readonly SharedShare[],
): Promise<Result<Endorsed, Trouble>> {
  const { quorum, policy } = election.definition;
  const ask = async (index: number): Promise<Result<EndorseAnswer, Trouble>> => {
    const answer = await client(around, election, index).endorse(presentation, shares);
    if (!answer.ok) return answer;
    const { endorsements } = answer.value;
    const valid =
      endorsements.length === prepared.length &&
      endorsements.every(({ nullifier, evidence, signature }, i) => {
        const { request, grant } = prepared[i]!;
        const statement = {
          election: election.id,
          nullifier,
          class: grant.class,
          request: request.request,
          policy,
          registrar: index,
          evidence,
        };
        return (
          equalBytes(nullifier, nullifiers[i]!) &&
          verifyEndorsement(registrar(election, index).endorsement, statement, signature).ok
        );
      });
    return valid ? answer : trouble("endorsement-invalid", "an endorsement does not hold", { party: index });
  };
  const asked = await gather(around, withNonce(election, presentation), ask, {
    needed: quorum,
    grace: 0,
    from: "enough",
  });
  if (asked.answers.size < quorum)
    return err(
      prevailing(asked.troubles, { code: "endorsements-missing", detail: `${asked.answers.size} of ${quorum}` }),
    );
  const indices = [...asked.answers.keys()].sort((a, b) => a - b);
  const byPass = prepared.map((_, i) =>
    indices.map((index): Endorsement => {
      const { evidence, signature } = asked.answers.get(index)!.endorsements[i]!;
      return { registrar: index, evidence, signature };
    }),
  );
  return ok({ byPass, troubles: asked.troubles });
}

/** Posts the pass-log entry; a refusal that names the first entry is looked into, for it may be our own. */
async function log(
  around: Surroundings,
  board: Board,
  { grant, request }: Prepared,
  nullifier: Uint8Array,
  endorsements: readonly Endorsement[],
): Promise<Result<number, Trouble>> {
  const { policy } = board.election.definition;
  const entry = { nullifier, class: grant.class, request: request.request, policy, endorsements };
  const payload = encodeRecord(passEntry, entry);
  let posted: Result<{ readonly index: number }, Trouble> = trouble("unavailable", "not sent");
  for (let attempt = 0; attempt < 4; attempt++) {
    if (attempt > 0) await around.wait(300 * 2 ** attempt);
    posted = await call(around, `${board.url}/api/passes`, payload, logged);
    if (posted.ok || !["unavailable", "overloaded"].includes(posted.error.code)) break;
  }
  if (posted.ok) return ok(posted.value.index);
  const { index } = posted.error;
  return index === undefined ? posted : ok(index);
}

async function logAndSign(
  around: Surroundings,
  board: Board,
  prepared: Prepared,
  nullifier: Uint8Array,
  endorsements: readonly Endorsement[],
  say: (step: PassStep, answered?: number) => void,
  waitForAll: PassInput["waitForAll"],
): Promise<Result<{ readonly pass: Pass; readonly troubles: readonly Trouble[] }, Trouble>> {
  const { election } = board;
  const { grant, request } = prepared;
  const { quorum } = election.definition;
  const index = await log(around, board, prepared, nullifier, endorsements);
  if (!index.ok) return index;
  say("logged");
  const deadline = around.clock.now() + LOG_DEADLINE;
  const expected = { nullifier, request: request.request, class: grant.class };
  const seen = confirmLogged(around, board.passes, index.value, expected, deadline);

  const finished = new Map<number, Uint8Array>();
  let stopped = false;
  const ask = async (party: number): Promise<Result<Uint8Array, Trouble>> => {
    for (;;) {
      const answer = await client(around, election, party).sign({ ...grant, blinded: request.blinded }, nullifier);
      if (answer.ok) {
        const signature = request.finish(party, answer.value.signature);
        if (!signature.ok)
          return trouble("pass-invalid", "a blind signature does not hold, which anybody can check", { party });
        finished.set(party, signature.value);
        if (!stopped) say("signatures", finished.size);
        return signature;
      }
      const again = ["not-logged", "unavailable", "overloaded", "witnesses-missing"].includes(answer.error.code);
      if (stopped || !again || around.clock.now() >= deadline) return answer;
      await around.wait(1000);
    }
  };
  const patience = { needed: quorum, grace: SIGN_GRACE, from: "start" } as const;
  const [asked, entry] = await Promise.all([gather(around, all(election), ask, patience), seen]);
  if (!entry.ok || finished.size < quorum) {
    stopped = true;
    const few = `${finished.size} of ${quorum} signatures`;
    return entry.ok ? err(prevailing(asked.troubles, { code: "unavailable", detail: few })) : entry;
  }
  const total = election.registrars.length;
  if (finished.size < total && (await waitForAll?.([...finished.keys()], total))) await asked.settled;
  stopped = true;
  const answered = [...finished.keys()].sort((a, b) => a - b);
  const drawn = drawSubset(around, answered, quorum);
  return ok({
    pass: {
      ...grant,
      pseudonym: request.pseudonym,
      nullifier,
      entry: entry.value,
      passes: drawn.map((party) => ({ registrar: party, signature: finished.get(party)! })),
      answered,
    },
    troubles: asked.troubles,
  });
}
