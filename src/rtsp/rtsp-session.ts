/**
 * One video of a device over RTSP and TCP: described, set up, played, kept alive, ended. Hands out pictures and sound as they come.
 * Whoever opens it closes it. Credentials are sent in no address.
 */
import { FatalError, RetryableError, type HikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { Timer } from "../lib/clock";
import { AacDepacketizer, aacConfigOf, type AacConfig, type AacFrame } from "./aac-depacketizer";
import { baseUrl, controlUrl, controlUrlInPath, sessionUrl } from "./control-url";
import { headerOf, type Header } from "./messages";
import { readRtp, readSenderReport, type RtpPacket, type SenderReport } from "./rtp";
import {
  RtspConnection,
  statusError,
  type RtspConnectionOptions,
  type RtspReply,
  type RtspRequest,
} from "./rtsp-connection";
import { parameterSetsOf, readSdp, type MediaDescription } from "./sdp";
import { splitUrl } from "./urls";
import { VideoDepacketizer, type ParameterSets, type Picture } from "./video-depacketizer";
import type { VideoCodec } from "./video-codec";

/** A picture, with its time. */
export interface TimedPicture extends Picture {
  /** Seconds since the first one of this PLAY. */
  readonly seconds: number;
}

export interface TimedAudio {
  readonly seconds: number;
  readonly data: Buffer;
}

/** Gets what is played. Its methods must not throw. */
export interface MediaSink {
  picture(picture: TimedPicture): void;
  audio?(frame: TimedAudio): void;
  /** The device's clock says that the picture at so many `seconds` is of this moment, ms since 1970. */
  clock?(ms: number, seconds: number): void;
  /** Once, unless `close` was first. Undefined: the device has ended it, as at the end of a recording. */
  ended(error: HikvisionError | undefined): void;
}

export interface RtspSessionOptions extends RtspConnectionOptions {
  /** Without a login. */
  readonly url: string;
  /** Ms for DESCRIBE: recorders look for the recording first. Default 10 000. */
  readonly describeMs?: number;
  /** Without a packet of video for so long, it has ended. Default 10 000. */
  readonly silenceMs?: number;
  /** Sound is played too, where it is AAC. */
  readonly audio?: boolean;
}

export interface PlayOptions {
  /** As it stands in the header: "npt=0.000-", "clock=20260101T080000Z-20260101T081000Z". Default: from where it is. */
  readonly range?: string;
  /** 2: two seconds of the recording in one. */
  readonly scale?: number;
  readonly speed?: number;
  /** "no": as fast as it goes. */
  readonly rateControl?: "yes" | "no";
}

export interface PlayAnswer {
  /** Its header Range: from where it plays, as the device says. */
  readonly range?: string;
}

/** What a device says it sends, before anything was played. */
export interface Described {
  readonly codec: VideoCodec;
  /** As the session description has them: they may be missing, or those of other settings. */
  readonly sets: ParameterSets;
  readonly audio?: AacConfig;
  /** The sound's name where it is not AAC: "PCMU". */
  readonly otherAudio?: string;
  /** `a=range`, as written. */
  readonly range?: string;
}

interface Track {
  readonly channel: number;
  push(packet: RtpPacket): void;
  /** At which RTP timestamp the PLAY begins, by RTP-Info. */
  zero: number | undefined;
  rate: number;
  first: number | undefined;
  offset: number;
}

const SILENCE_MS = 10_000;
const KEEP_ALIVE_MS = 25_000;
const MIN_KEEP_ALIVE_MS = 2_000;
/** An RTP-Info that is further away from the first packet than this is none. */
const MAX_INFO_SECONDS = 10;
const RETRY_SETUP: ReadonlySet<number> = new Set([400, 404, 415, 451, 454, 459, 460]);

export class RtspSession {
  readonly #connection: RtspConnection;
  readonly #options: RtspSessionOptions;
  readonly #sink: MediaSink;
  readonly #origin: string;
  readonly #base: string;
  readonly #control: string;
  readonly #video: MediaDescription;
  readonly #audio: MediaDescription | undefined;
  readonly #depacketizer: VideoDepacketizer;
  readonly described: Described;
  readonly #tracks = new Map<number, Track>();
  #session: string | undefined;
  #keepAliveMs = KEEP_ALIVE_MS;
  #keepAliveMethod: "OPTIONS" | "GET_PARAMETER" = "OPTIONS";
  #keepAlive: Timer | undefined;
  #silence: Timer | undefined;
  /** Came before the first picture. */
  #report: SenderReport | undefined;
  #paused = false;
  /** Monotonic ms of the first packet of this PLAY. */
  #firstAt: number | undefined;
  #over = false;

  private constructor(connection: RtspConnection, options: RtspSessionOptions, sink: MediaSink, about: About) {
    this.#connection = connection;
    this.#options = options;
    this.#sink = sink;
    this.#origin = about.origin;
    this.#base = about.base;
    this.#control = about.control;
    this.#video = about.video;
    this.#audio = about.audio;
    this.#depacketizer = new VideoDepacketizer(about.codec, setsOf(about.video), (picture) => this.#onPicture(picture));
    this.described = {
      codec: about.codec,
      sets: this.#depacketizer.sets,
      ...(about.aac && { audio: about.aac }),
      ...(about.otherAudio !== undefined && { otherAudio: about.otherAudio }),
      ...(about.range !== undefined && { range: about.range }),
    };
    connection.sink = {
      frame: (channel, data) => this.#onFrame(channel, data),
      ended: (error) => this.#end(error ?? undefined),
    };
  }

  /**
   * Connects and describes. Throws `notSupported` for video that is neither H.264 nor H.265, `unauthorized`, `notFound`, `noSlots`,
   * `offline`, `timeout`, `tls`, `protocol`, `aborted`.
   */
  static async open(options: RtspSessionOptions, sink: MediaSink, signal: AbortSignal): Promise<RtspSession> {
    const target = splitUrl(options.url);
    if (!target || target.credentials.username !== "")
      throw new FatalError("badRequest", say`The address of the video is none that can be played.`);
    const connection = await RtspConnection.open(target.server, options, signal);
    try {
      const url = target.origin + target.path;
      const reply = await connection.request({
        method: "DESCRIBE",
        url,
        headers: [["Accept", "application/sdp"]],
        ...(options.describeMs !== undefined && { timeoutMs: options.describeMs }),
        signal,
      });
      if (reply.status !== 200) throw statusError(reply);
      return new RtspSession(connection, options, sink, aboutOf(target.origin, url, reply));
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** What the device says it sends; then the connection is ended. Throws as {@link open} does. */
  static async describe(options: RtspSessionOptions, signal: AbortSignal): Promise<Described> {
    const nobody: MediaSink = { picture: () => undefined, ended: () => undefined };
    const session = await RtspSession.open(options, nobody, signal);
    session.close();
    return session.described;
  }

  /** The first one sets up, too. Another while it plays is a seek. Throws as {@link open} does. */
  async play(play: PlayOptions, signal: AbortSignal): Promise<PlayAnswer> {
    if (this.#session === undefined) await this.#setUp(signal);
    this.#restartTimes();
    const headers: Header[] = [];
    if (play.range !== undefined) headers.push(["Range", play.range]);
    if (play.scale !== undefined && play.scale !== 1) headers.push(["Scale", play.scale.toFixed(3)]);
    if (play.speed !== undefined && play.speed !== 1) headers.push(["Speed", play.speed.toFixed(3)]);
    if (play.rateControl !== undefined) headers.push(["Rate-Control", play.rateControl]);
    const reply = await this.#request({ method: "PLAY", url: this.#control, headers, signal });
    if (reply.status !== 200) throw statusError(reply);
    this.#readInfo(headerOf(reply.message, "rtp-info"));
    this.#watch();
    const range = headerOf(reply.message, "range")?.slice(0, 200);
    return range === undefined ? {} : { range };
  }

  /** Holds the device back; the session is kept alive meanwhile. */
  pause(): void {
    this.#paused = true;
    this.#silence?.cancel();
    this.#silence = undefined;
    this.#connection.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#connection.resume();
    this.#watch();
  }

  /** Pictures that were dropped, because something before them was missing. */
  get dropped(): number {
    return this.#depacketizer.dropped;
  }

  /** Tells the device, and ends the connection. Repeatable. */
  close(): void {
    if (this.#over) return;
    this.#stop();
    if (this.#session !== undefined && !this.#connection.closed)
      this.#request({ method: "TEARDOWN", url: this.#control }).catch(() => undefined);
    this.#connection.close();
  }

  async #setUp(signal: AbortSignal): Promise<void> {
    await this.#setUpTrack(this.#video, 0, signal);
    this.#addTrack(0, this.#video.clockRate || 90_000, (packet) => {
      if (packet.payloadType === this.#video.payloadType) this.#depacketizer.push(packet);
    });
    const { audio } = this.described;
    if (this.#audio && audio && this.#options.audio) {
      await this.#setUpTrack(this.#audio, 2, signal);
      const sound = new AacDepacketizer(audio, (frame) => this.#onAudio(frame));
      this.#addTrack(2, this.#audio.clockRate || audio.sampleRate, (packet) => sound.push(packet));
    }
  }

  #addTrack(channel: number, rate: number, push: (packet: RtpPacket) => void): void {
    this.#tracks.set(channel, { channel, push, rate, zero: undefined, first: undefined, offset: 0 });
  }

  /** Always the track's own address: some devices answer 415 to the session's. */
  async #setUpTrack(media: MediaDescription, channel: number, signal: AbortSignal): Promise<void> {
    const headers: Header[] = [["Transport", `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`]];
    const url = controlUrl(this.#origin, this.#base, media.control);
    let reply = await this.#request({ method: "SETUP", url, headers, signal });
    const other = controlUrlInPath(this.#base, media.control);
    if (RETRY_SETUP.has(reply.status) && other !== undefined)
      reply = await this.#request({ method: "SETUP", url: other, headers, signal });
    if (reply.status !== 200) throw statusError(reply);
    const [id, ...parameters] = (headerOf(reply.message, "session") ?? "").split(";", 8);
    if (id !== undefined && id.trim() !== "") this.#session = id.trim().slice(0, 256);
    this.#session ??= "";
    const timeout = Number(/timeout\s*=\s*(\d{1,6})/i.exec(parameters.join(";"))?.[1] ?? 60);
    this.#keepAliveMs = Math.max(MIN_KEEP_ALIVE_MS, Math.min(KEEP_ALIVE_MS, (timeout * 1000) / 2.4));
    this.#keepAlive ??= this.#options.clock.after(this.#keepAliveMs, () => this.#sendKeepAlive());
  }

  #request(request: RtspRequest): Promise<RtspReply> {
    const session: readonly Header[] = this.#session ? [["Session", this.#session]] : [];
    return this.#connection.request({ ...request, headers: [...session, ...(request.headers ?? [])] });
  }

  #sendKeepAlive(): void {
    if (this.#over) return;
    this.#keepAlive = this.#options.clock.after(this.#keepAliveMs, () => this.#sendKeepAlive());
    // While the device is held back, its answer waits behind the frames.
    const timeoutMs = this.#paused ? 10 * this.#keepAliveMs : this.#keepAliveMs;
    this.#request({ method: this.#keepAliveMethod, url: this.#control, timeoutMs }).then(
      ({ status, message }) => {
        if (status >= 400) this.#keepAliveMethod = "OPTIONS";
        else if (/\bGET_PARAMETER\b/i.test(headerOf(message, "public") ?? "")) this.#keepAliveMethod = "GET_PARAMETER";
      },
      // Video that comes is sign enough; without any, the silence ends it.
      () => undefined,
    );
  }

  #restartTimes(): void {
    this.#firstAt = undefined;
    this.#report = undefined;
    this.#depacketizer.reset();
    for (const track of this.#tracks.values()) {
      track.zero = undefined;
      track.first = undefined;
      track.offset = 0;
    }
  }

  /** RTP-Info: url=…;seq=…;rtptime=…, one for each track, in any order. */
  #readInfo(info: string | undefined): void {
    if (info === undefined || this.#tracks.size < 2) return;
    const entries = info.split(",", 8);
    for (const [channel, media] of [
      [0, this.#video],
      [2, this.#audio],
    ] as const) {
      const track = this.#tracks.get(channel);
      const entry = entries.find((one) => media && media.control !== "" && one.includes(media.control));
      const time = /rtptime=(\d{1,10})/i.exec(entry ?? "")?.[1];
      if (track && time !== undefined) track.zero = Number(time);
    }
  }

  #onFrame(channel: number, data: Buffer): void {
    if (this.#over) return;
    if (channel === 1) this.#onReport(readSenderReport(data));
    const track = this.#tracks.get(channel);
    const packet = track && readRtp(data);
    if (!track || !packet) return;
    if (channel === 0) this.#silence?.restart();
    this.#firstAt ??= this.#options.clock.elapsed();
    track.push(packet);
  }

  #onPicture(picture: Picture): void {
    const track = this.#tracks.get(0);
    if (!track || this.#over) return;
    const seconds = this.#secondsOf(track, picture.ticks);
    this.#onReport(this.#report);
    this.#sink.picture({ ...picture, seconds });
  }

  #onReport(report: SenderReport | undefined): void {
    const track = this.#tracks.get(0);
    if (!report || !track) return;
    this.#report = track.first === undefined ? report : undefined;
    if (track.first === undefined) return;
    const seconds = ((report.timestamp - track.first) | 0) / track.rate + track.offset;
    this.#sink.clock?.(report.ms, seconds);
  }

  #onAudio(frame: AacFrame): void {
    const track = this.#tracks.get(2);
    if (track && !this.#over) this.#sink.audio?.({ data: frame.data, seconds: this.#secondsOf(track, frame.ticks) });
  }

  /** Tracks have clocks of their own: RTP-Info says where each begins, else when its first packet came. */
  #secondsOf(track: Track, ticks: number): number {
    if (track.first === undefined) {
      track.first = ticks;
      const late = (this.#options.clock.elapsed() - (this.#firstAt ?? this.#options.clock.elapsed())) / 1000;
      const told = track.zero === undefined ? NaN : ((ticks - track.zero) | 0) / track.rate;
      const usable = Math.abs(told) <= MAX_INFO_SECONDS;
      track.offset = this.#tracks.size < 2 ? 0 : usable ? told : late;
    }
    return (ticks - track.first) / track.rate + track.offset;
  }

  #watch(): void {
    if (this.#over || this.#paused) return;
    this.#silence?.cancel();
    this.#silence = this.#options.clock.after(this.#options.silenceMs ?? SILENCE_MS, () =>
      this.#end(
        new RetryableError(
          "timeout",
          say`The device sends no video any more (RTSP). Check the camera and the network.`,
        ),
      ),
    );
  }

  #stop(): void {
    this.#over = true;
    this.#keepAlive?.cancel();
    this.#silence?.cancel();
  }

  #end(error: HikvisionError | undefined): void {
    if (this.#over) return;
    this.close();
    this.#sink.ended(error);
  }
}

