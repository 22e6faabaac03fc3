/**
 * The form of a booking while it is filled in: what stands in the way is said beside the time.
 * Without it the form says the same when it is sent.
 */
import { Problem, request } from "../shared/api.ts";
import { fill, h, show } from "../shared/dom.ts";
import { words } from "../classroom/words.ts";
import { Groups } from "./groups.ts";
import { occupation } from "./occupation.ts";

/** Long enough to type a time, short enough to be there when the hand moves on. */
const REST_MS = 350;

const t = words(
  { once: "这个时间没有冲突", count: "{days}，一共 {count} 节", free: "{days}，一共 {count} 节，都没有冲突" },
  {
    once: "Nothing stands in the way",
    count: "{count} lessons, {days}",
    free: "{count} lessons, {days}, and nothing stands in the way",
  },
);

interface Clashes {
  times: number;
  /** From the first day to the last, in words. */
  days: string;
  lines: string[];
  /** No clash, but to be known. */
  holidays: string[];
}

class Booking {
  private readonly form: HTMLFormElement;
  private readonly place: HTMLElement;
  private readonly groups: Groups;
  private rest = 0;
  private readonly beginsAsLesson: boolean;
  private asking: AbortController | null = null;

  constructor(form: HTMLFormElement, place: HTMLElement) {
    this.form = form;
    this.place = place;
    this.groups = new Groups(form);
    form.addEventListener("change", (event) => this.changed(event.target));
    this.beginsAsLesson = this.purpose === "lesson";
    this.showClock();
    this.showPurpose();
  }

  private get purpose(): string | undefined {
    return this.form.querySelector<HTMLInputElement>("input[name=purpose]:checked")?.value;
  }

  private changed(field: EventTarget | null): void {
    if (field instanceof HTMLInputElement) this.groups.changed(field);
    if (field instanceof HTMLInputElement && field.name === "purpose") this.inviteNobody(field.value === "training");
    this.showClock();
    this.showPurpose();
    clearTimeout(this.rest);
    this.rest = window.setTimeout(() => void this.ask(), REST_MS);
  }

  /** Times of the clock are asked for where no period is chosen. */
  private showClock(): void {
    const period = this.form.querySelector<HTMLSelectElement>("select[name=period]");
    const clock = this.form.querySelector<HTMLElement>("[data-clock]");
    if (clock) show(clock, !period?.value);
  }

  /** What is asked about a training and about a lesson goes by the same answers. */
  private showPurpose(): void {
    for (const each of this.form.querySelectorAll<HTMLElement>("[data-purpose]")) show(each, each.dataset["purpose"] === this.purpose);
  }

  /** Who a lesson's recording is for by the school's rule is not thereby asked to a training. */
  private inviteNobody(isTraining: boolean): void {
    if (!this.beginsAsLesson) return;
    for (const box of this.form.querySelectorAll<HTMLInputElement>("input[name=audience]")) if (box.defaultChecked) box.checked = !isTraining;
  }

  private async ask(): Promise<void> {
    this.asking?.abort();
    const { school, class: moved } = this.form.dataset;
    const body = occupation(new FormData(this.form), school ?? "", moved);
    if (body === null) return fill(this.place);
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      this.say(await request<Clashes>("/api/v1/classes/clashes", { method: "POST", body, signal }));
    } catch (error) {
      // A time that is wrong in itself is said beside its field when the form is sent.
      if (error instanceof Problem) fill(this.place);
      else if (!signal.aborted) throw error;
    }
  }

  private say({ times, days, lines, holidays }: Clashes): void {
    const paragraphs = (kind: string, texts: string[]): HTMLElement[] => texts.map((text) => h("p", { class: kind }, text));
    const many = { days, count: times };
    const free = lines.length ? [] : [times > 1 ? t("free", many) : t("once")];
    const counted = lines.length && times > 1 ? [t("count", many)] : [];
    fill(
      this.place,
      ...paragraphs("fine", free),
      ...paragraphs("help", counted),
      ...paragraphs("wrong", lines),
      ...paragraphs("closed", holidays),
    );
  }
}

const form = document.querySelector<HTMLFormElement>("form.booking");
const place = form?.querySelector<HTMLElement>("[data-clashes]");
if (form && place) new Booking(form, place);
