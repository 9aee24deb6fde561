/**
 * The device's RTSP server: live channels and what is recorded, over TCP alone. Verifies every login, and behaves as devices do:
 * no more after the end of a recording, and no word of it; another time where nothing was recorded; 415 for who sets up the session.
 */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Authenticator, type AuthOptions } from "../authenticator";
import type { DeviceTimer } from "../clock";
import type { VirtualDevice } from "../device";
import { archiveOf } from "../services/recordings";
import { accessOf } from "../services/security";
import { streamsOf } from "../services/channels";
import { perDevice } from "../per-device";
import type { Film, FilmSource } from "./film";
import { Packetizer } from "./packets";

export interface RtspRequestSeen {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly authorized: boolean;
}

/** How it behaves, for tests to change. */
class Rtsp {
  readonly requests: RtspRequestSeen[] = [];
  readonly sessions = new Set<Session>();
  /** TCP connections so far. */
  connections = 0;
  /** So many sessions at once; more get 453. */
  slots = 16;
  /** How the tracks' addresses are written. */
  control: "relative" | "absolute" | "foreign" | "slash" = "relative";
  contentBase = true;
  /** Parameter sets of the description. */
  sets: "right" | "none" | "wrong" = "right";
  /** Small units in one packet. */
  together = false;
  sound: "none" | "pcmu" | "aac" = "pcmu";
  /** Seconds after which a session without a request is cut. */
  timeout = 60;
  getParameter = true;
  /** Every so many packets' sequence numbers jump; 0: never. */
  loseEvery = 0;
  /** After so many pictures it sends no more ("stall"), or closes ("close"). */
  trouble: { readonly kind: "stall" | "close"; readonly after: number } | undefined;
  /** Answers instead of the right one, by method. */
  readonly statuses = new Map<string, string>();
  /** Recordings begin with the key picture before the moment: so many seconds lie between two. 0: with the moment. */
  keySeconds = 0;
  /** How it tells which moment it plays: in the answer to PLAY, there as it was asked for, in sender reports, or not at all. */
  clock: "range" | "echo" | "report" | "local report" | "none" = "none";
  /** Knows the header Rate-Control; else it plays in real time, or refuses. */
  rateControl: "known" | "unknown" | "refused" = "known";
  /** Knows the header Scale; else it plays in real time, refuses, or sends key pictures alone. */
  scale: "known" | "unknown" | "refused" | "keys" = "known";
  /** How fast it goes without limit. */
  fastest = 16;
  /** Plays on behind the end of the address. */
  pastEnd = false;
  /** Where nothing is recorded: the begin of something else, as devices play it, or 500. */
  nothingRecorded: "other" | "500" = "other";
}

export const rtspOf = perDevice(() => new Rtsp());

const WRONG_SPS = Buffer.from("67420014a6811479", "hex");
const CLOCK = 90_000;
const MAX_QUEUED = 4 * 1024 * 1024;
/** AAC-LC, 16 kHz, one channel; a frame of silence. */
const AAC_CONFIG = "1408";
const AAC_SILENCE = Buffer.of(0x00, 0xc8, 0x00, 0x80, 0x23, 0x80);

export class RtspService {
  readonly #device: VirtualDevice;
  readonly #films: FilmSource;
  readonly #authenticator: Authenticator;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(device: VirtualDevice, films: FilmSource, auth: AuthOptions) {
    this.#device = device;
    this.#films = films;
    this.#authenticator = new Authenticator(device.clock, device, auth);
    this.#server = createServer((socket) => {
      rtspOf(device).connections += 1;
      this.#sockets.add(socket);
      new Connection(this.#device, this.#films, this.#authenticator, socket, this.port);
      socket.on("error", () => undefined).once("close", () => this.#sockets.delete(socket));
    });
  }

  /** As recorders have it (NVR V4.60): no qop. */
  static async open(device: VirtualDevice, films: FilmSource, auth: Partial<AuthOptions>): Promise<RtspService> {
    const options = { ...device.options.auth, qop: null, nameAlgorithm: true, ...auth };
    const service = new RtspService(device, films, options);
    await service.listen(0);
    return service;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** TCP connections open now. */
  get open(): number {
    return this.#sockets.size;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, this.#device.host, () => {
        this.#server.off("error", reject);
        accessOf(this.#device).rtsp.port = this.port;
        resolve();
      });
    });
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }
}

