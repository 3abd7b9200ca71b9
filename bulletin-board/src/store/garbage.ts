import type { Clock } from "@hanpyo/crypto";
import { parseTilePath, tilePath, tileWidth } from "../log/index.ts";
import type { ObjectStore } from "./object-store.ts";

/**
 * Removes partial tiles and bundles whose full one exists. One sighting only marks a partial; it goes at a sighting at
 * least `grace` milliseconds later, since a reader may just have read the checkpoint that needs it.
 */
export class PartialSweeper {
  readonly #objects: ObjectStore;
  readonly #clock: Clock;
  readonly #grace: number;
  /** Path of a partial to the time when its full one was first seen. */
  readonly #doomed = new Map<string, number>();

  constructor(objects: ObjectStore, clock: Clock, grace = 300_000) {
    this.#objects = objects;
    this.#clock = clock;
    this.#grace = grace;
  }

  /** Returns how many objects went. */
  async sweep(): Promise<number> {
    const now = this.#clock.now();
    const due: string[] = [];
    for await (const path of this.#objects.list("tile")) {
      const tile = parseTilePath(path);
      if (!tile.ok || tile.value.width === tileWidth) continue;
      const since = this.#doomed.get(path);
      if (since !== undefined) {
        if (now - since >= this.#grace) due.push(path);
      } else if ((await this.#objects.get(tilePath({ ...tile.value, width: tileWidth }))) !== null) {
        this.#doomed.set(path, now);
        if (this.#grace <= 0) due.push(path);
      }
    }
    await this.#objects.remove(due);
    for (const path of due) this.#doomed.delete(path);
    return due.length;
  }
}
