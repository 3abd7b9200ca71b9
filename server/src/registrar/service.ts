/**
 * What a registrar does with requests (docs/protocol.md 7.3). It verifies every presentation itself, endorses, and signs a
 * request only if its own copy of the pass log has it first under its nullifier. It knows persons and never their ballots.
 */
import {
  type Election,
  encodeRecord,
  type PassEntry,
  type Presentation,
  passEntry,
  type RequestFields,
  type SharedShare,
  type Trouble,
  trouble,
} from "@hanpyo/bulletin-board";
import {
  bytesToHex,
  type Clock,
  combineNullifier,
  decodeNonIdentity,
  encodePoint,
  endorse,
  equalBytes,
  evaluateNullifier,
  evidenceHash,
  type KeyPair,
  nullifier as nullifierOf,
  ok,
  type Point,
  personPoint,
  presentationNonce,
  type Result,
  randomBytes,
  requestHash,
  rollPersonKey,
  sealEvidence,
  verifyNullifierShare,
  verifyPresentation,
} from "@hanpyo/crypto";
import type { Policy } from "../eligibility/policy.ts";
import type { Roll, RollRow } from "../eligibility/roll.ts";
import { encodeEvidence } from "./evidence-record.ts";
import { type Allowance, Limiter } from "./limits.ts";
import type { PassLogCopy } from "./pass-log-copy.ts";
import { nodeRsa } from "./rsa.ts";
import type { RegistrarSecrets } from "./secrets.ts";
import type { RegistrarStore, StoredEndorsement } from "./store.ts";

export interface RegistrarLimits {
  /** Wrong codes and signatures from one connection. */
  readonly wrongPerConnection: Allowance;
  /** Nonces for one holder key. */
  readonly noncesPerKey: Allowance;
}
export const defaultLimits: RegistrarLimits = {
  wrongPerConnection: { times: 20, within: 600_000 },
  noncesPerKey: { times: 30, within: 600_000 },
};

export interface ServiceParts {
  readonly index: number;
  readonly election: Election;
  readonly policy: Policy;
  readonly roll: Roll;
  readonly secrets: RegistrarSecrets;
  /** k_i; null once it was destroyed. */
  nullifierKey: KeyPair | null;
  readonly store: RegistrarStore;
  readonly copy: PassLogCopy;
  readonly clock: Clock;
  readonly limits: RegistrarLimits;
  /** Whether the board says that voting has ended: a hint, since the pass log's end is on the record. */
  readonly ended: () => boolean;
}

export interface NonceGrant {
  readonly nonce: Uint8Array;
  readonly class: number;
  readonly denominations: readonly { readonly class: number; readonly weight: number; readonly copies: number }[];
  readonly used: boolean;
}
export interface GivenEndorsement {
  readonly nullifier: Uint8Array;
  readonly evidence: Uint8Array;
  readonly signature: Uint8Array;
}

type Answer<T> = Promise<Result<T, Trouble>>;

const nonceLife = 300_000;
/** An endorsement that is not logged after this is published by the registrars. */
const logWithin = 60_000;

interface Verified {
  readonly row: RollRow;
  readonly person: Uint8Array;
  readonly point: Point;
  readonly requests: readonly Uint8Array[];
}

