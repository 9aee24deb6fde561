/**
 * Plays what hikvision-video gives, in a `<video>` of any page: `<video data-hikvision="the url">`, or `hikvisionVideo(element, url)`.
 * No framework. Live video stays at its edge; a recording can be paused, sought and sped up. Without Media Source Extensions, or the
 * codec, it shows pictures that are fetched again and again.
 */
import { words } from "./words";

interface MediaWindow {
  readonly ManagedMediaSource?: typeof MediaSource;
  readonly MediaSource?: typeof MediaSource;
}

/** What the node sends, or its url alone. */
type Source = string | { readonly url: string };

interface Options {
  /** Default true: browsers start no video with sound by themselves. */
  readonly muted?: boolean;
}

interface Handle {
  /** Seconds from the begin of a recording. */
  seek(seconds: number): void;
  /** 1, 2 or 4; of a recording. */
  speed(times: number): void;
  close(): void;
  /** "connecting", "playing", "pictures", "ended", "failed", "waiting", "closed". */
  readonly state: string;
  /** Seconds behind what has arrived; of a live video. */
  readonly behind: number;
}

const EDGE = 0.25;
const MOST_BEHIND = 1.5;
const KEEP_BEHIND = 15;
/** Of a recording: more is not read. */
const MOST_AHEAD = 20;
const TICK_MS = 200;
const SILENT_MS = 10_000;
const PICTURE_MS = 1000;
const PAUSED_MS = 10_000;
const LONGEST_PAUSE_MS = 30_000;
/** What another try does not change. */
const FINAL = new Set([
  "forbidden",
  "badRequest",
  "notFound",
  "notSupported",
  "unauthorized",
  "locked",
  "notActivated",
]);

const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : "";
const windowOf = self as unknown as MediaWindow;
const Media = windowOf.ManagedMediaSource ?? windowOf.MediaSource;
const players = new Map<HTMLVideoElement, Player>();

/** Behind a proxy the path of Node-RED is not that of the page: what lies beside this script is found by its address. */
function resolve(url: string): string {
  const [, rest] = url.split("/hikvision/video/");
  return rest !== undefined && script !== "" ? new URL(rest, script).href : new URL(url, location.href).href;
}

class Player implements Handle {
  state = "connecting";
  readonly #video: HTMLVideoElement;
  readonly #url: string;
  readonly #note = document.createElement("div");
  readonly #life = new AbortController();
  #connection: AbortController | undefined;
  #media: MediaSource | undefined;
  #object = "";
  #buffer: SourceBuffer | undefined;
  #mime = "";
  #queue: Uint8Array[] = [];
  #live = true;
  #speed = 1;
  /** All of the recording has come. */
  #complete = false;
  #heardAt = 0;
  #failures = 0;
  #decodeFailures = 0;
  #again = 0;
  #pictures = 0;
  #pausedAt = 0;
  /** Where a recording goes on, until something of it is there. */
  #wanted: number | undefined;
  readonly #tick: number;

