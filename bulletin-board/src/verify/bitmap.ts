/** Which entries count, one bit each, least significant first (docs/protocol.md section 8). */
export class EntryBitmap {
  #bits = new Uint8Array(4096);

  set(entry: number): void {
    const at = Math.floor(entry / 8);
    if (at >= this.#bits.length) {
      const wider = new Uint8Array(Math.max(at + 1, Math.ceil(this.#bits.length * 1.5)));
      wider.set(this.#bits);
      this.#bits = wider;
    }
    this.#bits[at]! |= 1 << (entry % 8);
  }

  has(entry: number): boolean {
    return ((this.#bits[Math.floor(entry / 8)] ?? 0) & (1 << (entry % 8))) !== 0;
  }

  clear(entry: number): void {
    this.#bits[Math.floor(entry / 8)]! &= ~(1 << (entry % 8));
  }

  /** The document of the count: ⌈(last + 1) / 8⌉ bytes, none where there is no ballot. */
  document(last: number | null): Uint8Array {
    return this.#bits.slice(0, last === null ? 0 : Math.ceil((last + 1) / 8));
  }
}
