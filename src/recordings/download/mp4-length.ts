/** How long the video of a fragmented MP4 is, by its last fragment. For files that {@link PlayedMp4} has written. */
import { OpenFile } from "../../lib/files";
import { VIDEO_SCALE, VIDEO_TRACK } from "../../video/mp4-boxes";

/** The last fragments are in here: pictures are smaller. */
const TAIL_BYTES = 8 << 20;

/** Undefined: it is no such file, or cannot be read. */
export async function mp4Seconds(file: string): Promise<number | undefined> {
  let opened: OpenFile | undefined;
  try {
    opened = await OpenFile.open(file);
    return lastSeconds(await opened.tail(TAIL_BYTES));
  } catch {
    return undefined;
  } finally {
    await opened?.close().catch(() => undefined);
  }
}

function lastSeconds(tail: Buffer): number | undefined {
  for (let at = tail.lastIndexOf("moof"); at >= 4; at = at > 4 ? tail.lastIndexOf("moof", at - 1) : -1) {
    const size = tail.readUInt32BE(at - 4);
    if (size < 8 || size > 4096 || at - 4 + size > tail.length) continue;
    const end = fragmentEnd(tail.subarray(at + 4, at - 4 + size));
    if (end !== undefined) return end / VIDEO_SCALE;
  }
  return undefined;
}

/** In ticks; undefined: not of the video. */
function fragmentEnd(moof: Buffer): number | undefined {
  const box = (name: string): Buffer | undefined => {
    const at = moof.indexOf(name);
    return at < 0 ? undefined : moof.subarray(at + 4);
  };
  const [header, time, run] = [box("tfhd"), box("tfdt"), box("trun")];
  if (!header || !time || !run || header.length < 8 || time.length < 12 || run.length < 16) return undefined;
  if (header.readUInt32BE(4) !== VIDEO_TRACK) return undefined;
  return Number(time.readBigUInt64BE(4)) + run.readUInt32BE(12);
}
