import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import deviceModule from "../../../nodes/device/device";
import downloadModule from "../../../nodes/download/download";
import { coreNode, deviceNode, ends, helper, inbox, loadFlow, login, nodeById, type Inbox } from "../../support/flow";
import { filmOf } from "../../../scripts/demo";
import { has, without } from "../../support/left-out";
import { archiveOf, downloadsOf, IMKH, startVirtualDevice, type VirtualDevice } from "../../virtual-device";
import { until } from "../../support/until";

const SECOND = 1_000;
const BEGIN = Date.parse("2026-05-01T08:00:00Z");
const hasFfmpeg = has("ffmpeg");

/** A program stream of so many seconds, as a device sends it: its own head, a key frame every 2 s, sound that MP4 does not know. */
function programStream(seconds: number): Buffer {
  const made = madeStreams.get(seconds) ?? Buffer.concat([IMKH, coded(seconds)]);
  madeStreams.set(seconds, made);
  return made;
}

const madeStreams = new Map<number, Buffer>();

function coded(seconds: number): Buffer {
  const picture = ["-f", "lavfi", "-i", `testsrc=size=160x120:rate=10:duration=${seconds}`];
  const sound = ["-f", "lavfi", "-i", `sine=sample_rate=48000:duration=${seconds}`];
  const coding = [
    "-c:v",
    "libx264",
    "-g",
    "20",
    "-bf",
    "0",
    "-preset",
    "ultrafast",
    "-c:a",
    "pcm_s16be",
    "-f",
    "vob",
    "pipe:1",
  ];
  return execFileSync("ffmpeg", ["-loglevel", "error", ...picture, ...sound, ...coding], { maxBuffer: 1 << 26 });
}

interface Probe {
  readonly seconds: number;
  readonly codecs: readonly string[];
  /** Decoded pictures. */
  readonly pictures: number;
}

function probe(file: string): Probe {
  const entries = "format=duration:stream=codec_name,nb_read_frames";
  const told = execFileSync("ffprobe", ["-v", "error", "-count_frames", "-show_entries", entries, "-of", "json", file]);
  const { format, streams } = JSON.parse(told.toString()) as {
    format: { duration: string };
    streams: { codec_name: string; nb_read_frames: string }[];
  };
  const codecs = streams.map(({ codec_name }) => codec_name);
  return { seconds: Number(format.duration), codecs, pictures: Number(streams[0]?.nb_read_frames) };
}

