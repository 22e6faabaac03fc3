/** How long Opus packets last: RFC 6716, 3.1 and 3.2. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { packetUs } from "../classroom/opus.ts";

function packet(configuration: number, code: number, frames = 0): Uint8Array {
  return Uint8Array.of((configuration << 3) | code, frames);
}

test("a frame's length is told by its configuration", () => {
  assert.deepEqual([0, 1, 2, 3, 11].map((each) => packetUs(packet(each, 0))), [10_000, 20_000, 40_000, 60_000, 60_000]);
  assert.deepEqual([12, 13, 14, 15].map((each) => packetUs(packet(each, 0))), [10_000, 20_000, 10_000, 20_000]);
  assert.deepEqual([16, 17, 18, 19, 31].map((each) => packetUs(packet(each, 0))), [2_500, 5_000, 10_000, 20_000, 20_000]);
});

test("a packet has one frame, two, or as many as it says", () => {
  assert.deepEqual([0, 1, 2].map((code) => packetUs(packet(31, code))), [20_000, 40_000, 40_000]);
  assert.equal(packetUs(packet(31, 3, 3)), 60_000);
  assert.equal(packetUs(packet(31, 3, 0x80 | 0x40 | 6)), 120_000, "flags stand beside the count");
});
