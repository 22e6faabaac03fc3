/**
 * Carries out what the state asks for and what the person does.
 *
 * The state itself and all its rules are in store.ts and plan.ts. Here are the edges: files,
 * transfers, the service, the clock.
 */
import { Problem, request } from "../shared/api.ts";
import { backoff } from "../shared/backoff.ts";
import { bytes } from "../shared/format.ts";
import { t } from "../shared/i18n.ts";
import { toast, toastWithUndo } from "../shared/toast.ts";
import type { Actions } from "./actions.ts";
import { chooseFiles, chooseFolder, dropped, isAccepted, reopen, type Found } from "./files.ts";
import { fingerprint } from "./fingerprint.ts";
import { isRemovable } from "./lot.ts";
import { plan } from "./plan.ts";
import { Records, type Kept } from "./records.ts";
import { EMPTY, isPending, newItem, step, type Event, type Item, type State } from "./store.ts";
import { stageOf, suggest } from "./suggest.ts";
import { Saver, Watcher } from "./sync.ts";
import { finish, isLost, isPassing, terminate, transfer } from "./transfer.ts";
import { unfinishedItems } from "./unfinished.ts";
import type { Config } from "./vocabulary.ts";

/** A line that moved nothing for so long is dead, though no error says so. */
const STALLED_MS = 45_000;

/** What belongs to a row and cannot be part of a pure state. */
interface Local {
  file: File | null;
  handle: FileSystemFileHandle | null;
  print: string;
}

export class Uploader {
  private state: State = EMPTY;
  private readonly locals = new Map<string, Local>();
  private readonly running = new Map<string, { stop: () => void; movedAt: number }>();
  private readonly records: Records;
  private readonly saver = new Saver((key) => this.find(key), (event) => this.dispatch(event));
  private readonly watcher = new Watcher(() => this.state.items, (event) => this.dispatch(event));
  private readonly config: Config;
  private readonly draw: (state: State) => void;
  private nextKey = 1;

  constructor(config: Config, mount: (actions: Actions) => (state: State) => void) {
    this.config = config;
    this.records = new Records(config.user_id);
    this.draw = mount(this.actions());
    setInterval(() => this.tick(), 1000);
    window.addEventListener("online", () => this.reconnect());
    window.addEventListener("pagehide", () => this.saveAll());
  }

  /** List what an earlier visit left. */
  async restore(): Promise<void> {
    const { items, locals } = await unfinishedItems(await this.records.all());
    for (const [key, local] of locals) this.locals.set(key, local);
    if (items.length) this.dispatch({ type: "added", items });
    // Every byte is there already: only the finishing is missing.
    for (const item of items) if (item.phase.name === "finishing") void this.finish(item.key);
  }

  private dispatch(event: Event): void {
    this.state = step(this.state, event);
    this.reconcile();
    this.watcher.wake();
    this.draw(this.state);
  }

  private find(key: string): Item | undefined {
    return this.state.items.find((item) => item.key === key);
  }

  /** Make the transfers that run those that the state says should. */
  private reconcile(): void {
    for (const [key, { stop }] of this.running) {
      if (this.find(key)?.phase.name === "uploading") continue;
      this.running.delete(key);
      stop();
    }
    const { start, stop } = plan(this.state.items);
    for (const key of stop) this.dispatch({ type: "stopped", key });
    for (const key of start) this.begin(key);
  }

  private begin(key: string): void {
    const item = this.find(key);
    const file = this.locals.get(key)?.file;
    if (item?.phase.name !== "queued" || !file) return;
    this.state = step(this.state, { type: "started", key });
    const moved = (): void => {
      const own = this.running.get(key);
      if (own) own.movedAt = Date.now();
    };
    const stop = transfer(file, item, {
      created: (upload) => this.onCreated(key, upload),
      progressed: (sent) => {
        moved();
        this.dispatch({ type: "progressed", key, sent, at: Date.now() });
      },
      kept: (count) => this.dispatch({ type: "kept", key, bytes: count }),
      arrived: (resource) => this.onArrived(key, resource),
      failed: (problem) => this.onFailed(key, problem),
    });
    this.running.set(key, { stop, movedAt: Date.now() });
  }

