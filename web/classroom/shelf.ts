/**
 * What of a lesson is kept on this computer's disk (IndexedDB) until it is durable, so that a long
 * break does not fill the memory, and a page that is loaded again, or a browser that dies, still
 * has it. One database a class.
 */
import { numberOf, type KeptChunk, type Message, type Span } from "./chunks.ts";

const DATABASE = "tongke-live-";
const CHUNKS = "chunks";
const STREAMS = "streams";

/** The key says what has to be known without reading gigabytes: number, stream, size. */
type Key = [number: number, stream: number, size: number];

export interface StreamRecord {
  stream: number;
  /** When it began, in ms since 1970: the numbers of streams come round. */
  at: number;
  configuration: object;
}

export class Shelf {
  private readonly name: string;
  private opening: Promise<IDBDatabase | null> | null = null;

  constructor(classId: string) {
    this.name = DATABASE + classId;
  }

  async contents(): Promise<{ number: number; stream: number; size: number }[]> {
    const keys = (await this.run("readonly", CHUNKS, (store) => store.getAllKeys())) ?? [];
    return (keys as Key[]).map(([number, stream, size]) => ({ number, stream, size }));
  }

  /** The configurations of streams, oldest first. */
  async streams(): Promise<StreamRecord[]> {
    const found = await this.run<StreamRecord[]>("readonly", STREAMS, (store) => store.getAll());
    return (found ?? []).sort((a, b) => a.at - b.at);
  }

  async putStream(record: StreamRecord): Promise<void> {
    await this.run("readwrite", STREAMS, (store) => store.put(record, record.stream));
  }

  /** True when they are on the disk. */
  async put(chunks: readonly KeptChunk[]): Promise<boolean> {
    // Taken now: what becomes durable meanwhile loses its bytes.
    const records = chunks.flatMap(({ number, stream, size, message }) => (message ? [{ key: [number, stream, size], message }] : []));
    const database = await this.database;
    if (!database) return false;
    try {
      const transaction = database.transaction(CHUNKS, "readwrite");
      for (const { key, message } of records) transaction.objectStore(CHUNKS).put(message, key);
      await finished(transaction);
      return true;
    } catch {
      // The disk is full: memory has to hold it.
      this.opening = null;
      return false;
    }
  }

  /** Up to `count` chunks from `number` on, by number; null when the disk does not answer. */
  async read(number: number, count: number): Promise<Map<number, Message> | null> {
    const range = IDBKeyRange.lowerBound([number]);
    const [keys, messages] = await Promise.all([
      this.run("readonly", CHUNKS, (store) => store.getAllKeys(range, count)),
      this.run<Message[]>("readonly", CHUNKS, (store) => store.getAll(range, count)),
    ]);
    if (!keys || !messages) return null;
    const found = new Map<number, Message>();
    for (const [index, key] of (keys as Key[]).entries()) {
      const message = messages[index];
      // A deletion may come between the two questions; the message's own number tells.
      if (message && numberOf(message) === key[0]) found.set(key[0], message);
    }
    return found;
  }

  /** Delete what is durable. */
  async forget(durable: number, above: readonly Span[]): Promise<void> {
    for (const [first, last] of [[0, durable] as const, ...above]) {
      // An array is greater than every number: [last, []] comes after all keys of `last`.
      await this.run("readwrite", CHUNKS, (store) => store.delete(IDBKeyRange.bound([first], [last, []])));
    }
  }

  private async run<T>(mode: IDBTransactionMode, name: string, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
    const database = await this.database;
    if (!database) return null;
    try {
      return await settled(act(database.transaction(name, mode).objectStore(name)));
    } catch {
      // A database that the browser or another window has closed throws at once: opened anew, it answers.
      this.opening = null;
      return null;
    }
  }

  private get database(): Promise<IDBDatabase | null> {
    // A browser that keeps nothing (private mode) keeps it in memory alone.
    this.opening ??= open(this.name).catch(() => null);
    return this.opening;
  }
}

/** Delete what is kept of a class that is over: nobody takes it any more. Kept once it is gone, or at least closed here. */
export async function forgetClass(classId: string): Promise<void> {
  try {
    const request = indexedDB.deleteDatabase(DATABASE + classId);
    await new Promise<void>((resolve, reject) => {
      request.onsuccess = request.onblocked = () => resolve();
      request.onerror = () => reject(request.error);
    });
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

async function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of [CHUNKS, STREAMS]) request.result.createObjectStore(store);
  };
  const database = await settled(request);
  // Whoever deletes it waits for nobody.
  database.onversionchange = () => database.close();
  return database;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
