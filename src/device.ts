/** One Hikvision device: its HTTP conversation, its ISAPI client, its alert stream and what is worth remembering about it. */
import { Audio } from "./audio/audio";
import { systemChance, systemClock, type Chance, type Clock } from "./lib/clock";
import { DeviceFacts } from "./isapi/device-facts";
import { Downloads } from "./recordings/download/downloads";
import type { DeviceIdentity } from "./lib/errors";
import { AlertStream } from "./events/stream/alert-stream";
import type { AlertSink, EventSource } from "./events/event-source";
import { EventPipeline } from "./events/pipeline";
import { VideoLosses } from "./events/decode/heartbeat";
import { PictureFetcher } from "./events/pictures/fetcher";
import { DeviceHttp, type Credentials, type DeviceAddress } from "./http/device-http";
import type { Logins } from "./http/login";
import type { Tls } from "./http/tls";
import { OutputPoller } from "./io/output-poller";
import { Outputs } from "./io/outputs";
import type { DeviceInfo } from "./isapi/device-info";
import { Isapi } from "./isapi/isapi";
import { PushReceiver } from "./push/push-receiver";
import { PlateList } from "./plates/plate-list";
import { Recordings } from "./recordings/recordings";
import { Recorder } from "./record/recorder";
import { StreamUrls } from "./rtsp/stream-urls";
import { Ptz } from "./ptz/ptz";
import { Snapshots } from "./snapshot/snapshot";
import { DeviceTime } from "./time/device-time";
import type { ZuluMeaning } from "./time/time-frame";
import type { Sentence } from "./lib/sentence";

export interface DeviceSettings {
  readonly identity: DeviceIdentity;
  readonly address: DeviceAddress;
  readonly credentials: Credentials;
  readonly tls: Tls;
  /** May Basic authentication go over plain HTTP when the device offers nothing else? */
  readonly basic: boolean;
  /** Do we listen to the device's stream, or does the device push to us? */
  readonly eventSource: "stream" | "push";
  /** Seconds of silence after which an event stream that had heartbeats counts as dead. */
  readonly heartbeatTimeout: number;
  /** What the device means by the `Z` of its recordings; "auto" finds out. */
  readonly timeZone: "auto" | ZuluMeaning;
}

/** Who hears of the device. Its methods must not throw. */
export interface DeviceSink extends AlertSink {
  /** One sentence for the owner, once: the device works, but something about it is wrong. */
  warn(sentence: Sentence): void;
  /** It has said who it is. */
  met?(info: DeviceInfo): void;
}

/** What tests replace. */
export interface Environment {
  readonly clock?: Clock;
  readonly chance?: Chance;
  readonly logins?: Logins;
}

/** How long last words (a PTZ stop, an output off) may take before the connections are cut. */
const BEFORE_CLOSE_MS = 1_000;

export class Device {
  readonly identity: DeviceIdentity;
  readonly http: DeviceHttp;
  readonly isapi: Isapi;
  /** Who it is and which channels it has. */
  readonly facts: DeviceFacts;
  /** Its clock and zone. */
  readonly time: DeviceTime;
  /** The plates it remembers. */
  readonly plates: PlateList;
  readonly streamUrls: StreamUrls;
  readonly recordings: Recordings;
  readonly downloads: Downloads;
  readonly snapshots: Snapshots;
  /** Its alarm outputs. */
  readonly outputs: Outputs;
  /** The same as events, while it is open. */
  readonly outputWatch: OutputPoller;
  /** Where its events come from. */
  readonly alerts: EventSource;
  /** The same, when the device is to push them. */
  readonly push: PushReceiver | undefined;
  readonly clock: Clock;
  readonly #pictures: PictureFetcher;
  readonly #chance: Chance;
  readonly #beforeClose = new Set<Promise<unknown>>();
  #audio: Audio | undefined;
  #ptz: Ptz | undefined;
  #recorder: Recorder | undefined;

