/**
 * The system's ffmpeg: started without a shell, stopped so that it can end its file, its messages mapped to our errors.
 * What it reads and writes is the caller's business; so are its arguments.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { Readable, type Writable } from "node:stream";
import { systemClock, type Clock, type Timer } from "./clock";
import { AbortedError, FatalError, RetryableError, type HikvisionError } from "./errors";
import { say } from "./sentence";

export interface FfmpegOptions {
  /** Everything after the program's name. Each is one argument, whatever stands in it. All processes see them: no secrets. */
  readonly args: readonly string[];
  /** Given on standard input, which nobody else can see. Default: nothing. */
  readonly input?: string | Iterable<Buffer>;
  /** What it writes to standard output. Must not throw. */
  readonly onOutput?: (chunk: Buffer) => void;
  readonly clock?: Clock;
}

/** Warnings and errors only, no prompts, in the wording that {@link translate} knows. */
const BASE_ARGS = ["-hide_banner", "-nostats", "-loglevel", "warning"] as const;
/** How long it may take to end its file. */
const STOP_TIMEOUT_MS = 5_000;
/** How long it may take to be gone after that. */
const KILL_TIMEOUT_MS = 5_000;
/** Only the end of its error output is kept. */
const MAX_ERROR_CHARACTERS = 8_192;

/** One running ffmpeg. Whoever started it stops it. */
export class Ffmpeg {
  /** Resolves when it is gone and has done what it should; a {@link HikvisionError} tells why not. After `stop`, it resolves. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #clock: Clock;
  #errorOutput = "";
  #stopped = false;
  #gone = false;
  #leaving: Timer | undefined;
  #letGo: () => void = () => undefined;

  constructor({ args, input, onOutput, clock = systemClock }: FfmpegOptions) {
    this.#clock = clock;
    const child = spawn("ffmpeg", [...BASE_ARGS, ...args], {
      stdio: [input === undefined ? "ignore" : "pipe", onOutput ? "pipe" : "ignore", "pipe"],
      windowsHide: true,
      // A Ctrl-C in Node-RED's terminal must not reach it in addition to our own signal: the second one makes it drop its file.
      detached: process.platform !== "win32",
    });
    this.#process = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-MAX_ERROR_CHARACTERS);
    });
    if (onOutput) child.stdout?.on("data", onOutput);
    // It may be gone before it has read everything.
    child.stdin?.on("error", () => undefined);
    if (child.stdin && input !== undefined) give(input, child.stdin);
    this.ended = new Promise((resolve, reject) => {
      this.#letGo = resolve;
      child.once("error", (error: NodeJS.ErrnoException) => reject(startFailure(error)));
      child.once("close", (code, signal) => {
        this.#gone = true;
        this.#leaving?.cancel();
        if (code === 0 || this.#stopped) resolve();
        else if (signal) reject(new FatalError("ffmpeg", say`ffmpeg was ended by another process (${signal}).`));
        else reject(translate(this.#errorOutput));
      });
    });
    // Its owner may look later.
    this.ended.catch(() => undefined);
  }

  /** The end of its error output so far, without user names and passwords. */
  get errorOutput(): string {
    return withoutLogins(this.#errorOutput);
  }

  /** Lets it end its file, for at most five seconds; then kills it. Resolves when it is gone. Repeatable. */
  async stop(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true;
      // Windows has no such signal: there it is the end at once.
      this.#signal("SIGINT");
    }
    const timer = this.#clock.after(STOP_TIMEOUT_MS, () => this.kill());
    await this.ended.catch(() => undefined);
    timer.cancel();
  }

  /** Ends it at once, whatever it was writing. One that does not go is left behind, and counts as gone. */
  kill(): void {
    if (this.#gone) return;
    this.#stopped = true;
    this.#signal("SIGKILL");
    // The system keeps what writes to a disk that does not answer; a script in its place may have left another process with its pipes.
    this.#leaving ??= this.#clock.after(KILL_TIMEOUT_MS, () => {
      const { stdin, stdout, stderr } = this.#process;
      for (const pipe of [stdin, stdout, stderr]) pipe?.destroy();
      this.#process.unref();
      this.#letGo();
    });
  }

  /** A process that did not start has no pid; kill(0) would signal all of Node-RED. */
  #signal(signal: "SIGINT" | "SIGKILL"): void {
    if (this.#process.pid !== undefined) this.#process.kill(signal);
  }
}

