/** What a device really sends: a video is opened, played to its first key picture, and ended. Nothing is left open, whatever happens. */
import type { Clock } from "../lib/clock";
import { AbortedError, RetryableError, type HikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { MediaSink, RtspSession, TimedPicture } from "../rtsp/rtsp-session";
import { decoderConfig } from "./decoder-config";

export interface FirstPicture {
  readonly codec: "H.264" | "H.265";
  /** Undefined: its parameter sets cannot be read. */
  readonly width?: number;
  readonly height?: number;
  /** Seconds from the first request until the key picture had come. */
  readonly seconds: number;
  /** "AAC", "PCMU" …; undefined: none. */
  readonly sound?: string;
}

export const CODEC_NAMES = { h264: "H.264", h265: "H.265" } as const;
const LIMIT_MS = 20_000;

/** Throws what opening and playing throw, `timeout` where no picture comes. */
export async function firstPicture(
  open: (sink: MediaSink, signal: AbortSignal) => Promise<RtspSession>,
  clock: Clock,
  signal: AbortSignal,
): Promise<FirstPicture> {
  const begun = clock.elapsed();
  let onPicture: (picture: TimedPicture) => void = () => undefined;
  let onFailure: (error: HikvisionError) => void = () => undefined;
  const came = new Promise<TimedPicture>((resolve, reject) => {
    onPicture = resolve;
    onFailure = reject;
  });
  came.catch(() => undefined);
  const onAbort = (): void => onFailure(new AbortedError());
  signal.addEventListener("abort", onAbort, { once: true });
  const limit = clock.after(LIMIT_MS, () => onFailure(noPicture()));
  let session: RtspSession | undefined;
  try {
    const sink: MediaSink = {
      picture: (picture) => {
        if (picture.key) onPicture(picture);
      },
      ended: (error) => onFailure(error ?? noPicture()),
    };
    session = await open(sink, signal);
    await Promise.race([session.play({ range: "npt=0.000-" }, signal), came]);
    const { sets } = await came;
    const { audio, otherAudio } = session.described;
    const size = decoderConfig(sets);
    const sound = audio ? "AAC" : otherAudio;
    return {
      codec: CODEC_NAMES[session.described.codec],
      ...(size && { width: size.width, height: size.height }),
      seconds: Math.round((clock.elapsed() - begun) / 10) / 100,
      ...(sound !== undefined && { sound }),
    };
  } finally {
    limit.cancel();
    signal.removeEventListener("abort", onAbort);
    session?.close();
  }
}

function noPicture(): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device sends no picture of this video (RTSP). Check the camera and the network.`,
  );
}
