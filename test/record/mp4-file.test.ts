/** MP4 written by our own client and writer, from the virtual recorder, without ffmpeg; checked with ffprobe where that is there. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemChance, systemClock } from "../../src/lib/clock";
import { ForeignAudioError, Mp4File, type Mp4FileOptions } from "../../src/record/mp4-file";
import { withCredentials } from "../../src/rtsp/urls";
import { has, without } from "../support/left-out";
import { until } from "../support/until";
import {
  accessOf,
  rtspOf,
  startVirtualDevice,
  stillFilm,
  type FilmSource,
  type VirtualDevice,
} from "../virtual-device";
import { probe } from "./rig";

describe("an MP4 file of a stream", function () {
  this.timeout(30_000).slow(6_000);
  let device: VirtualDevice;
  let directory: string;
  let film = stillFilm;
  const films: FilmSource = (shown) => film(shown);

  beforeEach(async () => {
    film = stillFilm;
    device = await startVirtualDevice({ model: "nvr", heartbeat: null, films });
    rtspOf(device).sound = "aac";
    directory = await mkdtemp(path.join(tmpdir(), "hikflow mp4 "));
  });
  afterEach(async () => {
    await until(() => device.rtspConnections === 0 && rtspOf(device).sessions.size === 0, "nothing is open");
    await device.close();
    await rm(directory, { recursive: true });
  });

  const url = (): string =>
    withCredentials(`rtsp://127.0.0.1:${accessOf(device).rtsp.port}/Streaming/Channels/102`, device);
  const record = (more: Partial<Mp4FileOptions> = {}, signal = new AbortController().signal): Promise<Mp4File> =>
    Mp4File.open(
      {
        ...{ url: url(), directory, name: "deep/a.mp4", foreignAudio: "leave out" },
        ...{ clock: systemClock, chance: systemChance, ...more },
      },
      signal,
    );
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it(`holds every picture and its sound${without("ffmpeg")}`, async () => {
    const file = await record();
    assert.equal(file.path, path.join(directory, "deep/a.mp4"));
    await wait(2_500);
    await file.stop();
    assert.equal(await file.ended, undefined);
    const { bytes, duration } = await file.facts();
    assert.equal(bytes, (await stat(file.path)).size);
    assert.ok(duration > 2.2 && duration < 4, `${duration} s`);
    if (!has("ffmpeg")) return;
    const { frames, codecs, claims, seconds } = await probe(file.path);
    assert.deepEqual(codecs, ["h264", "aac"]);
    assert.equal(frames, Math.round(duration * 10));
    assert.ok(Math.abs(claims - duration) < 0.3 && Math.abs(seconds - duration) < 0.3, `${claims}, ${seconds} s`);
  });

  it("gets a number where its name is taken, and plays while it is written", async () => {
    const files = [await record(), await record()];
    assert.equal(path.basename(files[1]?.path ?? ""), "a_2.mp4");
    await wait(600);
    if (has("ffmpeg")) assert.ok((await probe(files[0]?.path ?? "", true)).frames >= 1);
    for (const file of files) await file.stop();
  });

  it("ends where the video changes, and holds nothing of what comes then", async () => {
    let changed = false;
    film = (shown) => {
      const still = stillFilm(shown);
      const others = still.sets.map((one) => Buffer.from(one));
      // Another level.
      others[0]?.writeUInt8(20, 3);
      return Object.defineProperty({ ...still }, "sets", { get: () => (changed ? others : still.sets) });
    };
    const file = await record();
    changed = true;
    assert.equal(await file.ended, undefined);
    if (has("ffmpeg")) assert.deepEqual((await probe(file.path)).codecs, ["h264", "aac"]);
  });

  it("says why it ended: the device falls silent, or ends the stream", async () => {
    rtspOf(device).trouble = { kind: "close", after: 8 };
    const file = await record();
    assert.equal((await file.ended)?.code ?? "offline", "offline");
    const { duration, bytes } = await file.facts();
    assert.ok(Math.abs(duration - 0.8) < 0.11 && bytes > 500, `${duration} s`);
  });

  it("leaves out sound that it cannot hold, or refuses it", async () => {
    rtspOf(device).sound = "pcmu";
    await assert.rejects(record({ foreignAudio: "refuse" }), ForeignAudioError);
    const file = await record();
    await wait(300);
    await file.stop();
    if (has("ffmpeg")) assert.deepEqual((await probe(file.path)).codecs, ["h264"]);
  });

  for (const [what, spoil, code] of [
    ["has no more slots", () => (rtspOf(device).slots = 0), "noSlots"],
    [
      "sends another codec",
      () => (film = (shown) => ({ ...stillFilm(shown), codec: "jpeg" as "h264" })),
      "notSupported",
    ],
    ["refuses the login", () => rtspOf(device).statuses.set("PLAY", "401 Unauthorized"), "unauthorized"],
    ["ends the video before a picture", () => (rtspOf(device).trouble = { kind: "close", after: 0 }), "offline"],
  ] as const)
    it(`leaves nothing where the device ${what}`, async () => {
      spoil();
      await assert.rejects(record(), { code });
      assert.deepEqual(await readdir(path.join(directory, "deep")), []);
    });

  it("leaves nothing where it is aborted before the first picture", async () => {
    rtspOf(device).trouble = { kind: "stall", after: 0 };
    const controller = new AbortController();
    const starting = record({}, controller.signal);
    await until(() => rtspOf(device).requests.some(({ method }) => method === "PLAY"), "it plays");
    controller.abort();
    await assert.rejects(starting, { code: "aborted" });
    assert.deepEqual(await readdir(path.join(directory, "deep")), []);
  });

  it(`plays up to where this process was killed${without("ffmpeg")}`, async function () {
    if (!has("ffmpeg")) this.skip();
    const file = path.join(directory, "killed.mp4");
    const script = path.join(__dirname, "recording-process.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script, url(), file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await wait(3_000);
    child.kill("SIGKILL");
    await once(child, "exit");
    const { seconds, frames } = await probe(file, true);
    // The last fragment may be missing.
    assert.ok(seconds > 0.8, `${seconds} s`);
    assert.ok(frames >= 8, `${frames} pictures`);
  });
});