interface Asked {
  readonly film: Film;
  readonly live: boolean;
  /** Frames; undefined: for ever. */
  readonly length: number | undefined;
  readonly range: string | undefined;
  /** Of a recording: the moment of frame 0, and that of the address. */
  readonly fromMs?: number;
  readonly askedMs?: number;
}

class Connection {
  readonly #rtsp: Rtsp;
  #session: Session | undefined;

  constructor(
    readonly device: VirtualDevice,
    readonly films: FilmSource,
    readonly authenticator: Authenticator,
    readonly socket: Socket,
    readonly port: number,
  ) {
    this.#rtsp = rtspOf(device);
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
        this.#serve(text.slice(0, end));
        text = text.slice(end + 4);
      }
    });
    socket.once("close", () => this.#session?.end());
  }

  #serve(head: string): void {
    const [start = "", ...lines] = head.split("\r\n");
    const [method = "", url = ""] = start.split(" ");
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const sequence = headers.get("cseq") ?? "";
    const denial = this.authenticator.admit(
      { method, target: url, body: Buffer.alloc(0) },
      headers.get("authorization"),
    );
    this.#rtsp.requests.push({ method, url, headers, authorized: denial === undefined });
    if (denial) {
      this.#answer(
        sequence,
        "401 Unauthorized",
        denial.challenges.map((one) => `WWW-Authenticate: ${one}`),
      );
      return;
    }
    const canned = this.#rtsp.statuses.get(method);
    if (canned !== undefined) {
      this.#answer(sequence, canned);
      return;
    }
    this.#session?.alive();
    switch (method) {
      case "OPTIONS":
        this.#answer(sequence, "200 OK", [
          `Public: OPTIONS, DESCRIBE, PLAY, PAUSE, SETUP, TEARDOWN${this.#rtsp.getParameter ? ", GET_PARAMETER" : ""}`,
        ]);
        break;
      case "GET_PARAMETER":
        this.#answer(sequence, this.#rtsp.getParameter ? "200 OK" : "501 Not Implemented");
        break;
      case "DESCRIBE":
        this.#describe(sequence, url);
        break;
      case "SETUP":
        this.#setUp(sequence, url, headers);
        break;
      case "PLAY":
        this.#play(sequence, url, headers);
        break;
      case "TEARDOWN":
        this.#session?.end();
        this.#session = undefined;
        this.#answer(sequence, "200 OK");
        break;
      default:
        this.#answer(sequence, "405 Method Not Allowed");
    }
  }

  #answer(sequence: string, status: string, headers: readonly string[] = [], body = ""): void {
    const length = body === "" ? [] : ["Content-Type: application/sdp", `Content-Length: ${body.length}`];
    this.socket.write([`RTSP/1.0 ${status}`, `CSeq: ${sequence}`, ...headers, ...length, "", body].join("\r\n"));
  }

  #describe(sequence: string, url: string): void {
    const asked = this.#find(url);
    if (typeof asked === "string") {
      this.#answer(sequence, asked);
      return;
    }
    const { film, range } = asked;
    const { control, contentBase, sets, sound } = this.#rtsp;
    const base = url.endsWith("/") ? url : `${url}/`;
    const shown = sets === "wrong" ? [WRONG_SPS, ...film.sets.slice(1)] : film.sets;
    const list = shown.map((one) => one.toString("base64"));
    const spelled =
      film.codec === "h264"
        ? `packetization-mode=1; profile-level-id=${(film.sets[0] ?? Buffer.alloc(4)).toString("hex", 1, 4)}; sprop-parameter-sets=${list.join(",")}`
        : `sprop-vps=${list[0]}; sprop-sps=${list[1]}; sprop-pps=${list[2]}`;
    const address = (track: string): string =>
      ({
        relative: track,
        absolute: `${base}${track}`,
        foreign: `rtsp://10.9.9.9:554${base.replace(/^rtsp:\/\/[^/]+/, "")}${track}`,
        slash: `${track}/`,
      })[control];
    const body = [
      "v=0",
      "o=- 1109162014219182 0 IN IP4 0.0.0.0",
      "s=Media Server V4.60.000",
      "t=0 0",
      "a=control:*",
      ...(range === undefined ? [] : [`a=range:${range}`]),
      "m=video 0 RTP/AVP 96",
      `a=rtpmap:96 ${film.codec.toUpperCase()}/90000`,
      ...(sets === "none" ? [] : [`a=fmtp:96 ${spelled}`]),
      `a=control:${address("trackID=video")}`,
      ...(sound === "pcmu"
        ? ["m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", `a=control:${address("trackID=audio")}`]
        : []),
      ...(sound === "aac"
        ? [
            "m=audio 0 RTP/AVP 104",
            "a=rtpmap:104 mpeg4-generic/16000/1",
            `a=fmtp:104 profile-level-id=15; streamtype=5; mode=AAC-hbr; config=${AAC_CONFIG};SizeLength=13;IndexLength=3;IndexDeltaLength=3`,
            `a=control:${address("trackID=audio")}`,
          ]
        : []),
      "a=Media_header:MEDIAINFO=494D4B48020100000400050011710110401F000000FA000000000000000000000000000000000000;",
      "",
    ].join("\r\n");
    this.#answer(sequence, "200 OK", contentBase ? [`Content-Base: ${base}`] : [], body);
  }

  #setUp(sequence: string, url: string, headers: ReadonlyMap<string, string>): void {
    const [, base = "", track] = /^(.*?)\/*trackID=(video|audio)\/?$/.exec(url) ?? [];
    if (track === undefined) {
      this.#answer(sequence, "415 Unsupported Media Type");
      return;
    }
    const transport = headers.get("transport") ?? "";
    const channel = Number(/^RTP\/AVP\/TCP;unicast;interleaved=(\d+)-\d+$/.exec(transport)?.[1] ?? NaN);
    const asked = this.#find(base);
    if (Number.isNaN(channel) || typeof asked === "string") {
      this.#answer(sequence, typeof asked === "string" ? asked : "461 Unsupported Transport");
      return;
    }
    if (!this.#session && this.#rtsp.sessions.size >= this.#rtsp.slots) {
      this.#answer(sequence, "453 Not Enough Bandwidth");
      return;
    }
    this.#session ??= new Session(this.device, this.socket, asked);
    if (track === "video") this.#session.video(channel);
    else if (this.#rtsp.sound === "aac") this.#session.audio(channel);
    this.#answer(sequence, "200 OK", [
      `Session: ${this.#session.id};timeout=${this.#rtsp.timeout}`,
      `Transport: ${transport};ssrc=4d0c4a51;mode="play"`,
    ]);
  }

  #play(sequence: string, url: string, headers: ReadonlyMap<string, string>): void {
    const session = this.#session;
    if (!session || headers.get("session") !== session.id) {
      this.#answer(sequence, "454 Session Not Found");
      return;
    }
    const { rateControl, clock } = this.#rtsp;
    const fast = headers.get("rate-control") === "no";
    if (fast && rateControl === "refused") {
      this.#answer(sequence, "551 Option not supported");
      return;
    }
    const scaled = headers.has("scale");
    if (scaled && this.#rtsp.scale === "refused") {
      this.#answer(sequence, "400 Bad Request");
      return;
    }
    const scale = this.#rtsp.scale === "unknown" ? 1 : Number(headers.get("scale") ?? 1);
    session.keysOnly = scaled && this.#rtsp.scale === "keys";
    const info = session.play(scale, fast && rateControl === "known", url);
    const { fromMs, askedMs } = session.asked;
    const told = clock === "range" ? fromMs : clock === "echo" ? askedMs : undefined;
    const range = told === undefined ? [] : [`Range: clock=${rangeStamp(archiveOf(this.device).stamp(told), told)}-`];
    this.#answer(sequence, "200 OK", [`Session: ${session.id}`, ...range, `RTP-Info: ${info}`]);
    session.report();
  }

  /** What the address names, or a status. */
  #find(url: string): Asked | string {
    const path = url.replace(/^rtsp:\/\/[^/]+/, "");
    const [, kind, digits = ""] = /\/streaming\/(channels|tracks)\/(\d+)/i.exec(path) ?? [];
    const id = Number(digits);
    const channel = this.device.profile.channels.find(({ number }) => number === Math.floor(id / 100));
    if (kind === undefined || !channel) return "404 Not Found";
    const { zone } = this.device.time;
    const about = { channel: channel.number, channelName: channel.name, stream: id % 100, zone };
    if (kind.toLowerCase() === "channels") {
      if (!streamsOf(this.device).has(id)) return "404 Not Found";
      if (!channel.online) return "500 Internal Server Error";
      const film = this.films({ ...about, startMs: this.device.time.now(), live: true });
      return { film, live: true, length: undefined, range: undefined };
    }
    return this.#recorded(path, about);
  }

  #recorded(
    path: string,
    about: { channel: number; channelName: string; stream: number; zone: string },
  ): Asked | string {
    const archive = archiveOf(this.device);
    const read = (name: string): string | undefined =>
      new RegExp(`[?&]${name}=([^&/]+)`, "i").exec(path)?.[1]?.replace(/%20|[^0-9]/g, "");
    const mine = archive.all
      .filter((one) => one.channel === about.channel && one.kind === "video")
      .sort((a, b) => a.startMs - b.startMs);
    const digits = (ms: number): string => archive.stamp(ms).replace(/[^0-9]/g, "");
    const start = read("starttime") ?? "";
    const end = read("endtime");
    const fitting = mine.find((one) => digits(one.endMs) > start && (end === undefined || digits(one.startMs) < end));
    const recording = fitting ?? (this.#rtsp.nothingRecorded === "other" ? mine[0] : undefined);
    if (!recording) return "500 Internal Server Error";
    const asked = fitting ? Math.max(0, utc(start) - utc(digits(recording.startMs))) : 0;
    const step = this.#rtsp.keySeconds * 1000;
    const offset = step > 0 ? Math.floor(asked / step) * step : asked;
    const from = recording.startMs + offset;
    const until =
      end !== undefined && fitting && !this.#rtsp.pastEnd
        ? Math.min(recording.endMs, from + utc(end) - utc(start))
        : recording.endMs;
    const film = this.films({ ...about, startMs: from, live: false });
    const length = Math.max(1, Math.round(((until - from) * film.framesPerSecond) / 1000));
    const moments = { fromMs: from, askedMs: recording.startMs + asked };
    return { film, live: false, length, range: `clock=${start}-${end ?? ""}`, ...moments };
  }
}

