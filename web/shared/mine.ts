/** Asking after works of one's own, however many there are. */
import { request } from "./api.ts";
import type { Page, Resource } from "./types.ts";

/**
 * Those of `ids` that are there still. The list comes newest first, so its pages are turned only
 * as far as the oldest that is asked for; what is missing then has been deleted.
 */
export async function mine(ids: readonly number[]): Promise<Map<number, Resource>> {
  const found = new Map<number, Resource>();
  const oldest = Math.min(...ids);
  for (let cursor: string | null | undefined = ""; ids.length && typeof cursor === "string"; ) {
    const { items, next }: Page<Resource> = await request(`/api/v1/resources?mine=1&limit=50${cursor && `&cursor=${cursor}`}`);
    for (const resource of items) if (ids.includes(resource.id)) found.set(resource.id, resource);
    cursor = items.some(({ id }) => id <= oldest) ? null : next;
  }
  return found;
}
