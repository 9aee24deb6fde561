/** One Hikvision device: its connections, ISAPI client and event source, and one object for each of its services. */
import { AccessLists } from "./access-list/access-lists";
import { Arming } from "./arm/arming";
import { Audio } from "./audio/audio";
import { Calls } from "./call/calls";
import { systemChance, systemClock, type Chance, type Clock } from "./lib/clock";
import { DocumentChanges } from "./control/document-changes";
import { IsapiCalls } from "./control/isapi-calls";
import { WriteQueue } from "./control/write-queue";
import { DeviceFacts } from "./isapi/device-facts";
import { Deterrents, keptLightsOf } from "./deterrent/deterrents";
import type { KeptLight } from "./deterrent/white-light";
import { Doors } from "./door/doors";
import { Downloads } from "./recordings/download/downloads";
import { PlaybackTransfer } from "./recordings/download/playback-transfer";
import type { DeviceIdentity } from "./lib/errors";
import { Lru } from "./lib/lru";
import { AlertStream } from "./events/stream/alert-stream";
import type { AlertSink, EventSource } from "./events/event-source";
import { EventPipeline } from "./events/pipeline";
import { VideoLosses } from "./events/decode/heartbeat";
import { PictureFetcher } from "./events/pictures/fetcher";
import { DeviceHttp, type Credentials, type DeviceAddress, type HttpMode } from "./http/device-http";
import type { Logins } from "./http/login";
import type { Tls } from "./http/tls";
import { OutputPoller } from "./io/output-poller";
import { Outputs } from "./io/outputs";
import type { DeviceInfo } from "./isapi/device-info";
import { Isapi } from "./isapi/isapi";
import { PushReceiver } from "./push/push-receiver";
import { PlateList } from "./plates/plate-list";
import { History } from "./history/history";
import { Recordings } from "./recordings/recordings";
import type { RtspAccess } from "./rtsp/rtsp-connection";
import { Recorder } from "./record/recorder";
import { StreamUrls } from "./rtsp/stream-urls";
import { Ptz } from "./ptz/ptz";
import { Statistics } from "./statistics/statistics";
import { PastSnapshots } from "./snapshot/past-snapshots";
import { Snapshots } from "./snapshot/snapshot";
import { Videos } from "./video/videos";
import { DeviceTime } from "./time/device-time";
import type { ZuluMeaning } from "./time/time-frame";
import type { Sentence } from "./lib/sentence";

export interface DeviceSettings {
  readonly identity: DeviceIdentity;
  readonly address: DeviceAddress;
  readonly credentials: Credentials;
  readonly tls: Tls;
  /** Allows Basic authentication over plain HTTP when the device offers nothing else. */
  readonly basic: boolean;
  /** "lenient": answers that break the rules of HTTP are read, too. Default "strict". */
  readonly http?: HttpMode;
  /** Other ports of the device from which pictures are fetched with the login. Default: none. */
  readonly picturePorts?: readonly number[];
  /** "stream": we open the device's alert stream. "push": the device sends its events to us. */
  readonly eventSource: "stream" | "push";
  /** Seconds of silence after which an event stream that had heartbeats counts as dead. */
  readonly heartbeatTimeout: number;
  /** What the device means by the `Z` of its recordings; "auto": detect it. */
  readonly timeZone: "auto" | ZuluMeaning;
}

/** Receives what the device reports. Its methods must not throw. */
export interface DeviceSink extends AlertSink {
  /** For the user, once: the device works, but something about it is wrong. */
  warn(sentence: Sentence): void;
  /** The device has identified itself. */
  met?(info: DeviceInfo): void;
}

/** Replaceable for tests. */
export interface Environment {
  readonly clock?: Clock;
  readonly chance?: Chance;
  readonly logins?: Logins;
}

/** What devices mean by `Z`, by serial number: over deploys. */
const provenMeanings = new Lru<string, ZuluMeaning>(10_000);
/** How white lights were before a flow switched them on, by address and channel: over deploys. */
const keptLights = new Lru<string, KeptLight>(10_000);
/** How long tasks before close (a PTZ stop, an output off) may take before the connections are closed. */
const BEFORE_CLOSE_MS = 1_000;

