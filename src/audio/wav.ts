/** WAV files (RIFF) → samples. PCM of 8 to 32 bits, floats, µ-law and A-law; channels are mixed to one. */
import { FatalError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import { decode, type Law } from "./g711";

/** One channel of sound, converted as it is read. */
export interface Sound {
  /** Samples per second. */
  readonly rate: number;
  /** Samples in all. */
  readonly length: number;
  /** The samples from one to before another, both within the length. */
  read(from: number, to: number): Int16Array;
}

/** A WAV whose bytes can go to the device as they are. */
export interface WavData {
  readonly encoding: "pcm" | "float" | "ulaw" | "alaw";
  readonly rate: number;
  readonly channels: number;
  readonly bits: number;
  readonly data: Buffer;
}

const ENCODINGS: Readonly<Record<number, WavData["encoding"]>> = { 1: "pcm", 3: "float", 6: "alaw", 7: "ulaw" };
const EXTENSIBLE = 0xfffe;

export function isWav(bytes: Buffer): boolean {
  return bytes.length >= 12 && bytes.toString("latin1", 0, 4) === "RIFF" && bytes.toString("latin1", 8, 12) === "WAVE";
}

/** What the header says, and the sound's bytes. A length that is 0 or too long (streamed files) means: to the end. */
export function readWav(bytes: Buffer): WavData {
  let format: Omit<WavData, "data"> | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString("latin1", at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    if (name === "fmt " && start + 16 <= bytes.length) format = readFormat(bytes, start, length);
    if (name === "data" && format) {
      const end = length === 0 ? bytes.length : Math.min(start + length, bytes.length);
      return { ...format, data: bytes.subarray(start, end) };
    }
    at = start + length + (length % 2);
  }
  throw unreadable(say`it contains no audio`);
}

/** Mixed to one channel of 16 bits. */
export function soundOf({ encoding, rate, channels, bits, data }: WavData): Sound {
  const width = bits / 8;
  const size = width * channels;
  const read =
    encoding === "ulaw" || encoding === "alaw" ? lawReader(data, encoding) : sampleReader(data, encoding, bits);
  return {
    rate,
    length: Math.floor(data.length / size),
    read: (from, to) =>
      Int16Array.from({ length: to - from }, (_, i) => mean(channels, (c) => read((from + i) * size + c * width))),
  };
}

function lawReader(data: Buffer, law: Law): (at: number) => number {
  const values = decode(
    Uint8Array.from({ length: 256 }, (_, i) => i),
    law,
  );
  return (at) => values[data[at] ?? 0] ?? 0;
}

function readFormat(bytes: Buffer, start: number, length: number): Omit<WavData, "data"> {
  const code = bytes.readUInt16LE(start);
  const real = code === EXTENSIBLE && length >= 40 ? bytes.readUInt16LE(start + 24) : code;
  const encoding = ENCODINGS[real];
  const channels = bytes.readUInt16LE(start + 2);
  const rate = bytes.readUInt32LE(start + 4);
  const bits = bytes.readUInt16LE(start + 14);
  if (encoding === undefined) throw unreadable(say`its encoding (${real}) is none of PCM, float, µ-law and A-law`);
  const known = encoding === "pcm" ? [8, 16, 24, 32] : encoding === "float" ? [32, 64] : [8];
  if (!known.includes(bits)) throw unreadable(say`it has ${bits} bits per sample`);
  if (channels < 1 || channels > 16 || rate < 1_000 || rate > 384_000) throw unreadable(say`its header is invalid`);
  return { encoding, rate, channels, bits };
}

function sampleReader(data: Buffer, encoding: "pcm" | "float", bits: number): (at: number) => number {
  if (encoding === "float") {
    return bits === 32
      ? (at) => Math.max(-1, Math.min(1, data.readFloatLE(at))) * 32_767
      : (at) => Math.max(-1, Math.min(1, data.readDoubleLE(at))) * 32_767;
  }
  switch (bits) {
    case 8:
      return (at) => ((data[at] ?? 128) - 128) * 256;
    case 16:
      return (at) => data.readInt16LE(at);
    case 24:
      return (at) => data.readIntLE(at, 3) / 256;
    default:
      return (at) => data.readInt32LE(at) / 65_536;
  }
}

function mean(count: number, value: (channel: number) => number): number {
  let sum = 0;
  for (let channel = 0; channel < count; channel++) sum += value(channel);
  return Math.round(sum / count);
}

function unreadable(why: Sentence): FatalError {
  return new FatalError("badRequest", say`The WAV file cannot be played: ${why}. Save it as 16-bit PCM.`);
}
