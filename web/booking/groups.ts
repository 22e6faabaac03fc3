/** Saved groups of rooms in the form of a booking: one ticks its rooms, and can be forgotten. */
import { Problem, request } from "../shared/api.ts";
import { h, show } from "../shared/dom.ts";
import { toast, toastWithUndo } from "../shared/toast.ts";
import { words } from "../classroom/words.ts";

const t = words(
  { forget: "删掉", which: "删掉“{name}”这一组", forgotten: "“{name}”这一组不再存着，教室都在" },
  { forget: "Forget", which: "Forget the group “{name}”", forgotten: "The group “{name}” is forgotten; its rooms stay" },
);

export class Groups {
  private readonly form: HTMLFormElement;

  constructor(form: HTMLFormElement) {
    this.form = form;
    for (const group of this.groups()) this.offerToForget(group);
  }

  changed(field: HTMLInputElement): void {
    if (field.name === "group") this.tick(field);
    if (field.name === "seat" && !field.checked) this.untick(field.value);
  }

  private groups(): NodeListOf<HTMLInputElement> {
    return this.form.querySelectorAll<HTMLInputElement>("input[name=group]");
  }

  /** A group ticks its rooms, and unticks them with it. */
  private tick(group: HTMLInputElement): void {
    for (const box of this.form.querySelectorAll<HTMLInputElement>("input[name=seat]")) {
      if (roomsOf(group).includes(box.value)) box.checked = group.checked;
    }
  }

  /** A group that lacks one of its rooms is not ticked: it would bring the room back. */
  private untick(room: string): void {
    for (const group of this.groups()) {
      if (roomsOf(group).includes(room)) group.checked = false;
    }
  }

  private offerToForget(group: HTMLInputElement): void {
    const line = group.closest<HTMLElement>(".group");
    if (!line) return;
    const name = group.dataset.name ?? "";
    const button = h("button", { type: "button", class: "button text", "aria-label": t("which", { name }) }, t("forget"));
    button.addEventListener("click", () => {
      group.checked = false;
      show(line, false);
      toastWithUndo(t("forgotten", { name }), () => void forget(group.value, line), () => show(line, true));
    });
    line.append(button);
  }
}

function roomsOf(group: HTMLInputElement): string[] {
  return (group.dataset.rooms ?? "").split(" ");
}

async function forget(id: string, line: HTMLElement): Promise<void> {
  try {
    await request(`/api/v1/room-groups/${id}`, { method: "DELETE", keepalive: true });
    line.remove();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    show(line, true);
    toast(error.detail);
  }
}
