/** Converts recordings to MP4 with ffmpeg, without transcoding the video. */
import { diskError } from "../../lib/disk";
import { codeOf } from "../../lib/errors";
import { runFfmpeg } from "../../lib/ffmpeg";
import { writeFile } from "../../lib/files";
import { say } from "../../lib/sentence";

export interface Cut {
  /** Seconds from the start of the source. */
  readonly from: number;
  readonly seconds: number;
}

/** MP4 cannot hold G.711, which most cameras send: where copying fails, audio is transcoded; where that fails, left out. */
const AUDIO = [["-c:a", "copy"], ["-c:a", "aac"], ["-an"]] as const;
const VIDEO = ["-map", "0:v:0", "-map", "0:a?", "-c:v", "copy"] as const;
const MP4 = ["-movflags", "+faststart", "-f", "mp4", "-y"] as const;

/** The whole source as MP4. Throws `ffmpeg`, `disk`, `aborted`. */
export async function remux(source: string, target: string, signal: AbortSignal): Promise<void> {
  let first: unknown;
  for (const audio of AUDIO) {
    try {
      const input = ["-fflags", "+genpts+discardcorrupt", "-i", `file:${source}`];
      await runFfmpeg({ args: [...input, ...VIDEO, ...audio, ...MP4, `file:${target}`], signal });
      return;
    } catch (error) {
      if (codeOf(error) !== "ffmpeg") throw error;
      first ??= error;
    }
  }
  throw first;
}

/** Joins several MP4s of one camera. @param list path for a temporary file that ffmpeg needs. Throws as {@link remux}. */
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

/** Cuts a part out of an MP4. It starts at the key frame before; an edit list makes players start at the cut. Throws as {@link remux}. */
export async function cut(source: string, target: string, { from, seconds }: Cut, signal: AbortSignal): Promise<void> {
  const span = ["-ss", from.toFixed(3), "-i", `file:${source}`, "-t", seconds.toFixed(3)];
  await runFfmpeg({ args: [...span, "-map", "0", "-c", "copy", ...MP4, `file:${target}`], signal });
}
