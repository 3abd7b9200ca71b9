import { nullifier as nullifierOf, randomBytes, randomKeyPair, sealEvidence } from "@hanpyo/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { examineEndorsement, examineEntry } from "./examine.ts";
import { type EvidenceFault, evidenceFinding, listFindings, mostFindings } from "./findings.ts";
import { EvidenceFixture, type Parts, type Sealed } from "./testing/evidence-fixture.ts";

let fixture: EvidenceFixture;
beforeAll(async () => {
  fixture = await EvidenceFixture.make();
});

/** Faults of each registrar's evidence, where registrar 2 may hand over something else. */
function faultsOf({ pass, sealed }: Sealed, second: Uint8Array | null = sealed[2]!): EvidenceFault[][] {
  return pass.endorsements.map((endorsement) =>
    examineEndorsement(
      fixture.setting,
      pass,
      endorsement,
      endorsement.registrar === 2 ? second : sealed[endorsement.registrar]!,
    ),
  );
}
const all = (fault: EvidenceFault) => [[fault], [fault], [fault], [fault]];
const none = [[], [], [], []];
const faultsWith = (change: (parts: Parts) => void) => {
  const parts = fixture.parts("1001");
  change(parts);
  return faultsOf(fixture.seal(parts));
};

describe("opened evidence", () => {
  it("of an honest pass has no fault, whichever registrars gave their shares", () => {
    const sealed = fixture.seal(fixture.parts("1001"));
    expect(examineEntry(fixture.setting, sealed.pass)).toEqual([]);
    expect(faultsOf(sealed)).toEqual(none);
    expect(
      faultsWith((parts) => {
        parts.shares = fixture.shares("1001", [4, 2, 1]);
      }),
    ).toEqual(none);
  });

  it("that is missing, other bytes, or sealed to somebody else is found with the registrar that endorsed it", () => {
    const honest = fixture.seal(fixture.parts("1001"));
    expect(faultsOf(honest, null)).toEqual([[], ["missing"], [], []]);
    expect(faultsOf(honest, honest.sealed[3]!)).toEqual([[], ["other-bytes"], [], []]);
    const nothing = fixture.seal(fixture.parts("1001"), (i, sealed) => (i === 2 ? randomBytes(48) : sealed));
    expect(faultsOf(nothing)).toEqual([[], ["unopened"], [], []]);
    const { election } = fixture.setting;
    const elsewhere = randomKeyPair().publicKey;
    const toOthers = fixture.seal(fixture.parts("1001"), (i, sealed) =>
      i === 2 ? sealEvidence(election, i, elsewhere, randomBytes(900)) : sealed,
    );
    expect(faultsOf(toOthers)).toEqual([[], ["unopened"], [], []]);
    const noise = fixture.seal(fixture.parts("1001"), (i, sealed) =>
      i === 2 ? sealEvidence(election, i, fixture.auditors.publicKey, randomBytes(900)) : sealed,
    );
    expect(faultsOf(noise)).toEqual([[], ["form"], [], []]);
  });

  it("sealed by one registrar cannot be handed over by another", () => {
    const first = fixture.seal(fixture.parts("1001"));
    const copied = fixture.seal(fixture.parts("1001"), (i, sealed) => (i === 2 ? first.sealed[1]! : sealed));
    expect(faultsOf(copied)).toEqual([[], ["unopened"], [], []]);
  });

  it("of another person is found: another request, or the same one under a nullifier that is not that person's", () => {
    const other = fixture.seal(fixture.parts("1002"));
    const swapped = fixture.seal(fixture.parts("1001"), (i, sealed) => (i === 2 ? other.sealed[2]! : sealed));
    expect(faultsOf(swapped)).toEqual([[], ["other-request"], [], []]);
    const theirs = fixture.parts("1002").nullifier;
    expect(
      faultsWith((parts) => {
        parts.nullifier = theirs;
      }),
    ).toEqual(all("nullifier"));
  });

  it("with a forged presentation is found", () => {
    expect(
      faultsWith((parts) => {
        parts.signature = fixture.sign("1002", parts.nonces, parts.requests);
      }),
    ).toEqual(all("presentation"));
    expect(
      faultsWith((parts) => {
        parts.nonces[0] = randomBytes(16);
      }),
    ).toEqual(all("presentation"));
  });

  it("without the registrar's own nonce is found", () => {
    expect(
      faultsWith((parts) => {
        parts.nonces[1] = null;
        parts.signature = fixture.sign("1001", parts.nonces, parts.requests);
      }),
    ).toEqual([[], ["nonces"], [], []]);
  });

  it("with an invented person, another's row, a changed row or a wrong salt is found", async () => {
    const elsewhere = await EvidenceFixture.make([["9999", "0", "50"]]);
    const invented = elsewhere.parts("9999");
    const { key } = invented;
    const nonce = fixture.parts("1001");
    expect(
      faultsWith((parts) => {
        parts.key = key;
        parts.signature = nonce.signature;
        parts.row = invented.row;
      }),
    ).toEqual([1, 2, 3, 4].map(() => ["presentation", "holder"]));
    expect(
      faultsWith((parts) => {
        parts.row = fixture.row("1002").line;
      }),
    ).toEqual(all("row"));
    expect(
      faultsWith((parts) => {
        parts.row = parts.row.replace("1001,0,30", "1001,1,30");
      }),
    ).toEqual(all("row"));
    expect(
      faultsWith((parts) => {
        parts.salt = randomBytes(32);
      }),
    ).toEqual(all("salt"));
    expect(
      faultsWith((parts) => {
        parts.salt = null;
      }),
    ).toEqual(all("salt"));
  });

  it("of a person whom the policy does not admit, or a pass that it does not grant, is found", () => {
    expect(faultsOf(fixture.seal(fixture.parts("child")))).toEqual(all("not-eligible"));
    const away = fixture.parts("1001", ([first]) => {
      first!.class = 1;
    });
    expect(faultsOf(fixture.seal(away))).toEqual(all("not-granted"));
    const second = fixture.parts("1001", ([first]) => {
      first!.copy = 1;
    });
    expect(faultsOf(fixture.seal(second))).toEqual(all("not-granted"));
  });

  it("of another class than the one logged is found", () => {
    expect(
      faultsWith((parts) => {
        parts.class = 1;
      }),
    ).toEqual(all("wrong-class"));
  });

  it("about another request, one that stands twice or one above a modulus is found", () => {
    expect(
      faultsWith((parts) => {
        parts.request = randomBytes(32);
      }),
    ).toEqual(all("other-request"));
    const twice = fixture.parts("1001", (requests) => {
      requests.push({
        ...requests[0]!,
        blinded: requests[0]!.blinded.map(() => Uint8Array.from([1, ...randomBytes(255)])),
      });
    });
    expect(faultsOf(fixture.seal(twice))).toEqual(all("requests"));
    const above = fixture.parts("1001", ([first]) => {
      first!.blinded = [...first!.blinded.slice(0, 3), new Uint8Array(256).fill(0xff)];
    });
    expect(faultsOf(fixture.seal(above))).toEqual(all("requests"));
    const heavy = fixture.parts("1001", ([first]) => {
      first!.denomination = 2;
    });
    expect(faultsOf(fixture.seal(heavy))).toEqual([1, 2, 3, 4].map(() => ["requests", "not-granted"]));
  });

  it("with too few shares, doubled ones, false ones or those of another person is found", () => {
    const cases: [Parts["shares"], EvidenceFault][] = [
      [fixture.shares("1001", [1, 2]), "shares"],
      [fixture.shares("1001", [1, 2, 2]), "shares"],
      [fixture.shares("1001", [1, 2, 3, 4]), "shares"],
      [fixture.shares("1002"), "share-proof"],
      [fixture.shares("1001").map((share) => ({ ...share, proof: randomBytes(96) })), "share-proof"],
      [fixture.shares("1001").map((share, i) => ({ ...share, registrar: i + 2 })), "share-proof"],
    ];
    for (const [shares, fault] of cases)
      expect(
        faultsWith((parts) => {
          parts.shares = shares;
        }),
      ).toEqual(all(fault));
  });

  it("leads to the logged nullifier of exactly this weight and copy", () => {
    const { election } = fixture.setting;
    expect(
      faultsWith((parts) => {
        parts.nullifier = nullifierOf(election, 1, 1, fixture.prf("1001", parts.shares));
      }),
    ).toEqual(all("nullifier"));
  });

  it("under an endorsement that does not hold is not opened at all", () => {
    const { pass, sealed } = fixture.seal(fixture.parts("1001"));
    const forged = { ...pass, endorsements: pass.endorsements.map((it) => ({ ...it, signature: randomBytes(64) })) };
    expect(faultsOf({ pass: forged, sealed })).toEqual(all("endorsement"));
  });
});

