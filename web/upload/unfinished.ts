/** Uploads of earlier visits: what the service still holds, joined with what this browser kept. */
import { Problem, request } from "../shared/api.ts";
import type { Page } from "../shared/types.ts";
import type { Kept } from "./records.ts";
import { newItem, type Item } from "./store.ts";
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
  locals: Map<string, { file: null; handle: FileSystemFileHandle | null; print: string }>;
}

/** Rows for what is not finished. Without an answer there are none: new files can be sent all the same. */
export async function unfinishedItems(kept: readonly Kept[]): Promise<Restored> {
  const page = await request<Page<Held>>(ENDPOINT).catch((error: unknown) => {
    if (error instanceof Problem) return { items: [] };
    throw error;
  });
  return restored(page.items, kept);
}

/** @see unfinishedItems; `print` is "" where this browser never saw the file. */
export function restored(held: readonly Held[], kept: readonly Kept[]): Restored {
  const result: Restored = { items: [], locals: new Map() };
  for (const one of held.filter(({ resource_id }) => resource_id === null)) {
    const record = kept.find(({ upload }) => upload === `${ENDPOINT}/${one.id}`);
    const item = itemOf(one, record);
    result.items.push(item);
    result.locals.set(item.key, { file: null, handle: record?.handle ?? null, print: record?.print ?? "" });
  }
  return result;
}

function itemOf(held: Held, record: Kept | undefined): Item {
  const item = newItem(`held-${held.id}`, held.filename, record?.folders ?? [], held.length, [], audienceOf(held));
  for (const field of FIELDS) {
    const value = held.fields[field];
    if (typeof value === "string") item.fields[field] = value;
  }
  const complete = held.offset === held.length;
  const phase = complete ? { name: "finishing" as const } : { name: "absent" as const, handle: Boolean(record?.handle) };
  return { ...item, phase, sent: held.offset, kept: held.offset, upload: `${ENDPOINT}/${held.id}` };
}

/** Tokens as a list, or as the upload's metadata has them: parted by spaces. */
function audienceOf({ fields: { audience } }: Held): string[] {
  return typeof audience === "string" ? audience.split(" ").filter(Boolean) : audience ?? [];
}
