/** Playable addresses of one device: live, by time, by recording. Warns of settings that make players show a black picture. */
import type { Clock } from "../lib/clock";
import { codeOf, FatalError } from "../lib/errors";
import type { Credentials } from "../http/digest";
import type { Isapi } from "../isapi/isapi";
import type { DeviceTime } from "../time/device-time";
import type { ZuluMeaning } from "../time/time-frame";
import { streamId } from "../isapi/channel-number";
import { Cached } from "../lib/cached";
import { say, type Sentence } from "../lib/sentence";
import { readEncryption } from "./encryption";
import { readRtspPorts, type RtspPorts } from "./rtsp-ports";
import { findRtspStream, listRtspStreams, type RtspStream } from "./rtsp-streams";
import { liveUrl, recordingUrl, trackOf, trackUrl, withCredentials, type RtspServer, type Transport } from "./urls";

export interface StreamUrlsOptions {
  readonly isapi: Pick<Isapi, "get">;
  readonly time: Pick<DeviceTime, "frame">;
  readonly clock: Clock;
  readonly host: string;
  readonly credentials: Credentials;
}

interface CommonOptions {
  /** Put user name and password into the address. */
  readonly withCredentials?: boolean;
  readonly signal?: AbortSignal;
}

export interface LiveRequest extends CommonOptions {
  readonly channel: number;
  /** 1 main, 2 sub, 3 third. */
  readonly stream: number;
  readonly transport: Transport;
}

export interface TimeRequest extends CommonOptions {
  readonly channel: number;
  /** As {@link TimeFrame.read} takes it. */
  readonly start: unknown;
  /** Undefined: the playback continues. */
  readonly end?: unknown;
}

export interface RecordingRequest extends CommonOptions {
  readonly playbackUri: string;
}

export interface StreamUrl {
  readonly url: string;
  readonly channel: number;
  readonly stream: number;
  /** "H.264", "H.265" …; of a recording: what the channel is set to now. */
  readonly codec?: string;
  readonly encrypted?: boolean;
  /** By time: ISO 8601 in UTC. */
  readonly start?: string;
  readonly end?: string;
  /** By time: what the device means by the `Z` in its addresses; `assumed` when it could not be detected. */
  readonly zulu?: { readonly meaning: ZuluMeaning; readonly assumed: boolean };
  /** Why a player may show a black picture, for the user. */
  readonly notices: readonly Sentence[];
}

const SETTINGS_KEEP_MS = 10 * 60_000;
const STREAMS_KEEP_MS = 60_000;

export class StreamUrls {
  readonly #options: StreamUrlsOptions;
  readonly #ports: Cached<RtspPorts>;
  readonly #streams: Cached<readonly RtspStream[] | undefined>;
  readonly #encryption: Cached<boolean | undefined>;

  constructor(options: StreamUrlsOptions) {
    const { isapi, clock } = options;
    this.#options = options;
    this.#ports = new Cached(() => readRtspPorts(isapi), clock, SETTINGS_KEEP_MS);
    this.#streams = new Cached(() => listRtspStreams(isapi), clock, STREAMS_KEEP_MS);
    this.#encryption = new Cached(() => readEncryption(isapi), clock, SETTINGS_KEEP_MS);
  }

  /** Throws `notFound` when there is no such channel or stream, `notSupported` when RTSP or multicast is switched off. */
  async live({ channel, stream, transport, ...common }: LiveRequest): Promise<StreamUrl> {
    const known = await this.#streamOf(channel, stream, common.signal);
    if (transport === "multicast" && known?.multicast === false) {
      throw new FatalError(
        "notSupported",
        say`Multicast is switched off for this stream of channel ${channel}. Switch it on on the device's web page, or choose unicast.`,
      );
    }
    const make = (server: RtspServer): string => liveUrl(server, streamId(channel, stream), transport);
    return this.#complete({ channel, stream, notices: unlistedNotices(channel, known) }, known, make, common);
  }

