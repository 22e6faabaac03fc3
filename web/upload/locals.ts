/**
 * What belongs to a row and cannot be part of a pure state: its file, and what this browser keeps
 * of it for the next visit.
 */
import { contentOf } from "./fingerprint.ts";
import { Records, type Kept } from "./records.ts";
import type { Item } from "./store.ts";

export interface Local {
  file: File | null;
  handle: FileSystemFileHandle | null;
  /** As made by fingerprint.ts; "" where this browser never saw the file. */
  print: string;
  /** The `Idempotency-Key` of its creation: asked for again, it is the same upload. */
  creation: string;
}

export class Locals {
  private readonly rows = new Map<string, Local>();
  private readonly records: Records;

  constructor(records: Records) {
    this.records = records;
  }

  get(key: string): Local | undefined {
    return this.rows.get(key);
  }

  set(key: string, local: Local): void {
    const before = this.rows.get(key)?.print;
    // Chosen again under another name.
    if (before && before !== local.print) void this.records.forget(before);
    this.rows.set(key, local);
  }

  /** What earlier visits left. */
  kept(): Promise<Kept[]> {
    return this.records.all();
  }

  /** Write down what the row is about, for the next visit. */
  async keep({ key, name, size, upload, resource, folders, fields, audience }: Item): Promise<void> {
    const local = this.rows.get(key);
    if (!local?.print) return;
    const { print, handle, creation } = local;
    const waiting = upload === null && resource === null ? { name, size, creation, fields, audience } : null;
    await this.records.put({ print, handle, upload, resource, folders, waiting, at: Date.now() });
  }

  /** The row is gone for good. What the library has already is still known here. */
  drop(item: Item): void {
    const print = this.rows.get(item.key)?.print;
    this.rows.delete(item.key);
    if (print && item.phase.name !== "known") void this.records.forget(print);
  }

  /**
   * The row that is about this very file. One that waits for its file is found under another name
   * too, and by name and size where only the service knows it.
   */
  rowOf(items: readonly Item[], file: File, print: string): Item | undefined {
    const waits = items.filter(({ phase }) => phase.name === "absent");
    const printOf = ({ key }: Item): string => this.rows.get(key)?.print ?? "";
    return items.find((item) => printOf(item) === print)
      ?? waits.find((item) => contentOf(printOf(item)) === contentOf(print))
      ?? waits.find((item) => !printOf(item) && item.name === file.name && item.size === file.size);
  }
}

/** 128 random bits, as the service asks for them. */
export function newCreation(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
