/**
 * H.264 as browsers' recorders write it, made into what the service takes: NAL units with their
 * lengths, and their parameter sets apart from them, as avcC (ISO/IEC 14496-15, 5.3.3). Pure.
 */

const UNIT_TYPE = 0x1f;
const SEQUENCE = 7;
const PICTURE_SET = 8;
const DELIMITER = 9;
const LENGTH_BYTES = 4;
/** Profiles whose avcC says more of their colours (7.3.2.1.1 of H.264): high and above. */
const HIGH: readonly number[] = [100, 110, 122, 144];
/** What such an encoder in a browser makes: 4:2:0, eight bits each, no further sets. */
const COLOURS = [0xfc | 1, 0xf8, 0xf8, 0];

export interface AvcPicture {
  data: Uint8Array;
  /** The avcC, where the picture brings its parameter sets. */
  avcc: Uint8Array | null;
}

/** A picture whose units are parted by start codes (Annex B of H.264), with lengths in their place. */
export function fromStartCodes(data: Uint8Array): AvcPicture {
  const units = [...unitsOf(data)];
  const of = (type: number): Uint8Array | undefined => units.find((unit) => typeOf(unit) === type);
  const [sequence, picture] = [of(SEQUENCE), of(PICTURE_SET)];
  const kept = units.filter((unit) => ![SEQUENCE, PICTURE_SET, DELIMITER].includes(typeOf(unit)));
  return { data: withLengths(kept), avcc: sequence && picture ? avccOf(sequence, picture) : null };
}

function typeOf(unit: Uint8Array): number {
  return (unit[0] ?? 0) & UNIT_TYPE;
}

function* unitsOf(data: Uint8Array): Generator<Uint8Array> {
  let begins = -1;
  for (let at = 0; at + 2 < data.length; at += 1) {
    if (data[at] !== 0 || data[at + 1] !== 0 || data[at + 2] !== 1) continue;
    if (begins >= 0) yield withoutZeros(data.subarray(begins, at));
    begins = at + 3;
    at += 2;
  }
  if (begins >= 0) yield withoutZeros(data.subarray(begins));
}

/** A unit ends with a bit that is set; zeros after it belong to the next start code. */
function withoutZeros(unit: Uint8Array): Uint8Array {
  let ends = unit.length;
  while (unit[ends - 1] === 0) ends -= 1;
  return unit.subarray(0, ends);
}

function withLengths(units: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(units.reduce((bytes, unit) => bytes + LENGTH_BYTES + unit.length, 0));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const unit of units) {
    view.setUint32(at, unit.length);
    data.set(unit, at + LENGTH_BYTES);
    at += LENGTH_BYTES + unit.length;
  }
  return data;
}

function avccOf(sequence: Uint8Array, picture: Uint8Array): Uint8Array {
  const [, profile = 0, compatibility = 0, level = 0] = sequence;
  return new Uint8Array([
    1, profile, compatibility, level, 0xfc | (LENGTH_BYTES - 1),
    0xe0 | 1, sequence.length >> 8, sequence.length & 0xff, ...sequence,
    1, picture.length >> 8, picture.length & 0xff, ...picture,
    ...(HIGH.includes(profile) ? COLOURS : []),
  ]);
}