export class Device {
  readonly identity: DeviceIdentity;
  readonly http: DeviceHttp;
  readonly isapi: Isapi;
  /** Its identification and channels. */
  readonly facts: DeviceFacts;
  /** Its clock and time zone. */
  readonly time: DeviceTime;
  /** The source of its events: alert stream or push receiver. */
  readonly alerts: EventSource;
  /** The push receiver, when that is the event source. */
  readonly push: PushReceiver | undefined;
  readonly clock: Clock;
  readonly #settings: DeviceSettings;
  readonly #sink: DeviceSink;
  readonly #stream: AlertStream | undefined;
  readonly #pictures: PictureFetcher;
  readonly #chance: Chance;
  readonly #video: RtspAccess;
  readonly #beforeClose = new Set<Promise<unknown>>();
  // Each service is made when something first wants it: most devices are there for their events, and there may be a thousand.
  #writes: WriteQueue | undefined;
  #plates: PlateList | undefined;
  #streamUrls: StreamUrls | undefined;
  #recordings: Recordings | undefined;
  #downloads: Downloads | undefined;
  #snapshots: Snapshots | undefined;
  #outputs: Outputs | undefined;
  #outputWatch: OutputPoller | undefined;
  #doors: Doors | undefined;
  #changes: DocumentChanges | undefined;
  #arming: Arming | undefined;
  #calls: IsapiCalls | undefined;
  #accessLists: AccessLists | undefined;
  #audio: Audio | undefined;
  #ringing: Calls | undefined;
  #deterrents: Deterrents | undefined;
  #ptz: Ptz | undefined;
  #recorder: Recorder | undefined;
  #statistics: Statistics | undefined;
  #videos: Videos | undefined;
  #pastSnapshots: PastSnapshots | undefined;
  #history: History | undefined;

