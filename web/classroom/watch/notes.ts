/** An observer's notes, each at its moment of the lesson; one may be written anew, or taken back. */
import { fill, h, setText, show } from "../../shared/dom.ts";
import { clock } from "../../shared/format.ts";
import { toastWithUndo } from "../../shared/toast.ts";
import { newId, type Hello } from "../session.ts";
import type { Happened } from "../vocabulary.ts";
import { openOnce } from "./one_window.ts";
import { say } from "./words.ts";

interface Note {
  id: string;
  shown_ms: number;
  text: string;
}

export interface NotesHost {
  /** The moment of the lesson that is shown. */
  moment(): number;
  /** When the class began, on the same clock. */
  begun(): number | null;
  /** Whether it was taken; what is refused is said. */
  keep(note: Note): Promise<boolean>;
  erase(id: string): Promise<boolean>;
  /** Look at that moment again. */
  look(moment: number): void;
  /** The observer's own number, as events name it. */
  me: string;
}

const MOST = 1000;
const MOST_ROWS = 14;

export class Notes {
  readonly element: HTMLElement;
  private readonly notes = new Map<string, Note>();
  private editing: Note | null = null;
  private pressedAt: number | null = null;
  private readonly list = h("ol", { class: "watch-notes" });
  private readonly field = h("textarea", { class: "stage-field", rows: 2, maxlength: MOST, placeholder: say("note"), "aria-label": say("note") });
  private readonly button = h("button", { class: "stage-button primary", type: "submit" }, say("addNote"));
  private readonly cancel = h("button", { class: "stage-button", type: "button", hidden: true, on: { click: () => this.leave() } }, say("leaveNote"), h("kbd", { class: "key" }, "Esc"));
  private readonly key = h("kbd", { class: "key" }, "N");
  private readonly hint = h("p", { class: "watch-hint" });
  private readonly observe: HTMLAnchorElement;
  private readonly copy = h("button", { class: "stage-button", type: "button", hidden: true, on: { click: () => this.copyLeft() } }, say("copyNote"));
  private readonly form: HTMLFormElement;
  private isOver = false;
  private readonly host: NotesHost;

  /** `isTrainee`: of who is of the class herself, and reads no others' notes. */
  constructor(host: NotesHost, classId: string, isTrainee: boolean) {
    this.host = host;
    setText(this.hint, say(isTrainee ? "notesHintTrainee" : "notesHint"));
    const open = (event: MouseEvent): void => openOnce(event, this.observe);
    this.observe = h("a", { class: "stage-button", href: `/classes/${classId}/observe`, target: `observe-${classId}`, on: { click: open } }, say("observe"));
    // The moment is when one begins to write, not when one has finished.
    this.field.addEventListener("input", () => (this.pressedAt ??= host.moment()));
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    const submit = (event: Event): void => {
      event.preventDefault();
      this.submit();
    };
    this.form = h("form", { class: "watch-note-form", on: { submit } }, this.field, h("div", { class: "watch-note-do" }, this.button, this.cancel), this.copy);
    this.element = h("section", { class: "watch-panel watch-note-panel" },
      h("div", { class: "watch-note-head" }, h("h2", {}, say("notes"), this.key),
        this.observe),
      this.hint, this.form, this.list);
    this.draw();
  }

  focus(): void {
    this.field.focus();
  }

  take({ state }: Hello): void {
    for (const event of state.notes ?? []) this.apply(event);
    if (state.phase === "ended") this.end();
  }

  apply(event: Happened): void {
    if (event.kind === "end") this.end();
    if (event.by.id !== this.host.me) return;
    const { id, shown_ms, text } = event as unknown as Note;
    if (event.kind === "note") this.put({ id, shown_ms, text });
    if (event.kind === "erase_note") this.remove(id);
  }

  /** The class is over, and takes no more. What stands in the field is not lost. */
  end(): void {
    const isLeft = this.close();
    setText(this.hint, say(isLeft ? "notesLeft" : "notesOver"));
  }

