/** A recording by playback from somebody else's RTSP server, which plays a film of somebody else's. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { Device } from "../../../src/device";
import { systemChance, systemClock } from "../../../src/lib/clock";
import { say } from "../../../src/lib/sentence";
import { PartFile } from "../../../src/recordings/download/part-file";
import { PlaybackTransfer } from "../../../src/recordings/download/playback-transfer";
import type { Recording } from "../../../src/recordings/recording";
import { has, without } from "../../support/left-out";
import { RtspServer } from "../../support/rtsp/server";
import { accessOf, archiveOf, startVirtualDevice, type VirtualDevice } from "../../virtual-device";

const run = promisify(execFile);
const START = Date.UTC(2026, 0, 2);
const SECONDS = 4;
const RATE = 15;

/** What each picture of a file looks like, decoded, and when it is shown. */
async function picturesOf(file: string): Promise<{ hashes: string[]; seconds: number }> {
  const { stdout } = await run("ffmpeg", [
    "-v",
    "error",
    "-i",
    file,
    "-fps_mode",
    "passthrough",
    "-f",
    "framemd5",
    "-",
  ]);
  const rows = stdout.split("\n").filter((line) => /^\d/.test(line));
  const probed = await run("ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file]);
  return { hashes: rows.map((row) => row.split(",").at(-1)?.trim() ?? ""), seconds: Number(probed.stdout) };
}

const NEEDED = ["ffmpeg", "RTSP server of GStreamer"] as const;
const title = "a recording by playback, from GStreamer's RTSP server with digest";
(has(...NEEDED) ? describe : describe.skip)(`${title}${without(...NEEDED)}`, function () {
  this.slow(30_000).timeout(60_000);
  let folder: string;
  let device: VirtualDevice;
  let client: Device;
  let server: RtspServer;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-played-"));
    const film = path.join(folder, "film.mp4");
    const picture = ["-f", "lavfi", "-i", `testsrc2=size=320x180:rate=${RATE}:duration=${SECONDS}`];
    const coded = ["-c:v", "libx264", "-profile:v", "baseline", "-g", String(2 * RATE), "-pix_fmt", "yuv420p"];
    await run("ffmpeg", ["-v", "error", ...picture, ...coded, film]);
    device = await startVirtualDevice({ heartbeat: null, zone: "UTC0" });
    const { username, password } = device;
    server = await RtspServer.start({ username, password, paths: ["/Streaming/tracks/101"], film });
    accessOf(device).rtsp.port = server.port;
    archiveOf(device).add({ channel: 1, startMs: START, endMs: START + SECONDS * 1000, name: "one" });
    client = new Device(
      {
        identity: { id: "d", name: "Yard", host: device.host },
        address: { protocol: "http", host: device.host, port: device.port },
        credentials: { username, password },
        tls: { mode: "insecure" },
        basic: false,
        eventSource: "stream",
        heartbeatTimeout: 30,
        timeZone: "utc",
      },
      {
        wantsPictures: () => false,
        event: () => undefined,
        notification: () => undefined,
        state: () => undefined,
        warn: () => undefined,
      },
    );
  });
  after(async () => {
    await client.close();
    await server.stop();
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is every picture of it, and as long", async () => {
    const { identity, time, recordings, streamUrls } = client;
    const transfer = new PlaybackTransfer({
      ...{ identity, time, recordings, streamUrls, basic: false, tls: { mode: "insecure" } },
      credentials: { username: device.username, password: device.password },
      login: client.http.login,
      clock: systemClock,
      chance: systemChance,
    });
    const part = new PartFile(path.join(folder, "played"));
    const range = { startMs: START, endMs: START + SECONDS * 1000 };
    const played = await transfer.fetch(
      {
        source: { channel: 1, name: "one" } as Recording,
        range,
        purpose: say`the recording`,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      },
      part,
    );
    assert.deepEqual(played.range, range);
    const [sent, got] = await Promise.all([picturesOf(path.join(folder, "film.mp4")), picturesOf(part.path)]);
    assert.deepEqual(got.hashes, sent.hashes);
    assert.ok(Math.abs(got.seconds - sent.seconds) < 0.2, `${got.seconds} of ${sent.seconds} s`);
    assert.deepEqual([sent.hashes.length, server.described.length], [SECONDS * RATE, 1]);
  });
});