  constructor(video: HTMLVideoElement, url: string, { muted = true }: Options) {
    this.#video = video;
    this.#url = resolve(url);
    video.muted = muted;
    video.playsInline = true;
    video.autoplay = true;
    if (video.tabIndex < 0) video.tabIndex = 0;
    this.#placeNote();
    this.#showPoster();
    const on = (name: string, run: (event: Event) => void): void =>
      video.addEventListener(name, run, { signal: this.#life.signal });
    on("seeking", () => this.#onSeeking());
    on("play", () => this.#onPlay());
    on("pause", () => (this.#pausedAt = Date.now()));
    on("error", () => this.#onDecodeError());
    on("dblclick", () => void this.#fullScreen());
    on("keydown", (event) => this.#onKey(event as KeyboardEvent));
    this.#tick = window.setInterval(() => this.#onTick(), TICK_MS);
    this.#connect(0);
  }

  get behind(): number {
    const { buffered, currentTime } = this.#video;
    return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
  }

  seek(seconds: number): void {
    if (!this.#live) this.#video.currentTime = Math.max(0, seconds);
  }

  speed(times: number): void {
    if (this.#live || ![1, 2, 4].includes(times)) return;
    this.#speed = times;
    this.#connect(this.#video.currentTime);
  }

  close(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#life.abort();
    this.#stop();
    clearInterval(this.#tick);
    clearTimeout(this.#again);
    clearTimeout(this.#pictures);
    this.#dropMedia();
    this.#note.remove();
    if (players.get(this.#video) === this) players.delete(this.#video);
  }

  #stop(): void {
    this.#connection?.abort();
    this.#connection = undefined;
    clearTimeout(this.#again);
  }

  #connect(from: number): void {
    this.#stop();
    if (this.state === "closed") return;
    const connection = new AbortController();
    this.#connection = connection;
    this.#complete = false;
    this.#queue = [];
    this.#heardAt = Date.now();
    if (this.state !== "playing") this.#say("connecting");
    this.#read(from, connection.signal).catch(() => {
      if (!connection.signal.aborted) this.#retry("offline", "");
    });
  }

  async #read(from: number, signal: AbortSignal): Promise<void> {
    const query = this.#live && from === 0 ? "" : `?t=${Math.floor(from)}&speed=${this.#speed}`;
    const response = await fetch(this.#url + query, { signal, cache: "no-store", credentials: "same-origin" });
    if (!response.ok || !response.body) {
      await this.#refused(response, signal);
      return;
    }
    this.#live = response.headers.get("x-video") !== "recording";
    const duration = Number(response.headers.get("x-video-duration") ?? NaN);
    const mime = response.headers.get("content-type") ?? "";
    if (!Media?.isTypeSupported(mime)) {
      this.#stop();
      this.#onlyPictures(Media ? "codec" : "browser");
      return;
    }
    const start = this.#live ? 0 : Math.floor(from);
    this.#wanted = start;
    if (this.#live || this.#mime !== mime || this.#media?.readyState !== "open") await this.#openMedia(mime, signal);
    else this.#empty();
    if (!this.#live && duration > 0) this.#whenIdle(() => this.#setDuration(duration));
    await this.#pump(response.body.getReader(), signal);
  }

  async #pump(reader: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal): Promise<void> {
    const gone = (): boolean => signal.aborted;
    for (;;) {
      const { done, value } = await reader.read();
      if (gone()) return;
      if (done) break;
      this.#heardAt = Date.now();
      this.#queue.push(value);
      this.#append();
      // The device is held back while a recording is far ahead.
      while (!this.#live && this.#ahead() > MOST_AHEAD && !gone()) await pause(TICK_MS);
    }
    if (this.#live) this.#retry("offline", "");
    else {
      this.#complete = true;
      this.#connection = undefined;
    }
  }

  async #refused(response: Response, signal: AbortSignal): Promise<void> {
    const { code = "offline", message = "" } = (await response.json().catch(() => ({}))) as {
      readonly code?: string;
      readonly message?: string;
    };
    if (signal.aborted) return;
    this.#stop();
    if (code === "notSupported") this.#onlyPictures("codec", message);
    else if (FINAL.has(code)) this.#fail(code, message);
    else this.#retry(code, message);
  }

  #openMedia(mime: string, signal: AbortSignal): Promise<void> {
    this.#dropMedia();
    const media = new (Media as typeof MediaSource)();
    this.#media = media;
    this.#mime = mime;
    this.#object = URL.createObjectURL(media);
    // Without it Safari opens no managed source.
    (this.#video as { disableRemotePlayback?: boolean }).disableRemotePlayback = true;
    this.#video.src = this.#object;
    return new Promise((resolve) => {
      const opened = (): void => {
        if (!signal.aborted && this.#media === media && media.readyState === "open") {
          const buffer = media.addSourceBuffer(mime);
          buffer.addEventListener("updateend", () => this.#append());
          this.#buffer = buffer;
        }
        resolve();
      };
      media.addEventListener("sourceopen", opened, { once: true });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #dropMedia(): void {
    this.#buffer = undefined;
    this.#media = undefined;
    this.#mime = "";
    if (this.#object === "") return;
    URL.revokeObjectURL(this.#object);
    this.#object = "";
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /** Of what was there before a seek. */
  #empty(): void {
    const buffer = this.#buffer;
    if (!buffer) return;
    if (buffer.updating) buffer.abort();
    buffer.remove(0, Infinity);
  }

  #setDuration(seconds: number): void {
    if (this.#media?.readyState === "open") this.#media.duration = seconds;
  }

  #whenIdle(run: () => void): void {
    const buffer = this.#buffer;
    if (buffer?.updating) buffer.addEventListener("updateend", () => this.#whenIdle(run), { once: true });
    else guarded(run);
  }

  #append(): void {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#media?.readyState !== "open") return;
    const [next] = this.#queue;
    if (!next) {
      this.#trim(buffer);
      return;
    }
    try {
      buffer.appendBuffer(next as Uint8Array<ArrayBuffer>);
      this.#queue.shift();
    } catch (error) {
      // Full: what was seen goes.
      if ((error as Error).name !== "QuotaExceededError") this.#onDecodeError();
      else buffer.remove(0, Math.max(0.1, this.#video.currentTime - 1));
    }
  }

  #trim(buffer: SourceBuffer): void {
    const { buffered, currentTime } = this.#video;
    const old = buffered.length > 0 ? buffered.start(0) : Infinity;
    if (currentTime - old > 2 * KEEP_BEHIND) guarded(() => buffer.remove(0, currentTime - KEEP_BEHIND));
  }

  #ahead(): number {
    const { buffered, currentTime } = this.#video;
    for (let index = 0; index < buffered.length; index++)
      if (buffered.start(index) <= currentTime + EDGE && buffered.end(index) >= currentTime)
        return buffered.end(index) - currentTime;
    return 0;
  }

  #onTick(): void {
    const video = this.#video;
    if (!video.isConnected) {
      this.close();
      return;
    }
    const { buffered } = video;
    const now = Date.now();
    if (this.#connection && this.#live && now - this.#heardAt > SILENT_MS) this.#retry("timeout", "");
    if (video.paused && this.#live && this.#connection && this.#pausedAt > 0 && now - this.#pausedAt > PAUSED_MS)
      this.#stop();
    if (buffered.length === 0) return;
    if (this.state !== "playing" && this.state !== "ended") {
      this.state = "playing";
      this.#say("");
      video.play().catch(() => undefined);
    }
    if (this.#wanted !== undefined) {
      const start = this.#live ? buffered.end(buffered.length - 1) - EDGE : this.#wanted;
      video.currentTime = Math.max(buffered.start(0), start);
      this.#wanted = undefined;
      this.#failures = 0;
    }
    if (this.#live) this.#stayAtEdge();
    else this.#goOn();
    this.#jumpGap();
  }

  /** A little behind is caught up by playing a little faster, more by a jump. */
  #stayAtEdge(): void {
    const video = this.#video;
    if (video.paused) return;
    const { behind } = this;
    if (behind > MOST_BEHIND) video.currentTime += behind - EDGE;
    video.playbackRate = behind > 3 * EDGE ? 1.1 : 1;
  }

  #goOn(): void {
    const video = this.#video;
    // What comes no faster than it is shown needs no hurry.
    video.playbackRate = this.#ahead() > EDGE || this.#complete ? this.#speed : 1;
    if (this.#complete && this.#queue.length === 0 && this.#media?.readyState === "open" && !this.#buffer?.updating) {
      guarded(() => this.#media?.endOfStream());
      this.state = "ended";
    }
  }

  /** Where something is missing the player would wait for ever. */
  #jumpGap(): void {
    const { buffered, currentTime } = this.#video;
    if (this.#ahead() > 0.05) return;
    for (let index = 0; index < buffered.length; index++)
      if (buffered.start(index) > currentTime) {
        this.#video.currentTime = buffered.start(index) + 0.01;
        return;
      }
  }

  #onSeeking(): void {
    if (this.#live || this.#wanted !== undefined || this.state === "closed") return;
    const { currentTime, buffered } = this.#video;
    for (let index = 0; index < buffered.length; index++)
      if (currentTime >= buffered.start(index) - EDGE && currentTime <= buffered.end(index) + EDGE) return;
    clearTimeout(this.#again);
    // Who drags asks for many places.
    this.#again = window.setTimeout(() => this.#connect(currentTime), TICK_MS);
  }

  #onPlay(): void {
    this.#pausedAt = 0;
    if (!this.#connection && this.#live && this.state === "playing") this.#connect(0);
  }

  #onDecodeError(): void {
    if (this.#object === "" || this.state === "closed") return;
    this.#decodeFailures += 1;
    if (this.#decodeFailures > 3) {
      this.#stop();
      this.#onlyPictures("codec");
    } else this.#retry("protocol", "");
  }

  #retry(code: string, message: string): void {
    this.#stop();
    this.state = "waiting";
    this.#say(code, message);
    const wait = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** Math.min(this.#failures, 6));
    this.#failures += 1;
    const at = this.#live ? 0 : this.#video.currentTime;
    this.#again = window.setTimeout(() => this.#connect(at), wait * (0.7 + 0.6 * Math.random()));
  }

  #fail(code: string, message: string): void {
    this.state = "failed";
    this.#say(code, message);
    this.#video.dispatchEvent(new CustomEvent("hikvisionfailed", { detail: { code, message } }));
  }

  #onlyPictures(why: string, message = ""): void {
    this.state = "pictures";
    this.#dropMedia();
    this.#say(why, message);
    const next = (): void => {
      if (this.state !== "pictures") return;
      const image = new Image();
      const again = (): void => void (this.#pictures = window.setTimeout(next, PICTURE_MS));
      image.onload = () => {
        if (this.state === "pictures") this.#video.poster = image.src;
        again();
      };
      image.onerror = () => (this.#live ? again() : undefined);
      image.src = `${this.#picture()}?${Date.now()}`;
    };
    next();
  }

  #picture(): string {
    return this.#url.replace(/video\.mp4$/, "picture.jpg");
  }

  #showPoster(): void {
    if (this.#video.poster !== "") return;
    const image = new Image();
    image.onload = () => {
      if (this.state !== "closed" && this.state !== "playing") this.#video.poster = image.src;
    };
    image.src = this.#picture();
  }

  #placeNote(): void {
    const { parentElement } = this.#video;
    if (!parentElement) return;
    if (getComputedStyle(parentElement).position === "static") parentElement.style.position = "relative";
    this.#note.className = "hikvision-video-note";
    this.#note.setAttribute("role", "status");
    this.#note.style.cssText =
      "position:absolute;left:8px;bottom:8px;max-width:calc(100% - 16px);padding:2px 8px;border-radius:4px;" +
      "background:rgba(0,0,0,.65);color:#fff;font:13px/1.5 sans-serif;pointer-events:none;z-index:1";
    this.#note.hidden = true;
    this.#video.after(this.#note);
  }

  #say(code: string, message = ""): void {
    this.#note.hidden = code === "";
    this.#note.textContent = message || words(code);
  }

  async #fullScreen(): Promise<void> {
    const safari = this.#video as { webkitEnterFullscreen?: () => void };
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (this.#video.requestFullscreen as unknown) await this.#video.requestFullscreen().catch(() => undefined);
    else safari.webkitEnterFullscreen?.();
  }

  #onKey(event: KeyboardEvent): void {
    const video = this.#video;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const keys: Readonly<Record<string, () => void>> = {
      " ": () => (video.paused ? void video.play() : video.pause()),
      f: () => void this.#fullScreen(),
      m: () => (video.muted = !video.muted),
      ArrowLeft: () => this.seek(video.currentTime - 10),
      ArrowRight: () => this.seek(video.currentTime + 10),
      "1": () => this.speed(1),
      "2": () => this.speed(2),
      "4": () => this.speed(4),
    };
    const run = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (!run) return;
    // With its own controls the browser does this one itself.
    if (event.key === " " && video.controls) return;
    event.preventDefault();
    run();
  }
}

function guarded(run: () => void): void {
  try {
    run();
  } catch {
    // The media source has been closed meanwhile.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function attach(video: HTMLVideoElement, source: Source, options: Options = {}): Handle {
  players.get(video)?.close();
  const player = new Player(video, typeof source === "string" ? source : source.url, options);
  players.set(video, player);
  return player;
}

/** Follows the attribute: frameworks set and take it away at will. */
function follow(): void {
  for (const [video] of players)
    if (!video.isConnected || (followed.has(video) && !video.dataset["hikvision"])) {
      players.get(video)?.close();
      followed.delete(video);
    }
  for (const video of document.querySelectorAll<HTMLVideoElement>("video[data-hikvision]")) {
    const url = video.dataset["hikvision"] ?? "";
    if (url === "" || followed.get(video) === url) continue;
    followed.set(video, url);
    attach(video, url);
  }
}

const followed = new WeakMap<HTMLVideoElement, string>();

const place = window as unknown as { hikvisionVideo?: typeof attach };
if (!place.hikvisionVideo) {
  place.hikvisionVideo = attach;
  new MutationObserver(follow).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-hikvision"],
  });
  follow();
}
