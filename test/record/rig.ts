/** A recorder that records from GStreamer's RTSP server, and what tests need to know about its files. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { systemChance, systemClock } from "../../src/lib/clock";
import { Isapi } from "../../src/isapi/isapi";
import { Recorder, type StartResult, type InFile } from "../../src/record/recorder";
import type { Stopped } from "../../src/record/recording-job";
import { withCredentials } from "../../src/rtsp/urls";
import { say } from "../../src/lib/sentence";
import { FakeHttp } from "../isapi/fake-http";
import { SinkLog } from "./sink-log";
import { RtspServer, type RtspServerOptions } from "../support/rtsp/server";

export const LOGIN = { username: "admin", password: "pa ss@#%:/?'ü" };
export const TARGET: InFile = { where: "file", channel: 1, stream: 1 };
const PATH = "/Streaming/Channels/101";

export class Rig {
  readonly log = new SinkLog();
  readonly controller = new AbortController();
  readonly recorder: Recorder;
  password = LOGIN.password;

  private constructor(
    public server: RtspServer,
    readonly directory: string,
  ) {
    this.recorder = new Recorder({
      isapi: new Isapi(FakeHttp.of({})),
      streamUrls: {
        live: () => Promise.resolve({ url: this.url, channel: 1, stream: 1, notices: [say`Mind the gap.`] }),
      },
      minutesAt: () => 120,
      clock: systemClock,
      chance: systemChance,
      beforeClose: () => undefined,
    });
  }

  static async start(options: Partial<RtspServerOptions> = {}): Promise<Rig> {
    const server = await RtspServer.start({ ...LOGIN, paths: [PATH], ...options });
    return new Rig(server, await mkdtemp(path.join(tmpdir(), "record-")));
  }

  get url(): string {
    const plain = `rtsp://127.0.0.1:${this.server.port}${PATH}?transportmode=unicast`;
    return withCredentials(plain, { ...LOGIN, password: this.password });
  }

  record(
    seconds?: number,
    container: "mp4" | "mkv" = "mp4",
    template = "{device}/{channel}_{start}",
    directory = this.directory,
  ): Promise<StartResult> {
    const durationMs = seconds === undefined ? undefined : seconds * 1000;
    return this.recorder.startFile(
      TARGET,
      { directory, template, container },
      { durationMs, sink: this.log, signal: this.controller.signal },
    );
  }

  stop(): Promise<Stopped> {
    return this.recorder.stop(TARGET, this.controller.signal);
  }

  /** All files below the directory. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.directory, path.join(entry.parentPath, entry.name)))
      .sort();
  }

  async close(): Promise<void> {
    this.controller.abort();
    await this.recorder.close();
    await this.server.stop();
    await rm(this.directory, { recursive: true });
    assert.deepEqual(ffmpegs(), [], "ffmpeg is still running");
  }
}

/** What ffprobe finds in a file: seconds from the first to the last packet, decoded frames, codecs. `torn`: its last frame may be incomplete. */
export async function probe(
  file: string,
  torn = false,
): Promise<{ seconds: number; frames: number; codecs: string[]; claims: number }> {
  const run = promisify(execFile);
  const { stdout, stderr } = await run("ffprobe", [
    ...[
      "-v",
      "error",
      "-count_frames",
      "-show_entries",
      "stream=codec_name,nb_read_frames:format=duration:packet=stream_index,pts_time",
    ],
    ...["-of", "json", file],
  ]);
  if (!torn) assert.doesNotMatch(stderr, /error|invalid/i);
  const found = JSON.parse(stdout) as {
    streams: { codec_name: string; nb_read_frames: string }[];
    format: { duration?: string };
    packets: { stream_index: number; pts_time: string }[];
  };
  const times = found.packets.filter(({ stream_index }) => stream_index === 0).map(({ pts_time }) => Number(pts_time));
  return {
    seconds: Math.max(...times) - Math.min(...times),
    frames: Number(found.streams[0]?.nb_read_frames),
    codecs: found.streams.map(({ codec_name }) => codec_name),
    claims: Number(found.format.duration),
  };
}

/** The ffmpeg processes of this process, or of another one. */
export function ffmpegs(
  parent = process.pid,
): { readonly pid: number; readonly cmdline: string; readonly environ: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, comm, state, ppid] = /^\d+ \((.*)\) (\w) (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
        if (comm !== "ffmpeg" || state === "Z" || Number(ppid) !== parent) return [];
        const read = (what: string): string => readFileSync(`/proc/${name}/${what}`, "utf8");
        return [{ pid: Number(name), cmdline: read("cmdline"), environ: read("environ") }];
      } catch {
        return [];
      }
    });
}
