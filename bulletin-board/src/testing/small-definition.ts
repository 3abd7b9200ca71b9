/** The smallest complete definition of a rehearsal, for tests; everything in it can be replaced. */
import type { Ed25519Signer } from "../log/index.ts";
import type { DefinitionBody } from "../record/definition.ts";
import type { MemoryBoard } from "./memory-board.ts";

export interface SmallParties {
  readonly officials: readonly Ed25519Signer[];
  readonly trustees: readonly Ed25519Signer[];
  readonly registrars: readonly Ed25519Signer[];
}

const both = (en: string) => ({ ko: `${en} (ko)`, en });

/** One contest of two options, one class, one group; policy and trust are minimal JSON documents of the board. */
export function smallDefinition(
  board: MemoryBoard,
  parties: SmallParties,
  changes: Partial<DefinitionBody> = {},
): DefinitionBody {
  const document = (text: string) => board.addDocument(new Uint8Array(Buffer.from(text)));
  const named = (keys: readonly Ed25519Signer[], what: string) =>
    keys.map(({ publicKey }, i) => ({ name: `${what} ${i + 1}`, key: publicKey }));
  return {
    version: 1,
    origin: board.origin,
    title: both("Small vote"),
    text: both("A vote for tests."),
    rehearsal: true,
    contests: [
      {
        title: both("Question"),
        text: both("Which one?"),
        options: [both("A"), both("B")],
        rule: { options: 2, maxValue: 1, min: 1, max: 1, blank: false },
      },
    ],
    groups: [{ title: both("Town"), parent: null }],
    classes: [{ group: 0, weight: 1, contests: [0], certified: null }],
    schedule: { opens: board.now, closes: board.now + 3600 },
    bounds: { pauses: 1, pauseSeconds: 600, extensions: 1, extensionSeconds: 3600 },
    officials: parties.officials.map(({ publicKey }, i) => ({
      name: `official ${i}`,
      key: { algorithm: "Ed25519", key: publicKey },
      passkey: false,
    })),
    webauthn: null,
    trustees: named(parties.trustees, "trustee"),
    threshold: 2,
    minTrustees: Math.max(2, parties.trustees.length - 1),
    registrars: named(parties.registrars, "registrar"),
    quorum: parties.registrars.length === 1 ? 1 : 3,
    dishonest: parties.registrars.length === 1 ? 0 : 1,
    auditors: [],
    evidenceKey: null,
    auditSample: 0,
    policy: document('{"policy":1}\n'),
    trust: document('{"trust":1}\n'),
    revote: true,
    maxBallots: 32,
    mmd: 60,
    mixSeconds: 0,
    smallestGroup: 10,
    client: document("[]\n"),
    ...board.keys,
    ...changes,
  };
}
