/** Files that a person gives: they become rows, or go on with the rows that wait for them. */
import { request } from "../shared/api.ts";
import { bytes } from "../shared/format.ts";
import { t } from "../shared/i18n.ts";
import { toast } from "../shared/toast.ts";
import { isAccepted, type Found } from "./files.ts";
import { contentOf, fingerprint } from "./fingerprint.ts";
import { newCreation, type Local, type Locals } from "./locals.ts";
import { newItem, type Event, type Item } from "./store.ts";
import { suggest } from "./suggest.ts";
import type { Tabs } from "./tabs.ts";
import type { Config } from "./vocabulary.ts";

/** What is known of files when some are given. */
interface Known {
  /** Content of a file (fingerprint.ts) -> the resource that it became on an earlier visit. */
  resources: ReadonlyMap<string, number | null>;
  /** What other windows have in hand. */
  elsewhere: ReadonlySet<string>;
}

export class Intake {
  private readonly config: Config;
  private readonly locals: Locals;
  private readonly tabs: Tabs;
  private readonly items: () => readonly Item[];
  private readonly dispatch: (event: Event) => void;
  private nextKey = 1;

  constructor(config: Config, locals: Locals, tabs: Tabs, items: () => readonly Item[], dispatch: (event: Event) => void) {
    this.config = config;
    this.locals = locals;
    this.tabs = tabs;
    this.items = items;
    this.dispatch = dispatch;
  }

  async take(found: Found[]): Promise<void> {
    const [kept, elsewhere] = await Promise.all([this.locals.kept(), this.tabs.others()]);
    const finished = kept.filter(({ resource }) => resource !== null);
    const resources = new Map(finished.map(({ print, resource }) => [contentOf(print), resource]));
    for (const one of found) await this.takeOne(one, { resources, elsewhere });
  }

  /** `local` has the file that the row waits for. */
  attach(item: Item, local: Local): void {
    if (item.phase.name !== "absent") {
      toast(t("upload.alreadyListed", { name: item.name }));
      return;
    }
    const creation = this.locals.get(item.key)?.creation ?? local.creation;
    this.locals.set(item.key, { ...local, creation });
    this.dispatch({ type: "reconnected", key: item.key });
    void this.keep(item.key);
  }

  private async takeOne({ file, folders, handle }: Found, known: Known): Promise<void> {
    const print = await fingerprint(file).catch(() => null);
    const local = { file, handle, print: print ?? "", creation: newCreation() };
    const item = this.rowFor(file, folders);
    if (print === null) {
      this.refuse(item, t("refusal.unreadable"));
      return;
    }
    const existing = this.locals.rowOf(this.items(), file, print);
    if (existing) this.attach(existing, local);
    else if (known.elsewhere.has(print)) toast(t("upload.elsewhere", { name: file.name }));
    else await this.list(item, local, known);
  }

  private rowFor(file: File, folders: string[]): Item {
    const own = `user:${this.config.user_id}`;
    const suggestions = suggest(file.name, folders, this.config.vocabulary);
    return newItem(`new-${this.nextKey++}`, file.name, folders, file.size, suggestions, [own]);
  }

  private async list(item: Item, local: Local, { resources }: Known): Promise<void> {
    const refusal = this.refusalOf(item, local.file);
    if (refusal !== null) {
      this.refuse(item, refusal);
      return;
    }
    const resource = resources.get(contentOf(local.print)) ?? null;
    const known = resource !== null && (await isStillThere(resource));
    this.locals.set(item.key, local);
    this.dispatch({ type: "added", items: [known ? { ...item, phase: { name: "known", resource } } : item] });
    if (!known) await this.keep(item.key);
  }

  private refuse(item: Item, reason: string): void {
    this.dispatch({ type: "added", items: [{ ...item, phase: { name: "failed", reason, remedy: "", retry: null } }] });
  }

  private refusalOf({ name, size }: Item, file: File | null): string | null {
    if (size === 0) return t("refusal.empty");
    if (size > this.config.max_bytes) return t("refusal.tooLarge", { most: bytes(this.config.max_bytes) });
    return isAccepted(name, file?.type ?? "", this.config.accept) ? null : t("refusal.kind");
  }

  private async keep(key: string): Promise<void> {
    const item = this.items().find((one) => one.key === key);
    if (item) await this.locals.keep(item);
  }
}

async function isStillThere(resource: number): Promise<boolean> {
  return request(`/api/v1/resources/${resource}`).then(() => true, () => false);
}
