/** The boxes of fragmented MP4 (ISO 14496-12, 14496-14, 14496-15) that a player of one video and perhaps its sound needs. Pure. */
import type { AacConfig } from "../rtsp/aac-depacketizer";
import type { DecoderConfig } from "./decoder-config";

export const VIDEO_TRACK = 1;
export const AUDIO_TRACK = 2;
/** Ticks in a second of video. */
export const VIDEO_SCALE = 90_000;

const MATRIX = Buffer.from(
  [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map((value) => value.toString(16).padStart(8, "0")).join(""),
  "hex",
);
const KEY_FLAGS = 0x02000000;
const OTHER_FLAGS = 0x01010000;

function box(name: string, ...parts: readonly Buffer[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size);
  head.write(name, 4, "latin1");
  return Buffer.concat([head, ...parts], size);
}

function full(name: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(name, u32(((version << 24) | flags) >>> 0), ...parts);
}

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

/** ftyp and moov. */
export function initSegment(video: DecoderConfig, audio: AacConfig | undefined): Buffer {
  const ftyp = box("ftyp", Buffer.from("iso5"), u32(512), Buffer.from("iso5iso6mp41"));
  const mvhd = full(
    "mvhd",
    0,
    0,
    u32(0, 0, 1000, 0, 0x10000),
    u16(0x0100, 0),
    u32(0, 0),
    MATRIX,
    Buffer.alloc(24),
    u32(3),
  );
  const tracks = [videoTrack(video)];
  const extends_ = [trex(VIDEO_TRACK)];
  if (audio) {
    tracks.push(audioTrack(audio));
    extends_.push(trex(AUDIO_TRACK));
  }
  return Buffer.concat([ftyp, box("moov", mvhd, ...tracks, box("mvex", ...extends_))]);
}

function trex(track: number): Buffer {
  return full("trex", 0, 0, u32(track, 1, 0, 0, 0));
}

function videoTrack({ width, height, box: { entry, name, data } }: DecoderConfig): Buffer {
  const sample = box(
    entry,
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    box(name, data),
  );
  const kind = { handler: "vide", title: "Video", media: full("vmhd", 0, 1, Buffer.alloc(8)), scale: VIDEO_SCALE };
  return track(VIDEO_TRACK, { width, height, volume: 0 }, kind, sample);
}

function audioTrack({ config, sampleRate, channels }: AacConfig): Buffer {
  const descriptor = (tag: number, ...parts: readonly Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.of(tag, body.length), body]);
  };
  const decoder = descriptor(4, Buffer.of(0x40, 0x15, 0, 0, 0), u32(0, 0), descriptor(5, config));
  const esds = full("esds", 0, 0, descriptor(3, u16(AUDIO_TRACK), Buffer.of(0), decoder, descriptor(6, Buffer.of(2))));
  const sample = box(
    "mp4a",
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(8),
    u16(channels, 16, 0, 0),
    u32(sampleRate < 0x10000 ? sampleRate * 0x10000 : 0),
    esds,
  );
  const kind = { handler: "soun", title: "Sound", media: full("smhd", 0, 0, u32(0)), scale: sampleRate };
  return track(AUDIO_TRACK, { width: 0, height: 0, volume: 0x0100 }, kind, sample);
}

interface Looks {
  readonly width: number;
  readonly height: number;
  readonly volume: number;
}

interface MediaKind {
  readonly handler: string;
  readonly title: string;
  readonly media: Buffer;
  readonly scale: number;
}

function track(id: number, looks: Looks, kind: MediaKind, sample: Buffer): Buffer {
  const tkhd = full(
    "tkhd",
    0,
    3,
    u32(0, 0, id, 0, 0, 0, 0),
    u16(0, 0, looks.volume, 0),
    MATRIX,
    u32(looks.width * 0x10000, looks.height * 0x10000),
  );
  const mdhd = full("mdhd", 0, 0, u32(0, 0, kind.scale, 0), u16(0x55c4, 0));
  const hdlr = full("hdlr", 0, 0, u32(0), Buffer.from(kind.handler), Buffer.alloc(12), Buffer.from(`${kind.title}\0`));
  const dinf = box("dinf", full("dref", 0, 0, u32(1), full("url ", 0, 1)));
  const stbl = box(
    "stbl",
    full("stsd", 0, 0, u32(1), sample),
    full("stts", 0, 0, u32(0)),
    full("stsc", 0, 0, u32(0)),
    full("stsz", 0, 0, u32(0, 0)),
    full("stco", 0, 0, u32(0)),
  );
  return box("trak", tkhd, box("mdia", mdhd, hdlr, box("minf", kind.media, dinf, stbl)));
}