interface About {
  readonly origin: string;
  readonly base: string;
  readonly control: string;
  readonly video: MediaDescription;
  readonly codec: VideoCodec;
  readonly audio: MediaDescription | undefined;
  readonly aac: AacConfig | undefined;
  readonly otherAudio: string | undefined;
  readonly range: string | undefined;
}

function aboutOf(origin: string, url: string, { message }: RtspReply): About {
  const text = message.body.toString("latin1");
  const { control, media } = readSdp(text);
  const videos = media.filter(({ kind }) => kind === "video");
  const video = videos.find(({ encoding }) => codecOf(encoding) !== undefined);
  const codec = video && codecOf(video.encoding);
  if (!video || !codec) {
    const name = videos[0]?.encoding.slice(0, 20);
    throw new FatalError(
      "notSupported",
      name === undefined || name === ""
        ? say`The device offers no video here (RTSP).`
        : say`This video is ${name}, neither H.264 nor H.265. Set the stream to H.264 on the device's web page.`,
    );
  }
  const sounds = media.filter(({ kind }) => kind === "audio");
  const audio = sounds.find((one) => aacConfigOf(one) !== undefined);
  const contentBase = headerOf(message, "content-base") ?? headerOf(message, "content-location");
  const base = baseUrl(origin, url, contentBase);
  return {
    origin,
    base,
    control: sessionUrl(origin, base, control),
    video,
    codec,
    audio,
    aac: audio && aacConfigOf(audio),
    otherAudio: audio ? undefined : sounds[0]?.encoding.slice(0, 20),
    range: /^a=range:\s*([^\r\n]{1,100})/m.exec(text)?.[1],
  };
}

function codecOf(encoding: string): VideoCodec | undefined {
  if (encoding === "H264") return "h264";
  return encoding === "H265" || encoding === "HEVC" ? "h265" : undefined;
}

function setsOf({ parameters }: MediaDescription): readonly Buffer[] {
  return ["sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps"].flatMap((name) =>
    parameterSetsOf(parameters.get(name)),
  );
}
