/** Plays everybody else of an election against a test board: officials, trustees, a registrar, voters. All keys are real. */

import type { KeyObject } from "node:crypto";
import {
  type Act,
  type AuthoredEntry,
  authorConfirm,
  authorDrill,
  authorReveal,
  authorShares,
  type Ballot,
  ceremonyOf,
  confirmAct,
  type DefinitionBody,
  EntryType,
  ed25519Official,
  encodeBallot,
  encodeDefinitionBody,
  encodeRecord,
  nobleSigner,
  type OfficialSigner,
  type PendingProposal,
  passEntry,
  passesHash,
  proposeAct,
  receiveShares,
  shareMessage,
  share as shareSchema,
  signDefinition,
  signRegistrarKeys,
  tallyComponents,
} from "@hanpyo/bulletin-board";
import {
  type BallotCore,
  ballotHash,
  bytesToHex,
  chooseOne,
  type DealerSecret,
  decodeNonIdentity,
  decryptSums,
  encryptBallot,
  endorse,
  type KeyPair,
  newDealer,
  randomBytes,
  randomKeyPair,
  requestPass,
  Secret,
  type ShareSecret,
  score,
  signCast,
  unwrap,
} from "@hanpyo/crypto";
import { BallotContexts, proofSetting } from "../src/ballots/proof-check.ts";
import { DocumentStore } from "../src/board/documents.ts";
import { nodeRsa } from "../src/registrar/rsa.ts";
import { operatorToken, type TestBoard } from "./test-board.ts";
import { until } from "./until.ts";

const text = (en: string) => ({ ko: en, en });
const reason = text("because");

export interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly index?: number; readonly leaf?: string; readonly detail?: string };
}

export interface Proposed {
  readonly leafHash: Uint8Array;
  readonly proposal: PendingProposal;
}

export interface Acknowledged {
  readonly index: number;
  readonly prev: string;
  readonly leaf: string;
  readonly ballot: string;
  readonly signature: string;
}

export interface Refusal {
  readonly code: string;
  readonly sentence: unknown;
  readonly ballot: string | null;
  readonly head: number;
  readonly leaf: string;
  readonly reason: number | null;
  readonly signature: string;
}

export interface Voter {
  readonly class: number;
  readonly keys: KeyPair;
  readonly passes: Ballot["passes"];
  /** h of the latest ballot this voter made. */
  previous: Uint8Array | null;
}

export interface Cast {
  readonly h: Uint8Array;
  readonly payload: Uint8Array;
  readonly ballot: Ballot;
}

let keyPair: Promise<{ modulus: Uint8Array; privateKey: KeyObject }[]> | null = null;

export class TestElection {
  readonly test: TestBoard;
  readonly officials: OfficialSigner[];
  readonly #officialKeys = [nobleSigner(randomBytes(32)), nobleSigner(randomBytes(32)), nobleSigner(randomBytes(32))];
  readonly #trusteeKeys = [nobleSigner(randomBytes(32)), nobleSigner(randomBytes(32))];
  readonly #registrarKey = nobleSigner(randomBytes(32));
  readonly #endorsement = randomKeyPair();
  readonly #shares = new Map<number, ShareSecret>();
  #rsa: { modulus: Uint8Array; privateKey: KeyObject }[] = [];

  constructor(test: TestBoard) {
    this.test = test;
    this.officials = this.#officialKeys.map((key, i) => ed25519Official(i, key));
  }

  get state() {
    return this.test.board.election.state;
  }

