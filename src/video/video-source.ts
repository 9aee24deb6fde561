/**
 * One RTSP session and all who watch it. Everybody begins at a key picture; who is too slow for a live video goes on at a later one, and
 * a recording is held back for the slowest. It ends a while after the last viewer has gone. Nothing throws out of an event.
 */
import type { AacConfig } from "../rtsp/aac-depacketizer";
import type { MediaSink, PlayOptions, RtspSession, TimedAudio, TimedPicture } from "../rtsp/rtsp-session";
import type { Clock, Timer } from "../lib/clock";
import { AbortedError, isHikvisionError, RetryableError, type HikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import { FragmentWriter, type Segment } from "./fragment-writer";

/** Where a viewer's bytes go. Its methods must not throw. */
export interface ViewerSink {
  /** Before the first bytes. */
  begin(mime: string): void;
  write(bytes: Buffer): void;
  /** Bytes that it has taken and not passed on. */
  readonly queued: number;
  /** Once, unless it was removed before. Undefined: the recording is over. */
  ended(error: HikvisionError | undefined): void;
}

export interface VideoSourceOptions {
  readonly open: (sink: MediaSink, signal: AbortSignal) => Promise<RtspSession>;
  readonly play: PlayOptions;
  readonly live: boolean;
  /** Seconds that the first picture has. */
  readonly startAt: number;
  /** Seconds at which a recording is over; undefined: when nothing comes any more. */
  readonly endAt?: number | undefined;
  readonly lingerMs: number;
  readonly clock: Clock;
  /** It is of no use any more. */
  readonly onClosed: () => void;
}

interface Viewer {
  readonly sink: ViewerSink;
  begun: boolean;
  waiting: boolean;
  /** Monotonic ms since when it has not taken all. */
  blockedSince: number | undefined;
}

const FIRST_PICTURE_MS = 20_000;
/** Kept for those who come later: from the last key picture on. */
const MAX_GROUP = 3 * 1024 * 1024;
const MAX_QUEUED = 2 * 1024 * 1024;
const LITTLE = 64 * 1024;
const BLOCKED_MS = 1_000;
/** A recording is held back above, and goes on below. */
const HOLD_BACK = 1024 * 1024;
/** How often it is seen whether a held back viewer takes more. */
const LOOK_MS = 100;
const LONGEST_HOLD_MS = 60_000;
const MAX_VIEWERS = 64;
/** Sound that is announced gets so long to come before the first picture is shown without it. */
const AUDIO_WAIT_SECONDS = 0.4;
const MAX_EARLY = 64;
/** Most devices send no more at the end of a recording, and say nothing: so near to it, a short silence is the end. */
const NEAR_END_SECONDS = 1.5;
const NEAR_END_MS = 1_500;
/** A connection that ends so long before the recording does was lost. */
const CUT_SECONDS = 10;

export class VideoSource {
  readonly #options: VideoSourceOptions;
  readonly #viewers = new Set<Viewer>();
  readonly #life = new AbortController();
  #session: RtspSession | undefined;
  #writer: FragmentWriter | undefined;
  #init: Segment | undefined;
  #group: Segment[] = [];
  #groupBytes = 0;
  #linger: Timer | undefined;
  #holding: { readonly timer: Timer; readonly since: number } | undefined;
  #firstPicture: Timer;
  #nearEnd: Timer | undefined;
  /** Pictures that wait for the first sound. */
  #early: TimedPicture[] | undefined = [];
  #expectsAudio: AacConfig | undefined;
  #closed = false;
  /** Of the last picture. */
  #lastSeconds = 0;
  /** Pictures that viewers were spared, because they were too slow. */
  skipped = 0;

  constructor(options: VideoSourceOptions) {
    this.#options = options;
    this.#firstPicture = options.clock.after(FIRST_PICTURE_MS, () =>
      this.#end(
        new RetryableError(
          "timeout",
          say`The device sends no picture of this video (RTSP). Check the camera and the network.`,
        ),
      ),
    );
    void this.#start();
  }

  get closed(): boolean {
    return this.#closed;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Undefined: it has ended, or it has as many as it takes. The result removes the viewer. */
  add(sink: ViewerSink): (() => void) | undefined {
    if (this.#closed || this.#viewers.size >= MAX_VIEWERS) return undefined;
    const viewer: Viewer = { sink, begun: false, waiting: true, blockedSince: undefined };
    this.#viewers.add(viewer);
    this.#linger?.cancel();
    this.#linger = undefined;
    for (const segment of this.#group) this.#give(viewer, segment);
    return () => this.#remove(viewer);
  }

  /** Ends it for all. Repeatable. */
  close(): void {
    this.#end(new AbortedError());
  }

  async #start(): Promise<void> {
    const { open, play } = this.#options;
    try {
      const session = await open(
        {
          picture: (picture) => this.#onPicture(picture),
          audio: (frame) => this.#onAudio(frame),
          ended: (error) => this.#onEnded(error),
        },
        this.#life.signal,
      );
      if (this.#closed) {
        session.close();
        return;
      }
      this.#session = session;
      this.#expectsAudio = session.described.audio;
      await session.play(play, this.#life.signal);
    } catch (error) {
      this.#end(isHikvisionError(error) ? error : new RetryableError("protocol", say`The video could not be opened.`));
    }
  }

  #onPicture(picture: TimedPicture): void {
    if (this.#closed) return;
    this.#firstPicture.cancel();
    if (!this.#early) {
      this.#writer?.picture(picture);
      return;
    }
    this.#early.push(picture);
    const waited = picture.seconds - (this.#early[0]?.seconds ?? 0);
    if (!this.#expectsAudio || waited > AUDIO_WAIT_SECONDS || this.#early.length > MAX_EARLY) this.#begin(undefined);
  }

  #onAudio(frame: TimedAudio): void {
    if (this.#closed) return;
    if (this.#early && this.#early.length > 0) this.#begin(this.#expectsAudio);
    this.#writer?.audio(frame);
  }

  #begin(audio: AacConfig | undefined): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    const { live, startAt } = this.#options;
    this.#writer = new FragmentWriter({ live, startAt, audio }, (segment) => this.#onSegment(segment));
    for (const picture of early) this.#writer.picture(picture);
  }

  #onSegment(segment: Segment): void {
    if (this.#closed) return;
    const { endAt } = this.#options;
    if (endAt !== undefined && segment.seconds !== undefined && segment.seconds >= endAt) {
      this.#end(undefined);
      return;
    }
    if (endAt !== undefined && segment.seconds !== undefined && segment.seconds > endAt - NEAR_END_SECONDS) {
      this.#nearEnd?.cancel();
      this.#nearEnd = this.#options.clock.after(NEAR_END_MS, () => {
        // While a viewer is waited for, nothing comes for that reason.
        if (this.#holding) this.#nearEnd?.restart();
        else this.#onEnded(undefined);
      });
    }
    this.#lastSeconds = segment.seconds ?? this.#lastSeconds;
    this.#keep(segment);
    for (const viewer of this.#viewers) this.#give(viewer, segment);
    if (!this.#options.live) this.#holdBack();
  }

  /** For those who come later; a group that is too long is none, they wait for the next. */
  #keep(segment: Segment): void {
    if (segment.kind === "init") {
      this.#init = segment;
      this.#group = [];
      this.#groupBytes = 0;
      return;
    }
    if (segment.kind === "key") {
      this.#group = [];
      this.#groupBytes = 0;
    } else if (this.#group.length === 0) return;
    this.#groupBytes += segment.bytes.length;
    if (this.#groupBytes > MAX_GROUP) this.#group = [];
    else this.#group.push(segment);
  }

  #give(viewer: Viewer, segment: Segment): void {
    const { sink } = viewer;
    if (segment.kind === "init") {
      // Whoever has not begun gets it with its first key picture.
      if (viewer.begun && !viewer.waiting) sink.write(segment.bytes);
      else if (viewer.begun) viewer.begun = false;
      return;
    }
    if (viewer.waiting) {
      if (segment.kind !== "key" || sink.queued > LITTLE) {
        this.skipped += 1;
        return;
      }
      viewer.waiting = false;
      viewer.blockedSince = undefined;
      if (!viewer.begun && this.#init) {
        viewer.begun = true;
        sink.begin(this.#init.mime ?? "video/mp4");
        sink.write(this.#init.bytes);
      }
    }
    sink.write(segment.bytes);
    if (this.#options.live) this.#skipIfSlow(viewer);
  }

  #skipIfSlow(viewer: Viewer): void {
    const { queued } = viewer.sink;
    const now = this.#options.clock.elapsed();
    if (queued <= LITTLE) viewer.blockedSince = undefined;
    else viewer.blockedSince ??= now;
    const late = viewer.blockedSince !== undefined && now - viewer.blockedSince > BLOCKED_MS;
    if (queued > MAX_QUEUED || late) viewer.waiting = true;
  }

  #holdBack(): void {
    if (this.#holding || !this.#session || ![...this.#viewers].some(({ sink }) => sink.queued > HOLD_BACK)) return;
    const { clock } = this.#options;
    this.#session.pause();
    const look = (): void => {
      if (this.#closed || !this.#holding) return;
      const slow = [...this.#viewers].filter(({ sink }) => sink.queued > HOLD_BACK / 4);
      if (slow.length > 0 && clock.elapsed() - this.#holding.since > LONGEST_HOLD_MS) {
        for (const viewer of slow) this.#dismiss(viewer);
      } else if (slow.length > 0) {
        this.#holding.timer.restart();
        return;
      }
      this.#holding = undefined;
      this.#session?.resume();
    };
    this.#holding = { timer: clock.after(LOOK_MS, look), since: clock.elapsed() };
  }

  #dismiss(viewer: Viewer): void {
    if (!this.#viewers.has(viewer)) return;
    this.#remove(viewer);
    viewer.sink.ended(new RetryableError("timeout", say`The video was not taken for a minute, so it was ended.`));
  }

  #remove(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer) || this.#viewers.size > 0 || this.#closed) return;
    const { clock, lingerMs } = this.#options;
    this.#linger?.cancel();
    this.#linger = clock.after(lingerMs, () => this.#end(undefined));
  }

  /** A recording ends by silence, too. */
  #onEnded(error: HikvisionError | undefined): void {
    const over = !this.#options.live && this.#init !== undefined && (error === undefined || error.code !== "protocol");
    const { endAt } = this.#options;
    const isCut = error?.code === "offline" || error === undefined;
    if (over && isCut && endAt !== undefined && this.#lastSeconds < endAt - CUT_SECONDS) this.#end(error ?? ended());
    else if (over) {
      this.#writer?.end();
      this.#end(undefined);
    } else this.#end(error ?? ended());
  }

  #end(error: HikvisionError | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#life.abort();
    this.#firstPicture.cancel();
    this.#linger?.cancel();
    this.#holding?.timer.cancel();
    this.#nearEnd?.cancel();
    this.#session?.close();
    this.#group = [];
    const viewers = [...this.#viewers];
    this.#viewers.clear();
    this.#options.onClosed();
    for (const { sink } of viewers) sink.ended(error);
  }
}

function ended(): RetryableError {
  return new RetryableError("offline", say`The device has ended its video (RTSP). Try again.`);
}
