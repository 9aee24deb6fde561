import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import deviceModule from "../../../nodes/device/device";
import downloadModule from "../../../nodes/download/download";
import recordingsModule from "../../../nodes/recordings/recordings";
import {
  coreNode,
  deviceNode,
  ends,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
  type Inbox,
} from "../../support/flow";
import { archiveOf, downloadsOf, IMKH, startVirtualDevice, status, type VirtualDevice } from "../../virtual-device";
import { until } from "../../support/until";

const MINUTE = 60_000;
const BEGIN = Date.parse("2026-05-01T08:00:00Z");
const DOWNLOAD = "/ISAPI/ContentMgmt/download";

interface File {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly container: string;
  readonly skipped?: true;
  readonly recording: { readonly name: string; readonly start: string };
  readonly error?: { readonly code: string; readonly message: string };
}

describe("download", () => {
  let device: VirtualDevice;
  let folder: string;
  let out: Inbox;
  let progress: Inbox;
  let caught: Inbox;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-download-"));
    device = await startVirtualDevice({ model: "nvr" });
  });
  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(def: Record<string, unknown> = {}, nodes: FlowNode[] = []): Promise<void> {
    const flow = [
      deviceNode(device, { timeZone: "utc" }),
      {
        id: "download",
        type: "hikvision-download",
        device: "device",
        directory: folder,
        filename: "{device}_{channel}_{start}",
        existing: "skip",
        deliverAs: "file",
        wires: [["out"], ["progress"]],
        ...def,
      },
      { id: "out", type: "helper" },
      { id: "progress", type: "helper" },
      { id: "catch", type: "catch", wires: [["caught"]] },
      { id: "caught", type: "helper" },
      ...nodes,
    ];
    const modules = [deviceModule, downloadModule, recordingsModule, coreNode("common/25-catch")];
    await loadFlow(modules, flow, { device: login(device) });
    out = inbox("out");
    progress = inbox("progress");
    caught = inbox("caught");
  }

  /** Recordings of a minute each, with bytes of their own. */
  function record(count: number, size = 70_000): { uri: string; name: string; sha256: string }[] {
    const archive = archiveOf(device);
    return Array.from({ length: count }, (_, i) => {
      const media = Buffer.concat([IMKH, Buffer.alloc(size, i + 1)]);
      const startMs = BEGIN + i * MINUTE;
      const stored = archive.add({ startMs, endMs: startMs + MINUTE, media });
      const sha256 = createHash("sha256").update(media).digest("hex");
      return { uri: archive.uri(stored), name: stored.name, sha256 };
    });
  }

  const send = (message: Record<string, unknown>): void => nodeById("download").receive(message);
  const file = async (ms = 5_000): Promise<File> => (await out.payload(ms)) as unknown as File;
  const files = (): string[] => readdirSync(folder).sort();

  it("downloads a range: a whole file each, named after device, channel and the device's own time", async () => {
    const [first, second] = record(3);
    await start();
    const done = ends("download");
    send({ topic: "t", start: "2026-05-01T08:00:00Z", end: "2026-05-01T08:02:00Z", channel: 1 });
    const { payload, parts, topic } = await out.next();
    const one = payload as File;
    assert.equal(topic, "t");
    const { index, count } = parts as { index: number; count: number };
    assert.deepEqual([index, count], [0, 2]);
    assert.equal(one.path, path.join(folder, "Front_1_20260501-100000.mpg"));
    assert.equal(one.container, "imkh");
    assert.equal(one.sha256, first?.sha256);
    assert.equal(one.bytes, statSync(one.path).size);
    assert.equal((await file()).sha256, second?.sha256);
    await until(() => done.length === 1, "the end");
    assert.deepEqual(done, [undefined]);
    assert.deepEqual(files(), ["Front_1_20260501-100000.mpg", "Front_1_20260501-100100.mpg"]);
  });

  it("asks with a GET whose body has the address as the device wrote it", async () => {
    archiveOf(device).spaces = true;
    const [recording] = record(1);
    await start();
    send({ payload: recording?.uri });
    assert.equal((await file()).sha256, recording?.sha256);
    const asked = device.requests.find((request) => request.path === DOWNLOAD && request.authorized);
    assert.equal(asked?.method, "GET");
    assert.match(asked.body ?? "", /starttime=2026-05-01 08:00:00Z&amp;endtime=/);
  });

  for (const form of ["post", "query"] as const) {
    it(`asks by ${form} where the device knows nothing else, and remembers that`, async () => {
      downloadsOf(device).form = form;
      const all = record(2);
      await start({ existing: "overwrite" });
      send({ payload: all.map(({ uri }) => ({ playbackUri: uri })) });
      for (const { sha256 } of all) assert.equal((await file()).sha256, sha256);
      const before = device.requests.length;
      send({ payload: all[1]?.uri });
      await file();
      assert.equal(device.requests.length - before, 1);
    });
  }

  it("takes a name, and the list of a recordings node", async () => {
    const all = record(3);
    await start({}, [{ id: "search", type: "hikvision-recordings", device: "device", wires: [["download"]] }]);
    send({ payload: all[1]?.name, channel: 1 });
    assert.equal((await file()).sha256, all[1]?.sha256);
    nodeById("search").receive({ channel: 1, start: "2026-05-01T07:00:00Z", end: "2026-05-01T09:00:00Z" });
    for (const { sha256 } of all) assert.equal((await file()).sha256, sha256);
  });

  it("delivers each of 100 recordings of one message exactly once", async () => {
    const all = record(100, 500);
    await start({ filename: "{device}" });
    const done = ends("download");
    send({ payload: all.map(({ uri }) => ({ playbackUri: uri })) });
    const seen: File[] = [];
    for (let i = 0; i < 100; i++) seen.push(await file());
    await until(() => done.length === 1, "the end");
    assert.deepEqual(
      seen.map(({ sha256 }) => sha256),
      all.map(({ sha256 }) => sha256),
    );
    assert.equal(new Set(seen.map((one) => one.path)).size, 100);
    assert.equal(files().length, 100);
    for (const one of seen) {
      assert.equal(createHash("sha256").update(readFileSync(one.path)).digest("hex"), one.sha256);
    }
    assert.equal(await out.nextOrNothing(20), undefined);
    assert.equal(downloadsOf(device).most, 1);
  });

  for (const kind of ["end", "reset"] as const) {
    it(`begins anew when a download breaks by ${kind}, and leaves nothing of the first try`, async () => {
      const [recording] = record(1, 300_000);
      downloadsOf(device).trouble = { times: 1, afterBytes: 100_000, kind };
      await start();
      send({ payload: recording?.uri });
      assert.equal((await file()).sha256, recording?.sha256);
      assert.equal(downloadsOf(device).started.length, 2);
      assert.equal(files().length, 1);
    });
  }

  it("notices by the size in the address that the body ended early", async () => {
    const [recording] = record(1, 300_000);
    Object.assign(downloadsOf(device), {
      contentLength: false,
      trouble: { times: 1, afterBytes: 65_536, kind: "end" },
    });
    await start();
    send({ payload: recording?.uri });
    assert.equal((await file()).sha256, recording?.sha256);
  });

  it("waits for a device that is busy or has an internal error, and not for one that refuses", async () => {
    const [recording] = record(1);
    device.fail(DOWNLOAD, status("deviceBusy"), { times: 1 });
    await start({ existing: "overwrite" });
    send({ payload: recording?.uri });
    assert.equal((await file()).sha256, recording?.sha256);
    const refused = device.fail(DOWNLOAD, status("lowPrivilege"));
    send({ payload: recording?.uri });
    assert.equal((await file()).error?.code, "forbidden");
    assert.equal(refused.hits, 1);
  });

  it("puts the reason in the place of a file that failed, goes on, and ends in one error", async () => {
    const all = record(3);
    const list: object[] = all.map(({ uri }) => ({ playbackUri: uri }));
    // Written over meanwhile.
    archiveOf(device).remove(archiveOf(device).all.filter(({ startMs }, index) => index === 1 && startMs > 0));
    await start();
    const done = ends("download");
    send({ payload: list });
    const outcomes = [await file(), await file(), await file()];
    assert.deepEqual(
      outcomes.map(({ error }) => error?.code),
      [undefined, "badRequest", undefined],
    );
    assert.equal((await caught.next())["error"] !== undefined, true);
    await until(() => done.length > 0, "the end");
    assert.deepEqual(done, ["badRequest"]);
    assert.equal(((await progress.next())["payload"] as { files: number }).files, 3);
  });

  describe("where the file exists", () => {
    it("skips it if its size fits, and never touches one of another size", async () => {
      const [recording] = record(1);
      await start();
      send({ payload: recording?.uri });
      const first = await file();
      send({ payload: recording?.uri });
      const again = await file();
      assert.deepEqual([again.skipped, again.path, again.sha256], [true, first.path, first.sha256]);
      assert.equal(downloadsOf(device).started.length, 1);
      writeFileSync(first.path, "somebody else's");
      for (const skipped of [undefined, true]) {
        send({ payload: recording?.uri });
        const beside = await file();
        assert.deepEqual(
          [beside.skipped, path.basename(beside.path), beside.sha256],
          [skipped, "Front_1_20260501-100000_2.mpg", first.sha256],
        );
      }
      assert.equal(readFileSync(first.path, "utf8"), "somebody else's");
      assert.equal(downloadsOf(device).started.length, 2);
      assert.equal(files().length, 2);
    });

    it("replaces it, or takes another name", async () => {
      const [recording] = record(1);
      await start({ existing: "overwrite" });
      for (let i = 0; i < 2; i++) {
        send({ payload: recording?.uri });
        await file();
      }
      assert.equal(files().length, 1);
      await helper.unload();
      await start({ existing: "rename" });
      send({ payload: recording?.uri });
      assert.equal(path.basename((await file()).path), "Front_1_20260501-100000_2.mpg");
      assert.equal(files().length, 2);
    });
  });

  it("tells how far it is: at most four times a second, and 100 % last", async () => {
    const all = record(2, 400_000);
    downloadsOf(device).bytesPerSecond = 800_000;
    await start();
    send({ payload: all.map(({ uri }) => ({ playbackUri: uri })) });
    await file();
    await file();
    await until(() => progress.all.some(({ payload }) => (payload as { percent: number }).percent === 100), "100 %");
    const told = progress.all.map(({ payload }) => payload as Record<string, number>);
    assert.deepEqual(told.at(-1), {
      file: 2,
      files: 2,
      bytes: 800_000 + 2 * IMKH.length,
      total: 800_000 + 2 * IMKH.length,
      percent: 100,
      bytesPerSecond: told.at(-1)?.["bytesPerSecond"],
      secondsLeft: 0,
    });
    assert.ok(told.length <= 6, `${told.length} messages in a second`);
    assert.ok(told.slice(0, -1).every((one, i) => (one["bytes"] ?? 0) <= (told[i + 1]?.["bytes"] ?? 0)));
    assert.ok(statuses("download").some(({ text }) => /^[12]\/2 · \d+ %$/.test(text ?? "")));
  });

  describe("that is stopped in the middle", () => {
    async function begin(): Promise<(string | undefined)[]> {
      const all = record(2, 4_000_000);
      downloadsOf(device).bytesPerSecond = 1_000_000;
      await start();
      const done = ends("download");
      send({ payload: all.map(({ uri }) => ({ playbackUri: uri })) });
      await until(() => files().some((name) => name.endsWith(".part")), "a download under way");
      return done;
    }

    it("by a message, leaves nothing half-done", async () => {
      const done = await begin();
      send({ action: "cancel" });
      await until(() => done.length === 2, "both ends");
      assert.deepEqual([...done].sort(), ["aborted", undefined].sort());
      assert.deepEqual(files(), []);
      assert.equal(await out.nextOrNothing(20), undefined);
    });

    it("by a redeploy, leaves nothing half-done, soon", async () => {
      const done = await begin();
      const began = Date.now();
      await helper.unload();
      assert.ok(Date.now() - began < 1_000);
      await until(() => files().length === 0 && done.length > 0, "an empty folder", 1_000);
      assert.deepEqual(done, ["aborted"]);
    });
  });

  for (const [deliverAs, ending] of [
    ["file", ".mpg"],
    ["buffer", ".mpg"],
  ] as const) {
    it(`takes a name with folders as ${deliverAs}`, async () => {
      const [recording] = record(1);
      await start({ filename: "{device}/{channel}/{start}", deliverAs });
      send({ payload: recording?.uri });
      const { filename } = await out.next();
      const name = `20260501-100000${ending}`;
      if (deliverAs === "buffer") assert.equal(filename, name);
      else assert.deepEqual(filename, path.join(folder, "Front", "1", name));
      assert.deepEqual(files(), deliverAs === "buffer" ? [] : ["Front"]);
    });
  }

  for (const deliverAs of ["file", "mp4"] as const) {
    it(`gives with before 0 and after 0 the one file that holds the moment, as ${deliverAs}`, async () => {
      const [, second] = record(3);
      await start({ before: "0", after: "0", deliverAs, existing: "overwrite" });
      for (const time of ["2026-05-01T08:01:00Z", "2026-05-01T08:01:59Z"]) {
        send({ payload: { time, channel: 1 } });
        const found = await file();
        assert.equal(found.recording.name, second?.name);
        assert.equal(Date.parse(found.recording.start), BEGIN + MINUTE, "the whole file, not a cut of no length");
        // These bytes are no video: as MP4 it fails, once it was downloaded.
        if (deliverAs === "file") assert.equal(found.sha256, second?.sha256);
        else assert.equal(found.error?.code, "ffmpeg");
      }
      assert.equal(await out.nextOrNothing(20), undefined);
    });
  }

  it("says with before 0 and after 0 that nothing was recorded at a moment in a gap", async () => {
    record(1);
    archiveOf(device).add({ startMs: BEGIN + 2 * MINUTE, endMs: BEGIN + 3 * MINUTE });
    await start({ before: "0", after: "0" });
    send({ payload: { time: "2026-05-01T08:01:30Z", channel: 1 } });
    const { error } = (await caught.next()) as { error: { code: string } };
    assert.equal(error.code, "notFound");
  });

  it("cannot be blocked by a link to nothing, or by what it may not remove", async () => {
    const [recording] = record(1);
    symlinkSync(path.join(folder, "nowhere"), path.join(folder, ".old.0123456789ab.part"));
    symlinkSync(path.join(folder, "nowhere"), path.join(folder, "Front_1_20260501-100000.mpg"));
    await start();
    send({ payload: recording?.uri });
    assert.equal((await file()).sha256, recording?.sha256);
  });

  it("says at once that a folder takes none, where the system would search for ever", async function () {
    if (process.platform !== "linux") this.skip();
    const [recording] = record(1);
    await start({ directory: "/proc/x/y" });
    send({ payload: recording?.uri });
    const { error } = (await caught.next()) as { error: { code: string; message: string } };
    assert.equal(error.code, "disk");
    assert.match(error.message, /\/proc\/x\/y/);
  });

  it("leaves no more in the temporary folder than a message may hold", async () => {
    const media = { bytes: 200 << 20, head: IMKH };
    const stored = archiveOf(device).add({ startMs: BEGIN, endMs: BEGIN + MINUTE, media });
    await start({ deliverAs: "buffer", directory: "" });
    send({ payload: archiveOf(device).uri(stored) });
    assert.equal((await file()).error?.code, "badRequest");
    assert.equal(downloadsOf(device).started.length, 0);
  });

  it("says so where the folder cannot be used", async () => {
    const [recording] = record(1);
    const blocked = path.join(folder, "a file");
    writeFileSync(blocked, "");
    await start({ directory: path.join(blocked, "below") });
    send({ payload: recording?.uri });
    const { error } = (await caught.next()) as { error: { code: string; message: string } };
    assert.equal(error.code, "disk");
    assert.match(error.message, /a file/);
  });

  it("stays in its folder, whatever the device calls a recording", async () => {
    const below = path.join(folder, "chosen");
    mkdirSync(below);
    const stored = archiveOf(device).add({ startMs: BEGIN, endMs: BEGIN + MINUTE, name: "../../escaped" });
    await start({ directory: below, filename: "{name}" });
    send({ payload: archiveOf(device).uri(stored) });
    const { path: where } = await file();
    assert.equal(path.dirname(where), below);
    assert.deepEqual(readdirSync(folder), ["chosen"]);
  });

  it("gives a picture as its bytes", async () => {
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(5_000, 7)]);
    const stored = archiveOf(device).add({ startMs: BEGIN, endMs: BEGIN, kind: "picture", media: jpeg });
    await start({ deliverAs: "buffer", directory: "" });
    send({ payload: archiveOf(device).uri(stored) });
    const { payload, filename, contentType } = await out.next();
    assert.deepEqual(payload, jpeg);
    assert.deepEqual([filename, contentType], ["Front_1_20260501-100000.jpg", "image/jpeg"]);
  });

  it("does not follow an address to another host", async () => {
    await using other = await startVirtualDevice();
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
    const stored = archiveOf(device).add({ startMs: BEGIN, endMs: BEGIN, kind: "picture", media: jpeg });
    const uri = archiveOf(device).uri(stored).replace(device.host, `${other.host}:${other.port}`);
    await start();
    send({ payload: uri });
    assert.equal((await file()).container, "jpeg");
    assert.equal(other.requests.length, 0);
  });
});