  /** Two contests (one of 3, scores of 2 up to 2), two classes; two trustees, one registrar. */
  body(change: Partial<DefinitionBody> = {}): DefinitionBody {
    const { test } = this;
    const { seconds } = test.clock;
    const key = (signer: { publicKey: Uint8Array }) => ({ algorithm: "Ed25519", key: signer.publicKey });
    const documents = { policy: this.#document(0), trust: this.#document(1) };
    return {
      version: 1,
      origin: test.origin,
      title: text("Library"),
      text: text("Which books?"),
      rehearsal: true,
      contests: [
        { title: text("One"), text: text("one"), options: [text("a"), text("b"), text("c")], rule: chooseOne(3) },
        { title: text("Two"), text: text("two"), options: [text("x"), text("y")], rule: score(2, 2) },
      ],
      groups: [
        { title: text("All"), parent: null },
        { title: text("East"), parent: 0 },
        { title: text("West"), parent: 0 },
      ],
      classes: [
        { group: 1, weight: 1, contests: [0, 1], certified: 50 },
        { group: 2, weight: 1, contests: [0], certified: null },
      ],
      schedule: { opens: seconds - 10, closes: seconds + 3600 },
      bounds: { pauses: 2, pauseSeconds: 600, extensions: 1, extensionSeconds: 3600 },
      officials: this.#officialKeys.map((it, i) => ({ name: `Official ${i}`, key: key(it), passkey: false })),
      webauthn: null,
      trustees: this.#trusteeKeys.map((it, i) => ({ name: `Trustee ${i}`, key: it.publicKey })),
      threshold: 2,
      minTrustees: 2,
      registrars: [{ name: "Registrar", key: this.#registrarKey.publicKey }],
      quorum: 1,
      dishonest: 0,
      witnesses: test.witnessKeys,
      witnessQuorum: test.witnessKeys.length === 1 ? 1 : test.witnessKeys.length - 1,
      witnessDishonest: 0,
      auditors: [],
      evidenceKey: null,
      auditSample: 0,
      ...documents,
      revote: true,
      maxBallots: 4,
      mmd: 60,
      mixSeconds: 0,
      smallestGroup: 10,
      client: new Uint8Array(32),
      keys: test.board.keyNames,
      ...change,
    };
  }

  #document(number: number): Uint8Array {
    return Uint8Array.from(Buffer.from(DocumentStore.nameOf(documents[number]!), "hex"));
  }

  async post(url: string, payload: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await this.test.app.inject({
      method: "POST",
      url,
      payload: Buffer.from(payload),
      headers: { "content-type": "application/octet-stream", ...headers },
    });
    return {
      status: response.statusCode,
      body: response.body === "" ? {} : JSON.parse(response.body.split("\n")[0]!),
    };
  }

  submit(entry: AuthoredEntry): Promise<Answer> {
    const headers = entry.type === EntryType.definition ? { authorization: `Bearer ${operatorToken}` } : {};
    return this.post(`/api/entries/${entry.type}`, entry.payload, headers as Record<string, string>);
  }

  async accept(entry: AuthoredEntry): Promise<Answer> {
    const answer = await this.submit(entry);
    if (answer.status !== 201) throw new Error(`entry of type ${entry.type} refused: ${JSON.stringify(answer.body)}`);
    return answer;
  }

  async define(change: Partial<DefinitionBody> = {}): Promise<void> {
    for (const document of documents) {
      const url = `/documents/${DocumentStore.nameOf(document)}`;
      const headers = { "content-type": "application/octet-stream", authorization: `Bearer ${operatorToken}` };
      const stored = await this.test.app.inject({ method: "PUT", url, payload: Buffer.from(document), headers });
      if (stored.statusCode !== 201) throw new Error(`a document was refused: ${stored.body}`);
    }
    const body = encodeDefinitionBody(this.body(change));
    await this.accept(await signDefinition(body, this.test.origin, [this.officials[0]!, this.officials[1]!]));
  }

  async ceremonies(): Promise<void> {
    const { definition, election } = this.state;
    // Generating RSA keys takes seconds; the same two serve every election of a test file.
    keyPair ??= Promise.all([nodeRsa.generateKey(), nodeRsa.generateKey()]);
    this.#rsa = await keyPair;
    await this.accept(
      signRegistrarKeys(
        {
          election: election!,
          index: 1,
          moduli: this.#rsa.slice(0, definition!.classes.length).map(({ modulus }) => modulus),
          endorsement: this.#endorsement.encoded,
          policy: definition!.policy,
          trust: definition!.trust,
        },
        this.#registrarKey,
      ),
    );
    await this.#ceremony(1, [this.#registrarKey]);
    await this.#ceremony(0, this.#trusteeKeys);
  }

  async #ceremony(group: 0 | 1, keys: readonly ReturnType<typeof nobleSigner>[]): Promise<void> {
    const round = () => this.state.ceremonies[group].rounds.at(-1)!;
    const ceremony = ceremonyOf(this.state, group, round());
    const hands = keys.map((key) => ({ ceremony, key }));
    const dealers: DealerSecret[] = keys.map((_, i) => newDealer(ceremony, i + 1));
    for (const [i, hand] of hands.entries()) await this.accept(authorReveal(hand, dealers[i]!));
    for (const [i, hand] of hands.entries()) await this.accept(authorShares(hand, dealers[i]!, round()));
    const received = dealers.map((dealer) => unwrap(receiveShares(ceremony, dealer, round())));
    for (const [i, hand] of hands.entries()) await this.accept(authorConfirm(hand, i + 1, round()));
    if (group === 1) return;
    const { lastConfirm } = this.state.ceremonies[0].completed!;
    for (const [i, hand] of hands.entries()) {
      this.#shares.set(i + 1, received[i]!);
      await this.accept(authorDrill(hand, received[i]!, lastConfirm));
    }
  }

  #place() {
    return { origin: this.test.origin, election: this.state.election!, last: this.state.lastAct! };
  }