  private onCreated(key: string, upload: string): void {
    this.dispatch({ type: "created", key, upload });
    void this.keep(key);
    void this.saver.now(key);
  }

  private onArrived(key: string, resource: number | null): void {
    this.dispatch({ type: "arrived", key });
    if (resource === null) void this.finish(key);
    else this.onAccepted(key, resource);
  }

  /** Every byte is there; ask until the service has made a resource of it, or says why not. */
  private async finish(key: string, attempt = 1): Promise<void> {
    const upload = this.find(key)?.upload;
    if (!upload) return;
    try {
      this.onAccepted(key, await finish(upload));
    } catch (error) {
      if (error instanceof Problem && isPassing(error)) setTimeout(() => void this.finish(key, attempt + 1), backoff(attempt) * 1000);
      else this.refuse(key, error, null);
    }
  }

  private onAccepted(key: string, resource: number): void {
    this.dispatch({ type: "accepted", key, resource });
    void this.keep(key);
    void this.saver.now(key);
  }

  private onFailed(key: string, problem: Problem | null): void {
    if (isLost(problem) && this.find(key)?.upload) this.dispatch({ type: "lost", key });
    else if (isPassing(problem)) this.dispatch({ type: "cut", key, at: Date.now() });
    else this.refuse(key, problem, "upload");
  }

  private refuse(key: string, error: unknown, retry: "upload" | "job" | null): void {
    if (!(error instanceof Problem)) throw error;
    this.dispatch({ type: "refused", key, reason: error.detail, remedy: Object.values(error.fields).join(t("list.semicolon")), retry });
  }

  /** Write down which file the row belongs to, for the next visit. */
  private async keep(key: string): Promise<void> {
    const item = this.find(key);
    const local = this.locals.get(key);
    if (!item || !local) return;
    const { print, handle } = local;
    const { upload, resource, folders } = item;
    await this.records.put({ print, handle, upload, resource, folders, at: Date.now() });
  }

  private async add(found: Found[]): Promise<void> {
    const known = new Map((await this.records.all()).map((record) => [record.print, record]));
    for (const one of found) await this.addOne(one, known);
  }

  private async addOne(found: Found, known: Map<string, Kept>): Promise<void> {
    const { file, folders, handle } = found;
    const print = await fingerprint(file).catch(() => null);
    const local = { file, handle, print: print ?? file.name };
    const existing = print === null ? undefined : this.sameFile(file, print);
    if (existing) this.attach(existing, local);
    else await this.addNew(this.newItem(file, folders), local, print === null ? t("refusal.unreadable") : null, known);
  }

  /** The row that is about this very file: matched whole, or by name and size where only the service knows it. */
  private sameFile(file: File, print: string): Item | undefined {
    return this.state.items.find((item) => {
      const own = this.locals.get(item.key)?.print;
      return own ? own === print : item.phase.name === "absent" && item.name === file.name && item.size === file.size;
    });
  }

  private attach(item: Item, local: Local): void {
    if (item.phase.name !== "absent") {
      toast(t("upload.alreadyListed", { name: item.name }));
      return;
    }
    this.locals.set(item.key, local);
    this.dispatch({ type: "reconnected", key: item.key });
    void this.keep(item.key);
  }

  private newItem(file: File, folders: string[]): Item {
    const own = `user:${this.config.user_id}`;
    const suggestions = suggest(file.name, folders, this.config.vocabulary);
    return newItem(`new-${this.nextKey++}`, file.name, folders, file.size, suggestions, [own]);
  }

  private async addNew(item: Item, local: Local, unreadable: string | null, known: Map<string, Kept>): Promise<void> {
    this.locals.set(item.key, local);
    const refusal = unreadable ?? this.refusalOf(item, local.file);
    const resource = known.get(local.print)?.resource ?? null;
    if (refusal) item = { ...item, phase: { name: "failed", reason: refusal, remedy: "", retry: null } };
    else if (resource !== null && (await isStillThere(resource))) item = { ...item, phase: { name: "known", resource } };
    this.dispatch({ type: "added", items: [item] });
  }