describe("entries", () => {
  it("with too few endorsements, unordered ones, or under another policy are found", () => {
    const { pass } = fixture.seal(fixture.parts("1001"));
    const entry = (change: Partial<typeof pass>) => examineEntry(fixture.setting, { ...pass, ...change });
    expect(entry({ endorsements: pass.endorsements.slice(0, 2) })).toEqual(["endorsements"]);
    expect(entry({ endorsements: [...pass.endorsements].reverse() })).toEqual(["endorsements"]);
    expect(entry({ endorsements: [1, 1, 1].map(() => pass.endorsements[0]!) })).toEqual(["endorsements"]);
    expect(entry({ policy: randomBytes(32) })).toEqual(["policy"]);
    expect(entry({ class: 2 })).toEqual(["policy"]);
  });
});

describe("findings", () => {
  it("stand by entry, name a registrar and nobody else, and never exceed what a report holds", () => {
    const found = Array.from({ length: 450 }, (_, i) => evidenceFinding(449 - i, 2, "row"));
    expect(listFindings(found.slice(0, 3)).map(({ entry }) => entry)).toEqual([447, 448, 449]);
    const listed = listFindings(found);
    expect(listed).toHaveLength(mostFindings);
    expect(listed[0]).toEqual({
      entry: 0,
      text: "registrar 2: its evidence holds another row than the roll has for the holder key",
    });
    expect(listed.at(-1)).toEqual({ entry: 199, text: "251 more findings from this entry on" });
  });
});
