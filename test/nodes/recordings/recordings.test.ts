import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import recordingsModule from "../../../nodes/recordings/recordings";
import type { Recording } from "../../../src/recordings/recording";
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
import { archiveOf, startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "../../virtual-device";
import { until } from "../../support/until";

const MINUTE = 60_000;
const ZONE = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00";
const SEARCH = "/ISAPI/ContentMgmt/search";

describe("recordings", () => {
  let device: VirtualDevice;
  let out: Inbox;
  let caught: Inbox;

  async function start(
    def: Record<string, unknown> = {},
    options: VirtualDeviceOptions = {},
    settings: Record<string, unknown> = { timeZone: "utc" },
    nodes: FlowNode[] = [],
  ): Promise<void> {
    device = await startVirtualDevice({ model: "nvr", zone: ZONE, ...options });
    const flow = [
      deviceNode(device, settings),
      { id: "search", type: "hikvision-recordings", device: "device", wires: [["out"]], ...def },
      { id: "out", type: "helper" },
      { id: "catch", type: "catch", wires: [["caught"]] },
      { id: "caught", type: "helper" },
      ...nodes,
    ];
    await loadFlow([deviceModule, recordingsModule, coreNode("common/25-catch")], flow, { device: login(device) });
    out = inbox("out");
    caught = inbox("caught");
  }

  const at = (iso: string): number => Date.parse(iso);
  function record(iso: string, minutes = 1, extra: object = {}): string {
    return archiveOf(device).add({ startMs: at(iso), endMs: at(iso) + minutes * MINUTE, ...extra }).name;
  }
  async function search(message: Record<string, unknown> = {}): Promise<readonly Recording[]> {
    nodeById("search").receive(message);
    return (await out.next())["payload"] as readonly Recording[];
  }
  const names = (found: readonly Recording[]): string[] => found.map(({ name }) => name);

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("takes times in words, of the form and of the message, by the device's clock and on its day", async () => {
    await start({ start: "-2h", end: "now" });
    const now = Date.now();
    const archive = (agoMinutes: number): string =>
      archiveOf(device).add({ startMs: now - agoMinutes * MINUTE, endMs: now - (agoMinutes - 1) * MINUTE }).name;
    const [days, hours, minutes] = [archive(3 * 1440), archive(90), archive(10)];
    assert.deepEqual(names(await search()), [hours, minutes]);
    assert.deepEqual(names(await search({ start: "-30m" })), [minutes]);
    assert.deepEqual(names(await search({ start: "-1w", end: "yesterday" })), [days]);
    nodeById("search").receive({ start: "tomorrow" });
    assert.match(JSON.stringify(await caught.next()), /must be a moment/);
  });

  it("tells the days that have recordings, of the range and the channel of the message", async () => {
    await start({ action: "days" });
    record("2026-03-01T10:00:00Z");
    record("2026-03-05T23:30:00Z");
    record("2026-03-20T10:00:00Z", 1, { channel: 2 });
    nodeById("search").receive({ start: "2026-03-01", end: "2026-04-01", channel: 1 });
    const message = await out.next();
    assert.deepEqual(message["payload"], ["2026-03-01", "2026-03-06"]);
  });

  it("sends all there is to know about a recording, on the message that came", async () => {
    await start();
    const name = record("2026-05-01T06:00:00Z", 10, { channel: 3, recordType: "motion" });
    nodeById("search").receive({ topic: "t", channel: "3", start: "2026-05-01 08:00", end: "2026-05-01 09:00" });
    const { payload, topic } = await out.next();
    assert.equal(topic, "t");
    assert.deepEqual(payload, [
      {
        name,
        channel: 3,
        track: 301,
        start: "2026-05-01T06:00:00.000Z",
        end: "2026-05-01T06:10:00.000Z",
        startLocal: "2026-05-01T08:00:00+02:00",
        endLocal: "2026-05-01T08:10:00+02:00",
        bytes: 4096,
        codec: "H.264-BP",
        recordType: "motion",
        kind: "video",
        playbackUri: `rtsp://127.0.0.1/Streaming/tracks/301/?starttime=20260501T060000Z&endtime=20260501T061000Z&name=${name}&size=4096`,
      },
    ]);
  });

  it("searches all channels where none is chosen, by time, but not those that cannot be searched", async () => {
    await start({ start: "2026-05-01T06:00:00Z", end: "2026-05-01T08:00:00Z" });
    const late = record("2026-05-01T07:00:00Z", 1, { channel: 1 });
    const early = record("2026-05-01T06:30:00Z", 1, { channel: 7 });
    archiveOf(device).refusing.add(2);
    assert.deepEqual(names(await search()), [early, late]);
    assert.deepEqual(names(await search({ channel: 7 })), [early]);
    assert.deepEqual(names(await search()), [early, late]);
  });

  it("marks what is still being written, and cuts what sticks out where asked to", async () => {
    await start({ channel: 1, clip: true });
    const now = Date.now();
    const hour = 60 * MINUTE;
    archiveOf(device).add({ startMs: now - 2 * hour, endMs: now - hour });
    archiveOf(device).add({ startMs: now - hour, endMs: now + 5 * MINUTE });
    const [closed, open] = await search({ start: new Date(now - 90 * MINUTE), end: new Date(now) });
    assert.equal(closed?.open, undefined);
    assert.equal(closed?.start, new Date(now - 90 * MINUTE).toISOString());
    assert.equal(open?.open, true);
    assert.equal(open.end, new Date(now).toISOString());
  });

  it("finds the newest, as far back as it takes", async () => {
    await start({ channel: 1, newest: "2", newestType: "num" });
    const now = Date.now();
    const days = [300, 20, 19].map((ago) => record(new Date(now - ago * 24 * 60 * MINUTE).toISOString(), 1));
    assert.deepEqual(names(await search()), days.slice(1));
    assert.deepEqual(names(await search({ newest: 3 })), days);
    assert.deepEqual(names(await search()), days.slice(1));
  });

  it("finds pictures", async () => {
    await start({ channel: 1, recordType: "picture", start: "2026-05-01T06:00:00Z", end: "2026-05-01T08:00:00Z" });
    record("2026-05-01T07:00:00Z");
    const name = record("2026-05-01T07:00:00Z", 0, { kind: "picture" });
    const found = await search();
    assert.deepEqual(names(found), [name]);
    assert.equal(found[0]?.kind, "picture");
  });

  it("calls a picture one whatever the scheme of its address", async () => {
    await start({ channel: 1, recordType: "picture", start: "2026-05-01T06:00:00Z", end: "2026-05-01T08:00:00Z" });
    archiveOf(device).pictureScheme = "rtsp";
    record("2026-05-01T07:00:00Z", 0, { kind: "picture" });
    const [found] = await search();
    assert.match(found?.playbackUri ?? "", /^rtsp:.*103/);
    assert.equal(found?.kind, "picture");
  });

  it("hands on no recording of another channel, however the device spells the track", async () => {
    await start({ channel: 2, start: "2026-05-01T06:00:00Z", end: "2026-05-01T08:00:00Z" });
    record("2026-05-01T07:00:00Z");
    const name = record("2026-05-01T07:00:00Z", 1, { channel: 2 });
    archiveOf(device).trackSpelling = "trackList";
    const found = await search();
    assert.deepEqual(
      found.map((one) => [one.name, one.channel, one.track]),
      [[name, 2, 201]],
    );
  });

  for (const zulu of ["utc", "local"] as const) {
    it(`finds the right minute on a device in another zone that writes ${zulu} before its Z`, async () => {
      await start({ channel: 1 }, { zone: "CST-8:00:00" }, { timeZone: zulu });
      archiveOf(device).zulu = zulu;
      const all = Array.from({ length: 30 }, (_, i) =>
        record(new Date(at("2026-05-01T05:50:00Z") + i * MINUTE).toISOString()),
      );
      const found = await search({ start: "2026-05-01T06:00:00Z", end: "2026-05-01T06:01:00Z" });
      assert.deepEqual(names(found), [all[10]]);
      assert.equal(found[0]?.startLocal, "2026-05-01T14:00:00+08:00");
      assert.deepEqual(names(await search({ start: "2026-05-01 14:00", end: "2026-05-01 14:01" })), [all[10]]);
    });

    it(`keeps both passings of the hour that comes twice apart, where a device writes ${zulu}`, async () => {
      await start({ channel: 1 }, {}, { timeZone: zulu });
      archiveOf(device).zulu = zulu;
      const starts = ["00:10", "00:40", "01:10", "01:40"].map((time) => `2026-10-25T${time}:00.000Z`);
      const all = starts.map((iso) => record(iso));
      const found = await search({ start: "2026-10-24T22:00:00Z", end: "2026-10-25T04:00:00Z" });
      assert.deepEqual(names(found), all);
      assert.deepEqual(
        found.map(({ start: moment }) => moment),
        starts,
      );
    });
  }

  it("says what the device means by Z, and whether that is sure", async () => {
    await start({ channel: 1 }, { zone: "CST-8:00:00" }, { timeZone: "auto" });
    const zone = async (): Promise<unknown> => {
      nodeById("search").receive({});
      return (await out.next())["recordings"];
    };
    assert.deepEqual(await zone(), { zone: { meaning: "local", sure: false } });
    await helper.unload();
    await device.close();
    await start({ channel: 1 }, { zone: "CST-8:00:00" }, { timeZone: "auto" });
    record(new Date(Date.now() - 3 * MINUTE).toISOString(), 2);
    assert.deepEqual(await zone(), { zone: { meaning: "utc", sure: true } });
    await helper.unload();
    await device.close();
    await start({ channel: 1 }, { zone: "CST-8:00:00" }, { timeZone: "local" });
    assert.deepEqual(await zone(), { zone: { meaning: "local", sure: true } });
  });

  it("finds out by itself that a device writes its local time", async () => {
    await start({ channel: 1 }, { zone: "CST-8:00:00" }, { timeZone: "auto" });
    archiveOf(device).zulu = "local";
    const begin = Date.now() - 60 * MINUTE;
    const all = Array.from({ length: 6 }, (_, i) => record(new Date(begin + i * 10 * MINUTE).toISOString(), 10));
    const found = await search({ start: new Date(begin + 11 * MINUTE), end: new Date(begin + 12 * MINUTE) });
    assert.deepEqual(names(found), [all[1]]);
  });

  for (const [what, message, code] of [
    ["a start that is none", { start: "tomorrow" }, "badRequest"],
    ["an end before the start", { start: "2026-05-02", end: "2026-05-01" }, "badRequest"],
    ["a channel that is a stream", { channel: 301 }, "badRequest"],
    ["a channel that does not exist", { channel: 99 }, "badRequest"],
    ["newest 0", { newest: 0 }, "badRequest"],
  ] as const) {
    it(`fails with ${code} for ${what}`, async () => {
      await start({ channel: 1 });
      nodeById("search").receive(message);
      const { error } = (await caught.next()) as { error: { code: string; cause: { device: object } } };
      assert.equal(error.code, code);
      assert.deepEqual(error.cause.device, { id: "device", name: "Front", host: "127.0.0.1" });
      assert.match(statuses("search").at(-1)?.text ?? "", new RegExp(code));
    });
  }

  it("does not steer the node after it", async () => {
    await start({ wires: [["second"]], channel: 3, start: "2026-05-01", end: "2026-05-02" }, {}, undefined, [
      {
        id: "second",
        type: "hikvision-recordings",
        device: "device",
        channel: "1",
        start: "2026-05-01",
        end: "2026-05-02",
        wires: [["out"]],
      },
    ]);
    const name = record("2026-05-01T06:00:00Z");
    record("2026-05-01T06:00:00Z", 1, { channel: 3 });
    assert.deepEqual(names(await search()), [name]);
  });

  it("gives up at once when the flow is redeployed", async () => {
    await start({ channel: 1 });
    device.fail(SEARCH, { kind: "hang" });
    const done = ends("search");
    nodeById("search").receive({});
    await until(() => device.requests.some(({ path }) => path === SEARCH), "the question");
    await helper.unload();
    assert.deepEqual(done, ["aborted"]);
  });
});
