/** Messages of a class: what is refused is not lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../classroom/emitter.ts";
import { Classroom } from "../classroom/lead/classroom.ts";
import type { Desk } from "../classroom/lead/desk.ts";
import { MessagesPanel } from "../classroom/lead/messages_panel.ts";
import { Roster } from "../classroom/lead/roster.ts";
import type { Hello, Session } from "../classroom/session.ts";
import type { Happened, Presence } from "../classroom/vocabulary.ts";
import { Beside } from "../classroom/watch/beside.ts";

/** As much of an element as a form has. */
class Made {
  value = "";
  readonly tag: string;
  readonly classList = { toggle: () => undefined };
  private readonly children: Made[] = [];
  private readonly heard: Record<string, (event: object) => void> = {};

  constructor(tag: string) {
    this.tag = tag;
  }

  append(child: Made): void {
    this.children.push(child);
  }

  setAttribute(): void {}

  addEventListener(name: string, hear: (event: object) => void): void {
    this.heard[name] = hear;
  }

  submit(): void {
    this.heard["submit"]?.({ preventDefault: () => undefined });
  }

  /** The last one within. */
  last(tag: string): Made | null {
    return this.children.reduce<Made | null>((found, child) => (child instanceof Made ? (child.tag === tag ? child : child.last(tag)) : null) ?? found, null);
  }
}

Object.assign(globalThis, { IntersectionObserver: class {} });
Object.assign(globalThis, { document: { createElement: (tag: string) => new Made(tag), documentElement: { lang: "zh-CN" } } });

/** The class's line: what is said on it waits until the test answers. */
class Answered extends Emitter<{ hello: Hello; event: Happened; presence: Presence }> {
  readonly clock = { now: () => 0 };
  readonly said: string[] = [];
  private settle: (taken: boolean) => void = () => undefined;

  command(_kind: string, { text }: { text: string }): Promise<void> {
    this.said.push(text);
    return new Promise((done, refuse) => (this.settle = (taken) => (taken ? done() : refuse(new Error()))));
  }

  async answer(taken: boolean): Promise<void> {
    this.settle(taken);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

const PANELS = {
  "the lead's": (line: Answered) => {
    const classroom = new Classroom(line as unknown as Session, new Roster([]));
    return new MessagesPanel({ config: { purpose: "lesson" }, classroom } as Desk);
  },
  "who is with the pupils": (line: Answered) =>
    new Beside((kind, body) => line.command(kind, body as { text: string }).then(() => true, () => false), () => ""),
};

for (const [whose, open] of Object.entries(PANELS)) {
  test(`a message of ${whose} that is refused stands in its field again, unless another is written there`, async () => {
    const line = new Answered();
    const form = (open(line).element as unknown as Made).last("form");
    const field = form?.last("input");
    assert.ok(form && field);
    const write = (text: string): void => {
      field.value = text;
      form.submit();
      assert.equal(field.value, "", "it is free for the next");
    };
    write("请看黑板 ");
    await line.answer(false);
    assert.equal(field.value, "请看黑板");
    write(field.value);
    field.value = "下一句";
    await line.answer(false);
    assert.equal(field.value, "下一句");
    write(field.value);
    await line.answer(true);
    assert.deepEqual([field.value, line.said], ["", ["请看黑板", "请看黑板", "下一句"]]);
  });
}
