/** Makes an MP4 of what a device has sent, without coding the picture anew: ffmpeg's work, told how. */
import { writeFile } from "node:fs/promises";
import { diskError } from "../../lib/disk";
import { codeOf } from "../../lib/errors";
import { runFfmpeg } from "../../lib/ffmpeg";
import { say } from "../../lib/sentence";

export interface Cut {
  /** Seconds from the start of the source. */
  readonly from: number;
  readonly seconds: number;
}

/** MP4 knows no G.711, which most cameras speak: where copying fails the sound is coded anew, and left out where that fails, too. */
const SOUND = [["-c:a", "copy"], ["-c:a", "aac"], ["-an"]] as const;
const PICTURE = ["-map", "0:v:0", "-map", "0:a?", "-c:v", "copy"] as const;
const MP4 = ["-movflags", "+faststart", "-f", "mp4", "-y"] as const;

/** The whole source as MP4. Throws `ffmpeg`, `disk`, `aborted`. */
export async function remux(source: string, target: string, signal: AbortSignal): Promise<void> {
  let first: unknown;
  for (const sound of SOUND) {
    try {
      const input = ["-fflags", "+genpts+discardcorrupt", "-i", `file:${source}`];
      await runFfmpeg({ args: [...input, ...PICTURE, ...sound, ...MP4, `file:${target}`], signal });
      return;
    } catch (error) {
      if (codeOf(error) !== "ffmpeg") throw error;
      first ??= error;
    }
  }
  throw first;
}

/** Several MP4s of one camera, one after the other. @param list path for a file that ffmpeg needs meanwhile. Throws as {@link remux}. */
export async function join(
  sources: readonly string[],
  target: string,
  list: string,
  signal: AbortSignal,
): Promise<void> {
  const lines = sources.map((source) => `file '${`file:${source}`.replaceAll("'", String.raw`'\''`)}'\n`);
  try {
    await writeFile(list, lines.join(""));
  } catch (error) {
    throw diskError(say`${list} cannot be written`, error);
  }
  const input = ["-f", "concat", "-safe", "0", "-i", `file:${list}`];
  await runFfmpeg({ args: [...input, "-map", "0", "-c", "copy", ...MP4, `file:${target}`], signal });
}

/** A part of an MP4. It holds the picture from the key frame before, which players skip: the MP4 says where to begin. Throws as {@link remux}. */
export async function cut(source: string, target: string, { from, seconds }: Cut, signal: AbortSignal): Promise<void> {
  const span = ["-ss", from.toFixed(3), "-i", `file:${source}`, "-t", seconds.toFixed(3)];
  await runFfmpeg({ args: [...span, "-map", "0", "-c", "copy", ...MP4, `file:${target}`], signal });
}
