/** What the type byte of an entry means (docs/protocol.md section 2). */
export const EntryType = {
  definition: 1,
  client: 2,
  registrarKeys: 3,
  reveal: 4,
  shares: 5,
  confirm: 6,
  complaint: 7,
  restart: 8,
  drill: 9,
  proposal: 10,
  withdraw: 11,
  open: 12,
  pause: 13,
  resume: 14,
  extend: 15,
  abort: 16,
  anchor: 17,
  ballot: 18,
  notice: 19,
  witnessChange: 20,
  auditReport: 21,
  close: 22,
  count: 23,
  encryptedTally: 24,
  share: 25,
  result: 26,
  /** The only type of the pass log. */
  pass: 64,
} as const;
export type EntryTypeName = keyof typeof EntryType;
export type EntryType = (typeof EntryType)[EntryTypeName];

const names = new Map<number, EntryTypeName>(
  Object.entries(EntryType).map(([name, type]) => [type, name as EntryTypeName]),
);
export const entryTypeName = (type: number): EntryTypeName | undefined => names.get(type);

/** Acts: proposed by one official, confirmed by another. */
export const ActTypes = [
  EntryType.client,
  EntryType.restart,
  EntryType.open,
  EntryType.pause,
  EntryType.resume,
  EntryType.extend,
  EntryType.abort,
  EntryType.notice,
  EntryType.witnessChange,
] as const;
export type ActType = (typeof ActTypes)[number];
export const isActType = (type: number): type is ActType => (ActTypes as readonly number[]).includes(type);
