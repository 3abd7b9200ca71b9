import { describe, expect, it } from "vitest";
import { keyPairFrom, randomKeyPair } from "../group/keypair.ts";
import { encodePoint, G, IDENTITY, multiplyPublic, type Point } from "../group/ristretto.ts";
import { encodeScalar, modOrder, ORDER, randomScalar } from "../group/scalar.ts";
import { schnorrProve } from "../proof/schnorr.ts";
import { unwrap } from "../result.ts";
import { Secret } from "../secret.ts";
import { honestRound } from "../testing/ceremony.ts";
import { sealUnder } from "./channel-cipher.ts";
import { type Complaint, judgeComplaint, makeComplaint } from "./complaint.ts";
import { combineKeys, combineShare } from "./keys.ts";
import { type Ceremony, ceremonyTranscript, REGISTRARS, TRUSTEES, type VerifiedReveal } from "./parameters.ts";
import { type DealerSecret, dealReveal, newDealer, type Reveal, verifyReveal } from "./reveal.ts";
import { dealShares, openShare, sealShare } from "./share-channel.ts";
import { type EncryptedShare, type Shares, verifyShares } from "./shares.ts";

const election = new Uint8Array(32).fill(1);
const ceremony: Ceremony = { election, group: TRUSTEES, round: 1, parties: [1, 2, 3, 4], threshold: 3 };
const { dealers, reveals, verified, messages } = honestRound(ceremony);

const fault = <E>(result: { ok: true } | { ok: false; error: E }): E | null => (result.ok ? null : result.error);
const NOT_A_POINT = new Uint8Array(32).fill(255);

