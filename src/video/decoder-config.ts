/** What a player must know before the first picture, from the parameter sets: size, codec string, avcC or hvcC. Nothing throws. */
import { BitReader, unescaped } from "../rtsp/bit-reader";
import type { ParameterSets } from "../rtsp/video-depacketizer";

export interface DecoderConfig {
  /** "avc1.640028", "hvc1.1.6.L120.90": RFC 6381 and ISO 14496-15, annex E. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Type and content of the box in the sample entry. */
  readonly box: { readonly entry: "avc1" | "hvc1"; readonly name: "avcC" | "hvcC"; readonly data: Buffer };
}

const MAX_SIDE = 16_384;
const WITH_CHROMA: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 134, 135, 138, 139]);

/** Undefined: the parameter sets are missing, or none. */
export function decoderConfig(sets: ParameterSets): DecoderConfig | undefined {
  return sets.codec === "h264" ? avc(sets) : hevc(sets);
}

function avc({ sps: all, pps }: ParameterSets): DecoderConfig | undefined {
  const [sps] = all;
  if (!sps || sps.length < 5 || pps.length === 0) return undefined;
  const { width, height, chroma, lumaDepth, chromaDepth } = readH264(sps);
  if (!usable(width, height)) return undefined;
  const [, profile = 0, compatibility = 0, level = 0] = sps;
  const parts: Buffer[] = [Buffer.of(1, profile, compatibility, level, 0xff, 0xe0 | Math.min(31, all.length))];
  for (const one of all.slice(0, 31)) parts.push(sized(one));
  parts.push(Buffer.of(Math.min(255, pps.length)));
  for (const one of pps.slice(0, 255)) parts.push(sized(one));
  if (WITH_CHROMA.has(profile))
    parts.push(Buffer.of(0xfc | (chroma & 3), 0xf8 | (lumaDepth & 7), 0xf8 | (chromaDepth & 7), 0));
  return {
    codec: `avc1.${sps.toString("hex", 1, 4).toUpperCase()}`,
    width,
    height,
    box: { entry: "avc1", name: "avcC", data: Buffer.concat(parts) },
  };
}

interface Sps {
  readonly width: number;
  readonly height: number;
  readonly chroma: number;
  /** Above 8. */
  readonly lumaDepth: number;
  readonly chromaDepth: number;
}

/** ITU-T H.264, 7.3.2.1.1. */
function readH264(nal: Buffer): Sps {
  const bits = new BitReader(unescaped(nal.subarray(1)));
  const profile = bits.bits(8);
  bits.skip(16);
  bits.golomb();
  let [chroma, lumaDepth, chromaDepth, separate] = [1, 0, 0, 0];
  if (WITH_CHROMA.has(profile)) {
    chroma = bits.golomb();
    if (chroma === 3) separate = bits.bits(1);
    lumaDepth = bits.golomb();
    chromaDepth = bits.golomb();
    bits.skip(1);
    if (bits.bits(1) === 1)
      for (let list = 0; list < (chroma === 3 ? 12 : 8); list++)
        if (bits.bits(1) === 1) skipScalingList(bits, list < 6 ? 16 : 64);
  }
  bits.golomb();
  const order = bits.golomb();
  if (order === 0) bits.golomb();
  else if (order === 1) {
    bits.skip(1);
    bits.golomb();
    bits.golomb();
    for (let left = Math.min(255, bits.golomb()); left > 0; left--) bits.golomb();
  }
  bits.golomb();
  bits.skip(1);
  const columns = bits.golomb() + 1;
  const rows = bits.golomb() + 1;
  const frames = bits.bits(1);
  if (frames === 0) bits.skip(1);
  bits.skip(1);
  const [left, right, top, bottom] =
    bits.bits(1) === 1 ? [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()] : [0, 0, 0, 0];
  const subsampled = separate === 0 ? chroma : 0;
  const unitX = subsampled === 1 || subsampled === 2 ? 2 : 1;
  const unitY = (subsampled === 1 ? 2 : 1) * (2 - frames);
  const width = bits.beyond ? 0 : columns * 16 - (left + right) * unitX;
  const height = bits.beyond ? 0 : rows * 16 * (2 - frames) - (top + bottom) * unitY;
  return { width, height, chroma, lumaDepth, chromaDepth };
}

