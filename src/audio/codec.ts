/** Any sound of a message → the frames of a channel's codec, each with the time it plays. Converts to G.711 and PCM. */
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { AudioChannel } from "./audio-channels";
import { encode, SILENCE, type Law } from "./g711";
import { resample } from "./resample";
import { isWav, readWav, soundOf, type Sound } from "./wav";

export interface Frames {
  readonly codec: string;
  readonly seconds: number;
  /** Bytes to send, and for how long they play. */
  readonly frames: Iterable<{ readonly bytes: Buffer; readonly ms: number }>;
}

const FRAME_MS = 20;
const G711_RATE = 8_000;

/** Throws `badRequest` for a sound that cannot be read, `notSupported` where it cannot be converted to the channel's codec. */
export function framesFor(payload: unknown, format: unknown, channel: AudioChannel): Frames {
  if (!Buffer.isBuffer(payload) || payload.length === 0) {
    throw new FatalError(
      "badRequest",
      say`There is no sound in the message: msg.payload must be a Buffer, for example a WAV file read by a file node.`,
    );
  }
  const codec = channel.codec ?? "G.711ulaw";
  const law = lawOf(codec);
  if (isWav(payload)) {
    const wav = readWav(payload);
    const asIs = wav.encoding === law && wav.rate === G711_RATE && wav.channels === 1;
    return asIs ? constantRate(codec, wav.data, G711_RATE, SILENCE[law]) : converted(soundOf(wav), channel, codec, law);
  }
  if (format !== undefined) return converted(pcm(payload, format), channel, codec, law);
  return inOwnCodec(payload, channel, codec, law);
}

function converted(sound: Sound, { samplingRate }: AudioChannel, codec: string, law: Law | undefined): Frames {
  if (law) return inFrames(codec, resample(sound, G711_RATE), 1, (samples) => encode(samples, law), SILENCE[law]);
  if (/^PCM$/i.test(codec)) return inFrames(codec, resample(sound, (samplingRate ?? 8) * 1_000), 2, bytesOf, 0);
  throw new FatalError(
    "notSupported",
    say`The device's audio channel speaks ${codec}, which cannot be made here. Set it to G.711 on the device's web page (Video/Audio, Audio), or send sound that is ${codec} already.`,
  );
}

/** A sound, converted frame by frame when each is due: no more than a fraction of a millisecond at a time. */
function inFrames(
  codec: string,
  sound: Sound,
  width: number,
  encoded: (samples: Int16Array) => Buffer,
  filler: number,
): Frames {
  const { rate, length } = sound;
  const size = Math.max(1, Math.round((rate * FRAME_MS) / 1_000));
  const frames = function* (): Iterable<{ bytes: Buffer; ms: number }> {
    for (let at = 0; at < length; at += size)
      yield frame(encoded(sound.read(at, Math.min(length, at + size))), size * width, filler);
  };
  return { codec, seconds: length / rate, frames: frames() };
}

function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Bytes in the channel's own codec. */
function inOwnCodec(bytes: Buffer, { bitRate }: AudioChannel, codec: string, law: Law | undefined): Frames {
  if (law) return constantRate(codec, bytes, G711_RATE, SILENCE[law]);
  if (/^AAC/i.test(codec)) return adts(codec, bytes);
  const perSecond = /^PCM$/i.test(codec) ? G711_RATE * 2 : (bitRate ?? usualBitRate(codec)) * 125;
  return constantRate(codec, bytes, perSecond, 0);
}

function lawOf(codec: string): Law | undefined {
  const law = /g\.?711(.*)/i.exec(codec)?.[1];
  if (law === undefined) return undefined;
  if (/[uµ]/i.test(law)) return "ulaw";
  return /a/i.test(law) ? "alaw" : undefined;
}

/** kbit/s, where the device does not report it. */
function usualBitRate(codec: string): number {
  return /MP2/i.test(codec) ? 64 : 16;
}

function constantRate(codec: string, bytes: Buffer, bytesPerSecond: number, filler: number): Frames {
  const size = Math.max(1, Math.round((bytesPerSecond * FRAME_MS) / 1_000));
  return { codec, seconds: bytes.length / bytesPerSecond, frames: chunks(bytes, size, filler) };
}

function* chunks(bytes: Buffer, size: number, filler: number): Iterable<{ bytes: Buffer; ms: number }> {
  for (let at = 0; at < bytes.length; at += size) yield frame(bytes.subarray(at, at + size), size, filler);
}

/** Devices play whole chunks: half a chunk would end in a click, or not at all. */
function frame(chunk: Buffer, size: number, filler: number): { bytes: Buffer; ms: number } {
  const bytes = chunk.length === size ? chunk : Buffer.concat([chunk, Buffer.alloc(size - chunk.length, filler)]);
  return { bytes, ms: FRAME_MS };
}

const AAC_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
const AAC_SAMPLES = 1_024;

/** ADTS frames, each sent behind its length as four bytes, big-endian (AlexxIT/go2rtc#2354). */
function adts(codec: string, bytes: Buffer): Frames {
  const frames: { bytes: Buffer; ms: number }[] = [];
  for (let at = 0; at + 7 <= bytes.length;) {
    const length =
      ((bytes.readUInt8(at + 3) & 3) << 11) | (bytes.readUInt8(at + 4) << 3) | (bytes.readUInt8(at + 5) >> 5);
    const rate = AAC_RATES[(bytes.readUInt8(at + 2) >> 2) & 15];
    if (bytes.readUInt8(at) !== 0xff || (bytes.readUInt8(at + 1) & 0xf6) !== 0xf0 || length < 7 || rate === undefined)
      break;
    if (at + length > bytes.length) break;
    const size = Buffer.alloc(4);
    size.writeUInt32BE(length);
    frames.push({ bytes: Buffer.concat([size, bytes.subarray(at, at + length)]), ms: (AAC_SAMPLES / rate) * 1_000 });
    at += length;
  }
  if (frames.length === 0) {
    throw new FatalError(
      "notSupported",
      say`The device's audio channel speaks AAC: only AAC in ADTS frames can be sent to it. Set it to G.711 on the device's web page to play WAV files.`,
    );
  }
  return { codec, seconds: frames.reduce((sum, { ms }) => sum + ms, 0) / 1_000, frames };
}

/** Raw PCM, `msg.format` { encoding: "pcm16", rate }: 16 bits, little-endian, one channel. */
function pcm(bytes: Buffer, format: unknown): Sound {
  const { encoding, rate } = (typeof format === "object" && format !== null ? format : {}) as Partial<
    Record<string, unknown>
  >;
  if (encoding !== "pcm16" || typeof rate !== "number" || !Number.isFinite(rate) || rate < 1_000 || rate > 384_000) {
    throw new FatalError("badRequest", say`msg.format must be { encoding: "pcm16", rate: <samples per second> }.`);
  }
  return {
    rate,
    length: Math.floor(bytes.length / 2),
    read: (from, to) => Int16Array.from({ length: to - from }, (_, i) => bytes.readInt16LE((from + i) * 2)),
  };
}
