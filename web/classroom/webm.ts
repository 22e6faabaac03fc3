/**
 * Reads WebM while it comes: the coded frames of its tracks (RFC 8794, RFC 9559). Pure.
 *
 * What a browser's recorder writes is a stream: its segment and clusters have no known length, and
 * its slices are cut anywhere. So the masters on the way to a frame are gone into, and everything
 * else is read, or passed over, when it is whole.
 */

export interface WebmTrack {
  number: number;
  /** "V_MPEG4/ISO/AVC" or "A_OPUS", for example. */
  codec: string;
  /** What its decoder has to know; empty where the frames say it themselves. */
  codecPrivate: Uint8Array;
  width: number;
  height: number;
  channels: number;
}

export interface WebmFrame {
  track: WebmTrack;
  /** In µs of the recording, which counts from its own beginning. */
  atUs: number;
  keyframe: boolean;
  data: Uint8Array;
}

export class DamagedWebm extends Error {}

const ID = {
  segment: 0x18538067, info: 0x1549a966, timestampScale: 0x2ad7b1, tracks: 0x1654ae6b, trackEntry: 0xae, number: 0xd7, codec: 0x86, codecPrivate: 0x63a2,
  video: 0xe0, width: 0xb0, height: 0xba, audio: 0xe1, channels: 0x9f, cluster: 0x1f43b675, timestamp: 0xe7, simpleBlock: 0xa3,
  blockGroup: 0xa0, block: 0xa1, referenceBlock: 0xfb,
} as const;
const GONE_INTO: ReadonlySet<number> = new Set([ID.segment, ID.info, ID.tracks, ID.trackEntry, ID.video, ID.audio, ID.cluster]);
/** Milliseconds, where nothing is said. */
const SCALE_NS = 1_000_000;
const KEYFRAME = 0x80;
const LACED = 0x06;
const LONGEST_ID = 4;
const LONGEST_SIZE = 8;
/** A keyframe of a large screen is a megabyte; what says more is no frame. */
const MOST_BYTES = 16 * 2 ** 20;

interface Element {
  id: number;
  begins: number;
  /** Where it ends; Infinity where that is not said. */
  ends: number;
}

export class WebmReader {
  private rest = new Uint8Array(0);
  private scaleNs = SCALE_NS;
  private clusterTime = 0;
  private readonly tracks: WebmTrack[] = [];

  /** The frames that are whole by now. Throws DamagedWebm. */
  feed(data: Uint8Array): WebmFrame[] {
    const bytes = joined(this.rest, data);
    const frames: WebmFrame[] = [];
    let at = 0;
    for (let element = elementAt(bytes, at); element; element = elementAt(bytes, at)) {
      if (GONE_INTO.has(element.id)) {
        if (element.id === ID.trackEntry) this.tracks.push({ number: 0, codec: "", codecPrivate: new Uint8Array(0), width: 0, height: 0, channels: 1 });
        at = element.begins;
        continue;
      }
      if (element.ends - element.begins > MOST_BYTES) throw new DamagedWebm("an element without end");
      if (element.ends > bytes.length) break;
      this.read(element.id, bytes.subarray(element.begins, element.ends), frames);
      at = element.ends;
    }
    this.rest = bytes.slice(at);
    return frames;
  }

  private read(id: number, body: Uint8Array, frames: WebmFrame[]): void {
    if (id === ID.timestampScale) this.scaleNs = unsigned(body);
    else if (id === ID.timestamp) this.clusterTime = unsigned(body);
    else if (id === ID.simpleBlock) frames.push(this.frame(body));
    else if (id === ID.blockGroup) frames.push(...this.group(body));
    else this.describe(id, body);
  }

  private describe(id: number, body: Uint8Array): void {
    const track = this.tracks[this.tracks.length - 1];
    if (!track) return;
    if (id === ID.number) track.number = unsigned(body);
    else if (id === ID.codec) track.codec = String.fromCharCode(...body);
    else if (id === ID.codecPrivate) track.codecPrivate = body.slice();
    else if (id === ID.width) track.width = unsigned(body);
    else if (id === ID.height) track.height = unsigned(body);
    else if (id === ID.channels) track.channels = unsigned(body);
  }

  /** A frame with more said about it: without a reference to another it is a keyframe. */
  private group(body: Uint8Array): WebmFrame[] {
    const inside = [...elements(body)];
    const keyframe = !inside.some(({ id }) => id === ID.referenceBlock);
    return inside.filter(({ id }) => id === ID.block).map(({ begins, ends }) => ({ ...this.frame(body.subarray(begins, ends)), keyframe }));
  }

  private frame(body: Uint8Array): WebmFrame {
    const number = sizeAt(body, 0);
    const track = number && this.tracks.find((one) => one.number === number.value);
    if (!track || body.length < number.ends + 3) throw new DamagedWebm("a frame of no track");
    const view = new DataView(body.buffer, body.byteOffset + number.ends);
    const flags = view.getUint8(2);
    // Several frames in one block come of no browser's recorder.
    if (flags & LACED) throw new DamagedWebm("a laced block");
    const atUs = ((this.clusterTime + view.getInt16(0)) * this.scaleNs) / 1000;
    return { track, atUs, keyframe: (flags & KEYFRAME) !== 0, data: body.slice(number.ends + 3) };
  }
}

function* elements(body: Uint8Array): Generator<Element> {
  for (let element = elementAt(body, 0); element; element = elementAt(body, element.ends)) {
    if (element.ends > body.length) throw new DamagedWebm("an element beyond its master");
    yield element;
  }
}

/** The element that begins at `at`; null while its head is not whole. */
function elementAt(bytes: Uint8Array, at: number): Element | null {
  const id = numberAt(bytes, at, LONGEST_ID);
  if (!id) return null;
  const size = sizeAt(bytes, id.ends);
  return size && { id: unsigned(id.digits), begins: size.ends, ends: size.ends + size.value };
}

/** Of an element's body; Infinity where it is unknown: all its bits are ones. */
function sizeAt(bytes: Uint8Array, at: number): { value: number; ends: number } | null {
  const found = numberAt(bytes, at, LONGEST_SIZE);
  if (!found) return null;
  const [first = 0, ...others] = found.digits;
  // Without the bit that tells the length: with it, eight bytes are more than a number holds.
  const most = 0xff >> found.digits.length;
  const isUnknown = (first & most) === most && others.every((byte) => byte === 0xff);
  return { value: isUnknown ? Infinity : unsigned([first & most, ...others]), ends: found.ends };
}

/** The bytes of a number that tells its own length (RFC 8794, 4). */
function numberAt(bytes: Uint8Array, at: number, longest: number): { digits: Uint8Array; ends: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  const length = Math.clz32(first) - 23;
  if (length > longest) throw new DamagedWebm("no element begins here");
  const ends = at + length;
  return ends > bytes.length ? null : { digits: bytes.subarray(at, ends), ends };
}

function unsigned(digits: Uint8Array | number[]): number {
  let value = 0;
  for (const digit of digits) value = value * 256 + digit;
  return value;
}

function joined(first: Uint8Array, then: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + then.length);
  all.set(first);
  all.set(then, first.length);
  return all;
}
