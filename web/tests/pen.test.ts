/** Drawing: what the class does not take is not drawn on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Classroom } from "../classroom/lead/classroom.ts";
import type { Composer } from "../classroom/lead/composer.ts";
import { Pen } from "../classroom/lead/pen.ts";

const BOX = { x: 0, y: 0, width: 1000, height: 500 };

type Heard = (event: object) => void;

/** A pen on a board, whose class takes a part of a stroke or not. */
function onBoard(taken: () => boolean): [Record<string, Heard>, () => Promise<void>, object[]] {
  const heard: Record<string, Heard> = {};
  const asked: object[] = [];
  let sends: () => void = () => undefined;
  const setInterval = (send: () => void): number => {
    sends = send;
    return 1;
  };
  Object.assign(globalThis, { window: { setInterval }, clearInterval: () => (sends = () => undefined) });
  const canvas = {
    width: BOX.width,
    addEventListener: (name: string, hear: Heard) => (heard[name] = hear),
    setPointerCapture: () => undefined,
    getBoundingClientRect: () => ({ left: 0, top: 0, width: BOX.width }),
  };
  const ask = (_kind: string, body: object): Promise<boolean> => {
    asked.push(body);
    return Promise.resolve(taken());
  };
  const pen = new Pen({ ask, draw: () => undefined } as unknown as Classroom, { canvas, surface: () => ({ page: null, box: BOX }) } as unknown as Composer);
  pen.tool = "pen";
  const tick = async (): Promise<void> => {
    sends();
    await Promise.resolve();
    await Promise.resolve();
  };
  return [heard, tick, asked];
}

function at(clientX: number): object {
  return { clientX, clientY: 10, button: 0, pointerId: 1, getCoalescedEvents: () => [] };
}

test("a stroke is told as it grows", async () => {
  const [heard, tick, asked] = onBoard(() => true);
  heard["pointerdown"]?.(at(10));
  await tick();
  heard["pointermove"]?.(at(50));
  await tick();
  heard["pointermove"]?.(at(90));
  heard["pointerup"]?.(at(90));
  assert.deepEqual(asked.map((part) => (part as { start: number }).start), [0, 1, 2]);
});

test("one that is refused ends there, and the next one begins anew", async () => {
  let taken = false;
  const [heard, tick, asked] = onBoard(() => taken);
  heard["pointerdown"]?.(at(10));
  await tick();
  heard["pointermove"]?.(at(50));
  await tick();
  heard["pointerup"]?.(at(50));
  assert.equal(asked.length, 1);
  taken = true;
  heard["pointerdown"]?.(at(10));
  await tick();
  heard["pointermove"]?.(at(50));
  await tick();
  assert.deepEqual(asked.slice(1).map((part) => (part as { start: number }).start), [0, 1]);
});
