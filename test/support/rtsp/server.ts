/** Starts GStreamer's RTSP server (server.py beside this file) for a test, as a stand-in for the video side of a device. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { PYTHON } from "../left-out";

const SCRIPT = path.join(__dirname, "server.py");

export interface RtspServerOptions {
  readonly username: string;
  readonly password: string;
  /** "/Streaming/Channels/101" …: the same picture under each, 640×360 at 15 a second in H.264, as long as somebody looks. */
  readonly paths: readonly string[];
  /** With a tone beside it, in G.711 as cameras send it. */
  readonly sound?: boolean;
  /** An MP4 of H.264, its path without spaces: what is recorded, played to each client from its beginning. */
  readonly film?: string;
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
