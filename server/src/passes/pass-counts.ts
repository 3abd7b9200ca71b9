/** How many passes of each class stand in every prefix of the pass log, in two bytes per pass. */
export class PassCounts {
  #classes = new Uint16Array(1024);
  #size = 0;
  /** Counts up to the newest anchor's size, from which later ones are counted on. */
  #base: { size: number; counts: number[] } = { size: 0, counts: [] };
  #total: number[] = [];

  get size(): number {
    return this.#size;
  }

  push(item: number): void {
    if (this.#size === this.#classes.length) {
      const wider = new Uint16Array(2 * this.#size);
      wider.set(this.#classes);
      this.#classes = wider;
    }
    this.#classes[this.#size++] = item;
    this.#total[item] = (this.#total[item] ?? 0) + 1;
  }

  /** Passes of one class in the whole log. */
  total(item: number): number {
    return this.#total[item] ?? 0;
  }

  /** Passes per class (absent = 0) in the first `size` entries; undefined where the log is shorter. */
  perClass(size: number): readonly number[] | undefined {
    if (size > this.#size) return undefined;
    const from = size >= this.#base.size ? this.#base : { size: 0, counts: [] };
    const counts = [...from.counts];
    for (let i = from.size; i < size; i++) {
      const item = this.#classes[i]!;
      counts[item] = (counts[item] ?? 0) + 1;
    }
    const dense = Array.from(counts, (count) => count ?? 0);
    if (size >= this.#base.size) this.#base = { size, counts: dense };
    return dense;
  }
}