  constructor(settings: DeviceSettings, sink: DeviceSink, environment: Environment = {}) {
    const { clock = systemClock, chance = systemChance } = environment;
    this.identity = settings.identity;
    this.clock = clock;
    this.#settings = settings;
    this.#sink = sink;
    this.#chance = chance;
    const { protocol } = settings.address;
    this.#video = { basic: settings.basic, tls: protocol === "https" ? settings.tls : { mode: "insecure" } };
    this.http = new DeviceHttp({ ...settings, ...environment });
    this.isapi = new Isapi(this.http, { clock, chance });
    this.facts = new DeviceFacts(this.isapi, clock, (info) => sink.met?.(info));
    this.time = new DeviceTime({
      isapi: this.isapi,
      info: (signal) => this.facts.info(signal),
      clock,
      serial: () => this.facts.serial,
      proven: provenMeanings,
      timeZone: settings.timeZone,
      warn: (sentence) => sink.warn(sentence),
    });
    this.#pictures = new PictureFetcher({
      http: this.http,
      ports: settings.picturePorts ?? [],
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
      driftMs: () => this.time.driftMs,
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
      const warn = (sentence: Sentence): void => sink.warn(sentence);
      this.#stream = new AlertStream({
        http: this.http,
        sink,
        pipeline,
        heartbeatTimeout,
        prepare,
        warn,
        clock,
        chance,
      });
      this.alerts = this.#stream;
    }
  }

  /** Seconds, as in its settings; others who use its event stream may want to know of silence earlier. Push has no heartbeats. */
  set heartbeatTimeout(seconds: number) {
    if (this.#stream) this.#stream.heartbeatTimeout = seconds;
  }

  /** The list of plates that it stores. */
  get plates(): PlateList {
    return (this.#plates ??= new PlateList(this.isapi, this.clock));
  }

  get streamUrls(): StreamUrls {
    const { isapi, time, clock } = this;
    const { address, credentials } = this.#settings;
    return (this.#streamUrls ??= new StreamUrls({ isapi, time, clock, host: address.host, credentials }));
  }

  get recordings(): Recordings {
    const { isapi, time, facts, clock } = this;
    return (this.#recordings ??= new Recordings({ isapi, time, facts, clock }));
  }

  get downloads(): Downloads {
    return (this.#downloads ??= this.#newDownloads());
  }

  get snapshots(): Snapshots {
    return (this.#snapshots ??= new Snapshots(this.isapi, this.clock));
  }

  /** Its alarm outputs. */
  get outputs(): Outputs {
    const { isapi, clock } = this;
    return (this.#outputs ??= new Outputs({ isapi, clock, beforeClose: (task) => this.beforeClose(task) }));
  }

  /** Its doors and barriers. */
  get doors(): Doors {
    const { isapi, outputs, clock } = this;
    const { host, port } = this.#settings.address;
    return (this.#doors ??= new Doors({
      isapi,
      outputs,
      clock,
      key: `${host}:${port}`,
      beforeClose: (task) => this.beforeClose(task),
    }));
  }

  /** One of its settings changed in its own document. */
  get changes(): DocumentChanges {
    return (this.#changes ??= new DocumentChanges(this.isapi, this.#writeQueue));
  }

  /** What it watches, switched on and off. */
  get arming(): Arming {
    const { isapi, facts, time, clock, changes } = this;
    return (this.#arming ??= new Arming({
      isapi,
      facts,
      time,
      clock,
      changes,
      writes: this.#writeQueue,
      beforeClose: (task) => this.beforeClose(task),
    }));
  }

  /** Any ISAPI call. */
  get calls(): IsapiCalls {
    return (this.#calls ??= new IsapiCalls(this.isapi, this.changes, this.#writeQueue));
  }

  /** Reports changes of its alarm outputs as events, or no longer. */
  watchOutputs(on: boolean): void {
    if (on) (this.#outputWatch ??= this.#newOutputWatch()).open();
    else this.#outputWatch?.close();
  }

  /** The allow list and the block list of plates, by which it decides. */
  get accessLists(): AccessLists {
    const { isapi, time, clock } = this;
    return (this.#accessLists ??= new AccessLists({ isapi, time, clock }));
  }

  /** Two-way audio and announcements. */
  get audio(): Audio {
    const { isapi, http, clock } = this;
    return (this.#audio ??= new Audio({ isapi, http, clock, beforeClose: (task) => this.beforeClose(task) }));
  }

  /** Who rings at it; answer, reject, hang up. */
  get ringing(): Calls {
    const { isapi, snapshots, clock } = this;
    return (this.#ringing ??= new Calls({ isapi, snapshots, clock, chance: this.#chance }));
  }

  /** Siren, voice clips and white light of a camera. */
  get deterrents(): Deterrents {
    const { isapi, changes, clock, http } = this;
    const { protocol, host, port } = http.address;
    return (this.#deterrents ??= new Deterrents({
      isapi,
      changes,
      writes: this.#writeQueue,
      channels: (signal) => this.facts.channels(signal),
      clock,
      kept: keptLightsOf(keptLights, `${protocol}://${host}:${port}`),
      beforeClose: (task) => this.beforeClose(task),
    }));
  }

  /** Pan, tilt and zoom of its cameras. */
  get ptz(): Ptz {
    return (this.#ptz ??= new Ptz({
      isapi: this.isapi,
      changes: this.changes,
      kindOf: (channel, signal) => this.facts.kindOf(channel, signal),
      clock: this.clock,
      beforeClose: (task) => this.beforeClose(task),
    }));
  }

  /** Starts and stops recordings, on the device or in files here. */
  get recorder(): Recorder {
    return (this.#recorder ??= new Recorder({
      isapi: this.isapi,
      streamUrls: this.streamUrls,
      access: { ...this.#video, login: this.http.login },
      minutesAt: this.time.minutesAt,
      clock: this.clock,
      chance: this.#chance,
      beforeClose: (task) => this.beforeClose(task),
    }));
  }

  /** What has happened at it while nobody listened. */
  get history(): History {
    const { isapi, time, facts, recordings, clock } = this;
    const fetchPicture = this.#pictures.fetch;
    return (this.#history ??= new History({ isapi, time, facts, recordings, fetchPicture, clock }));
  }

  /** What its cameras have counted: people, heat maps. */
  get statistics(): Statistics {
    const { isapi, time, clock } = this;
    return (this.#statistics ??= new Statistics({ isapi, time, clock }));
  }

  /** Its video for browsers. */
  get videos(): Videos {
    return (this.#videos ??= new Videos(this.#playing));
  }

  /** Pictures out of its recordings. */
  get pastSnapshots(): PastSnapshots {
    return (this.#pastSnapshots ??= new PastSnapshots({ ...this.#playing, time: this.time }));
  }

  get #writeQueue(): WriteQueue {
    return (this.#writes ??= new WriteQueue());
  }

  /** What all need that play its video here. */
  get #playing() {
    const { identity, streamUrls, recordings, clock } = this;
    return {
      ...this.#video,
      identity,
      streamUrls,
      recordings,
      credentials: this.#settings.credentials,
      login: this.http.login,
      clock,
      chance: this.#chance,
    };
  }

  #newDownloads(): Downloads {
    const { isapi, recordings, time, clock } = this;
    const playback = new PlaybackTransfer({ ...this.#playing, time });
    return new Downloads({ isapi, recordings, time, playback, clock, chance: this.#chance });
  }

  #newOutputWatch(): OutputPoller {
    const { outputs, facts, clock } = this;
    const sink = this.#sink;
    return new OutputPoller({
      outputs,
      nameOf: facts.nameOf,
      emit: (notification, receivedAt) => {
        sink.notification(notification, receivedAt);
        if (sink.wantsPictures()) sink.event({ notification, receivedAt, pictures: [] });
      },
      warn: (sentence) => sink.warn(sentence),
      clock,
      chance: this.#chance,
    });
  }

  /** Lets `close` wait for a task before it closes the connections, for a second at most. */
  beforeClose(task: Promise<unknown>): void {
    const forget = (): void => void this.#beforeClose.delete(settled);
    const settled: Promise<void> = task.then(forget, forget);
    this.#beforeClose.add(settled);
  }

  /** Closes the event source at once, waits for the tasks before close, then closes all connections. */
  async close(): Promise<void> {
    this.alerts.close();
    this.#outputWatch?.close();
    this.#videos?.close();
    this.#doors?.stop();
    this.#ringing?.stop();
    this.#outputs?.stop();
    this.#deterrents?.stop();
    if (this.#ptz) this.beforeClose(this.#ptz.stop());
    if (this.#recorder) this.beforeClose(this.#recorder.close());
    if (this.#beforeClose.size > 0) {
      const timeout = new AbortController();
      await Promise.race([
        Promise.all(this.#beforeClose),
        this.clock.wait(BEFORE_CLOSE_MS, timeout.signal).catch(() => undefined),
      ]);
      timeout.abort();
    }
    this.#ptz?.close();
    this.isapi.close();
    await Promise.all([this.http.close(), this.#pictures.close()]);
  }
}
