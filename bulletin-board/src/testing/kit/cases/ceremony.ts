/** Checks 6 and 7: key ceremony, drills. */
import { type DealerSecret, dealReveal, dealShares, modOrder, Secret } from "@hanpyo/crypto";
import {
  authorConfirm,
  type CeremonyEntryType,
  signCeremonyMessage,
  type Unsigned,
  verifiedReveals,
} from "../../../record/authoring/index.ts";
import { complaint, confirm, drill, reveal, shares } from "../../../record/ceremony-entries.ts";
import { EntryType } from "../../../record/entry-types.ts";
import { decodeRecord } from "../../../record/schema/cbor.ts";
import type { Schema } from "../../../record/schema/schema.ts";
import { bytesOf, dealerOf, scalarOf, signerOf } from "../keys.ts";
import type { Run, Step } from "../run.ts";
import { actSteps, entry, proposeStep, seat } from "../steps.ts";
import { flipped } from "../tally-steps.ts";
import { after, type Edit, replaced, type Tamper, without } from "../tamper.ts";

const schemas = {
  [EntryType.reveal]: reveal,
  [EntryType.shares]: shares,
  [EntryType.confirm]: confirm,
  [EntryType.complaint]: complaint,
  [EntryType.drill]: drill,
};

/** The message of a step, changed and signed again. */
function resigned<T extends CeremonyEntryType>(
  script: readonly Step[],
  name: string,
  type: T,
  change: (message: Unsigned<T>, run: Run) => Unsigned<T>,
  signer: string,
): readonly Step[] {
  const honest = script.find((step) => step.name === name)!;
  return replaced(script, name, {
    name,
    act: (run) => {
      run.alter = (payload) => {
        const read = decodeRecord(schemas[type].signed as Schema<{ readonly signature: Uint8Array }>, payload);
        if (!read.ok) throw new Error(read.error);
        const { signature: _, ...message } = read.value;
        const changed = change(message as unknown as Unsigned<T>, run);
        return signCeremonyMessage(run.state.election!, type, changed, signerOf(signer)).payload;
      };
      return honest.act(run);
    },
  });
}

/** Reveal and shares of trustee 3 in round 3 from other secrets. */
const dealer =
  (change: (secret: DealerSecret) => DealerSecret): Edit =>
  (s) => {
    const own = (run: Run) => {
      const hand = seat(run, 0, 3, 3);
      return { hand, secret: change(dealerOf(hand.ceremony, 3)) };
    };
    const place = { group: 0, round: 3 };
    const revealing = entry("trustees 3: reveal 3", (run) => {
      const { hand, secret } = own(run);
      const message = { ...place, ...dealReveal(hand.ceremony, secret) };
      return signCeremonyMessage(hand.ceremony.election, EntryType.reveal, message, hand.key);
    });
    const sharing = entry("trustees 3: shares 3", (run) => {
      const { hand, secret } = own(run);
      const message = { ...place, ...dealShares(hand.ceremony, secret, verifiedReveals(hand.ceremony, hand.round)) };
      return signCeremonyMessage(hand.ceremony.election, EntryType.shares, message, hand.key);
    });
    return replaced(replaced(s, "trustees 3: reveal 3", revealing), "trustees 3: shares 3", sharing);
  };
const withCoefficients = (secret: DealerSecret, ...coefficients: readonly bigint[]): DealerSecret => ({
  ...secret,
  coefficients: new Secret(coefficients),
});
const constant = (index: number): bigint => scalarOf(`dealer 0/3/${index}/0`);

const revealed =
  (change: (message: Unsigned<4>) => Unsigned<4>, signer = "trustee 3"): Edit =>
  (s) =>
    resigned(s, "trustees 3: reveal 3", EntryType.reveal, change, signer);

