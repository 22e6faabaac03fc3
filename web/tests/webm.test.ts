/** WebM as it comes, and the H264 in it: what a stand-in for a recorder writes is read, cut anywhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromStartCodes } from "../classroom/avc.ts";
import { DamagedWebm, WebmReader } from "../classroom/webm.ts";

type Bytes = readonly number[];

/** Numbers that look like chance and are the same each time. */
class Chance {
  private seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  below(most: number): number {
    this.seed = (this.seed * 48_271) % 2_147_483_647;
    return this.seed % most;
  }
}

const UNKNOWN: Bytes = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** A size in so many bytes: writers take more than it needs. */
function size(value: number, length: number): Bytes {
  const digits = Array.from({ length }, (_, n) => Math.floor(value / 256 ** (length - 1 - n)) % 256);
  return [(digits[0] ?? 0) | (0x80 >> (length - 1)), ...digits.slice(1)];
}

function element(id: Bytes, body: Bytes, length = 4): Bytes {
  return [...id, ...size(body.length, length), ...body];
}

function unsigned(value: number, length: number): Bytes {
  return Array.from({ length }, (_, n) => Math.floor(value / 256 ** (length - 1 - n)) % 256);
}

const HEAD: Bytes = [
  ...element([0x1a, 0x45, 0xdf, 0xa3], [0x42, 0x82, 0x84, ..."webm"].map((each) => (typeof each === "string" ? each.charCodeAt(0) : each))),
  ...[0x18, 0x53, 0x80, 0x67], ...UNKNOWN,
  ...element([0x15, 0x49, 0xa9, 0x66], element([0x2a, 0xd7, 0xb1], unsigned(1_000_000, 3), 1)),
  ...element([0x16, 0x54, 0xae, 0x6b], element([0xae], [
    ...element([0xd7], [1], 1), ...element([0x86], [..."A_OPUS"].map((each) => each.charCodeAt(0)), 1),
    ...element([0xe1], element([0x9f], [2], 1), 8),
  ])),
];

interface Written {
  atUs: number;
  keyframe: boolean;
  data: Bytes;
}

/** A recording of clusters, some without a known length, with things between that nobody needs. */
function recording(chance: Chance): { bytes: Bytes; frames: Written[] } {
  const bytes = [...HEAD];
  const frames: Written[] = [];
  for (let time = 0, cluster = 0; cluster < 4; cluster += 1, time += chance.below(70_000)) {
    const body = [...element([0xe7], unsigned(time, 4), 1 + chance.below(8))];
    for (let n = chance.below(6); n > 0; n -= 1) body.push(...block(chance, time, frames), ...element([0xec], Array(chance.below(4)).fill(0), 1));
    const head = [0x1f, 0x43, 0xb6, 0x75];
    bytes.push(...(chance.below(2) ? [...head, ...UNKNOWN, ...body] : element(head, body, 3 + chance.below(6))));
  }
  return { bytes, frames };
}

function block(chance: Chance, time: number, frames: Written[]): Bytes {
  const [offset, keyframe, inGroup] = [chance.below(30_000), chance.below(2) === 1, chance.below(3) === 0];
  const data = Array.from({ length: 1 + chance.below(40) }, () => chance.below(256));
  frames.push({ atUs: (time + offset) * 1000, keyframe, data });
  const body = [0x81, ...unsigned(offset, 2), keyframe && !inGroup ? 0x80 : 0, ...data];
  if (!inGroup) return element([0xa3], body, 1 + chance.below(8));
  return element([0xa0], [...element([0xa1], body), ...(keyframe ? [] : element([0xfb], [0xff], 1))], 2);
}

test("a recording is the same, wherever it is cut", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const chance = new Chance(seed);
    const { bytes, frames } = recording(chance);
    const reader = new WebmReader();
    const found: Written[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + chance.below(1 + chance.below(60));
      for (const { track, atUs, keyframe, data } of reader.feed(Uint8Array.from(bytes.slice(at, at + length)))) {
        assert.deepEqual([track.codec, track.channels], ["A_OPUS", 2]);
        found.push({ atUs, keyframe, data: [...data] });
      }
      at += length;
    }
    assert.deepEqual(found, frames, `of ${seed}`);
  }
});

test("what is no WebM is told at once, and not waited for", () => {
  const damaged = { "no element": [0, 1, 2, 3], "no track": element([0xa3], [0x81, 0, 0, 0x80, 1]), "a frame of all there is": [0xa3, ...UNKNOWN] };
  for (const [what, bytes] of Object.entries(damaged)) assert.throws(() => new WebmReader().feed(Uint8Array.from(bytes)), DamagedWebm, what);
  const laced = [...HEAD, ...element([0xa3], [0x81, 0, 0, 0x82, 1])];
  assert.throws(() => new WebmReader().feed(Uint8Array.from(laced)), DamagedWebm);
});

test("start codes become lengths, and the parameter sets an avcC", () => {
  const units: Bytes[] = [[9, 16], [0x67, 0x42, 0xc0, 0x1f, 1], [0x68, 0xce, 6], [0x65, 1, 0, 0, 3, 2], [0x65, 7]];
  const coded = units.flatMap((unit, n) => [...(n % 2 ? [] : [0]), 0, 0, 1, ...unit]);
  const { data, avcc } = fromStartCodes(Uint8Array.from(coded));
  assert.deepEqual([...data], [0, 0, 0, 6, 0x65, 1, 0, 0, 3, 2, 0, 0, 0, 2, 0x65, 7]);
  assert.deepEqual([...(avcc ?? [])], [1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 5, 0x67, 0x42, 0xc0, 0x1f, 1, 1, 0, 3, 0x68, 0xce, 6]);
  assert.equal(fromStartCodes(Uint8Array.of(0, 0, 0, 1, 0x41, 5)).avcc, null, "between keyframes");
});