describe("reveal", () => {
  const reveal = reveals[0]!;
  const refused = (change: Partial<Reveal>, by: Ceremony = ceremony) =>
    fault(verifyReveal(by, { ...reveal, ...change }));

  it("is accepted as it was made", () => {
    expect(refused({})).toBeNull();
  });

  it("with a wrong number of coefficients is refused", () => {
    expect(refused({ coefficients: reveal.coefficients.slice(1) })).toBe("coefficient-count");
    expect(refused({ coefficients: [...reveal.coefficients, reveal.coefficients[0]!] })).toBe("coefficient-count");
    // A dealer that really uses a polynomial of higher or lower degree proves everything correctly and is still refused.
    for (const threshold of [2, 4]) {
      const other = { ...ceremony, threshold };
      expect(fault(verifyReveal(ceremony, dealReveal(other, newDealer(other, 1))))).toBe("coefficient-count");
    }
  });

  it("with an identity or malformed coefficient or channel key is refused", () => {
    for (const bad of [encodePoint(IDENTITY), NOT_A_POINT]) {
      for (const m of [0, 1, 2]) {
        const coefficients = reveal.coefficients.map((each, i) => (i === m ? bad : each));
        expect(refused({ coefficients })).toBe("coefficient");
      }
      expect(refused({ channel: bad })).toBe("channel");
    }
  });

  it("with a possession or channel proof of somebody else or of nothing is refused", () => {
    const other = reveals[1]!;
    expect(refused({ possession: other.possession })).toBe("possession");
    expect(refused({ possession: new Uint8Array(64) })).toBe("possession");
    expect(refused({ possession: reveal.possession.slice(1) })).toBe("possession");
    expect(refused({ channelProof: other.channelProof })).toBe("channel-proof");
    expect(refused({ channelProof: new Uint8Array(64) })).toBe("channel-proof");
  });

  it("binds the channel key and every coefficient to both proofs", () => {
    expect(refused({ channel: reveals[1]!.channel })).toBe("possession");
    const coefficients = [reveal.coefficients[0]!, reveal.coefficients[1]!, reveals[1]!.coefficients[2]!];
    expect(refused({ coefficients })).toBe("possession");
    // With a possession made anew by the holder of a_0, the channel proof of the old coefficients still fails.
    const secret: DealerSecret = {
      ...dealers[0]!,
      coefficients: new Secret([...dealers[0]!.coefficients.reveal().slice(0, 2), randomScalar()]),
    };
    const remade = dealReveal(ceremony, secret);
    expect(fault(verifyReveal(ceremony, { ...remade, channelProof: reveal.channelProof }))).toBe("channel-proof");
  });

  it("of another party, round, group, election, threshold or number of parties is refused", () => {
    expect(refused({ index: 2 })).toBe("possession");
    expect(refused({ index: 9 })).toBe("party");
    expect(refused({}, { ...ceremony, round: 2 })).toBe("possession");
    expect(refused({}, { ...ceremony, group: REGISTRARS })).toBe("possession");
    expect(refused({}, { ...ceremony, election: new Uint8Array(32) })).toBe("possession");
    expect(refused({}, { ...ceremony, parties: [1, 2, 3] })).toBe("possession");
    expect(refused({}, { ...ceremony, threshold: 2 })).toBe("coefficient-count");
  });

  it("with a rogue constant term, chosen to fix the joint key, is refused for want of possession", () => {
    const wanted = randomKeyPair();
    const others = verified.slice(0, 3).reduce((sum, each) => sum.add(each.coefficients[0]!), IDENTITY);
    const rogue = wanted.publicKey.subtract(others);
    // Were it accepted, the attacker alone would know the secret key:
    const accepted: VerifiedReveal = { ...verified[3]!, coefficients: [rogue, ...verified[3]!.coefficients.slice(1)] };
    expect(unwrap(combineKeys(ceremony, [...verified.slice(0, 3), accepted])).publicKey.equals(wanted.publicKey)).toBe(
      true,
    );
    const coefficients = accepted.coefficients.map(encodePoint);
    const { channel } = dealers[3]!;
    const transcript = () =>
      ceremonyTranscript("possession", ceremony)
        .number("index", 4)
        .number("threshold", 3)
        .number("parties", 4)
        .list("coefficients", coefficients)
        .append("channel", channel.encoded);
    // The best an attacker can do: prove what it knows (the wanted key), or another's possession under its own name.
    const attempts = [
      schnorrProve(transcript(), wanted),
      schnorrProve(transcript(), { ...wanted, publicKey: rogue, encoded: encodePoint(rogue) }),
      reveals[0]!.possession,
      reveals[3]!.possession,
    ];
    for (const possession of attempts) {
      const reveal = { index: 4, coefficients, possession, channel: channel.encoded, channelProof: new Uint8Array(64) };
      expect(fault(verifyReveal(ceremony, reveal))).toBe("possession");
    }
  });

  it("that copies another party's commitments is refused", () => {
    expect(fault(verifyReveal(ceremony, { ...reveals[0]!, index: 2 }))).toBe("possession");
  });

  it("that cancels out the joint key gives no key", () => {
    const cancelling = verified
      .slice(0, 3)
      .reduce((sum, each) => sum.add(each.coefficients[0]!), IDENTITY)
      .negate();
    const bad = { ...verified[3]!, coefficients: [cancelling, ...verified[3]!.coefficients.slice(1)] };
    expect(combineKeys(ceremony, [...verified.slice(0, 3), bad])).toEqual({ ok: false, error: "identity" });
  });
});

describe("shares message", () => {
  const [message] = messages as [Shares, ...Shares[]];
  const refused = (change: Partial<Shares>) => fault(verifyShares(ceremony, { ...message, ...change }));
  const replace = (i: number, change: Partial<EncryptedShare>) => ({
    shares: message.shares.map((share, k) => (k === i ? { ...share, ...change } : share)),
  });

  it("goes to every other party once, ascending, in the right form", () => {
    expect(refused({})).toBeNull();
    expect(refused({ index: 7 })).toBe("party");
    expect(refused({ index: 2 })).toBe("recipients");
    expect(refused({ shares: message.shares.slice(1) })).toBe("recipients");
    expect(refused({ shares: [...message.shares].reverse() })).toBe("recipients");
    expect(refused({ shares: [...message.shares, message.shares[0]!] })).toBe("recipients");
    expect(refused(replace(1, { to: 2 }))).toBe("recipients");
    expect(refused(replace(1, { ephemeral: encodePoint(IDENTITY) }))).toBe("ephemeral");
    expect(refused(replace(1, { ephemeral: NOT_A_POINT }))).toBe("ephemeral");
    expect(refused(replace(1, { ciphertext: new Uint8Array(47) }))).toBe("ciphertext");
  });

  it("uses a fresh ephemeral for every recipient", () => {
    const ephemerals = messages.flatMap((each) => each.shares.map((share) => share.ephemeral.join()));
    expect(new Set(ephemerals).size).toBe(12);
    expect(dealShares(ceremony, dealers[0]!, verified).shares[0]!.ephemeral).not.toEqual(message.shares[0]!.ephemeral);
  });

  it("is opened by its recipient alone, at its place alone", () => {
    const share = message.shares[0]!;
    expect(openShare(ceremony, dealers[1]!, verified, 1, share).ok).toBe(true);
    expect(() => openShare(ceremony, dealers[2]!, verified, 1, share)).toThrow(RangeError);
    expect(fault(openShare(ceremony, dealers[2]!, verified, 1, { ...share, to: 3 }))).toBe("cipher");
    expect(fault(openShare(ceremony, dealers[1]!, verified, 3, share))).toBe("cipher");
    expect(fault(openShare({ ...ceremony, round: 2 }, dealers[1]!, verified, 1, share))).toBe("cipher");
  });
});

