/** The last of some coded pictures as a JPEG, by the system's ffmpeg. It gets them on its standard input, and knows nothing of a device. */
import { AbortedError, FatalError } from "../lib/errors";
import { runFfmpeg } from "../lib/ffmpeg";
import { isWholeJpeg } from "../lib/jpeg";
import type { Clock } from "../lib/clock";
import { say } from "../lib/sentence";
import type { ParameterSets, Picture } from "../rtsp/video-depacketizer";
import { withLimit } from "../lib/signals";

export interface PictureSize {
  /** Pixels. One alone keeps the ratio. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** Undefined: nothing came of them. Throws `ffmpeg` where it is missing, or cannot do it. */
export type DecodePicture = (
  pictures: readonly Picture[],
  size: PictureSize,
  signal: AbortSignal,
) => Promise<Buffer | undefined>;

const TIME_MS = 20_000;
const MOST_BYTES = 16 * 1024 * 1024;
const START = Buffer.of(0, 0, 0, 1);
const FORMATS = { h264: "h264", h265: "hevc" } as const;

export function ffmpegDecoder(clock: Clock): DecodePicture {
  return async (pictures, size, signal) => {
    const [first] = pictures;
    if (!first) return undefined;
    const chunks: Buffer[] = [];
    let bytes = 0;
    const late = (): Error =>
      new FatalError("ffmpeg", say`ffmpeg did not make a picture of the recorded video in time.`);
    try {
      await withLimit({ clock, ms: TIME_MS, signal, late }, (both) =>
        runFfmpeg({
          args: argumentsFor(first.sets.codec, pictures.length, size),
          input: byteStream(first.sets, pictures),
          onOutput: (chunk) => {
            bytes += chunk.length;
            if (bytes <= MOST_BYTES) chunks.push(chunk);
          },
          clock,
          signal: both,
        }),
      );
    } catch (error) {
      throw signal.aborted ? new AbortedError() : error;
    }
    const picture = Buffer.concat(chunks);
    return isWholeJpeg(picture) ? picture : undefined;
  };
}

function argumentsFor(codec: keyof typeof FORMATS, count: number, { width, height }: PictureSize): readonly string[] {
  const filters = [`select=gte(n\\,${count - 1})`];
  if (width !== undefined || height !== undefined) filters.push(`scale=${width ?? -2}:${height ?? -2}`);
  return [
    ...["-f", FORMATS[codec], "-i", "pipe:0", "-an", "-vf", filters.join(",")],
    ...["-frames:v", "1", "-pix_fmt", "yuvj420p", "-q:v", "2", "-c:v", "mjpeg", "-f", "image2pipe", "pipe:1"],
  ];
}

/** Annex B of ITU-T H.264 and H.265, a picture at a time: each unit behind a start code. */
export function* byteStream({ vps, sps, pps }: ParameterSets, pictures: readonly Picture[]): Generator<Buffer> {
  yield units([...vps, ...sps, ...pps]);
  for (const { nals } of pictures) yield units(nals);
}

function units(nals: readonly Buffer[]): Buffer {
  return Buffer.concat(nals.flatMap((unit) => [START, unit]));
}
