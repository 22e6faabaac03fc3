/**
 * What this browser keeps of uploads between visits, in IndexedDB: which file an upload belongs
 * to, and where the browser can, a handle with which the file opens again without choosing it.
 *
 * One database an account, since a classroom's computer is everybody's. Losing it loses no byte:
 * the service keeps those, and files are matched by name and size.
 */
import type { Fields } from "./vocabulary.ts";

/** A row that the service has not told us of yet, as far as it has to be drawn again. */
export interface Waiting {
  name: string;
  size: number;
  /** The key with which it is asked for: asked for again, it is the same upload. */
  creation: string;
  fields: Fields;
  audience: string[];
}

export interface Kept {
  /** As made by fingerprint.ts; the key. */
  print: string;
  upload: string | null;
  resource: number | null;
  folders: string[];
  handle: FileSystemFileHandle | null;
  at: number;
  /** Until the upload has an address. */
  waiting: Waiting | null;
}

/** Longer than the service keeps an unfinished upload. */
const KEPT_MS = 30 * 24 * 3600 * 1000;
const STORE = "uploads";

export class Records {
  private readonly database: Promise<IDBDatabase | null>;

  constructor(user: number) {
    this.database = open(`tongke-uploads-${user}`).catch(() => null);
  }

  async all(): Promise<Kept[]> {
    const records = await this.run<Kept[]>("readonly", (store) => store.getAll());
    return (records ?? []).filter(({ at }) => Date.now() - at < KEPT_MS);
  }

  async put(record: Kept): Promise<void> {
    await this.run("readwrite", (store) => store.put(record));
  }

  async forget(print: string): Promise<void> {
    await this.run("readwrite", (store) => store.delete(print));
  }

  /** What the request answers, null where the browser keeps nothing (private mode, full disk). */
  private async run<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
    const database = await this.database;
    if (!database) return null;
    return settled(act(database.transaction(STORE, mode).objectStore(STORE))).catch(() => null);
  }
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "print" });
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
