/** Which picture of a slide a screen asks for: as sharp as it is wide, where its line carries that. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Overlay } from "../classroom/room/overlay.ts";
import { slideAddress } from "../classroom/slide.ts";
import type { Stage } from "../classroom/stage.ts";

class Picture {
  static asked: Picture[] = [];
  complete = false;
  naturalWidth = 0;
  naturalHeight = 0;
  src = "";
  onload: () => void = () => undefined;
  onerror: () => void = () => undefined;

  constructor() {
    Picture.asked.push(this);
  }

  come(width: number): void {
    Object.assign(this, { complete: true, naturalWidth: width, naturalHeight: (width * 9) / 16 });
    this.onload();
  }
}

const LARGE = "/live/7/slides/31/2";
const WIDE = `${LARGE}?size=wide`;
const PAGE = { deck: "31", number: 2 };
const STAGE = { layout: "slides", page: PAGE, spotlight: null, strokes: () => [] } as unknown as Stage;
let drawn: Picture[] = [];
let timers: (() => void)[] = [];

function screen(width: number, density = 1): Overlay {
  const pen = new Proxy({}, {
    get: (_, name) => (name === "canvas" ? { width, height: width } : name === "drawImage" ? (image: Picture) => drawn.push(image) : () => undefined),
    set: () => true,
  });
  const canvas = { clientWidth: width, clientHeight: width, parentElement: { clientWidth: width }, getContext: () => pen };
  const window = Object.assign(new EventTarget(), { devicePixelRatio: density, setTimeout: (act: () => void) => timers.push(act) });
  Object.assign(globalThis, { window, Image: Picture, HTMLImageElement: Picture, HTMLVideoElement: class {}, document: { createElement: () => canvas } });
  return new Overlay((page, size) => slideAddress(7, page, size));
}

const asked = (): string[] => Picture.asked.map(({ src }) => src);

beforeEach(() => {
  [Picture.asked, drawn, timers] = [[], [], []];
});

test("a screen of more than 1600 pixels asks for the wide picture, a smaller one for the large", () => {
  for (const [width, density, address] of [[1920, 1, WIDE], [1280, 1.5, WIDE], [1600, 1, LARGE], [1366, 1, LARGE]] as const) {
    Picture.asked = [];
    const overlay = screen(width, density);
    overlay.isFull = true;
    overlay.load(PAGE);
    assert.deepEqual(asked(), [address], `${width} × ${density}`);
  }
});

test("nobody whose line is thin asks for it, but what is there already is used", () => {
  const thin = screen(3840);
  thin.load(PAGE);
  assert.deepEqual(asked(), [LARGE]);
  Picture.asked = [];
  const overlay = screen(3840);
  overlay.isFull = true;
  overlay.load(PAGE);
  Picture.asked[0]?.come(2560);
  overlay.isFull = false;
  assert.equal(overlay.load(PAGE)?.src, WIDE);
  assert.deepEqual(asked(), [WIDE]);
});

test("the large picture stands until the wide one has come", () => {
  const overlay = screen(1920);
  overlay.draw(STAGE);
  const [large] = Picture.asked;
  large?.come(1600);
  drawn = [];
  overlay.isFull = true;
  overlay.draw(STAGE);
  const wide = Picture.asked.find(({ src }) => src === WIDE);
  assert.ok(wide && drawn.length > 0 && drawn.every((image) => image === large));
  drawn = [];
  wide.come(2560);
  assert.ok(drawn.length > 0 && drawn.every((image) => image === wide));
});

test("where the wide picture cannot be had the large one is drawn", () => {
  const overlay = screen(1920);
  overlay.isFull = true;
  overlay.draw(STAGE);
  assert.equal(asked()[0], WIDE);
  Picture.asked[0]?.onerror();
  for (const act of timers.splice(0)) act();
  const large = Picture.asked.find(({ src }) => src === LARGE);
  large?.come(1600);
  assert.ok(drawn.includes(large as Picture));
});

test("the slide of a question is drawn in place of what the stage has, and alone is asked for first", () => {
  const overlay = screen(1280);
  overlay.whole = true;
  overlay.draw({ ...STAGE, layout: "board" } as unknown as Stage, { deck: "31", number: 9 });
  assert.equal(asked()[0], "/live/7/slides/31/9");
  Picture.asked[0]?.come(1600);
  assert.deepEqual([...new Set(drawn)], [Picture.asked[0]]);
});
