/** RTP packets of AAC (mpeg4-generic, RFC 3640, as `AAC-hbr`) → frames. Nothing throws. */
import { BitReader } from "./bit-reader";
import { missingBetween, TimestampUnwrapper, type RtpPacket } from "./rtp";
import type { MediaDescription } from "./sdp";

export interface AacConfig {
  /** AudioSpecificConfig (ISO 14496-3, 1.6.2.1). */
  readonly config: Buffer;
  /** "mp4a.40.2": the number is the object type. */
  readonly objectType: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly sizeBits: number;
  readonly indexBits: number;
}

export interface AacFrame {
  /** Unwrapped, of the track's clock. */
  readonly ticks: number;
  readonly data: Buffer;
}

const RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
export const AAC_FRAME_SAMPLES = 1024;
const MAX_FRAME = 64 * 1024;
const MAX_FRAMES = 64;

/** Undefined: no AAC, or in a form that is not known. */
export function aacConfigOf({ encoding, parameters }: MediaDescription): AacConfig | undefined {
  if (encoding !== "MPEG4-GENERIC") return undefined;
  const hex = parameters.get("config") ?? "";
  if (!/^([0-9a-f]{2}){2,32}$/i.test(hex)) return undefined;
  const config = Buffer.from(hex, "hex");
  const bits = new BitReader(config);
  const objectType = bits.bits(5);
  const rate = bits.bits(4);
  const sampleRate = rate === 15 ? bits.bits(24) : RATES[rate];
  const channels = bits.bits(4);
  const sizeBits = Number(parameters.get("sizelength") ?? 13);
  const indexBits = Number(parameters.get("indexlength") ?? 3);
  const usual = sizeBits > 0 && sizeBits <= 16 && indexBits >= 0 && indexBits <= 16;
  if (objectType === 0 || objectType === 31 || !sampleRate || channels === 0 || channels > 8 || !usual)
    return undefined;
  return { config, objectType, sampleRate, channels, sizeBits, indexBits };
}

export class AacDepacketizer {
  readonly #config: AacConfig;
  readonly #emit: (frame: AacFrame) => void;
  readonly #time = new TimestampUnwrapper();
  #sequence: number | undefined;
  /** Of a frame that comes in several packets. */
  #pieces: { readonly size: number; readonly ticks: number; readonly parts: Buffer[]; bytes: number } | undefined;

  constructor(config: AacConfig, emit: (frame: AacFrame) => void) {
    this.#config = config;
    this.#emit = emit;
  }

  push({ sequence, timestamp, payload }: RtpPacket): void {
    if (this.#sequence !== undefined && missingBetween(this.#sequence, sequence) !== 0) this.#pieces = undefined;
    this.#sequence = sequence;
    const ticks = this.#time.next(timestamp);
    const sizes = this.#sizes(payload);
    if (!sizes) return;
    const { list, start } = sizes;
    const [first = 0] = list;
    if (list.length === 1 && first > payload.length - start) {
      this.#piece(first, ticks, payload.subarray(start));
      return;
    }
    this.#pieces = undefined;
    let at = start;
    for (const [index, size] of list.entries()) {
      if (at + size > payload.length) return;
      if (size > 0) this.#emit({ ticks: ticks + index * AAC_FRAME_SAMPLES, data: payload.subarray(at, at + size) });
      at += size;
    }
  }

  #sizes(payload: Buffer): { readonly list: readonly number[]; readonly start: number } | undefined {
    if (payload.length < 2) return undefined;
    const bits = payload.readUInt16BE(0);
    const start = 2 + Math.ceil(bits / 8);
    const { sizeBits, indexBits } = this.#config;
    const count = Math.floor(bits / (sizeBits + indexBits));
    if (start > payload.length || count === 0 || count > MAX_FRAMES) return undefined;
    const reader = new BitReader(payload.subarray(2, start));
    const list: number[] = [];
    for (let index = 0; index < count; index++) {
      list.push(reader.bits(sizeBits));
      reader.skip(indexBits);
    }
    return { list, start };
  }

  #piece(size: number, ticks: number, data: Buffer): void {
    if (size > MAX_FRAME) return;
    const open = this.#pieces?.ticks === ticks && this.#pieces.size === size ? this.#pieces : undefined;
    const pieces = open ?? { size, ticks, parts: [], bytes: 0 };
    pieces.parts.push(data);
    pieces.bytes += data.length;
    this.#pieces = pieces;
    if (pieces.bytes < size) return;
    this.#pieces = undefined;
    if (pieces.bytes === size) this.#emit({ ticks, data: Buffer.concat(pieces.parts) });
  }
}
