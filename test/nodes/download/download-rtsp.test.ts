/** The download node at a device that refuses downloads: the recording is played, and saved as it comes. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import deviceModule from "../../../nodes/device/device";
import downloadModule from "../../../nodes/download/download";
import { coreNode, deviceNode, ends, helper, inbox, loadFlow, login, nodeById, type Inbox } from "../../support/flow";
import { has, without } from "../../support/left-out";
import { momentFilm } from "../../support/moment-film";
import { until } from "../../support/until";
import { archiveOf, downloadsOf, rtspOf, startVirtualDevice, status, type VirtualDevice } from "../../virtual-device";

const BEGIN = Date.parse("2026-05-01T08:00:00Z");
const KEY_SECONDS = 2;

interface Payload {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly container: string;
  readonly via?: string;
  readonly skipped?: true;
  readonly recording: { readonly start: string; readonly end: string };
  readonly error?: { readonly code: string };
}

describe("download from a device that refuses it", function () {
  this.slow(3000).timeout(20_000);
  let device: VirtualDevice;
  let folder: string;
  let out: Inbox;
  let progress: Inbox;
  let caught: Inbox;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-rtsp-"));
    device = await startVirtualDevice({ model: "nvr", films: momentFilm(KEY_SECONDS) });
    downloadsOf(device).form = "none";
    Object.assign(rtspOf(device), { keySeconds: KEY_SECONDS, clock: "range", fastest: 200 });
  });
  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await until(() => device.rtspConnections === 0, "nothing is left open");
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
        filename: "{channel}_{start}",
        existing: "skip",
        deliverAs: "file",
        wires: [["out"], ["progress"]],
        ...def,
      },
      { id: "out", type: "helper" },
      { id: "progress", type: "helper" },
      { id: "catch", type: "catch", wires: [["caught"]] },
      { id: "caught", type: "helper" },
    ];
    await loadFlow([deviceModule, downloadModule, coreNode("common/25-catch")], flow, { device: login(device) });
    out = inbox("out");
    progress = inbox("progress");
    caught = inbox("caught");
  }
  const record = (fromSeconds: number, toSeconds: number): string =>
    archiveOf(device).uri(
      archiveOf(device).add({ startMs: BEGIN + fromSeconds * 1000, endMs: BEGIN + toSeconds * 1000 }),
    );
  const send = (message: Record<string, unknown>): void => nodeById("download").receive(message);
  const file = async (): Promise<Payload> => (await out.payload()) as unknown as Payload;
  const asked = (): number =>
    device.requests.filter(({ path }) => path.startsWith("/ISAPI/ContentMgmt/download")).length;

  it("sends the same message, and says which way it went; another is played at once", async () => {
    record(0, 20);
    record(20, 40);
    await start();
    send({ topic: "t", start: "2026-05-01T08:00:00Z", end: "2026-05-01T08:00:40Z", channel: 1 });
    const { payload, topic, parts, filename, contentType } = await out.next();
    const first = payload as Payload;
    assert.equal(topic, "t");
    assert.equal((parts as { count: number }).count, 2);
    assert.equal(contentType, "video/mp4");
    assert.equal(filename, first.path);
    assert.equal(path.basename(first.path), "1_20260501-100000.mp4");
    const { via, container, bytes, sha256 } = first;
    assert.deepEqual([via, container], ["rtsp", "mp4"]);
    const data = readFileSync(first.path);
    assert.equal(bytes, data.length);
    assert.equal(sha256, createHash("sha256").update(data).digest("hex"));
    assert.deepEqual(moments(data), every(0, 20));
    const before = asked();
    assert.equal(before, 3);
    assert.deepEqual(moments(readFileSync((await file()).path)), every(20, 40));
    assert.equal(asked(), before);
    const told = (): { percent: number }[] => progress.all.map(({ payload }) => payload as { percent: number });
    await until(() => told().at(-1)?.percent === 100, "all of it");
    assert.ok(told().some(({ percent }) => percent > 0 && percent < 100));

    // The same again: they are as long as their recordings, so they are kept.
    send({ start: "2026-05-01T08:00:00Z", end: "2026-05-01T08:00:40Z", channel: 1 });
    const again = await file();
    assert.equal(again.skipped, true);
    assert.equal(again.path, first.path);
    assert.equal(again.sha256, sha256);
    assert.equal((await file()).skipped, true);
    assert.equal(readdirSync(folder).length, 2);
  });

  it("keeps a file of another length, and numbers its own", async () => {
    const uri = record(0, 10);
    await start({ filename: "same" });
    send({ payload: uri });
    assert.equal(path.basename((await file()).path), "same.mp4");
    send({ payload: record(20, 40) });
    assert.equal(path.basename((await file()).path), "same_2.mp4");
  });

  (has("ffmpeg") ? it : it.skip)(
    `gives of a range exactly that, over two files and as one clip around an event${without("ffmpeg")}`,
    async () => {
      record(0, 30);
      record(30, 60);
      await start({ deliverAs: "mp4", before: "3", after: "4" });
      send({ start: "2026-05-01T08:00:11Z", end: "2026-05-01T08:00:17Z", channel: 1 });
      const one = await file();
      assert.deepEqual([one.via, one.container], ["rtsp", "mp4"]);
      assert.ok(Math.abs((await seconds(one.path)) - 6) < 0.5, String(await seconds(one.path)));
      send({ payload: { time: "2026-05-01T08:00:30Z", channel: 1 } });
      const clip = await file();
      assert.equal(clip.recording.start, "2026-05-01T08:00:27.000Z");
      assert.equal(clip.recording.end, "2026-05-01T08:00:34.000Z");
      assert.ok(Math.abs((await seconds(clip.path)) - 7) < 1, String(await seconds(clip.path)));
    },
  );

  it("gives the range as MP4 without ffmpeg, too, from the key picture before it", async () => {
    record(0, 60);
    await start({ deliverAs: "buffer" });
    const { PATH } = process.env;
    process.env["PATH"] = "/nowhere";
    try {
      send({ start: "2026-05-01T08:00:11Z", end: "2026-05-01T08:00:17Z", channel: 1 });
      const { payload, download } = await out.next();
      assert.deepEqual(moments(payload as Buffer), every(10, 17));
      assert.equal((download as Payload).via, "rtsp");
      assert.equal((download as Payload).recording.start, "2026-05-01T08:00:11.000Z");
    } finally {
      process.env["PATH"] = PATH;
    }
  });

  it("says in its place that it is not there any more, and leaves nothing", async () => {
    const uri = record(0, 20);
    archiveOf(device).remove([...archiveOf(device).all]);
    await start();
    const done = ends("download");
    send({ payload: uri });
    assert.equal((await file()).error?.code, "notFound");
    assert.equal(((await caught.next())["error"] as { code: string }).code, "notFound");
    await until(() => done.length === 1, "the end");
    assert.deepEqual(done, ["notFound"]);
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(rtspOf(device).connections, 0);
  });

  for (const how of ["a message", "a redeploy"] as const)
    it(`ends with ${how}, and leaves nothing`, async () => {
      const uri = record(0, 3600);
      await start();
      const done = ends("download");
      send({ payload: uri });
      await until(() => readdirSync(folder).length === 1 && rtspOf(device).sessions.size === 1, "it is being played");
      if (how === "a message") send({ action: "cancel" });
      else await helper.unload();
      await until(() => done.includes("aborted"), "the end");
      await until(() => readdirSync(folder).length === 0, "an empty folder");
    });

  it("plays what has no name in its address, which devices do not give as a file", async () => {
    downloadsOf(device).form = "getBody";
    archiveOf(device).names = false;
    await start();
    send({ payload: record(0, 10) });
    const { path: saved, via } = await file();
    assert.equal(via, "rtsp");
    assert.deepEqual(moments(readFileSync(saved)), every(0, 10));
  });

  it("plays nothing where the refusal is about the user, or the address", async () => {
    const uri = record(0, 20);
    await start();
    device.fail("/ISAPI/ContentMgmt/download", status("lowPrivilege"));
    send({ payload: uri });
    assert.equal((await file()).error?.code, "forbidden");
    assert.equal(rtspOf(device).connections, 0);
  });
});

function every(from: number, to: number): number[] {
  return Array.from({ length: (to - from) * 5 }, (_, index) => BEGIN + from * 1000 + index * 200);
}

function moments(bytes: Buffer): number[] {
  return [...bytes.toString("latin1").matchAll(/moment=(\d{13})/g)].map(([, digits]) => Number(digits));
}

async function seconds(file: string): Promise<number> {
  const asked = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file];
  const { stdout } = await promisify(execFile)("ffprobe", asked, { timeout: 20_000 });
  return Number(stdout);
}