  async propose(act: Act, by = this.officials[0]!): Promise<Proposed> {
    const entry = await proposeAct(this.#place(), act, by);
    const { body } = await this.accept(entry);
    const leafHash = Uint8Array.from(Buffer.from(body.leaf!, "base64url"));
    return { leafHash, proposal: this.state.proposals.get(bytesToHex(leafHash))! };
  }

  async confirmation(proposed: Proposed, by = this.officials[1]!): Promise<AuthoredEntry> {
    const { act, body, official } = proposed.proposal;
    return confirmAct(this.#place(), { leafHash: proposed.leafHash, proposal: { act: act.type, body, official } }, by);
  }

  async act(act: Act): Promise<Answer> {
    return this.submit(await this.confirmation(await this.propose(act)));
  }

  async open(change: Partial<DefinitionBody> = {}): Promise<this> {
    await this.define(change);
    await this.ceremonies();
    const answer = await this.act({ type: EntryType.open, body: { at: this.test.clock.seconds } });
    if (answer.status !== 201) throw new Error(`not opened: ${JSON.stringify(answer.body)}`);
    return this;
  }

  pause(): Promise<Answer> {
    return this.act({ type: EntryType.pause, body: { at: this.test.clock.seconds, reason } });
  }

  resume(): Promise<Answer> {
    return this.act({ type: EntryType.resume, body: { at: this.test.clock.seconds } });
  }

  /** The pass-log entry of one request. */
  passPayload(
    item: number,
    request: Uint8Array,
    nullifier: Uint8Array,
    change: { policy?: Uint8Array } = {},
  ): Uint8Array {
    const { election, definition } = this.state;
    const policy = change.policy ?? definition!.policy;
    const evidence = randomBytes(32);
    const endorsed = { election: election!, nullifier, class: item, request, policy, registrar: 1, evidence };
    const endorsements = [{ registrar: 1, evidence, signature: endorse(this.#endorsement, endorsed) }];
    return encodeRecord(passEntry, { nullifier, class: item, request, policy, endorsements });
  }

  /** A person with a pass: logged, unless told not to, and signed. */
  async voter(item = 0, { logged = true } = {}): Promise<Voter> {
    const { election } = this.state;
    const { modulus, privateKey } = this.#rsa[item]!;
    const request = unwrap(
      requestPass(new Secret(randomBytes(32)), { election: election!, denomination: 1, copy: 0 }, item, [modulus]),
    );
    if (logged) {
      const answer = await this.post("/api/passes", this.passPayload(item, request.request, randomBytes(32)));
      if (answer.status !== 201) throw new Error(`pass refused: ${JSON.stringify(answer.body)}`);
    }
    const signature = unwrap(request.finish(1, await nodeRsa.blindSign(privateKey, request.blinded[0]!)));
    return { class: item, keys: request.pseudonym, passes: [{ registrar: 1, signature }], previous: null };
  }

  /** Choices of class 0: an option of the first contest, points of the second. */
  ballot(
    voter: Voter,
    option = 0,
    change: { core?: (core: BallotCore) => BallotCore; passes?: Ballot["passes"] } = {},
  ): Cast {
    const setting = proofSetting(this.state)!;
    const context = new BallotContexts(setting).of(voter.class)!;
    const one = [0, 1, 2].map((i) => (i === option ? 1 : 0));
    const choices = voter.class === 0 ? [one, [1, 2]] : [one];
    const input = {
      pseudonym: voter.keys.encoded,
      previous: voter.previous,
      checker: null,
      choices,
      seed: randomBytes(32),
    };
    const core = (change.core ?? ((it) => it))(unwrap(encryptBallot(context, input)));
    return this.sign(voter, core, change.passes ?? (voter.previous === null ? voter.passes : []));
  }

  sign(voter: Voter, core: BallotCore, passes: Ballot["passes"]): Cast {
    const { context, election } = this.state;
    const h = ballotHash(context!, core);
    const statement = { context: context!, ballot: h, passes: passesHash(election!, passes) };
    const ballot = { core, passes, signature: signCast(statement, voter.keys) };
    return { h, payload: encodeBallot(ballot), ballot };
  }

  /** Sends a ballot and reads all its lines. */
  async cast(payload: Uint8Array, context = bytesToHex(this.state.context!)) {
    const response = await this.test.app.inject({
      method: "POST",
      url: `/api/ballots/${context}`,
      payload: Buffer.from(payload),
      headers: { "content-type": "application/octet-stream" },
    });
    const lines = response.body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const of = (name: string) => lines.find((line) => name in line)?.[name] ?? null;
    return {
      status: response.statusCode,
      headers: response.headers,
      received: of("received"),
      acknowledged: of("acknowledged") as Acknowledged | null,
      receipt: of("receipt") as string | null,
      refusal: of("refusal") as Refusal | null,
    };
  }

  /** A voter's next ballot, cast and acknowledged. */
  async vote(voter: Voter, option = 0) {
    const cast = this.ballot(voter, option);
    const answer = await this.cast(cast.payload);
    if (answer.acknowledged === null) throw new Error(`not acknowledged: ${JSON.stringify(answer)}`);
    voter.previous = cast.h;
    return { ...cast, ...answer, acknowledged: answer.acknowledged };
  }

  /** Lets time pass without an outage: an anchor at least every minute. */
  async passTime(seconds: number): Promise<void> {
    const { clock } = this.test;
    for (let left = seconds; left > 0; left -= 60) {
      const before = this.state.anchor!.entry;
      clock.advance(Math.min(60, left));
      await until("there is an anchor", () => this.state.anchor!.entry > before);
    }
  }

  /** The decryption share of a trustee as an entry. */
  share(trustee: number): AuthoredEntry {
    const { election, context, tally, ceremonies } = this.state;
    const secret = this.#shares.get(trustee)!;
    const key = unwrap(decodeNonIdentity(ceremonies[0].completed!.shareKeys.get(trustee)!));
    const statement = {
      context: context!,
      tally: tally!.leafHash,
      key,
      ciphertexts: tallyComponents(tally!.message)!.first,
    };
    const { decryptions, proof } = decryptSums(statement, secret.keys);
    const message = shareMessage({ election: election!, tally: tally!.leafHash, decryptions, proof });
    const signature = this.#trusteeKeys[trustee - 1]!.sign(message);
    return {
      type: EntryType.share,
      payload: encodeRecord(shareSchema, { trustee, tally: tally!.leafHash, decryptions, proof, signature }),
    };
  }
}

/** What the definition names beside the record. */
const documents = [
  Buffer.from(JSON.stringify({ v: 1, source: "signed-roll", eligible: "true", class: "0" })),
  Buffer.from(JSON.stringify({ v: 1, source: "signed-roll" })),
];
