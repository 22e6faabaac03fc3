/** Uploads of earlier visits: what the service still holds, joined with what this browser kept. */
import { Problem, request } from "../shared/api.ts";
import type { Page } from "../shared/types.ts";
import { newCreation, type Local } from "./locals.ts";
import type { Kept, Waiting } from "./records.ts";
import { newItem, type Item, type Phase } from "./store.ts";
import { ENDPOINT } from "./transfer.ts";
import { FIELDS } from "./vocabulary.ts";

/** `GET /uploads`: one of mine. */
export interface Held {
  id: string;
  filename: string;
  length: number;
  offset: number;
  fields: Record<string, string | string[]>;
  resource_id: number | null;
}

export interface Restored {
  items: Item[];
  locals: Map<string, Local>;
}

/** What the service holds. Without an answer it is nothing: new files can be sent all the same. */
export async function heldUploads(): Promise<Held[]> {
  const page = await request<Page<Held>>(ENDPOINT).catch((error: unknown) => {
    if (error instanceof Problem) return { items: [] };
    throw error;
  });
  return page.items;
}

/** Rows for what is not finished, but for what other windows have in hand (`elsewhere`: prints and addresses). */
export function unfinishedItems(held: readonly Held[], kept: readonly Kept[], elsewhere: ReadonlySet<string>): Restored {
  return restored(held.filter(({ id }) => !elsewhere.has(addressOf(id))), kept.filter(({ print }) => !elsewhere.has(print)));
}

function restored(held: readonly Held[], kept: readonly Kept[]): Restored {
  const result: Restored = { items: [], locals: new Map() };
  const left = new Set(kept);
  const add = (item: Item, record: Kept | undefined): void => {
    if (record) left.delete(record);
    result.items.push(item);
    result.locals.set(item.key, localOf(record));
  };
  for (const one of held.filter(({ resource_id }) => resource_id === null)) {
    const record = recordOf(one, [...left]);
    add(itemOf(one, record), record);
  }
  [...left].forEach((record, index) => {
    if (record.waiting) add(itemWaiting(`waiting-${index}`, record, record.waiting), record);
  });
  return result;
}

function addressOf(id: string): string {
  return `${ENDPOINT}/${id}`;
}

/** By its address; or what had been asked for when the page was closed before the answer came. */
function recordOf({ id, filename, length }: Held, kept: readonly Kept[]): Kept | undefined {
  return kept.find(({ upload }) => upload === addressOf(id))
    ?? kept.find(({ waiting }) => waiting?.name === filename && waiting.size === length);
}

function localOf(record: Kept | undefined): Local {
  return { file: null, handle: record?.handle ?? null, print: record?.print ?? "", creation: record?.waiting?.creation ?? newCreation() };
}

function itemOf(held: Held, record: Kept | undefined): Item {
  const item = newItem(`held-${held.id}`, held.filename, record?.folders ?? [], held.length, [], audienceOf(held));
  for (const field of FIELDS) {
    const value = held.fields[field];
    if (typeof value === "string") item.fields[field] = value;
  }
  // What was said of it since it was asked for is still to be sent.
  const waiting = record?.waiting;
  if (waiting) Object.assign(item, { fields: { ...waiting.fields }, audience: waiting.audience, dirty: [...FIELDS.filter((field) => waiting.fields[field]), "audience"] } satisfies Partial<Item>);
  const complete = held.offset === held.length;
  const phase = complete ? { name: "finishing" as const } : absent(record);
  return { ...item, phase, sent: held.offset, kept: held.offset, upload: addressOf(held.id) };
}

function itemWaiting(key: string, record: Kept, { name, size, fields, audience }: Waiting): Item {
  return { ...newItem(key, name, record.folders, size, [], audience), fields: { ...fields }, phase: absent(record) };
}

function absent(record: Kept | undefined): Phase {
  return { name: "absent", handle: Boolean(record?.handle) };
}

/** Tokens as a list, or as the upload's metadata has them: parted by spaces. */
function audienceOf({ fields: { audience } }: Held): string[] {
  return typeof audience === "string" ? audience.split(" ").filter(Boolean) : audience ?? [];
}