export const ceremonyCases: readonly Tamper[] = [
  {
    part: "6a",
    what: "a coefficient too many",
    script: dealer((secret) => withCoefficients(secret, constant(3), 5n, 7n)),
    stops: true,
  },
  {
    part: "6a",
    what: "a coefficient too few",
    script: dealer((secret) => withCoefficients(secret, constant(3))),
    stops: true,
  },
  {
    part: "6a",
    what: "the identity as a coefficient",
    script: dealer((secret) => withCoefficients(secret, constant(3), 0n)),
    stops: true,
  },
  { part: "6a", what: "a reveal signed by another", script: revealed((message) => message, "trustee 2") },
  {
    part: "6b",
    what: "a proof of possession that does not hold",
    script: revealed((message) => ({ ...message, possession: flipped(message.possession, 40) })),
    stops: true,
  },
  {
    part: "6b",
    what: "a constant term that is another's",
    script: revealed((message) => ({ ...message, coefficients: [...message.coefficients].reverse() })),
    stops: true,
  },
  {
    part: "6c",
    what: "a proof of the channel key that does not hold",
    script: revealed((message) => ({ ...message, channelProof: flipped(message.channelProof, 40) })),
    stops: true,
  },
  {
    part: "6c",
    what: "a share missing",
    script: (s) =>
      resigned(
        s,
        "trustees 3: shares 2",
        EntryType.shares,
        (it) => ({ ...it, shares: it.shares.slice(1) }),
        "trustee 2",
      ),
    stops: true,
  },
  {
    part: "6c",
    what: "shares signed by another",
    script: (s) => resigned(s, "trustees 3: shares 2", EntryType.shares, (it) => it, "trustee 1"),
  },
  {
    part: "6d",
    what: "a complaint against oneself",
    script: (s) =>
      resigned(s, "trustees 1: complaint 1", EntryType.complaint, (it) => ({ ...it, against: 1 }), "trustee 1"),
    stops: true,
  },
  {
    part: "6d",
    what: "a complaint signed by another",
    script: (s) => resigned(s, "trustees 1: complaint 1", EntryType.complaint, (it) => it, "trustee 2"),
  },
  {
    part: "6e",
    what: "a restart of a round that is over",
    script: (s) =>
      replaced(
        s,
        "restart: propose",
        proposeStep("restart: propose", () => ({ type: EntryType.restart, body: { group: 0, round: 1 } }), 0),
      ),
    stops: true,
  },
  {
    part: "6e",
    what: "a restart while nobody's message is missing",
    script: (s) =>
      after(
        s,
        "drill 3",
        ...actSteps("again", () => ({ type: EntryType.restart, body: { group: 0, round: 3 } }), { at: 1_799_998_000 }),
      ),
    stops: true,
  },
  {
    part: "6e",
    what: "a restart that leaves too few",
    script: (s) =>
      after(
        without(s, "trustees 3: reveal 3"),
        "trustees 3: reveal 2",
        ...actSteps("again", () => ({ type: EntryType.restart, body: { group: 0, round: 3 } }), { at: 1_799_998_000 }),
      ),
    stops: true,
  },
  {
    part: "6f",
    what: "constant terms that sum to zero",
    script: dealer((secret) => withCoefficients(secret, modOrder(-constant(1) - constant(2)), 5n)),
    stops: true,
  },
  {
    part: "6g",
    what: "a confirmation of other shares",
    script: (s) =>
      resigned(s, "trustees 3: confirm 2", EntryType.confirm, (it) => ({ ...it, last: bytesOf("other") }), "trustee 2"),
  },
  {
    part: "6g",
    what: "a confirmation signed by another",
    script: (s) =>
      replaced(
        s,
        "trustees 3: confirm 2",
        entry("trustees 3: confirm 2", (run) => {
          const hand = seat(run, 0, 3, 2);
          return authorConfirm({ ...hand, key: signerOf("trustee 1") }, 2, hand.round);
        }),
      ),
  },
  {
    part: "6g",
    what: "opened before a trustee confirmed",
    script: (s) => without(s, "trustees 3: confirm 3"),
    stops: true,
  },
  { part: "7a", what: "opened without a drill", script: (s) => without(s, "drill 2") },
  {
    part: "7b",
    what: "a drill whose proof does not hold",
    script: (s) =>
      resigned(s, "drill 2", EntryType.drill, (it) => ({ ...it, proof: flipped(it.proof, 40) }), "trustee 2"),
  },
  {
    part: "7b",
    what: "a drill signed by another",
    script: (s) => resigned(s, "drill 2", EntryType.drill, (it) => it, "trustee 1"),
  },
];
