/** G.711: 16-bit samples ↔ one byte each, in both laws (ITU-T G.711). */

export type Law = "ulaw" | "alaw";

/** What silence is, and what a last chunk is filled up with. */
export const SILENCE: Readonly<Record<Law, number>> = { ulaw: 0xff, alaw: 0xd5 };

const BIAS = 0x84;
const CLIP = 32_635;

export function encode(samples: Int16Array, law: Law): Buffer {
  const bytes = Buffer.allocUnsafe(samples.length);
  const encodeOne = law === "ulaw" ? toUlaw : toAlaw;
  for (let i = 0; i < samples.length; i++) bytes[i] = encodeOne(samples[i] ?? 0);
  return bytes;
}

export function decode(bytes: Uint8Array, law: Law): Int16Array {
  const samples = new Int16Array(bytes.length);
  const decodeOne = law === "ulaw" ? fromUlaw : fromAlaw;
  for (let i = 0; i < bytes.length; i++) samples[i] = decodeOne(bytes[i] ?? 0);
  return samples;
}

function toUlaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function fromUlaw(byte: number): number {
  const value = ~byte & 0xff;
  const magnitude = ((((value & 0x0f) << 3) + BIAS) << ((value >> 4) & 7)) - BIAS;
  return value & 0x80 ? -magnitude : magnitude;
}

function toAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  // 13 bits; a negative sample counts from -1.
  const magnitude = sample < 0 ? (-sample - 1) >> 3 : sample >> 3;
  const limited = Math.min(magnitude, 0xfff);
  const exponent = limited < 32 ? 0 : 31 - Math.clz32(limited) - 4;
  const mantissa = exponent === 0 ? limited >> 1 : (limited >> exponent) & 0x0f;
  return (sign | (exponent << 4) | (mantissa & 0x0f)) ^ 0x55;
}

function fromAlaw(byte: number): number {
  const value = byte ^ 0x55;
  const exponent = (value >> 4) & 7;
  const mantissa = value & 0x0f;
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return value & 0x80 ? magnitude : -magnitude;
}