  constructor(settings: DeviceSettings, sink: DeviceSink, environment: Environment = {}) {
    const { clock = systemClock, chance = systemChance } = environment;
    this.identity = settings.identity;
    this.clock = clock;
    this.#chance = chance;
    this.http = new DeviceHttp({ ...settings, ...environment });
    this.isapi = new Isapi(this.http, { clock, chance });
    this.facts = new DeviceFacts(this.isapi, clock, (info) => sink.met?.(info));
    this.time = new DeviceTime({
      isapi: this.isapi,
      info: (signal) => this.facts.info(signal),
      clock,
      timeZone: settings.timeZone,
      warn: (sentence) => sink.warn(sentence),
    });
    this.streamUrls = new StreamUrls({
      isapi: this.isapi,
      time: this.time,
      clock,
      host: settings.address.host,
      credentials: settings.credentials,
    });
    this.recordings = new Recordings({ isapi: this.isapi, time: this.time, facts: this.facts });
    const { isapi, recordings, time } = this;
    this.downloads = new Downloads({ isapi, recordings, time, clock, chance });
    this.plates = new PlateList(this.isapi, clock);
    this.snapshots = new Snapshots(this.isapi, clock);
    this.outputs = new Outputs({ isapi: this.isapi, clock, beforeClose: (words) => this.beforeClose(words) });
    this.outputWatch = new OutputPoller({
      outputs: this.outputs,
      nameOf: this.facts.nameOf,
      emit: (notification, receivedAt) => {
        sink.notification(notification, receivedAt);
        if (sink.wantsPictures()) sink.event({ notification, receivedAt, pictures: [] });
      },
      warn: (sentence) => sink.warn(sentence),
      clock,
      chance,
    });
    this.#pictures = new PictureFetcher({
      http: this.http,
      sibling: (address) => new DeviceHttp({ ...settings, ...environment, address }),
    });
    const pipeline = new EventPipeline({
      sink,
      context: {
        videoLosses: new VideoLosses(),
        channels: this.facts.channelOf,
        channelName: this.facts.nameOf,
        minutesAt: this.time.minutesAt,
      },
      fetchPicture: this.#pictures.fetch,
      clock,
    });
    const prepare = async (signal: AbortSignal): Promise<void> => {
      await this.facts.prepare(signal);
      this.time.learn();
    };
    if (settings.eventSource === "push") {
      this.push = new PushReceiver({ identity: this.identity, sink, pipeline, prepare, clock });
      this.alerts = this.push;
    } else {
      const { heartbeatTimeout } = settings;
      this.alerts = new AlertStream({ http: this.http, sink, pipeline, heartbeatTimeout, prepare, clock, chance });
    }
  }

  /** Its voice. */
  get audio(): Audio {
    const { isapi, http, clock } = this;
    return (this.#audio ??= new Audio({ isapi, http, clock, beforeClose: (words) => this.beforeClose(words) }));
  }

  /** Moves its cameras. */
  get ptz(): Ptz {
    return (this.#ptz ??= new Ptz({
      isapi: this.isapi,
      kindOf: (channel, signal) => this.facts.kindOf(channel, signal),
      clock: this.clock,
      beforeClose: (words) => this.beforeClose(words),
    }));
  }

  /** Records on it, or from it into files here. */
  get recorder(): Recorder {
    return (this.#recorder ??= new Recorder({
      isapi: this.isapi,
      streamUrls: this.streamUrls,
      minutesAt: this.time.minutesAt,
      clock: this.clock,
      chance: this.#chance,
      beforeClose: (words) => this.beforeClose(words),
    }));
  }

  /** Holds the connections open at `close` until this has settled, for a second at most. */
  beforeClose(words: Promise<unknown>): void {
    const forget = (): void => void this.#beforeClose.delete(settled);
    const settled: Promise<void> = words.then(forget, forget);
    this.#beforeClose.add(settled);
  }

  /** Ends the stream now, lets last words out, then cuts every connection. */
  async close(): Promise<void> {
    this.alerts.close();
    this.outputWatch.close();
    this.outputs.stop();
    if (this.#ptz) this.beforeClose(this.#ptz.stop());
    if (this.#recorder) this.beforeClose(this.#recorder.close());
    if (this.#beforeClose.size > 0) {
      const patience = new AbortController();
      await Promise.race([
        Promise.all(this.#beforeClose),
        this.clock.wait(BEFORE_CLOSE_MS, patience.signal).catch(() => undefined),
      ]);
      patience.abort();
    }
    this.#ptz?.close();
    this.isapi.close();
    await Promise.all([this.http.close(), this.#pictures.close()]);
  }
}