/** As fast as it is taken: many megabytes at once would hold Node-RED up. */
function give(input: string | Iterable<Buffer>, stdin: Writable): void {
  if (typeof input === "string") stdin.end(input);
  else Readable.from(input).pipe(stdin);
}

/**
 * Runs ffmpeg to its end. An abort kills it; the caller removes what it has written.
 * @throws {FatalError} `ffmpeg` (missing, or it cannot do this), `disk`, …; {@link AbortedError}.
 */
export async function runFfmpeg(options: FfmpegOptions & { readonly signal?: AbortSignal }): Promise<void> {
  const { signal } = options;
  if (signal?.aborted) throw new AbortedError();
  const ffmpeg = new Ffmpeg(options);
  const onAbort = (): void => ffmpeg.kill();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await ffmpeg.ended;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
  if (signal?.aborted) throw new AbortedError();
}

/** Why it could not be started at all. */
function startFailure({ code, message }: NodeJS.ErrnoException): HikvisionError {
  if (code === "ENOENT")
    return new FatalError(
      "ffmpeg",
      say`ffmpeg is not installed where Node-RED runs. Install it: apt install ffmpeg (Debian, Raspberry Pi OS), apk add ffmpeg (the Node-RED container), brew install ffmpeg (macOS) or winget install ffmpeg (Windows).`,
    );
  if (code === "EACCES") return new FatalError("ffmpeg", say`ffmpeg is installed, but Node-RED may not run it.`);
  return new FatalError("ffmpeg", say`ffmpeg could not be started: ${message}.`);
}

type Translation = readonly [RegExp, () => HikvisionError];

/** The first that fits decides. Wordings of ffmpeg 4.4 to 7.1. */
const TRANSLATIONS: readonly Translation[] = [
  [
    /No space left on device|Disk quota exceeded/i,
    () => new FatalError("disk", say`The disk is full: make room for it.`),
  ],
  [
    /Read-only file system/i,
    () => new FatalError("disk", say`The directory cannot be written to: its disk is read-only.`),
  ],
  [
    /Permission denied/i,
    () => new FatalError("disk", say`Node-RED may not write there. Choose another directory, or give it the right to.`),
  ],
  [
    /unknown keyword '?option/i,
    () => new FatalError("ffmpeg", say`This ffmpeg is too old. Install version 5 or newer.`),
  ],
  [
    /401 Unauthorized|authorization failed/i,
    () =>
      new FatalError(
        "unauthorized",
        say`The device refused user name or password for its video (RTSP). Check them, and the user's right to watch this channel.`,
      ),
  ],
  [
    /403 Forbidden/i,
    () =>
      new FatalError("forbidden", say`The user may not watch this channel. Give the user that right on the device.`),
  ],
  [
    /404 Not Found|454 Session Not Found/i,
    () => new FatalError("notFound", say`The device has no such video. Check channel and stream.`),
  ],
  [
    /453 Not Enough|503 Service|5XX Server Error/i,
    () =>
      new RetryableError(
        "noSlots",
        say`The device sends no more videos at the same time. Close another viewer, or use the sub stream.`,
      ),
  ],
  [
    /timed out|ETIMEDOUT/i,
    () => new RetryableError("timeout", say`The device's video did not come in time (RTSP). Check the network.`),
  ],
  [
    /Connection refused/i,
    () =>
      new RetryableError(
        "offline",
        say`The device accepts no connection for its video (RTSP). Check that RTSP is on, and its port.`,
      ),
  ],
  [
    /No route to host|Network is unreachable|Connection reset|Broken pipe|Name or service not known|Failed to resolve|End of file/i,
    () => new RetryableError("offline", say`The device's video cannot be reached (RTSP). Check the network.`),
  ],
];

/** Its error output as one of our errors. */
function translate(output: string): HikvisionError {
  const found = TRANSLATIONS.find(([wording]) => wording.test(output));
  if (found) return found[1]();
  const last = withoutLogins(output).trim().split("\n").at(-1)?.trim() ?? "";
  return new FatalError(
    "ffmpeg",
    last === "" ? say`ffmpeg ended without an error message.` : say`ffmpeg could not do it: ${last}`,
  );
}

/** The same text, without user names and passwords of addresses in it. */
function withoutLogins(text: string): string {
  return text.replace(/:\/\/[^\s/'"]*@/g, "://");
}
