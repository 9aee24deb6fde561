/** The film of a recording: the drawn scene of its channel, generated piece by piece during the download. Same input, same bytes. */
import { BoundedCache } from "../bounded-cache";
import { drawScene } from "../pictures";
import { formatLocal, parseZone } from "../../../test/virtual-device/posix-zone";
import { IMKH, type MadeMedia } from "../../../test/virtual-device";
import { keyPicture, parameterSets, samePicture, type Format } from "./h264";
import { MACROBLOCK_BYTES, macroblocks, SIDE } from "./macroblocks";
import { pack, TICKS_PER_SECOND } from "./program-stream";

export interface Shot {
  /** Number and name of the channel. */
  readonly channel: number;
  readonly channelName: string;
  /** POSIX, of the device when it recorded. */
  readonly zone: string;
  /** Ms since 1970. */
  readonly startMs: number;
  readonly endMs: number;
}

const FORMAT: Format = { width: 320, height: 176, framesPerSecond: 12 };
/** A new picture, and the same again: three pictures a second move well enough, at 2 Mbit/s as a sub stream has it. */
const GROUP_FRAMES = 4;
const FRAME_TICKS = TICKS_PER_SECOND / FORMAT.framesPerSecond;

const HEADERS = parameterSets(FORMAT);
const BLANK = Buffer.alloc((FORMAT.width / SIDE) * (FORMAT.height / SIDE) * MACROBLOCK_BYTES, 128);
/** So that a picture with its headers arrives in the time of a frame. */
const BYTES_PER_SECOND = 2 * BLANK.length * FORMAT.framesPerSecond;
/** Of a frame with a new picture, and of one with the same again, whatever is to be seen. */
const NEW_BYTES = group(BLANK, 0, 1).length;
const SAME_BYTES = group(BLANK, 0, 2).length - NEW_BYTES;
const GROUP_BYTES = groupBytes(GROUP_FRAMES);

/** The last ones, of whatever film: a piece of a download ends within one, and the next begins there. */
const groups = new BoundedCache<Buffer>(8);

/** Draws a picture for every 85 KB that are asked for, and keeps only the last ones. */
export function filmOf(shot: Shot): MadeMedia {
  const frames = Math.max(1, Math.round(((shot.endMs - shot.startMs) * FORMAT.framesPerSecond) / 1000));
  const last = Math.ceil(frames / GROUP_FRAMES) - 1;
  const lastFrames = frames - last * GROUP_FRAMES;
  const bytes = IMKH.length + last * GROUP_BYTES + groupBytes(lastFrames);
  const zone = parseZone(shot.zone);

  const groupAt = (index: number): Buffer =>
    groups.get(JSON.stringify([shot, index]), () => {
      const first = index * GROUP_FRAMES;
      const utcMs = shot.startMs + Math.floor((first * 1000) / FORMAT.framesPerSecond);
      const local = formatLocal(zone, utcMs);
      const stamp = `${local.slice(0, 19)}.${String(utcMs % 1000).padStart(3, "0")}${local.slice(19)}`;
      const { width, height } = FORMAT;
      const scene = drawScene({ width, height, channel: shot.channel, channelName: shot.channelName, stamp });
      return group(macroblocks(scene), first, index === last ? lastFrames : GROUP_FRAMES);
    });

  return {
    bytes,
    read(from, size) {
      const end = Math.min(bytes, from + size);
      const parts: Buffer[] = [IMKH.subarray(from, end)];
      for (let at = Math.max(from, IMKH.length); at < end;) {
        const index = Math.min(last, Math.floor((at - IMKH.length) / GROUP_BYTES));
        const start = IMKH.length + index * GROUP_BYTES;
        const part = groupAt(index).subarray(at - start, end - start);
        parts.push(part);
        at += part.length;
      }
      return Buffer.concat(parts);
    },
  };
}

function groupBytes(frames: number): number {
  return NEW_BYTES + (frames - 1) * SAME_BYTES;
}

/** A picture and its repetitions, from the `first` frame of the film on. */
function group(samples: Buffer, first: number, frames: number): Buffer {
  return Buffer.concat(
    Array.from({ length: frames }, (_, index) => {
      const frame = index === 0 ? Buffer.concat([HEADERS, keyPicture(samples)]) : samePicture(FORMAT, index);
      const at = (first + index) * FRAME_TICKS;
      return pack(frame, index === 0, { at, lasts: FRAME_TICKS, bytesPerSecond: BYTES_PER_SECOND });
    }),
  );
}