/** Party 1 sends `share` to party 2: what party 2 finds, and whom its complaint names. */
function outcome(share: EncryptedShare) {
  const message: Shares = { index: 1, shares: messages[0]!.shares.map((each) => (each.to === 2 ? share : each)) };
  expect(verifyShares(ceremony, message).ok).toBe(true);
  const combined = combineShare(ceremony, dealers[1]!, verified, [message, ...messages.slice(1)]);
  const complaint = makeComplaint(ceremony, dealers[1]!, 1, share);
  const judged = unwrap(judgeComplaint(ceremony, verified, message, complaint));
  return { combined, judged };
}

describe("a bad share is found by its receiver and its sender is named by anybody", () => {
  const [, to] = verified as [VerifiedReveal, VerifiedReveal];
  const good = dealers[0]!.coefficients.reveal().reduceRight((sum, a) => modOrder(sum * 2n + a), 0n);

  /** Encrypts any 32 bytes correctly to party 2, as only the sender can. */
  function sealed(plaintext: Uint8Array): EncryptedShare {
    const ephemeral = randomKeyPair();
    const info = ceremonyTranscript("channel", ceremony)
      .number("from", 1)
      .number("to", 2)
      .append("ephemeral", ephemeral.encoded)
      .append("channel", encodePoint(to.channel))
      .hash();
    const dh = multiplyPublic(to.channel, ephemeral.secret.reveal());
    return { to: 2, ephemeral: ephemeral.encoded, ciphertext: sealUnder(dh, info, plaintext) };
  }

  it("(the helper's own good share passes)", () => {
    const { combined, judged } = outcome(sealed(encodeScalar(good)));
    expect(combined.ok).toBe(true);
    expect(judged).toEqual({ guilty: 2, reason: "good-share" });
  });

  it("that does not open", () => {
    const ciphertext = Uint8Array.from(messages[0]!.shares[0]!.ciphertext);
    ciphertext[20]! ^= 1;
    const { combined, judged } = outcome({ ...messages[0]!.shares[0]!, ciphertext });
    expect(combined).toEqual({ ok: false, error: { from: 1, fault: "cipher" } });
    expect(judged).toEqual({ guilty: 1, reason: "cipher" });
  });

  it("that is meant for another party or comes from another round", () => {
    const swapped = { ...messages[0]!.shares[1]!, to: 2 };
    expect(outcome(swapped).judged).toEqual({ guilty: 1, reason: "cipher" });
    const replayed = sealShare({ ...ceremony, round: 2 }, 1, to, good, randomKeyPair());
    expect(outcome(replayed).judged).toEqual({ guilty: 1, reason: "cipher" });
  });

  it("that is not a canonical scalar, even if it is right modulo l", () => {
    const wide = good + ORDER;
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((wide >> BigInt(8 * i)) & 255n));
    const { combined, judged } = outcome(sealed(bytes));
    expect(combined).toEqual({ ok: false, error: { from: 1, fault: "scalar" } });
    expect(judged).toEqual({ guilty: 1, reason: "scalar" });
    expect(outcome(sealed(NOT_A_POINT)).judged).toEqual({ guilty: 1, reason: "scalar" });
  });

  it("that misses the commitments", () => {
    for (const wrong of [modOrder(good + 1n), 0n]) {
      const { combined, judged } = outcome(sealShare(ceremony, 1, to, wrong, randomKeyPair()));
      expect(combined).toEqual({ ok: false, error: { from: 1, fault: "commitments" } });
      expect(judged).toEqual({ guilty: 1, reason: "commitments" });
    }
  });
});

