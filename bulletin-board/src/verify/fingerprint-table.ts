/**
 * A map from 32-byte strings to rows of 32-bit words, in flat memory: what a verifier remembers of millions of ballots.
 * Keys are remembered by their first 16 bytes; they are hashes or encodings of points, and two that agree there would take
 * 2^64 work to make, for no more gain than a false alarm. Open addressing, load below 3/4, rows grow in place of objects.
 */
const keyWords = 4;
const empty = 0xffff_ffff;

export class FingerprintTable {
  readonly #words: number;
  /** Row numbers; `empty` where there is none. */
  #slots = new Uint32Array(1024).fill(empty);
  /** Key words then value words of each row. */
  #rows: Uint32Array;
  #size = 0;

  /** @param words 32-bit words of value in each row */
  constructor(words: number) {
    this.#words = keyWords + words;
    this.#rows = new Uint32Array(this.#words * 512);
  }

  get size(): number {
    return this.#size;
  }

  /** The value words of a key, a view that `set` of another key may invalidate; undefined if absent. */
  get(key: Uint8Array): Uint32Array | undefined {
    const row = this.#slots[this.#find(fingerprint(key))]!;
    return row === empty ? undefined : this.#value(row);
  }

  /** The value words of a key, zero where it is new. */
  add(key: Uint8Array): Uint32Array {
    const words = fingerprint(key);
    const slot = this.#find(words);
    const known = this.#slots[slot]!;
    if (known !== empty) return this.#value(known);
    const row = this.#size++;
    if (row * this.#words === this.#rows.length) {
      const wider = new Uint32Array(this.#rows.length + Math.max(this.#rows.length >> 1, this.#words));
      wider.set(this.#rows);
      this.#rows = wider.subarray(0, wider.length - (wider.length % this.#words));
    }
    this.#rows.set(words, row * this.#words);
    this.#slots[slot] = row;
    if (this.#size * 4 > this.#slots.length * 3) this.#rehash();
    return this.#value(row);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#slots.byteLength + this.#rows.buffer.byteLength;
  }

  #value(row: number): Uint32Array {
    return this.#rows.subarray(row * this.#words + keyWords, (row + 1) * this.#words);
  }

  #find(words: Uint32Array): number {
    const mask = this.#slots.length - 1;
    let slot = words[0]! & mask;
    for (;;) {
      const row = this.#slots[slot]!;
      if (row === empty) return slot;
      const at = row * this.#words;
      if (
        this.#rows[at] === words[0] &&
        this.#rows[at + 1] === words[1] &&
        this.#rows[at + 2] === words[2] &&
        this.#rows[at + 3] === words[3]
      )
        return slot;
      slot = (slot + 1) & mask;
    }
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2).fill(empty);
    for (let row = 0; row < this.#size; row++) {
      const at = row * this.#words;
      this.#slots[this.#find(this.#rows.subarray(at, at + keyWords))] = row;
    }
  }
}

function fingerprint(key: Uint8Array): Uint32Array {
  if (key.length < 16) throw new RangeError("a key has at least 16 bytes");
  const view = new DataView(key.buffer, key.byteOffset);
  return Uint32Array.of(view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12));
}
