/**
 * Carries out what the state asks for and what the person does.
 *
 * The state itself and all its rules are in store.ts and plan.ts. Here are the edges: files,
 * transfers, the service, the clock.
 */
import { Problem, request } from "../shared/api.ts";
import { backoff } from "../shared/backoff.ts";
import { t } from "../shared/i18n.ts";
import { toast, toastWithUndo } from "../shared/toast.ts";
import type { Actions } from "./actions.ts";
import { chooseFiles, chooseFolder, dropped, reopen, type Found } from "./files.ts";
import { fingerprint } from "./fingerprint.ts";
import { Intake } from "./intake.ts";
import { Locals, newCreation } from "./locals.ts";
import { isRemovable } from "./lot.ts";
import { plan } from "./plan.ts";
import { Records } from "./records.ts";
import { EMPTY, isInWork, isPending, step, type Event, type Item, type State } from "./store.ts";
import { stageOf } from "./suggest.ts";
import { Saver, Watcher } from "./sync.ts";
import { channelOf, Tabs } from "./tabs.ts";
import { finish, isLost, isPassing, terminate, transfer } from "./transfer.ts";
import { heldUploads, unfinishedItems } from "./unfinished.ts";
import type { Config } from "./vocabulary.ts";

/** A line that moved nothing for so long is dead, though no error says so. */
const STALLED_MS = 45_000;

export class Uploader {
  private state: State = EMPTY;
  private readonly locals: Locals;
  private readonly tabs: Tabs;
  private readonly intake: Intake;
  private readonly running = new Map<string, { stop: () => void; movedAt: number }>();
  private readonly saver = new Saver((key) => this.find(key), (event) => this.dispatch(event));
  private readonly watcher = new Watcher(() => this.state.items, (event) => this.dispatch(event));
  private readonly draw: (state: State) => void;
  private listed: Promise<void> = Promise.resolve();

  constructor(config: Config, mount: (actions: Actions) => (state: State) => void) {
    this.locals = new Locals(new Records(config.user_id));
    this.tabs = new Tabs(channelOf(config.user_id), () => this.inHand());
    this.intake = new Intake(config, this.locals, this.tabs, () => this.state.items, (event) => this.dispatch(event));
    this.draw = mount(this.actions());
    setInterval(() => this.tick(), 1000);
    window.addEventListener("online", () => this.reconnect());
    window.addEventListener("pagehide", () => this.saveAll());
  }

  /** List what an earlier visit left. */
  restore(): Promise<void> {
    this.listed = this.list();
    return this.listed;
  }

  private async list(): Promise<void> {
    const [held, kept, elsewhere] = await Promise.all([heldUploads(), this.locals.kept(), this.tabs.others()]);
    const { items, locals } = unfinishedItems(held, kept, elsewhere);
    for (const [key, local] of locals) this.locals.set(key, local);
    if (items.length) this.dispatch({ type: "added", items });
    // Every byte is there already: only the finishing is missing.
    for (const item of items) if (item.phase.name === "finishing") void this.finish(item.key);
  }