describe("a false complaint names the complainer", () => {
  const message = messages[0]!;
  const share = message.shares[0]!;
  const honest = makeComplaint(ceremony, dealers[1]!, 1, share);
  const judge = (complaint: Complaint, by: Ceremony = ceremony, against: Shares = message) =>
    judgeComplaint(by, verified, against, complaint);

  it("about a good share", () => {
    expect(unwrap(judge(honest))).toEqual({ guilty: 2, reason: "good-share" });
  });

  it("with a forged Diffie–Hellman point, whatever the proof", () => {
    const forgedKey = keyPairFrom(randomScalar());
    const forged: Point = multiplyPublic(G, randomScalar());
    const wrongKey = makeComplaint(ceremony, { ...dealers[1]!, channel: forgedKey }, 1, share);
    expect(unwrap(judge(wrongKey))).toEqual({ guilty: 2, reason: "proof" });
    expect(unwrap(judge({ ...honest, dh: encodePoint(forged) }))).toEqual({ guilty: 2, reason: "proof" });
    expect(unwrap(judge({ ...honest, dh: wrongKey.dh }))).toEqual({ guilty: 2, reason: "proof" });
    expect(unwrap(judge({ ...honest, proof: new Uint8Array(96) }))).toEqual({ guilty: 2, reason: "proof" });
    expect(unwrap(judge({ ...honest, proof: honest.proof.slice(1) }))).toEqual({ guilty: 2, reason: "proof" });
    expect(unwrap(judge({ ...honest, dh: encodePoint(IDENTITY) }))).toEqual({ guilty: 2, reason: "dh" });
    expect(unwrap(judge({ ...honest, dh: NOT_A_POINT }))).toEqual({ guilty: 2, reason: "dh" });
  });

  it("that is replayed from another round, ceremony or share", () => {
    expect(unwrap(judge(honest, { ...ceremony, round: 2 }))).toEqual({ guilty: 2, reason: "proof" });
    expect(unwrap(judge(honest, { ...ceremony, group: REGISTRARS }))).toEqual({ guilty: 2, reason: "proof" });
    const again = dealShares(ceremony, dealers[0]!, verified);
    expect(unwrap(judge(honest, ceremony, again))).toEqual({ guilty: 2, reason: "proof" });
    expect(unwrap(judge({ ...honest, index: 3 }))).toEqual({ guilty: 3, reason: "proof" });
  });

  it("and one between the wrong parties is no complaint", () => {
    expect(fault(judge({ ...honest, index: 1 }))).toBe("parties");
    expect(fault(judge({ ...honest, index: 9 }))).toBe("parties");
    expect(fault(judge({ ...honest, against: 9 }))).toBe("parties");
    expect(fault(judge({ ...honest, against: 3 }))).toBe("shares");
    expect(fault(judge(honest, ceremony, { index: 1, shares: [] }))).toBe("shares");
  });
});

describe("a secret of another round", () => {
  it("does not combine with this round's messages", () => {
    const other = newDealer(ceremony, 2);
    expect(combineShare(ceremony, other, verified, messages)).toEqual({
      ok: false,
      error: { from: 1, fault: "cipher" },
    });
    // Even with the right channel key, the own polynomial must be the revealed one.
    const mixed: DealerSecret = { ...other, channel: dealers[1]!.channel };
    expect(() => combineShare(ceremony, mixed, verified, messages)).toThrow();
    expect(() => combineShare(ceremony, dealers[1]!, verified, messages.slice(1))).toThrow();
    expect(() => dealShares(ceremony, dealers[1]!, verified.slice(1))).toThrow();
  });
});
