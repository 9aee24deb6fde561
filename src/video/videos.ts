/** Live and recorded video of one device for browsers: which stream, what a player must know, and one RTSP session for all who watch. */
import { setMaxListeners } from "node:events";
import type { Credentials } from "../http/digest";
import type { Login } from "../http/login";
import type { Tls } from "../http/tls";
import type { Chance, Clock } from "../lib/clock";
import { FatalError, RetryableError, type DeviceIdentity } from "../lib/errors";
import { Lru } from "../lib/lru";
import { say, type Sentence } from "../lib/sentence";
import { withSignals } from "../lib/signals";
import type { Recordings } from "../recordings/recordings";
import { RtspSession, type Described, type MediaSink, type RtspSessionOptions } from "../rtsp/rtsp-session";
import type { StreamUrl, StreamUrls } from "../rtsp/stream-urls";
import { CODEC_NAMES, firstPicture, type FirstPicture } from "./first-picture";
import { FragmentWriter } from "./fragment-writer";
import { playbackSpan, playFrom } from "./playback-start";
import { VideoSource, type ViewerSink } from "./video-source";

/** What a flow asks for. */
export type VideoRequest =
  | {
      readonly kind: "live";
      readonly channel: number;
      /** Undefined: the H.264 one. */ readonly stream: number | undefined;
    }
  | { readonly kind: "time"; readonly channel: number; readonly start: unknown; readonly end?: unknown }
  | { readonly kind: "recording"; readonly playbackUri: string };

/** One video, found. Plain data: an address for a browser carries it. */
export interface Video {
  readonly kind: "live" | "time" | "recording";
  readonly channel: number;
  readonly stream: number;
  /** Of recorded video: path and query on the device. */
  readonly path?: string;
}

export interface FoundVideo {
  readonly video: Video;
  /** "video/mp4; codecs=…". */
  readonly mime: string;
  readonly codec: "H.264" | "H.265";
  /** Seconds; undefined: live, or without an end. */
  readonly duration?: number;
  readonly notices: readonly Sentence[];
  /** Those of them that hold for any player, not for browsers alone. */
  readonly deviceNotices: readonly Sentence[];
}

export interface WatchOptions {
  /** Seconds from the begin of a recording. */
  readonly from: number;
  readonly speed: 1 | 2 | 4;
}

export interface VideosOptions {
  readonly identity: DeviceIdentity;
  readonly streamUrls: Pick<StreamUrls, "live" | "byTime" | "byRecording" | "streamsOf">;
  readonly recordings: Pick<Recordings, "search">;
  readonly credentials: Credentials;
  readonly basic: boolean;
  readonly tls: Tls;
  readonly login: Pick<Login, "clearings">;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "token">;
}

const MOST_SOURCES = 24;
const MOST_SOURCES_IN_ALL = 96;
const LINGER_MS = 5_000;
/** Nobody else comes to the same moment of a recording, and recorders play few at once. */
const RECORDING_LINGER_MS = 500;
/** Recorders look for the recording first: 15 s were seen for one of the day before. */
const DESCRIBE_RECORDING_MS = 25_000;
const RECORDING_SILENCE_MS = 12_000;
const DESCRIBED_MS = 60_000;
const MAX_DESCRIBED = 200;
/** What is described without parameter sets gets those of a usual main stream: the answer itself tells. */
const USUAL_MIME = { h264: 'video/mp4; codecs="avc1.640028"', h265: 'video/mp4; codecs="hvc1.1.6.L120.90"' } as const;

let sourcesInAll = 0;

export class Videos {
  readonly #options: VideosOptions;
  readonly #sources = new Map<string, VideoSource>();
  readonly #described = new Lru<string, { readonly described: Described; readonly until: number }>(MAX_DESCRIBED);
  readonly #life = new AbortController();
  #closed = false;

