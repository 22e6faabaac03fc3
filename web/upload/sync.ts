/**
 * Keeping the service in step: the fields that were changed here, and the states that changed
 * there.
 */
import { Problem, request } from "../shared/api.ts";
import { backoff } from "../shared/backoff.ts";
import { mine } from "../shared/mine.ts";
import type { FieldName } from "./vocabulary.ts";
import { isInWork, type Event, type Item } from "./store.ts";

/** A pause in writing; sooner would send every letter. */
const SAVE_AFTER_MS = 600;
/** The person is looking at the bar. */
const LOOK_EVERY_MS = 2000;

type Changed = FieldName | "audience";

/** Sends changed fields to where they belong now: the upload before it is finished, then the resource. */
export class Saver {
  private readonly timers = new Map<string, number>();
  /** One save at a time for each: an old one that was held up must not arrive after the next. */
  private readonly sending = new Set<string>();
  private readonly find: (key: string) => Item | undefined;
  private readonly dispatch: (event: Event) => void;
  private failures = 0;

  constructor(find: (key: string) => Item | undefined, dispatch: (event: Event) => void) {
    this.find = find;
    this.dispatch = dispatch;
  }

  later(key: string, wait = SAVE_AFTER_MS): void {
    clearTimeout(this.timers.get(key));
    this.timers.set(key, window.setTimeout(() => void this.now(key), wait));
  }

  async now(key: string): Promise<void> {
    clearTimeout(this.timers.get(key));
    const item = this.find(key);
    const place = item && placeOf(item);
    if (!item?.dirty.length || !place || this.sending.has(key)) return;
    const sent = valuesOf(item, item.dirty);
    this.sending.add(key);
    try {
      await request(place.url, { method: place.method, body: sent, keepalive: true });
      this.failures = 0;
      this.settle(key, sent, {});
    } catch (error) {
      this.onRefusal(key, sent, error);
    } finally {
      this.sending.delete(key);
    }
    // It became a resource meanwhile.
    if (item.resource === null && (this.find(key)?.resource ?? null) !== null) void this.now(key);
  }

  private onRefusal(key: string, sent: Record<string, unknown>, error: unknown): void {
    if (!(error instanceof Problem)) throw error;
    if (error.passing) {
      this.failures += 1;
      this.later(key, backoff(this.failures) * 1000);
    } else if (error.status !== 404 && error.status !== 409) {
      const errors = Object.keys(error.fields).length ? error.fields : { form: error.title || error.detail };
      this.settle(key, sent, errors);
    }
    // 404 and 409: it has just become a resource, or was lost; they are sent when that is known.
  }

  /** What was changed again meanwhile is still to be sent. */
  private settle(key: string, sent: Record<string, unknown>, errors: Record<string, string>): void {
    const item = this.find(key);
    if (!item) return;
    const names = Object.keys(sent) as Changed[];
    const now = valuesOf(item, names);
    const fields = names.filter((name) => JSON.stringify(now[name]) === JSON.stringify(sent[name]));
    this.dispatch({ type: "saved", key, fields, errors });
    if (this.find(key)?.dirty.length) this.later(key);
  }
}

function placeOf(item: Item): { method: "PUT" | "PATCH"; url: string } | null {
  if (item.resource !== null) return { method: "PATCH", url: `/api/v1/resources/${item.resource}` };
  if (item.upload === null || item.phase.name === "finishing") return null;
  return { method: "PUT", url: `${item.upload}/fields` };
}

function valuesOf(item: Item, names: readonly Changed[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, name === "audience" ? item.audience : item.fields[name]]));
}

/** Looks after what the service works on, as long as there is any. */
export class Watcher {
  private timer = 0;
  private failures = 0;
  private readonly items: () => readonly Item[];
  private readonly dispatch: (event: Event) => void;

  constructor(items: () => readonly Item[], dispatch: (event: Event) => void) {
    this.items = items;
    this.dispatch = dispatch;
  }

  /** Called after every change; does nothing while it is already looking. */
  wake(): void {
    if (this.timer || !this.items().some(isInWork)) return;
    this.timer = window.setTimeout(() => void this.look(), this.failures ? backoff(this.failures) * 1000 : LOOK_EVERY_MS);
  }

  private async look(): Promise<void> {
    try {
      await this.see();
      this.failures = 0;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.failures += 1;
    }
    this.timer = 0;
    this.wake();
  }

  private async see(): Promise<void> {
    const waiting = new Map(this.items().filter(isInWork).map(({ key, resource }) => [resource, key]));
    const found = await mine([...waiting.keys()].filter((id): id is number => id !== null));
    for (const resource of found.values()) this.dispatch({ type: "seen", resource });
    // Deleted in another window: there is nothing left to wait for.
    const gone = [...waiting].filter(([id]) => id !== null && !found.has(id)).map(([, key]) => key);
    if (gone.length) this.dispatch({ type: "removed", keys: gone });
  }
}
