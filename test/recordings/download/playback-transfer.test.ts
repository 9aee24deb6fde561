/** Recordings by playback, from a virtual device that refuses downloads: each picture of its film says which moment it is of. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { Device } from "../../../src/device";
import { systemChance, type Clock } from "../../../src/lib/clock";
import { codeOf, type HikvisionError } from "../../../src/lib/errors";
import { say } from "../../../src/lib/sentence";
import { mp4Seconds } from "../../../src/recordings/download/mp4-length";
import { PartFile } from "../../../src/recordings/download/part-file";
import { PlaybackTransfer, type PlayedFile } from "../../../src/recordings/download/playback-transfer";
import type { Recording } from "../../../src/recordings/recording";
import { has, without } from "../../support/left-out";
import { momentFilm } from "../../support/moment-film";
import { quickClock } from "../../support/quick-clock";
import { until } from "../../support/until";
import { archiveOf, platformAccessOf, rtspOf, startVirtualDevice, type VirtualDevice } from "../../virtual-device";

const DAY = Date.UTC(2026, 0, 2);
const KEY_SECONDS = 2;
const STEP = 200;

describe("a recording by playback", function () {
  this.slow(3000).timeout(20_000);
  let device: VirtualDevice;
  let client: Device;
  let folder: string;
  let clock: Clock;
  let transfer: PlaybackTransfer;
  let shares: number[];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-playback-"));
    clock = quickClock(10);
    shares = [];
    device = await startVirtualDevice({
      model: "nvr",
      heartbeat: null,
      films: momentFilm(KEY_SECONDS),
      zone: "CST-8:00:00",
      clock,
    });
    archiveOf(device).zulu = "local";
    Object.assign(rtspOf(device), { keySeconds: KEY_SECONDS, clock: "range", fastest: 60 });
    client = new Device(
      {
        identity: { id: "d", name: "Yard", host: device.host },
        address: { protocol: "http", host: device.host, port: device.port },
        credentials: { username: device.username, password: device.password },
        tls: { mode: "insecure" },
        basic: false,
        eventSource: "stream",
        heartbeatTimeout: 30,
        timeZone: "local",
      },
      {
        wantsPictures: () => false,
        event: () => undefined,
        notification: () => undefined,
        state: () => undefined,
        warn: () => undefined,
      },
    );
    const { identity, time, recordings, streamUrls } = client;
    transfer = new PlaybackTransfer({
      identity,
      time,
      recordings,
      streamUrls,
      credentials: { username: device.username, password: device.password },
      basic: false,
      tls: { mode: "insecure" },
      login: client.http.login,
      clock,
      chance: systemChance,
    });
  });
  afterEach(async () => {
    await until(() => device.rtspConnections === 0, "nothing is left open");
    await client.close();
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const record = (fromSeconds: number, toSeconds: number, channel = 1): void =>
    void archiveOf(device).add({
      channel,
      startMs: DAY + fromSeconds * 1000,
      endMs: DAY + toSeconds * 1000,
      name: `c${channel}_${fromSeconds}`,
    });

  interface Got extends PlayedFile {
    readonly moments: readonly number[];
    readonly bytes: Buffer;
  }

  /** Seconds of the day. */
  async function fetch(
    from: number,
    to: number,
    extra: { signal?: AbortSignal; maxBytes?: number; open?: true } = {},
  ): Promise<Got> {
    const part = new PartFile(path.join(folder, "film"));
    const { signal = new AbortController().signal, maxBytes, open } = extra;
    try {
      const played = await transfer.fetch(
        {
          source: { channel: 1, name: "one", ...(open && { open }) } as Recording,
          range: { startMs: DAY + from * 1000, endMs: DAY + to * 1000 },
          purpose: say`the recording`,
          signal,
          maxBytes,
          onProgress: (_, share) => void shares.push(share),
        },
        part,
      );
      const bytes = readFileSync(part.path);
      assert.equal(played.filled.bytes, bytes.length);
      return { ...played, moments: momentsIn(bytes), bytes };
    } finally {
      await part.remove();
      assert.deepEqual(readdirSync(folder), []);
    }
  }

  const failure = async (...args: Parameters<typeof fetch>): Promise<HikvisionError> => {
    try {
      await fetch(...args);
    } catch (error) {
      assert.ok(codeOf(error), String(error));
      return error as HikvisionError;
    }
    throw new Error("it came");
  };
  const every = (from: number, to: number): number[] =>
    Array.from({ length: Math.round((to - from) * 5) }, (_, index) => DAY + from * 1000 + index * STEP);
  const plays = (): (string | undefined)[] =>
    rtspOf(device)
      .requests.filter(({ method }) => method === "PLAY")
      .map(({ headers }) => (headers.has("rate-control") ? "unlimited" : (headers.get("scale") ?? "real")));

  it("is every picture of the range as MP4, from the key picture before it", async () => {
    record(0, 3600);
    const { moments, bytes, range, filled } = await fetch(601, 615);
    assert.deepEqual(moments, every(600, 615));
    assert.equal(range.startMs, DAY + 600_000);
    assert.equal(range.endMs, DAY + 615_000);
    assert.equal(filled.head.toString("latin1", 4, 8), "ftyp");
    assert.deepEqual(plays(), ["unlimited"]);
    assert.equal(shares[0], 0);
    assert.ok((shares.at(-1) ?? 0) > 0.98);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    const file = path.join(folder, "kept.mp4");
    writeFileSync(file, bytes);
    assert.equal(await mp4Seconds(file), 15);
    rmSync(file);
  });

  (has("ffmpeg") ? it : it.skip)(`can be played as far as it has come${without("ffmpeg")}`, async () => {
    record(0, 60);
    const { bytes } = await fetch(0, 20);
    const file = path.join(folder, "killed.mp4");
    writeFileSync(file, bytes.subarray(0, bytes.length * 0.6));
    const wanted = ["-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames"];
    const { stdout } = await promisify(execFile)("ffprobe", [...wanted, "-of", "csv=p=0", file], { timeout: 20_000 });
    const frames = Number(stdout.trim());
    assert.ok(frames >= 55 && frames <= 65, `${frames} of 100 pictures`);
    rmSync(file);
  });

  it("has the sound where that is AAC, and comes without where it is not", async () => {
    record(0, 60);
    rtspOf(device).sound = "aac";
    const withSound = await fetch(0, 20);
    assert.deepEqual(withSound.moments, every(0, 20));
    assert.ok(withSound.bytes.includes("mp4a"));
    rtspOf(device).sound = "pcmu";
    const { bytes, moments } = await fetch(0, 20);
    assert.deepEqual(moments, every(0, 20));
    assert.ok(!bytes.includes("mp4a"));
  });

  for (const pastEnd of [false, true])
    it(`ends where it is to end, from a device that ${pastEnd ? "plays on" : "falls silent"}`, async () => {
      record(0, 3600);
      rtspOf(device).pastEnd = pastEnd;
      assert.deepEqual((await fetch(600, 610)).moments, every(600, 610));
    });

  it("of files that follow each other is one film, and a gap is left out", async () => {
    record(0, 20);
    record(21, 40);
    record(60, 80);
    rtspOf(device).clock = "none";
    const { moments, range } = await fetch(10, 70);
    assert.deepEqual(range, { startMs: DAY + 10_000, endMs: DAY + 70_000 });
    assert.deepEqual(moments, [...every(10, 20), ...every(21, 40), ...every(60, 70)]);
  });

  it("of a gap, of another channel and of what was overwritten is not found, and nothing is played", async () => {
    record(0, 60);
    record(100, 160, 2);
    for (const [from, to] of [
      [61, 90],
      [110, 150],
    ] as const) {
      const { code, message, cause } = await failure(from, to);
      assert.equal(code, "notFound");
      assert.match(message, /nothing recorded on channel 1 any more/);
      assert.equal(cause.device?.name, "Yard");
    }
    assert.equal(rtspOf(device).connections, 0);
  });

  it("is no other moment: a device that says it plays one is an error", async () => {
    record(7200, 7300);
    // It is overwritten between each search and its playback.
    const search = client.recordings.search.bind(client.recordings);
    client.recordings.search = async (...query) => {
      record(0, 60);
      const found = await search(...query);
      archiveOf(device).remove(archiveOf(device).all.slice(1));
      return found;
    };
    const { code, message } = await failure(10, 20);
    assert.equal(code, "protocol");
    assert.match(message, /plays another moment.*Nothing of it was kept/);
  });

  it("that ends early is asked for again, and is an error in words when it stays so", async () => {
    record(0, 60);
    rtspOf(device).trouble = { kind: "close", after: 20 };
    const { code, message } = await failure(0, 14);
    assert.equal(code, "protocol");
    assert.match(message, /4 of 14 seconds came/);
    assert.equal(plays().length, 3);
    rtspOf(device).trouble = { kind: "stall", after: 20 };
    assert.equal((await failure(0, 14)).code, "protocol");
    rtspOf(device).trouble = undefined;
    assert.deepEqual((await fetch(0, 14)).moments, every(0, 14));
  });

  it("is played four times as fast by a device that refuses to go without limit, and that is remembered", async () => {
    record(0, 3600);
    Object.assign(rtspOf(device), { rateControl: "refused" });
    for (let times = 0; times < 2; times++) assert.deepEqual((await fetch(600, 612)).moments, every(600, 612));
    assert.deepEqual(plays(), ["unlimited", "4.000", "4.000"]);
  });

  it("is played in real time by a device that refuses more", async () => {
    record(0, 3600);
    Object.assign(rtspOf(device), { rateControl: "refused", scale: "refused" });
    assert.deepEqual((await fetch(600, 606)).moments, every(600, 606));
    assert.deepEqual(plays(), ["unlimited", "4.000", "real"]);
  });

  it("is found to be played in real time, or with key pictures alone, and then asked for in another way", async () => {
    record(0, 3600);
    Object.assign(rtspOf(device), { rateControl: "unknown", scale: "keys" });
    assert.deepEqual((await fetch(600, 636)).moments, every(600, 636));
    assert.deepEqual(plays(), ["unlimited", "4.000", "real"]);
  });

  it("of an encrypting device is not supported, and nothing is played", async () => {
    record(0, 60);
    Object.assign(platformAccessOf(device), { enabled: true, encrypted: true });
    assert.equal((await failure(0, 10)).code, "notSupported");
    assert.equal(rtspOf(device).connections, 0);
  });

  it("is no longer than a message may hold", async () => {
    record(0, 3600);
    const { code, message } = await failure(0, 600, { maxBytes: 20_000 });
    assert.equal(code, "badRequest");
    assert.match(message, /a message may hold/);
  });

  it("ends with the signal, and leaves nothing", async () => {
    record(0, 3600);
    const stop = new AbortController();
    const taken = fetch(0, 3600, { signal: stop.signal });
    await until(() => shares.some((share) => share > 0), "it plays");
    stop.abort();
    await assert.rejects(taken, (error: unknown) => codeOf(error) === "aborted");
  });

  it("that is still being written is played as far as it is there", async () => {
    const now = device.time.now();
    archiveOf(device).add({ startMs: now - 60_000, endMs: now, name: "open", open: true });
    const from = (now - 60_000 - DAY) / 1000;
    const { range } = await fetch(from, from + 3600, { open: true });
    assert.ok(range.endMs <= device.time.now() - 9_000 && range.endMs >= now - 11_000);
  });
});

/** Of each picture, by its label. */
function momentsIn(bytes: Buffer): number[] {
  return [...bytes.toString("latin1").matchAll(/moment=(\d{13})/g)].map(([, digits]) => Number(digits));
}