/** A picture, or a frame of sound. */
export interface Sample {
  readonly track: number;
  /** Ticks of the track. */
  readonly decodeTime: number;
  readonly duration: number;
  /** Presentation after decoding, ticks; may be negative. */
  readonly offset: number;
  readonly key: boolean;
  /** NAL units of a picture, each of which stands behind its length in the file; of sound one piece. */
  readonly pieces: readonly Buffer[];
}

const TRAF_BYTES = 16 + 20 + 36 + 8;
const MOOF_BYTES = 8 + 16 + TRAF_BYTES;
/** moof, and the head of mdat. */
export const FRAGMENT_HEAD = MOOF_BYTES + 8;

/** moof and mdat with one sample. `sequence` counts fragments, from 1. */
export function fragment(sequence: number, sample: Sample): Buffer {
  const { pieces } = sample;
  const lengths = sample.track === VIDEO_TRACK;
  const size = sizeOf(sample);
  const bytes = Buffer.allocUnsafe(FRAGMENT_HEAD + size);
  let at = 0;
  const put = (...values: readonly number[]): void => {
    for (const value of values) at = bytes.writeUInt32BE(value >>> 0, at);
  };
  const name = (text: string): void => {
    at += bytes.write(text, at, "latin1");
  };
  put(MOOF_BYTES);
  name("moof");
  put(16);
  name("mfhd");
  put(0, sequence, TRAF_BYTES);
  name("traf");
  put(16);
  name("tfhd");
  // Offsets count from this moof.
  put(0x020000, sample.track, 20);
  name("tfdt");
  put(0x01000000, Math.floor(sample.decodeTime / 2 ** 32), sample.decodeTime % 2 ** 32, 36);
  name("trun");
  // Version 1: the offset has a sign. Given: data offset, duration, size, flags, composition offset.
  put(0x01000f01, 1, FRAGMENT_HEAD, sample.duration, size, sample.key ? KEY_FLAGS : OTHER_FLAGS, sample.offset);
  put(size + 8);
  name("mdat");
  for (const piece of pieces) {
    if (lengths) put(piece.length);
    at += piece.copy(bytes, at);
  }
  return bytes;
}

/** moof and mdat with the samples of several seconds, each track's one behind the other. */
export function groupFragment(sequence: number, samples: readonly Sample[]): Buffer[] {
  const runs = [VIDEO_TRACK, AUDIO_TRACK]
    .map((track) => samples.filter((sample) => sample.track === track))
    .filter(({ length }) => length > 0);
  const moof = (first: number): Buffer => {
    let at = first;
    const trafs = runs.map((run) => {
      const traf = trackRun(run, at);
      at += run.reduce((sum, sample) => sum + sizeOf(sample), 0);
      return traf;
    });
    return box("moof", full("mfhd", 0, 0, u32(sequence)), ...trafs);
  };
  // Its size does not depend on what stands in it.
  const head = moof(moof(0).length + 8);
  const parts = runs
    .flat()
    .flatMap(({ track, pieces }) =>
      track === VIDEO_TRACK ? pieces.flatMap((piece) => [u32(piece.length), piece]) : pieces,
    );
  const size = samples.reduce((sum, sample) => sum + sizeOf(sample), 0);
  return [head, u32(size + 8), Buffer.from("mdat"), ...parts];
}

/** A sample lasts until the next one is decoded: within a run no other times are told. */
function trackRun(run: readonly Sample[], offset: number): Buffer {
  const [first] = run;
  const rows = run.map((sample, index) => {
    const until = run[index + 1]?.decodeTime ?? sample.decodeTime + sample.duration;
    return u32(until - sample.decodeTime, sizeOf(sample), sample.key ? KEY_FLAGS : OTHER_FLAGS, sample.offset);
  });
  const time = first?.decodeTime ?? 0;
  return box(
    "traf",
    full("tfhd", 0, 0x020000, u32(first?.track ?? 0)),
    full("tfdt", 1, 0, u32(Math.floor(time / 2 ** 32), time % 2 ** 32)),
    full("trun", 1, 0x000f01, u32(run.length, offset), ...rows),
  );
}

function sizeOf({ track, pieces }: Sample): number {
  const lengths = track === VIDEO_TRACK ? 4 * pieces.length : 0;
  return pieces.reduce((sum, piece) => sum + piece.length, lengths);
}