/** "20260101T080000.360Z" */
function rangeStamp(stamp: string, ms: number): string {
  const fraction = ms % 1000 === 0 ? "" : `.${String(ms % 1000).padStart(3, "0")}`;
  return stamp.replace(/[-:]/g, "").replace("Z", `${fraction}Z`);
}

function utc(digits: string): number {
  const [year, month, day, hour, minute, second] = (/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits) ?? [])
    .slice(1)
    .map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

/** One client's playing. */
class Session {
  readonly id = String(Math.floor(Math.random() * 1e9));
  readonly #rtsp: Rtsp;
  readonly asked: Asked;
  keysOnly = false;
  #video: Packetizer | undefined;
  #audio: Packetizer | undefined;
  #next: DeviceTimer | undefined;
  #kill: DeviceTimer | undefined;
  #frame = 0;
  #base = Math.floor(Math.random() * 0xffffffff);
  #played = 0;
  #sounds = 0;
  #startedAt = 0;
  #rate = 1;

  constructor(
    readonly device: VirtualDevice,
    readonly socket: Socket,
    asked: Asked,
  ) {
    this.#rtsp = rtspOf(device);
    this.asked = asked;
    this.#rtsp.sessions.add(this);
    this.alive();
  }

  video(channel: number): void {
    this.#video = new Packetizer(this.asked.film.codec, channel);
  }