  constructor(options: VideosOptions) {
    this.#options = options;
    // Every first picture that is being looked for listens to it.
    setMaxListeners(0, this.#life.signal);
  }

  /** RTSP sessions that are open, or being opened. */
  get sessions(): number {
    return this.#sources.size;
  }

  /**
   * Finds the video and asks the device what it is. Throws `notFound` for a channel, stream or time without video, `notSupported`
   * for a codec that no browser plays, and what a connection throws.
   */
  async find(request: VideoRequest, signal: AbortSignal): Promise<FoundVideo> {
    const found = await this.#find(request, signal);
    const { described, notices } = found;
    const duration = videoDuration(found.video);
    const codec = CODEC_NAMES[described.codec];
    const hints = [...notices];
    if (described.codec === "h265")
      hints.push(
        found.video.kind === "live"
          ? say`This stream is H.265, which only some browsers play (mostly Safari, and Chrome or Edge with a graphics card that decodes it). Leave the stream empty, and the H.264 one is taken.`
          : say`This recording is H.265, which only some browsers play (mostly Safari, and Chrome or Edge with a graphics card that decodes it).`,
      );
    if (described.otherAudio)
      hints.push(
        say`The sound is ${described.otherAudio}, which browsers do not play: the video is silent. Set the audio to AAC on the device's web page.`,
      );
    return {
      video: found.video,
      mime: FragmentWriter.mime(described.sets, described.audio) ?? USUAL_MIME[described.codec],
      codec,
      ...(duration !== undefined && { duration }),
      notices: hints,
      deviceNotices: notices,
    };
  }

  /** Plays it up to its first picture, in a session of its own. Throws what {@link firstPicture} throws, and where finding it does. */
  async firstPicture(video: Video, signal: AbortSignal): Promise<FirstPicture> {
    return withSignals([signal, this.#life.signal], async (both) => {
      const url = await this.#urlOf(video, both);
      const open = (sink: MediaSink, opening: AbortSignal): Promise<RtspSession> =>
        this.#session(url, video.kind === "live", sink, opening);
      return firstPicture(open, this.#options.clock, both);
    });
  }

  /**
   * Lets a viewer see the video; several at the same place share a session. The result ends that. Throws `noSlots` where there are too
   * many sessions, and what finding the address throws; a video that fails later tells the viewer.
   */
  async watch(video: Video, options: WatchOptions, sink: ViewerSink, signal: AbortSignal): Promise<() => void> {
    const live = video.kind === "live";
    const { from, speed } = live ? { from: 0, speed: 1 as const } : options;
    const key = JSON.stringify([video, from, speed]);
    const url = this.#sources.get(key) ? "" : await this.#urlOf(video, signal);
    const known = this.#sources.get(key);
    const source = known ?? this.#open(key, video, playFrom(url, from), { from, speed });
    const remove = source.add(sink);
    if (!remove) throw tooMany(say`Too many browsers watch this video already. Close some of them.`);
    return remove;
  }

  /** Ends all videos. Repeatable. */
  close(): void {
    this.#closed = true;
    this.#life.abort();
    for (const source of [...this.#sources.values()]) source.close();
  }

  #open(key: string, video: Video, url: string, { from, speed }: WatchOptions): VideoSource {
    const { identity } = this.#options;
    if (this.#closed) throw new RetryableError("offline", say`The device was deployed anew. Try again.`).at(identity);
    if (this.#sources.size >= MOST_SOURCES)
      throw tooMany(say`${MOST_SOURCES} videos of this device are open already. Close some of them.`).at(identity);
    if (sourcesInAll >= MOST_SOURCES_IN_ALL)
      throw tooMany(say`${MOST_SOURCES_IN_ALL} videos are open in this Node-RED already. Close some of them.`);
    const live = video.kind === "live";
    const span = playbackSpan(url);
    const source = new VideoSource({
      open: (sink, signal) => this.#session(url, live, sink, signal),
      play: { range: "npt=0.000-", ...(speed !== 1 && { scale: speed }) },
      live,
      startAt: live ? 0 : Math.floor(from),
      endAt: span?.endMs === undefined ? undefined : Math.floor(from) + (span.endMs - span.startMs) / 1000,
      lingerMs: live ? LINGER_MS : RECORDING_LINGER_MS,
      clock: this.#options.clock,
      onClosed: () => {
        sourcesInAll -= 1;
        if (this.#sources.get(key) === source) this.#sources.delete(key);
      },
    });
    sourcesInAll += 1;
    this.#sources.set(key, source);
    return source;
  }

  async #session(url: string, live: boolean, sink: MediaSink, signal: AbortSignal): Promise<RtspSession> {
    try {
      return await RtspSession.open(this.#sessionOptions(url, live), sink, signal);
    } catch (error) {
      this.#described.delete(url);
      throw error;
    }
  }

  #sessionOptions(url: string, live: boolean): RtspSessionOptions {
    const { credentials, basic, tls, login, clock, chance } = this.#options;
    const recorded = { describeMs: DESCRIBE_RECORDING_MS, silenceMs: RECORDING_SILENCE_MS };
    return { url, credentials, basic, tls, login, clock, chance, audio: true, ...(!live && recorded) };
  }

  async #describe(url: string, live: boolean, signal: AbortSignal): Promise<Described> {
    const { clock } = this.#options;
    const kept = this.#described.get(url);
    if (kept && clock.elapsed() < kept.until) return kept.described;
    const described = await RtspSession.describe(this.#sessionOptions(url, live), signal);
    this.#described.set(url, { described, until: clock.elapsed() + DESCRIBED_MS });
    return described;
  }

  async #find(
    request: VideoRequest,
    signal: AbortSignal,
  ): Promise<{ video: Video; described: Described; notices: readonly Sentence[] }> {
    if (request.kind === "live") {
      const { channel } = request;
      const stream = request.stream ?? (await this.#playableStream(channel, signal));
      const found = await this.#options.streamUrls.live({ channel, stream, transport: "unicast", signal });
      const described = await this.#describe(found.url, true, signal);
      return { video: { kind: "live", channel, stream }, described, notices: found.notices };
    }
    const { url, channel, stream, notices } =
      request.kind === "time"
        ? await this.#covered(request, signal)
        : await this.#options.streamUrls.byRecording({ playbackUri: request.playbackUri, signal });
    const described = await this.#describe(url, false, signal);
    const path = url.replace(/^rtsps?:\/\/[^/]+/i, "");
    return { video: { kind: request.kind, channel, stream, path }, described, notices };
  }

  /** The first H.264 stream; the main one where there is none, or nobody knows. */
  async #playableStream(channel: number, signal: AbortSignal): Promise<number> {
    const streams = await this.#options.streamUrls.streamsOf(channel, signal);
    const plays = streams.find(({ codec, enabled }) => /264/.test(codec ?? "") && enabled !== false);
    return plays?.stream ?? 1;
  }

  /** From the first moment that is recorded: where there is nothing, devices play another time without a word. */
  async #covered(
    { channel, start, end }: Extract<VideoRequest, { kind: "time" }>,
    signal: AbortSignal,
  ): Promise<StreamUrl> {
    const { streamUrls, recordings, identity } = this.#options;
    const asked = await streamUrls.byTime({ channel, start, ...(end !== undefined && { end }), signal });
    const [first] = (await recordings.search({ channel, start, end, clip: true, signal })).filter(
      ({ kind }) => kind === "video",
    );
    if (!first)
      throw new FatalError("notFound", say`Nothing is recorded of channel ${channel} at this time.`).at(identity);
    const shift = Math.round((Date.parse(first.start) - Date.parse(asked.start ?? first.start)) / 1000);
    if (shift < 1) return asked;
    const moved = await streamUrls.byTime({ channel, start: first.start, ...(end !== undefined && { end }), signal });
    const notice = say`The video begins ${shift} seconds later than asked: nothing is recorded before.`;
    return { ...moved, notices: [...moved.notices, notice] };
  }

  /** Where to get it now. */
  async #urlOf({ kind, channel, stream, path }: Video, signal: AbortSignal): Promise<string> {
    const { streamUrls } = this.#options;
    if (kind === "live") return (await streamUrls.live({ channel, stream, transport: "unicast", signal })).url;
    return (await streamUrls.byRecording({ playbackUri: `rtsp://device${path ?? ""}`, signal })).url;
  }
}

/** Seconds; undefined: live, or without an end. */
export function videoDuration({ path }: Video): number | undefined {
  const span = path === undefined ? undefined : playbackSpan(path);
  return span?.endMs === undefined ? undefined : (span.endMs - span.startMs) / 1000;
}

function tooMany(sentence: Sentence): RetryableError {
  return new RetryableError("noSlots", sentence);
}
