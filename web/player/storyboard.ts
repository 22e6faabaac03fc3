/**
 * The storyboard: small frames of the recording in sprite sheets, indexed by a WebVTT file.
 *
 * Each cue's text is an image address with a media fragment that cuts the frame out of it
 * (`sheet-0.jpg#xywh=160,90,160,90`; Media Fragments URI 1.0, 4.2.2).
 */

export interface Frame {
  /** Seconds. */
  start: number;
  end: number;
  /** Absolute address of the sheet. */
  sheet: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const TIMING = /^((?:\d+:)?\d{2}:\d{2}\.\d{3})[ \t]+-->[ \t]+((?:\d+:)?\d{2}:\d{2}\.\d{3})/;
const FRAGMENT = /^(.*)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)$/;

/** The frames of a WebVTT storyboard in order of time; cues that are not frames are passed over. */
export function parseStoryboard(text: string, base: string): Frame[] {
  const blocks = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n").split(/\n{2,}/);
  const frames = blocks.map((block) => parseCue(block, base)).filter((frame): frame is Frame => frame !== null);
  return frames.sort((a, b) => a.start - b.start);
}

function parseCue(block: string, base: string): Frame | null {
  const lines = block.trim().split("\n");
  const at = lines.findIndex((line) => TIMING.test(line));
  const timing = TIMING.exec(lines[at] ?? "");
  const fragment = FRAGMENT.exec(lines[at + 1]?.trim() ?? "");
  if (!timing || !fragment) return null;
  const [x, y, width, height] = fragment.slice(2).map(Number) as [number, number, number, number];
  if (width === 0 || height === 0) return null;
  const sheet = new URL(fragment[1] ?? "", base).href;
  return { start: seconds(timing[1] ?? ""), end: seconds(timing[2] ?? ""), sheet, x, y, width, height };
}

/** Seconds of a WebVTT time stamp (`12:40.500`, `1:02:03.000`). */
function seconds(stamp: string): number {
  return stamp.split(":").reduce((total, part) => total * 60 + Number(part), 0);
}

/** The frame shown at `time`: the last that has begun, and the first for what comes before it. */
export function frameAt(frames: readonly Frame[], time: number): Frame | null {
  let low = 0;
  let high = frames.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((frames[middle]?.start ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return frames[low] ?? null;
}

/** `count` moments spread evenly over `duration`, each in the middle of its share. */
export function stripTimes(count: number, duration: number): number[] {
  return Array.from({ length: count }, (_, index) => ((index + 0.5) * duration) / count);
}