export class RegistrarService {
  readonly #parts: ServiceParts;
  readonly #wrong: Limiter;
  readonly #nonces: Limiter;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    this.#wrong = new Limiter(parts.clock, parts.limits.wrongPerConnection);
    this.#nonces = new Limiter(parts.clock, parts.limits.noncesPerKey);
  }

  /** `connection` is where the request came from: kept in memory for the limit, never written. */
  async nonce(holder: Uint8Array, connection: string): Answer<NonceGrant> {
    const { roll, policy, store, clock, secrets } = this.#parts;
    if (!this.#wrong.allows(connection)) return trouble("too-many-attempts", "this connection failed too often");
    const row = roll.find(holder);
    if (row === undefined) {
      this.#wrong.count(connection);
      return trouble("unknown-voter", "no such key on the roll");
    }
    const key = bytesToHex(holder);
    if (!this.#nonces.allows(key)) return trouble("too-many-attempts", "this key asked too often");
    this.#nonces.count(key);
    if (this.#parts.ended()) return trouble("passes-frozen", "voting has ended");
    const verdict = policy.judge(row.cells);
    if (!verdict.eligible) return trouble("not-eligible", verdict.reason);
    const nonce = randomBytes(16);
    const now = clock.now();
    await store.addNonce(nonce, holder, now + nonceLife, now);
    const used = await store.knowsPerson(secrets.tag(rollPersonKey(row.id)));
    return ok({ nonce, class: verdict.grants[0]!.class, denominations: verdict.grants, used });
  }

  async evaluate(
    presented: Presentation,
    connection: string,
  ): Answer<{ readonly base: Uint8Array; readonly share: Uint8Array; readonly proof: Uint8Array }> {
    const { election, index, nullifierKey } = this.#parts;
    if (nullifierKey === null) return trouble("passes-frozen", "the nullifier key was destroyed");
    const verified = await this.#verify(presented, connection);
    if (!verified.ok) return verified;
    const { point } = verified.value;
    return ok({ base: encodePoint(point), ...evaluateNullifier(election.id, index, nullifierKey, point) });
  }

  async endorse(
    presented: Presentation,
    shares: readonly SharedShare[],
    connection: string,
  ): Answer<readonly GivenEndorsement[]> {
    const { election, store, copy, clock, secrets } = this.#parts;
    const verified = await this.#verify(presented, connection);
    if (!verified.ok) return verified;
    const prf = this.#combine(shares, verified.value.point);
    if (!prf.ok) return prf;
    const kept: StoredEndorsement[] = [];
    for (const [i, request] of presented.requests.entries()) {
      const nullifier = nullifierOf(election.id, request.denomination, request.copy, prf.value);
      const hash = verified.value.requests[i]!;
      const logged = await store.pass(nullifier);
      if (logged !== null && !(equalBytes(logged.request, hash) && logged.class === request.class))
        return trouble("pass-used", "another request is logged under this nullifier", { index: logged.entry });
      const { certified } = election.definition.classes[request.class]!;
      if (logged === null && certified !== null && copy.passes(request.class) >= certified)
        return trouble("over-certified", `class ${request.class}`);
      kept.push(
        (await store.endorsement(nullifier, hash)) ??
          this.#endorse(presented, shares, verified.value.row, nullifier, hash, request.class),
      );
    }
    const tag = secrets.tag(verified.value.person);
    await store.addEndorsements(tag, kept, clock.now() + logWithin);
    // Two calls at once may each have made one; the one that is kept is the one that counts.
    const given: GivenEndorsement[] = [];
    for (const { nullifier, request } of kept) given.push((await store.endorsement(nullifier, request))!);
    return ok(given.map(({ nullifier, evidence, signature }) => ({ nullifier, evidence, signature })));
  }

  /** What this registrar endorsed, for a registrar that completes an entry nobody logged. Both values are unguessable. */
  async endorsement(nullifier: Uint8Array, request: Uint8Array): Answer<GivenEndorsement> {
    const found = await this.#parts.store.endorsement(nullifier, request);
    if (found === null) return trouble("endorsements-missing", "this registrar endorsed no such request");
    return ok({ nullifier, evidence: found.evidence, signature: found.signature });
  }

  /** Waits for the request in the copy of the log until `deadline` (ms of the clock), then signs it or says why not. */
  async sign(
    it: RequestFields,
    nullifier: Uint8Array,
    deadline: number,
    next: () => Promise<void>,
  ): Answer<{ readonly signature: Uint8Array }> {
    const { election, store, copy, secrets, index, clock } = this.#parts;
    const fault = this.#requestFault(it);
    if (fault !== null) return trouble("malformed", fault);
    const name = { election: election.id, denomination: it.denomination, copy: it.copy };
    const hash = requestHash(name, it.class, it.blinded);
    for (;;) {
      const logged = await store.pass(nullifier);
      if (logged !== null) {
        if (!equalBytes(logged.request, hash) || logged.class !== it.class)
          return trouble("pass-used", "another request came first", { index: logged.entry });
        break;
      }
      if (clock.now() >= deadline) {
        const quorum = copy.fault?.code === "quorum-missing";
        return quorum
          ? trouble("witnesses-missing", "the pass log's checkpoint lacks its quorum")
          : trouble("not-logged", "not in this registrar's copy of the log");
      }
      await next();
    }
    if (!(await store.commitSigned(nullifier, hash)))
      return trouble("pass-used", "this registrar signed another request under this nullifier");
    const blinded = it.blinded[index - 1]!;
    return ok({ signature: await nodeRsa.blindSign(secrets.rsa[it.class]!, blinded) });
  }

  /** The pass-log entry of an endorsement of our own, completed with those of others; null with fewer than q. */
  completed(own: StoredEndorsement, others: ReadonlyMap<number, GivenEndorsement>): Uint8Array | null {
    const { election, index } = this.#parts;
    const { quorum, policy } = election.definition;
    const all = new Map<number, Pick<GivenEndorsement, "evidence" | "signature">>([...others, [index, own]]);
    if (all.size < quorum) return null;
    const entry: PassEntry = {
      nullifier: own.nullifier,
      class: own.class,
      request: own.request,
      policy,
      endorsements: [...all]
        .sort(([a], [b]) => a - b)
        .map(([registrar, { evidence, signature }]) => ({ registrar, evidence, signature })),
    };
    return encodeRecord(passEntry, entry);
  }

  /** Everything about a presentation: form, signature, policy, and last the nonce, which it binds to these requests. */
  async #verify(presented: Presentation, connection: string): Answer<Verified> {
    const { election, roll, policy, store, clock, index } = this.#parts;
    const { key, signature, nonces, requests } = presented;
    if (!this.#wrong.allows(connection)) return trouble("too-many-attempts", "this connection failed too often");
    if (nonces.length !== election.registrars.length) return trouble("malformed", "a nonce per registrar");
    const own = nonces[index - 1] ?? null;
    if (own === null) return trouble("nonce-expired", "no nonce of this registrar");
    const faulty = requests.map((each) => this.#requestFault(each)).find((fault) => fault !== null);
    if (faulty) return trouble("malformed", faulty);
    const hashes = requests.map((it) =>
      requestHash({ election: election.id, denomination: it.denomination, copy: it.copy }, it.class, it.blinded),
    );
    const nonce = presentationNonce(election.id, nonces, hashes);
    const row = roll.find(key);
    if (row === undefined || !verifyPresentation(key, nonce, signature)) {
      this.#wrong.count(connection);
      return trouble(row === undefined ? "unknown-voter" : "presentation-invalid", "not signed by a key of the roll");
    }
    if (this.#parts.ended()) return trouble("passes-frozen", "voting has ended");
    const verdict = policy.judge(row.cells);
    if (!verdict.eligible) return trouble("not-eligible", verdict.reason);
    const wanted = requests.map((it) => `${it.class}/${it.denomination}/${it.copy}`);
    const granted = new Set(
      verdict.grants.flatMap((grant) =>
        Array.from({ length: grant.copies }, (_, copy) => `${grant.class}/${grant.weight}/${copy}`),
      ),
    );
    if (new Set(wanted).size !== wanted.length || !wanted.every((each) => granted.has(each)))
      return trouble("not-eligible", "a pass that the policy does not grant");
    if (!(await store.bindNonce(own, key, nonce, clock.now())))
      return trouble("nonce-expired", "the nonce is unknown, too old or used for other requests");
    const person = rollPersonKey(row.id);
    return ok({ row, person, point: personPoint(election.id, person), requests: hashes });
  }

  #requestFault(it: RequestFields): string | null {
    const { classes } = this.#parts.election.definition;
    const { registrars } = this.#parts.election;
    if (classes[it.class]?.weight !== it.denomination) return "no such class of that weight";
    if (it.blinded.length !== registrars.length) return "a blinded value per registrar";
    return it.blinded.every((blinded, i) => compareTo(blinded, registrars[i]!.moduli[it.class]!) < 0)
      ? null
      : "a blinded value is not below its modulus";
  }

  #combine(shares: readonly SharedShare[], point: Point): Result<Uint8Array, Trouble> {
    const { election } = this.#parts;
    const { quorum } = election.definition;
    const distinct = new Set(shares.map(({ registrar }) => registrar));
    if (shares.length !== quorum || distinct.size !== quorum)
      return trouble("share-invalid", `${quorum} shares are needed`);
    const points: { readonly index: number; readonly point: Point }[] = [];
    for (const each of shares) {
      const view = election.registrars[each.registrar - 1];
      const proved = view && verifyNullifierShare(election.id, each.registrar, view.nullifierKey, point, each);
      if (!proved?.ok) return trouble("share-invalid", "a share's proof does not hold", { party: each.registrar });
      points.push(proved.value);
    }
    return ok(combineNullifier(points, quorum));
  }

  #endorse(
    presented: Presentation,
    shares: readonly SharedShare[],
    row: RollRow,
    nullifier: Uint8Array,
    request: Uint8Array,
    classIndex: number,
  ): StoredEndorsement {
    const { election, roll, secrets, index } = this.#parts;
    const { evidenceKey, policy } = election.definition;
    const key = evidenceKey === null ? null : decodeNonIdentity(evidenceKey);
    if (key !== null && !key.ok) throw new Error("the rulebook accepted an evidence key that is none");
    const opened = encodeEvidence(presented, shares, row.line, roll.salt(row));
    // Without auditors nothing is kept; with them each pass has its own sealed copy, or two passes would show one hash.
    const sealed = key === null ? randomBytes(48) : sealEvidence(election.id, index, key.value, opened);
    const evidence = evidenceHash(sealed);
    const statement = {
      election: election.id,
      nullifier,
      class: classIndex,
      request,
      policy,
      registrar: index,
      evidence,
    };
    const signature = endorse(secrets.endorsement, statement);
    return { nullifier, request, class: classIndex, evidence, sealed, signature };
  }
}

/** Order of two big-endian numbers of 256 bytes. */
const compareTo = (a: Uint8Array, b: Uint8Array): number =>
  a.length === b.length ? Buffer.compare(a, b) : Number.POSITIVE_INFINITY;