describe(`download as MP4${without("ffmpeg")}`, () => {
  let device: VirtualDevice;
  let folder: string;
  let out: Inbox;
  let caught: Inbox;

  before(function () {
    if (!hasFfmpeg) this.skip();
    helper.startServer();
  });
  after(() => {
    if (hasFfmpeg) helper.stopServer();
  });
  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow mp4's-"));
    device = await startVirtualDevice({ model: "nvr" });
  });
  afterEach(async () => {
    await helper.unload();
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(def: Record<string, unknown> = {}): Promise<void> {
    const flow = [
      deviceNode(device, { timeZone: "utc" }),
      {
        id: "download",
        type: "hikvision-download",
        device: "device",
        directory: folder,
        filename: "{name}",
        deliverAs: "mp4",
        wires: [["out"], []],
        ...def,
      },
      { id: "out", type: "helper" },
      { id: "catch", type: "catch", wires: [["caught"]] },
      { id: "caught", type: "helper" },
    ];
    await loadFlow([deviceModule, downloadModule, coreNode("common/25-catch")], flow, { device: login(device) });
    out = inbox("out");
    caught = inbox("caught");
  }

  function record(fromS: number, seconds: number): string {
    const startMs = BEGIN + fromS * SECOND;
    const stored = archiveOf(device).add({ startMs, endMs: startMs + seconds * SECOND, media: programStream(seconds) });
    return archiveOf(device).uri(stored);
  }
  const send = (message: Record<string, unknown>): void => nodeById("download").receive(message);

  it("makes a whole recording an MP4, with its sound", async () => {
    const uri = record(0, 6);
    await start();
    send({ payload: uri });
    const { path: file, container } = await out.payload();
    assert.equal(container, "mp4");
    assert.match(String(file), /\.mp4$/);
    const { seconds, codecs, pictures } = probe(String(file));
    assert.deepEqual([codecs, pictures], [["h264", "aac"], 60]);
    assert.ok(Math.abs(seconds - 6) < 0.2, `${seconds} s`);
    assert.equal(readdirSync(folder).length, 1);
    send({ payload: uri });
    assert.equal((await out.payload())["skipped"], true);
  });

  it("makes a film of the virtual device an MP4, every picture of it", async () => {
    const [startMs, endMs] = [BEGIN, BEGIN + 6 * SECOND];
    const media = filmOf({ channel: 1, channelName: "Gate", zone: device.time.zone, startMs, endMs });
    await start();
    send({ payload: archiveOf(device).uri(archiveOf(device).add({ startMs, endMs, media })) });
    const { seconds, codecs, pictures } = probe(String((await out.payload())["path"]));
    assert.deepEqual([seconds, codecs, pictures], [6, ["h264"], 72]);
  });

  it("cuts the recordings of a range to it", async () => {
    record(0, 8);
    record(8, 8);
    await start();
    send({ channel: 1, start: "2026-05-01T08:00:03Z", end: "2026-05-01T08:00:13Z" });
    for (const wanted of [5, 5]) {
      const { path: file } = await out.payload();
      const { seconds, pictures } = probe(String(file));
      assert.ok(Math.abs(seconds - wanted) < 0.2, `${seconds} s`);
      assert.ok(Math.abs(pictures - wanted * 10) <= 2, `${pictures} pictures`);
    }
    assert.equal(readdirSync(folder).length, 2);
  });

  it("gives the seconds around an event as one clip, from both files that hold them", async () => {
    record(0, 8);
    record(8, 8);
    await start({ before: "3", beforeType: "num" });
    const done = ends("download");
    send({ payload: { type: "VMD", time: "2026-05-01T10:00:07+02:00", channel: 1 }, after: 4 });
    const payload = await out.payload();
    const { seconds, pictures } = probe(String(payload["path"]));
    assert.ok(Math.abs(seconds - 7) < 0.25, `${seconds} s`);
    assert.ok(Math.abs(pictures - 70) <= 3, `${pictures} pictures`);
    const { start: begin, end } = payload["recording"] as { start: string; end: string };
    assert.deepEqual([begin, end], ["2026-05-01T08:00:04.000Z", "2026-05-01T08:00:11.000Z"]);
    await until(() => done.length === 1, "the end");
    assert.equal(readdirSync(folder).length, 1);
  });

  it("puts a short clip into the message, ready for mail", async () => {
    record(0, 6);
    await start({ deliverAs: "buffer", directory: "" });
    send({ payload: { time: "2026-05-01T08:00:03Z", channel: 1 }, before: 1, after: 2 });
    const { payload, filename, contentType, download } = await out.next();
    assert.ok(Buffer.isBuffer(payload));
    const file = path.join(folder, "clip.mp4");
    writeFileSync(file, payload);
    assert.ok(Math.abs(probe(file).seconds - 3) < 0.2);
    assert.match(String(filename), /^ch01_\d+\.mp4$/);
    assert.equal(contentType, "video/mp4");
    assert.equal((download as { bytes: number }).bytes, readFileSync(file).length);
  });

  it("says how to get ffmpeg where it is missing, and leaves nothing", async () => {
    const uri = record(0, 2);
    await start();
    const kept = process.env["PATH"];
    process.env["PATH"] = folder;
    try {
      send({ payload: uri });
      assert.equal(((await out.payload())["error"] as { code: string }).code, "ffmpeg");
      const { error } = (await caught.next()) as { error: { message: string } };
      assert.match(error.message, /apt install ffmpeg/);
    } finally {
      process.env["PATH"] = kept;
    }
    await until(() => readdirSync(folder).length === 0, "an empty folder");
    assert.deepEqual(downloadsOf(device).done.length, 1);
  });
});
