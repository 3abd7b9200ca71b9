/** An entry somebody made, before the log gives it a place. */
export interface AuthoredEntry {
  /** An `EntryType`. */
  readonly type: number;
  /** Canonical CBOR, accepted by the schema of its type. */
  readonly payload: Uint8Array;
}