function skipScalingList(bits: BitReader, size: number): void {
  let [last, next] = [8, 8];
  for (let index = 0; index < size; index++) {
    if (next !== 0) next = (last + bits.signedGolomb() + 256) % 256;
    if (next !== 0) last = next;
  }
}

function hevc({ vps, sps: all, pps }: ParameterSets): DecoderConfig | undefined {
  const [sps] = all;
  if (!sps || sps.length < 16 || pps.length === 0) return undefined;
  const { width, height, chroma, lumaDepth, chromaDepth, level, layers } = readH265(sps);
  if (!usable(width, height)) return undefined;
  const head = Buffer.concat([
    Buffer.of(1),
    level,
    Buffer.of(0xf0, 0, 0xfc, 0xfc | (chroma & 3), 0xf8 | (lumaDepth & 7), 0xf8 | (chromaDepth & 7), 0, 0),
    // Temporal layers, nested, lengths of four bytes.
    Buffer.of(((layers & 7) << 3) | 0x04 | 0x03),
  ]);
  const arrays = (
    [
      [32, vps],
      [33, all],
      [34, pps],
    ] as const
  ).filter(([, list]) => list.length > 0);
  const parts: Buffer[] = [head, Buffer.of(arrays.length)];
  for (const [type, list] of arrays)
    parts.push(Buffer.of(0x80 | type, 0, Math.min(255, list.length)), ...list.slice(0, 255).map(sized));
  return {
    codec: hevcCodec(level),
    width,
    height,
    box: { entry: "hvc1", name: "hvcC", data: Buffer.concat(parts) },
  };
}

/** ITU-T H.265, 7.3.2.2.1. `level`: the twelve bytes of profile, tier and level. */
function readH265(nal: Buffer): Sps & { readonly level: Buffer; readonly layers: number } {
  const bytes = unescaped(nal.subarray(2));
  const bits = new BitReader(bytes);
  bits.skip(4);
  const sublayers = bits.bits(3);
  bits.skip(1 + 96);
  const present = Array.from({ length: sublayers }, () => [bits.bits(1), bits.bits(1)] as const);
  if (sublayers > 0) bits.skip(2 * (8 - sublayers));
  for (const [profile, level] of present) bits.skip(88 * profile + 8 * level);
  bits.golomb();
  const chroma = bits.golomb();
  if (chroma === 3) bits.skip(1);
  const columns = bits.golomb();
  const rows = bits.golomb();
  const [left, right, top, bottom] =
    bits.bits(1) === 1 ? [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()] : [0, 0, 0, 0];
  const lumaDepth = bits.golomb();
  const chromaDepth = bits.golomb();
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = chroma === 1 ? 2 : 1;
  return {
    width: bits.beyond ? 0 : columns - (left + right) * unitX,
    height: bits.beyond ? 0 : rows - (top + bottom) * unitY,
    chroma,
    lumaDepth,
    chromaDepth,
    level: Buffer.from(bytes.subarray(1, 13)),
    layers: sublayers + 1,
  };
}

function hevcCodec(level: Buffer): string {
  const first = level[0] ?? 0;
  const space = ["", "A", "B", "C"][first >> 6] ?? "";
  let [flags, reversed] = [level.readUInt32BE(1), 0];
  for (let bit = 0; bit < 32; bit++) {
    reversed = ((reversed << 1) | (flags & 1)) >>> 0;
    flags >>>= 1;
  }
  const constraints = [...level.subarray(5, 11)];
  while (constraints.at(-1) === 0) constraints.pop();
  const tier = (first & 0x20) === 0 ? "L" : "H";
  return [
    `hvc1.${space}${first & 0x1f}`,
    reversed.toString(16).toUpperCase(),
    `${tier}${level[11] ?? 0}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ].join(".");
}

function usable(width: number, height: number): boolean {
  return width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE;
}

function sized(nal: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(nal.length);
  return Buffer.concat([length, nal]);
}