  audio(channel: number): void {
    this.#audio = new Packetizer("h264", channel, 104);
  }

  /** Devices cut who asks for nothing. */
  alive(): void {
    this.#kill?.cancel();
    this.#kill = this.device.clock.after(this.#rtsp.timeout * 1000, () => this.socket.destroy());
  }

  /** The RTP-Info. */
  play(scale: number, fast: boolean, url: string): string {
    this.#next?.cancel();
    this.#startedAt = this.device.clock.elapsed();
    this.#played = 0;
    this.#sounds = 0;
    this.#rate = fast ? this.#rtsp.fastest : Math.max(0.1, scale);
    this.#next = this.device.clock.after(0, () => this.#tick());
    const video = `url=${url}trackID=video;seq=${this.#video?.sequence ?? 0};rtptime=${this.#base >>> 0}`;
    return this.#audio ? `${video},url=${url}trackID=audio;seq=${this.#audio.sequence};rtptime=0` : video;
  }

  /** RTCP: the moment of frame 0, by the device's clock. */
  report(): void {
    const { clock } = this.#rtsp;
    const { fromMs } = this.asked;
    if (fromMs === undefined || (clock !== "report" && clock !== "local report")) return;
    const { time } = this.device;
    const told = clock === "report" ? fromMs : Date.parse(`${time.stamp(fromMs).slice(0, 19)}Z`) + (fromMs % 1000);
    const bytes = Buffer.alloc(4 + 28);
    bytes.writeUInt8(0x24, 0);
    bytes.writeUInt8((this.#video?.channel ?? 0) + 1, 1);
    bytes.writeUInt16BE(28, 2);
    bytes.writeUInt8(0x80, 4);
    bytes.writeUInt8(200, 5);
    bytes.writeUInt16BE(6, 6);
    bytes.writeUInt32BE(Math.floor(told / 1000) + 2_208_988_800, 12);
    bytes.writeUInt32BE(Math.floor(((told % 1000) / 1000) * 2 ** 32), 16);
    bytes.writeUInt32BE(this.#base >>> 0, 20);
    this.socket.write(bytes);
  }

  end(): void {
    this.#next?.cancel();
    this.#kill?.cancel();
    this.#rtsp.sessions.delete(this);
  }

  #tick(): void {
    const { film, length, live } = this.asked;
    const { trouble } = this.#rtsp;
    if (this.socket.destroyed || (length !== undefined && this.#frame >= length)) return;
    if (trouble && this.#played >= trouble.after) {
      if (trouble.kind === "close") this.socket.end();
      return;
    }
    const step = 1000 / (film.framesPerSecond * this.#rate);
    // Who does not read gets nothing of a recording; of a live video something is missing.
    if (this.socket.writableLength < MAX_QUEUED) this.#send(film);
    else if (live) this.#frame += 1;
    this.#played += 1;
    const due = this.#startedAt + this.#played * step;
    this.#next = this.device.clock.after(Math.max(0, due - this.device.clock.elapsed()), () => this.#tick());
  }

  #send(film: Film): void {
    const { key, nals } = film.frame(this.#frame);
    const video = this.#video;
    if (!video) return;
    const { loseEvery, together } = this.#rtsp;
    if (loseEvery > 0 && this.#frame % loseEvery === loseEvery - 1) video.sequence = (video.sequence + 3) & 0xffff;
    if (this.keysOnly && !key) {
      this.#frame += 1;
      return;
    }
    const timestamp = (this.#base + Math.round((this.#frame * CLOCK) / film.framesPerSecond)) >>> 0;
    this.socket.write(video.picture(key ? [...film.sets, ...nals] : nals, timestamp, together));
    this.#frame += 1;
    if (!this.#audio) return;
    for (const until = this.#frame / film.framesPerSecond; (this.#sounds * 1024) / 16_000 < until; this.#sounds++) {
      const head = Buffer.of(0, 16, (AAC_SILENCE.length << 3) >> 8, (AAC_SILENCE.length << 3) & 0xff);
      this.socket.write(this.#audio.packet(Buffer.concat([head, AAC_SILENCE]), this.#sounds * 1024, true));
    }
  }
}
