/** The numbered checks and their lettered parts (docs/protocol.md section 9): the one table that everything names them by. */
export const checks = [
  {
    number: 1,
    title: "Record form",
    parts: {
      a: "canonical decoding",
      b: "known types",
      c: "contiguous indices",
      d: "sizes",
      e: "documents present and matching",
    },
  },
  {
    number: 2,
    title: "Chain and tree",
    parts: {
      a: "every entry names its predecessor",
      b: "root equals the checkpoint",
      c: "consistent with older checkpoints",
    },
  },
  {
    number: 3,
    title: "Checkpoint",
    parts: { a: "origin", b: "board signature", c: "witness quorum", d: "witness changes" },
  },
  {
    number: 4,
    title: "Definition",
    parts: {
      a: "schema",
      b: "signed by two officials",
      c: "inequalities of registrars, witnesses, trustees",
      d: "distinct keys",
      e: "largest ballot and tally fit",
      f: "group tree and denominations",
      g: "rehearsal flag",
    },
  },
  {
    number: 5,
    title: "Registrars",
    parts: {
      a: "a well-formed key per class",
      b: "signed by the registrar",
      c: "nullifier-key ceremony complete",
      d: "policy and trust snapshot",
    },
  },
  {
    number: 6,
    title: "Key ceremony",
    parts: {
      a: "coefficients",
      b: "proofs of possession",
      c: "channel keys",
      d: "complaints judged",
      e: "restarts",
      f: "joint key and share keys",
      g: "confirmations",
    },
  },
  { number: 7, title: "Backup drills", parts: { a: "every trustee of the round", b: "proofs" } },
  {
    number: 8,
    title: "Order",
    parts: { a: "one open, close, count, tally, result", b: "who may append what, when", c: "pauses and bounds" },
  },
  {
    number: 9,
    title: "Time",
    parts: {
      a: "anchors monotone, with the witnesses' quorum",
      b: "every ballot inside the window",
      c: "acts' stated times",
      d: "extension rules",
    },
  },
  {
    number: 10,
    title: "Officials' acts",
    parts: { a: "act hash", b: "proposed and confirmed by two", c: "passkey fields", d: "waiting and withdrawing" },
  },
  { number: 11, title: "Ballot form", parts: { a: "class and contests", b: "lengths", c: "points", d: "scalars" } },
  {
    number: 12,
    title: "Passes",
    parts: {
      a: "a quorum, distinct, ascending",
      b: "valid for class and pseudonym",
      c: "a pseudonym keeps its class",
      d: "at most maxBallots each",
    },
  },
  { number: 13, title: "Ballot signatures", parts: { a: "by the pseudonym over ballot and passes" } },
  { number: 14, title: "Selections", parts: { a: "every option's proof" } },
  { number: 15, title: "Limits", parts: { a: "every contest's sum", b: "blank" } },
  { number: 16, title: "Independence", parts: { a: "no randomness repeated in a ballot", b: "no ballot copied" } },
  { number: 17, title: "Re-vote chain", parts: { a: "previous is the latest ballot", b: "every ballot once" } },
  {
    number: 18,
    title: "Pass log",
    parts: {
      a: "form, chain, tree, witnesses",
      b: "endorsements",
      c: "distinct nullifiers",
      d: "no more first ballots than passes, at every anchor",
      e: "frozen at close",
      f: "no more passes than certified",
      g: "audit",
    },
  },
  { number: 19, title: "Count", parts: { a: "numbers", b: "bitmap" } },
  { number: 20, title: "Encrypted tally", parts: { a: "partition", b: "products" } },
  { number: 21, title: "Shares", parts: { a: "signatures", b: "proofs", c: "at least the threshold" } },
  {
    number: 22,
    title: "Decryption",
    parts: { a: "points equal the combination of shares", b: "points equal the counts", c: "counts within bounds" },
  },
  { number: 23, title: "Result", parts: { a: "totals follow" } },
  { number: 24, title: "Client", parts: { a: "served files equal the digests" } },
  { number: 25, title: "Papers", parts: { a: "receipts", b: "acknowledgements", c: "refusals" } },
] as const;

export type CheckNumber = (typeof checks)[number]["number"];
type PartsOf<C> = C extends { number: infer N extends number; parts: infer P } ? `${N}${keyof P & string}` : never;
/** A lettered part: "9b". */
export type CheckPart = PartsOf<(typeof checks)[number]>;

export const checkParts: readonly CheckPart[] = checks.flatMap((check) =>
  Object.keys(check.parts).map((letter) => `${check.number}${letter}` as CheckPart),
);
export const checkOf = (part: CheckPart): CheckNumber => Number.parseInt(part, 10) as CheckNumber;