  /** Of the main stream, which is the one that devices record. Throws `badRequest` for invalid times, else as {@link live}. */
  async byTime({ channel, start, end, ...common }: TimeRequest): Promise<StreamUrl> {
    const { signal } = common;
    const frame = await this.#options.time.frame({ channel, ...(signal && { signal }) });
    const startMs = frame.read("start", start, "earlier");
    const endMs = end === undefined ? undefined : frame.read("end", end, "later");
    if (endMs !== undefined && endMs <= startMs) {
      throw new FatalError(
        "badRequest",
        say`"end" must come after "start": ${frame.local(startMs)} is not before ${frame.local(endMs)}.`,
      );
    }
    const known = await this.#streamOf(channel, 1, signal);
    const range = frame.range(startMs, endMs);
    const facts = {
      channel,
      stream: 1,
      start: new Date(startMs).toISOString(),
      ...(endMs !== undefined && { end: new Date(endMs).toISOString() }),
      zulu: { meaning: frame.zulu, assumed: frame.assumed },
      notices: [...unlistedNotices(channel, known), ...(frame.assumed ? [ASSUMED[frame.zulu]] : [])],
    };
    return this.#complete(
      facts,
      known,
      (server) => trackUrl(server, streamId(channel, 1), range.start, range.end),
      common,
    );
  }

  /** Throws `badRequest` when it is no playback address. */
  async byRecording({ playbackUri, ...common }: RecordingRequest): Promise<StreamUrl> {
    const track = trackOf(playbackUri) ?? 101;
    const [channel, stream] = [Math.floor(track / 100), track % 100];
    const known = await this.#streamOf(channel, stream, common.signal).catch((error: unknown) => {
      // The camera may have been removed since; its recordings are still there.
      if (codeOf(error) !== "notFound") throw error;
      return undefined;
    });
    return this.#complete(
      { channel, stream, notices: [] },
      known,
      (server) => recordingUrl(server, playbackUri),
      common,
    );
  }

  /** Those of a channel that the device lists, the main one first; none where it does not say. */
  async streamsOf(channel: number, signal?: AbortSignal): Promise<readonly RtspStream[]> {
    const all = (await this.#streams.get(signal)) ?? [];
    return all.filter((one) => one.channel === channel).sort((a, b) => a.stream - b.stream);
  }

  async #streamOf(channel: number, stream: number, signal?: AbortSignal): Promise<RtspStream | undefined> {
    const { isapi } = this.#options;
    return findRtspStream(isapi, await this.#streams.get(signal), channel, stream, signal);
  }

  async #complete(
    facts: Omit<StreamUrl, "url">,
    known: RtspStream | undefined,
    make: (server: RtspServer) => string,
    { withCredentials: includeCredentials = false, signal }: CommonOptions,
  ): Promise<StreamUrl> {
    const [ports, encrypted] = await Promise.all([this.#ports.get(signal), this.#encryption.get(signal)]);
    const { host, credentials } = this.#options;
    const url = make({ host, ...endpoint(ports, known) });
    return {
      url: includeCredentials ? withCredentials(url, credentials) : url,
      ...facts,
      ...(known?.codec !== undefined && { codec: known.codec }),
      ...(encrypted !== undefined && { encrypted }),
      notices: [...facts.notices, ...warnings(facts.channel, known, encrypted === true)],
    };
  }
}

/** TLS where both the device and the stream offer it, or where there is nothing else. */
function endpoint({ plain, secure }: RtspPorts, stream: RtspStream | undefined): { port: number; secure: boolean } {
  if (secure !== undefined && (plain === undefined || stream?.protocols.includes("SRTP")))
    return { port: secure, secure: true };
  return { port: plain ?? 554, secure: false };
}

function warnings(channel: number, stream: RtspStream | undefined, encrypted: boolean): Sentence[] {
  const notices: Sentence[] = [];
  if (encrypted) {
    notices.push(
      say`The device encrypts its video for Hik-Connect: players show black. Switch off stream encryption on its web page, under platform access.`,
    );
  }
  if (stream?.smart && /265/.test(stream.codec ?? "")) {
    notices.push(
      say`Channel ${channel} is coded in H.265+, which many players show black or jerky. Switch off H.265+ for it on the device's web page.`,
    );
  }
  if (stream?.enabled === false) {
    notices.push(say`This stream of channel ${channel} is switched off. Switch it on on the device's web page.`);
  }
  return notices;
}

function unlistedNotices(channel: number, stream: RtspStream | undefined): Sentence[] {
  return stream
    ? []
    : [say`Nobody knows whether channel ${channel} has this stream: the user may not see the device's streams.`];
}

const ASSUMED: Readonly<Record<ZuluMeaning, Sentence>> = {
  local: say`It is assumed that this recorder writes its local time into playback addresses: nothing recorded lately could show it. If the picture is hours off, set the device's time zone to "UTC".`,
  utc: say`It is assumed that this device writes UTC into playback addresses: nothing recorded lately could show it. If the picture is hours off, set the device's time zone to "local".`,
};
