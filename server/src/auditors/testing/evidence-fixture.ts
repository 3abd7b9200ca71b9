/**
 * One pass of one person before four registrars with a quorum of three: everything real except that the RSA moduli are
 * random numbers, since nothing here is signed blindly. Each part can be replaced before it is sealed and endorsed.
 */
import { type DefinitionBody, nobleSigner, type PassEntry } from "@hanpyo/bulletin-board";
import {
  activationKey,
  combineNullifier,
  endorse,
  evaluateNullifier,
  evaluatePolynomial,
  evidenceHash,
  type HolderKey,
  hexToBytes,
  type KeyPair,
  keyPairFrom,
  nullifier as nullifierOf,
  parseActivationCode,
  personPoint,
  presentationNonce,
  randomBytes,
  randomKeyPair,
  randomScalar,
  requestHash,
  rollPersonKey,
  sealEvidence,
  signPresentation,
  unwrap,
  verifyNullifierShare,
} from "@hanpyo/crypto";
import { makeRoll } from "../../eligibility/make-roll.ts";
import { Policy } from "../../eligibility/policy.ts";
import { Roll, type RollRow } from "../../eligibility/roll.ts";
import { encodeEvidence } from "../../registrar/evidence-record.ts";
import type { AuditSetting } from "../examine.ts";

type Request = { class: number; denomination: number; copy: number; blinded: readonly Uint8Array[] };

/** What a registrar seals, and what stands in the log. */
export interface Parts {
  key: Uint8Array;
  signature: Uint8Array;
  nonces: (Uint8Array | null)[];
  requests: Request[];
  row: string;
  salt: Uint8Array | null;
  shares: { registrar: number; share: Uint8Array; proof: Uint8Array }[];
  class: number;
  request: Uint8Array;
  nullifier: Uint8Array;
}

export interface Sealed {
  readonly pass: PassEntry;
  /** By registrar, from index 1; index 0 is empty. */
  readonly sealed: readonly Uint8Array[];
}

const registrars = [1, 2, 3, 4];

export class EvidenceFixture {
  readonly setting: AuditSetting;
  readonly auditors: KeyPair;
  readonly #endorsement: readonly KeyPair[];
  readonly #nullifier: readonly KeyPair[];
  readonly #holders: ReadonlyMap<string, HolderKey>;

  private constructor(
    setting: AuditSetting,
    keys: { endorsement: readonly KeyPair[]; nullifier: readonly KeyPair[] },
    holders: ReadonlyMap<string, HolderKey>,
  ) {
    this.setting = setting;
    this.auditors = setting.evidence;
    this.#endorsement = keys.endorsement;
    this.#nullifier = keys.nullifier;
    this.#holders = holders;
  }

  /** Rows: id, class, age. Two classes of weight 1; adults vote. */
  static async make(
    rows = [
      ["1001", "0", "30"],
      ["1002", "1", "41"],
      ["child", "0", "17"],
    ],
  ): Promise<EvidenceFixture> {
    const made = await makeRoll(
      { columns: ["id", "class", "age"], rows },
      { authority: { name: "Office", key: nobleSigner(randomBytes(32)) } },
    );
    const item = (group: number) => ({ group, weight: 1, contests: [0], certified: 20 });
    const policy = new Uint8Array(randomBytes(32));
    const definition = {
      classes: [item(1), item(2)],
      registrars: registrars.map((i) => ({ name: `${i}`, key: new Uint8Array(32) })),
      quorum: 3,
      policy,
    } as unknown as DefinitionBody;
    const columns = [
      { name: "class", type: "int" as const },
      { name: "age", type: "int" as const },
    ];
    const rules = { v: 1 as const, snapshotAt: 0, source: "signed-roll" as const, columns, tests: [], weight: null };
    const polynomial = [randomScalar(), randomScalar(), randomScalar()];
    const nullifier = registrars.map((i) => keyPairFrom(evaluatePolynomial(polynomial, i)));
    const endorsement = registrars.map(() => randomKeyPair());
    const modulus = () => Uint8Array.from([0xff, ...randomBytes(255)]);
    const setting: AuditSetting = {
      election: randomBytes(32),
      definition,
      registrars: registrars.map((index, i) => ({
        index,
        moduli: [modulus(), modulus()],
        endorsement: endorsement[i]!.publicKey,
        nullifierKey: nullifier[i]!.publicKey,
      })),
      roll: unwrap(Roll.open(made.csv, made.signature, made.salt, made.trust)),
      policy: unwrap(Policy.compile({ ...rules, eligible: "age >= 18", class: "class" }, definition.classes)),
      evidence: randomKeyPair(),
    };
    const holders = new Map(
      [...made.codes].map(([id, code]) => [
        id,
        activationKey(unwrap(parseActivationCode(code.reveal())), made.trust.codeSalt),
      ]),
    );
    return new EvidenceFixture(setting, { endorsement, nullifier }, holders);
  }