  /** The class is not hers to see any more: no page has her notes, and she may take them from here. */
  leaveClass(): void {
    const left = this.field.value.trim();
    const lines = this.sorted.reverse().map((note) => `${this.timeOf(note)} ${note.text}`);
    this.field.value = [...lines, ...(left ? [left] : [])].join("\n");
    this.field.rows = Math.min(lines.length + 2, MOST_ROWS);
    show(this.list, false);
    show(this.observe, false);
    const isLeft = this.close();
    setText(this.hint, say(isLeft ? "notesTaken" : "notesOut"));
  }

  /** Whether there is something in the field, to be copied. */
  private close(): boolean {
    this.isOver = true;
    this.field.readOnly = true;
    const isLeft = this.field.value.trim() !== "";
    show(this.form, isLeft);
    for (const element of [this.button, this.cancel, this.key]) show(element, false);
    show(this.copy, isLeft);
    this.draw();
    return isLeft;
  }

  private copyLeft(): void {
    this.field.select();
    // The clipboard's own interface is missing on plain http.
    setText(this.copy, say(document.execCommand("copy") ? "copied" : "notCopied"));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Escape") this.leave();
    else if (event.key === "Enter" && !event.shiftKey) this.submit();
    else return;
    event.preventDefault();
  }

  /** Out of the field, so that keys are the player's again: a note that was being changed stays as it was. */
  private leave(): void {
    if (this.editing && !this.isOver) this.write(null);
    this.field.blur();
  }

  private submit(): void {
    const text = this.field.value.trim();
    if (this.isOver) return;
    if (!text) {
      // Nothing is left of it.
      if (this.editing) this.erase(this.editing);
      return;
    }
    const kept = this.editing ?? { id: newId(), shown_ms: this.pressedAt ?? this.host.moment() };
    const note = { ...kept, shown_ms: Math.round(kept.shown_ms), text };
    const before = this.editing;
    this.put(note);
    this.write(null);
    void this.host.keep(note).then((kept) => {
      if (!kept) this.takeBack(note, before);
    });
  }

  /** At once, so that nothing is lost when the class ends meanwhile; undone, it is written again. */
  private erase(note: Note): void {
    this.remove(note.id);
    void this.host.erase(note.id).then((erased) => {
      if (erased) toastWithUndo(say("noteErased"), () => undefined, () => this.again(note));
      else this.put(note);
    });
  }

  private again(note: Note): void {
    this.put(note);
    void this.host.keep(note).then((kept) => {
      if (!kept) this.remove(note.id);
    });
  }

  private remove(id: string): void {
    this.notes.delete(id);
    if (this.editing?.id === id) this.leave();
    this.draw();
  }

  /** What was refused goes back into the field, unless something else is written there. */
  private takeBack(note: Note, before: Note | null): void {
    this.notes.delete(note.id);
    if (before) this.notes.set(before.id, before);
    this.draw();
    if (!this.field.value) this.write(note);
    if (this.isOver) this.end();
  }

  private put(note: Note): void {
    this.notes.set(note.id, note);
    this.draw();
  }

  private write(note: Note | null): void {
    this.editing = note;
    this.pressedAt = null;
    this.field.value = note?.text ?? "";
    setText(this.button, say(note ? "saveNote" : "addNote"));
    show(this.cancel, note !== null && !this.isOver);
    if (!this.isOver) this.field.focus();
  }

  private draw(): void {
    const notes = this.sorted;
    fill(this.list, ...(notes.length ? notes.map((note) => this.row(note)) : [h("li", { class: "watch-hint" }, say("noNotes"))]));
  }

  /** The newest first. */
  private get sorted(): Note[] {
    return [...this.notes.values()].sort((a, b) => b.shown_ms - a.shown_ms);
  }

  private timeOf(note: Note): string {
    const begun = this.host.begun();
    return clock(begun === null ? 0 : (note.shown_ms - begun) / 1000);
  }

  private row(note: Note): HTMLElement {
    const act = (words: string, press: () => void): HTMLElement => h("button", { class: "watch-edit", type: "button", on: { click: press } }, words);
    return h("li", {},
      h("button", { class: "watch-at", type: "button", on: { click: () => this.host.look(note.shown_ms) } }, this.timeOf(note)),
      h("span", {}, note.text),
      ...(this.isOver ? [] : [act(say("editNote"), () => this.write(note)), act(say("eraseNote"), () => this.erase(note))]));
  }
}
