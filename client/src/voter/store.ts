/**
 * What a device keeps between visits, in IndexedDB: pass seeds, passes, and signed ballots that have no final answer. Never a
 * choice, never the randomness of a ballot, never an activation code.
 */
import type { Kept } from "./kept.ts";

/** One `Kept` per election. A write is on disk when its promise resolves. */
export interface Store {
  read(election: string): Promise<Kept | null>;
  write(election: string, kept: Kept): Promise<void>;
  /** Removes everything of every election. */
  erase(): Promise<void>;
}

const NAME = "hanpyo";
const TABLE = "kept";

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  return done(request);
}

async function within<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await openDatabase();
  try {
    const transaction = database.transaction(TABLE, mode, { durability: "strict" });
    const result = work(transaction.objectStore(TABLE));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
    return result.result;
  } finally {
    database.close();
  }
}

export const deviceStore: Store = {
  read: async (election) => ((await within("readonly", (table) => table.get(election))) as Kept | undefined) ?? null,
  write: async (election, kept) => {
    await within("readwrite", (table) => table.put(kept, election));
  },
  erase: async () => {
    await within("readwrite", (table) => table.clear());
    await done(indexedDB.deleteDatabase(NAME));
  },
};