  private refusalOf({ name, size }: Item, file: File | null): string | null {
    if (size === 0) return t("refusal.empty");
    if (size > this.config.max_bytes) return t("refusal.tooLarge", { most: bytes(this.config.max_bytes) });
    return isAccepted(name, file?.type ?? "", this.config.accept) ? null : t("refusal.kind");
  }

  private tick(): void {
    const now = Date.now();
    for (const { key, phase } of this.state.items) {
      if (phase.name === "cut" && phase.retryAt <= now) this.dispatch({ type: "resumed", key });
    }
    for (const [key, { movedAt }] of this.running) {
      if (now - movedAt > STALLED_MS) this.dispatch({ type: "cut", key, at: now });
    }
    if (this.state.items.some(isPending)) this.draw(this.state);
  }

  private reconnect(): void {
    for (const { key, phase } of this.state.items) if (phase.name === "cut") this.dispatch({ type: "resumed", key });
  }

  private saveAll(): void {
    for (const { key } of this.state.items) void this.saver.now(key);
  }

  private actions(): Actions {
    return {
      chooseFiles: () => void chooseFiles().then((found) => this.add(found)),
      chooseFolder: () => void chooseFolder().then((found) => this.add(found)),
      drop: (transferred) => void dropped(transferred).then((found) => this.add(found)),
      select: (keys) => this.dispatch({ type: "selected", keys }),
      pause: (key) => this.dispatch({ type: "paused", key }),
      resume: (key) => this.dispatch({ type: "resumed", key }),
      first: (key) => this.dispatch({ type: "first", key }),
      reopen: (keys) => void this.reopen(keys),
      again: (key) => void this.again(key),
      remove: (keys) => this.remove(keys),
      edit: (keys, field, value) => {
        this.dispatch({ type: "edited", keys, field, value });
        if (field === "grade" && value) this.dispatch({ type: "edited", keys, field: "stage", value: stageOf(value) });
        keys.forEach((key) => this.saver.later(key));
      },
      setAudience: (keys, audience) => {
        this.dispatch({ type: "audienceSet", keys, audience });
        keys.forEach((key) => this.saver.later(key));
      },
    };
  }

  /** One after the other: a browser shows one question at a time. */
  private async reopen(keys: string[]): Promise<void> {
    for (const key of keys) {
      const local = this.locals.get(key);
      const item = this.find(key);
      const file = local?.handle ? await reopen(local.handle) : null;
      if (!local || !item || !file) continue;
      if ((await fingerprint(file).catch(() => null)) === local.print) this.attach(item, { ...local, file });
      else toast(t("upload.changedFile", { name: item.name }));
    }
  }

  private async again(key: string): Promise<void> {
    const item = this.find(key);
    if (item?.phase.name === "failed" && item.phase.retry === "job") {
      try {
        await request(`/api/v1/jobs/${item.job}/retry`, { method: "POST" });
      } catch (error) {
        this.refuse(key, error, "job");
        return;
      }
    }
    this.dispatch({ type: "again", key });
  }

  private remove(keys: string[]): void {
    const removed = this.state.items.filter((item) => keys.includes(item.key) && isRemovable(item));
    if (!removed.length) return;
    this.dispatch({ type: "removed", keys: removed.map(({ key }) => key) });
    const back = removed.map((item) => (item.phase.name === "uploading" ? step({ items: [item], selected: [] }, { type: "stopped", key: item.key }).items[0] ?? item : item));
    const text = t("upload.removed", { n: removed.length });
    toastWithUndo(text, () => void removed.forEach((item) => this.discard(item)), () => this.dispatch({ type: "added", items: back }));
  }

  /** Take it back from the service too. What fails here is swept up when the upload expires. */
  private discard(item: Item): void {
    const print = this.locals.get(item.key)?.print;
    this.locals.delete(item.key);
    if (item.phase.name === "known") return;
    if (print) void this.records.forget(print);
    const gone = item.resource !== null
      ? request(`/api/v1/resources/${item.resource}`, { method: "DELETE", keepalive: true })
      : item.upload ? terminate(item.upload) : Promise.resolve();
    gone.catch(() => undefined);
  }
}

async function isStillThere(resource: number): Promise<boolean> {
  return request(`/api/v1/resources/${resource}`).then(() => true, () => false);
}