  /** What this window is sending, for the others. */
  private inHand(): string[] {
    const mine = this.state.items.filter((item) => item.phase.name === "finishing" || (isPending(item) && item.phase.name !== "absent"));
    return mine.flatMap(({ key, upload }) => [this.locals.get(key)?.print, upload]).filter((name): name is string => Boolean(name));
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
    const local = this.locals.get(key);
    if (item?.phase.name !== "queued" || !local?.file) return;
    this.state = step(this.state, { type: "started", key });
    const moved = (): void => {
      const own = this.running.get(key);
      if (own) own.movedAt = Date.now();
    };
    const stop = transfer(local.file, item, local.creation, {
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
    if (isLost(problem, this.find(key)?.upload ?? null)) this.onLost(key);
    else if (isPassing(problem)) this.dispatch({ type: "cut", key, at: Date.now() });
    else this.refuse(key, problem, "upload");
  }

  private onLost(key: string): void {
    const local = this.locals.get(key);
    if (local) this.locals.set(key, { ...local, creation: newCreation() });
    this.dispatch({ type: "lost", key });
    void this.keep(key);
  }

  private refuse(key: string, error: unknown, retry: "upload" | "job" | null): void {
    if (!(error instanceof Problem)) throw error;
    const { title, detail, fields } = error;
    const remedy = Object.values(fields).join(t("list.semicolon")) || (title && detail);
    this.dispatch({ type: "refused", key, reason: title || detail, remedy, retry });
  }

  /** Write down what the row is about, for the next visit. */
  private async keep(key: string): Promise<void> {
    const item = this.find(key);
    if (item) await this.locals.keep(item);
  }

  private async take(found: Found[]): Promise<void> {
    await this.listed;
    await this.intake.take(found);
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
      chooseFiles: () => void chooseFiles().then((found) => this.take(found)),
      chooseFolder: () => void chooseFolder().then((found) => this.take(found)),
      drop: (transferred) => void dropped(transferred).then((found) => this.take(found)),
      select: (keys) => this.dispatch({ type: "selected", keys }),
      pause: (key) => this.dispatch({ type: "paused", key }),
      resume: (key) => this.dispatch({ type: "resumed", key }),
      first: (key) => this.dispatch({ type: "first", key }),
      reopen: (keys) => void this.reopen(keys),
      again: (key) => void this.again(key),
      remove: (keys) => this.remove(this.state.items.filter((item) => keys.includes(item.key) && isRemovable(item))),
      cancel: (key) => this.remove(this.state.items.filter((item) => item.key === key && isInWork(item))),
      edit: (keys, field, value) => {
        this.dispatch({ type: "edited", keys, field, value });
        if (field === "grade" && value) this.dispatch({ type: "edited", keys, field: "stage", value: stageOf(value) });
        this.said(keys);
      },
      setAudience: (keys, audience) => {
        this.dispatch({ type: "audienceSet", keys, audience });
        this.said(keys);
      },
    };
  }

  /** To the service, or to the next visit where it does not know of the row yet. */
  private said(keys: string[]): void {
    for (const key of keys) {
      this.saver.later(key);
      if (!this.find(key)?.upload) void this.keep(key);
    }
  }

  /** One after the other: a browser shows one question at a time. */
  private async reopen(keys: string[]): Promise<void> {
    for (const key of keys) {
      const local = this.locals.get(key);
      const item = this.find(key);
      if (!local?.handle || !item) continue;
      const file = await reopen(local.handle);
      if (file === "refused") continue;
      if (file !== "gone" && (await fingerprint(file).catch(() => null)) === local.print) {
        this.intake.attach(item, { ...local, file });
        continue;
      }
      toast(t(file === "gone" ? "upload.goneFile" : "upload.changedFile", { name: item.name }));
      this.dispatch({ type: "handleLost", key });
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

  private remove(removed: Item[]): void {
    if (!removed.length) return;
    this.dispatch({ type: "removed", keys: removed.map(({ key }) => key) });
    const back = removed.map((item) => (item.phase.name === "uploading" ? step({ items: [item], selected: [] }, { type: "stopped", key: item.key }).items[0] ?? item : item));
    const text = t("upload.removed", { n: removed.length });
    toastWithUndo(text, () => void removed.forEach((item) => this.discard(item)), () => this.dispatch({ type: "added", items: back }));
  }

  /** Take it back from the service too. What fails here is swept up when the upload expires. */
  private discard(item: Item): void {
    this.locals.drop(item);
    if (item.phase.name === "known") return;
    const gone = item.resource !== null
      ? request(`/api/v1/resources/${item.resource}`, { method: "DELETE", keepalive: true })
      : item.upload ? terminate(item.upload) : Promise.resolve();
    gone.catch(() => undefined);
  }
}
