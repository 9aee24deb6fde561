/** Starts GStreamer's RTSP server (server.py beside this file) for a test, as a stand-in for the video side of a device. */
import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Debian's own: another Python does not see Debian's GStreamer. */
const PYTHON = "/usr/bin/python3";
const SCRIPT = path.join(__dirname, "server.py");

export interface RtspServerOptions {
  readonly username: string;
  readonly password: string;
  /** "/Streaming/Channels/101" …: the same picture under each, 640×360 at 15 a second in H.264, as long as somebody looks. */
  readonly paths: readonly string[];
  /** With a tone beside it, in G.711 as cameras send it. */
  readonly sound?: boolean;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Certificate and key, PEM: RTSP over TLS then, and nothing else. */
  readonly certificate?: string;
}

/** What a client has asked to see. */
export interface Described {
  readonly path: string;
  readonly query: string | null;
}

/** Why the server cannot run here, in words that help; undefined when it can. */
export function rtspServerMissing(): string | undefined {
  if (spawnSync("ffprobe", ["-version"]).status !== 0) return "no ffprobe: apt-get install ffmpeg";
  if (spawnSync(PYTHON, [SCRIPT, "check"], { timeout: 20_000 }).status === 0) return undefined;
  return (
    "no RTSP server of GStreamer: apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base " +
    "gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly glib-networking"
  );
}

export class RtspServer {
  readonly port: number;
  /** Every DESCRIBE that was let in, oldest first. */
  readonly described: Described[] = [];
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;

  private constructor(process: ChildProcessByStdio<Writable, Readable, null>, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** Resolves when it listens. */
  static async start(options: RtspServerOptions): Promise<RtspServer> {
    const process = spawn(PYTHON, [SCRIPT, JSON.stringify(options)], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: process.stdout });
    const [first] = (await Promise.race([
      once(lines, "line"),
      once(process, "exit").then(([code]) => {
        throw new Error(`The RTSP server ended with ${String(code)} before it listened.`);
      }),
    ])) as [string];
    const server = new RtspServer(process, (JSON.parse(first) as { port: number }).port);
    lines.on("line", (line) => server.described.push(JSON.parse(line) as Described));
    return server;
  }

  /** Its clients are cut off. Repeatable. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.stdin.end();
    this.#process.kill();
    await exit;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
