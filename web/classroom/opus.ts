/** Opus packets, as far as one has to look into them. Pure. */

/** Lengths of frames in µs by configuration (RFC 6716, table 2), in each mode. */
const SILK_US = [10_000, 20_000, 40_000, 60_000] as const;
const HYBRID_US = [10_000, 20_000] as const;
const CELT_US = [2_500, 5_000, 10_000, 20_000] as const;
const FIRST_HYBRID = 12;
const FIRST_CELT = 16;
const COUNT = 0x3f;

/** How long a packet lasts, in µs: browsers' recorders put several frames into one. */
export function packetUs(packet: Uint8Array): number {
  const [head = 0, second = 0] = packet;
  const frames = [1, 2, 2, second & COUNT][head & 3] ?? 1;
  return frames * frameUs(head >> 3);
}

function frameUs(configuration: number): number {
  if (configuration < FIRST_HYBRID) return SILK_US[configuration & 3] ?? 0;
  return (configuration < FIRST_CELT ? HYBRID_US[configuration & 1] : CELT_US[configuration & 3]) ?? 0;
}