  holder(id: string): HolderKey {
    return this.#holders.get(id)!;
  }

  row(id: string): RollRow {
    return this.setting.roll.find(this.holder(id).publicKey)!;
  }

  /** The parts of an honest pass; `change` works on the requests before they are signed by the holder. */
  parts(id: string, change: (requests: Request[]) => void = () => undefined): Parts {
    const { election, roll } = this.setting;
    const row = this.row(id);
    const home = Number(row.cells.get("class"));
    const requests: Request[] = [
      {
        class: home,
        denomination: 1,
        copy: 0,
        blinded: registrars.map(() => Uint8Array.from([0x7f, ...randomBytes(255)])),
      },
    ];
    change(requests);
    const nonces = registrars.map(() => randomBytes(16));
    const [first] = requests;
    const shares = this.shares(id);
    return {
      key: row.key,
      signature: this.sign(id, nonces, requests),
      nonces,
      requests,
      row: row.line,
      salt: roll.salt(row),
      shares,
      class: first!.class,
      request: this.hash(first!),
      nullifier: nullifierOf(election, first!.denomination, first!.copy, this.prf(id, shares)),
    };
  }

  hash({ class: item, denomination, copy, blinded }: Request): Uint8Array {
    return requestHash({ election: this.setting.election, denomination, copy }, item, blinded);
  }

  sign(id: string, nonces: readonly (Uint8Array | null)[], requests: readonly Request[]): Uint8Array {
    const hashes = requests.map((each) => this.hash(each));
    return signPresentation(this.holder(id), presentationNonce(this.setting.election, nonces, hashes));
  }

  shares(id: string, of = [1, 2, 3]): Parts["shares"] {
    const { election } = this.setting;
    const person = personPoint(election, rollPersonKey(id));
    return of.map((registrar) => ({
      registrar,
      ...evaluateNullifier(election, registrar, this.#nullifier[registrar - 1]!, person),
    }));
  }

  prf(id: string, shares: Parts["shares"]): Uint8Array {
    const { election } = this.setting;
    const person = personPoint(election, rollPersonKey(id));
    const points = shares.map((share) => {
      const key = this.#nullifier[share.registrar - 1]!.publicKey;
      return unwrap(verifyNullifierShare(election, share.registrar, key, person, share));
    });
    return combineNullifier(points, 3);
  }

  /** The entry, endorsed by all four, each over its own sealed copy; `seal` replaces what one of them seals. */
  seal(
    parts: Parts,
    seal: (registrar: number, honest: Uint8Array) => Uint8Array = (_registrar, honest) => honest,
  ): Sealed {
    const { election, definition } = this.setting;
    const { policy } = definition;
    const { nullifier, class: item, request } = parts;
    const opened = encodeEvidence({ ...parts }, parts.shares, parts.row, parts.salt);
    const sealed = registrars.map((i) => seal(i, sealEvidence(election, i, this.auditors.publicKey, opened)));
    const endorsements = registrars.map((registrar, i) => {
      const evidence = evidenceHash(sealed[i]!);
      const endorsed = { election, nullifier, class: item, request, policy, registrar, evidence };
      return { registrar, evidence, signature: endorse(this.#endorsement[i]!, endorsed) };
    });
    return { pass: { nullifier, class: item, request, policy, endorsements }, sealed: [hexToBytes(""), ...sealed] };
  }
}
