import assert from "node:assert/strict";
import { createRequire } from "node:module";
import deviceModule from "../../../nodes/device/device";
import { tryPtz } from "../../../nodes/admin/try";
import { fixedReader } from "../../../nodes/shared/typed-values";
import type { Fields } from "../../../nodes/shared/fields";
import type { Device } from "../../../src/device";
import type { PtzCommand } from "../../../src/ptz/ptz";
import { FakeClock } from "../../support/fake-clock";
import { deviceNode, helper, loadFlow, login } from "../../support/flow";
import { askAndLeave } from "../../support/leaving";
import { nodeRedMain } from "../../support/node-red";
import {
  accessOf,
  archiveOf,
  type FilmSource,
  headsOf,
  passPlate,
  platesOf,
  rtspOf,
  startVirtualDevice,
  stillFilm,
  streamsOf,
  type VirtualDevice,
} from "../../virtual-device";
import { until } from "../../support/until";

type Body = Record<string, unknown>;
interface Answer {
  readonly status: number;
  readonly body: Body;
}

const { util } = createRequire(nodeRedMain)("@node-red/util") as { util: object };
const reader = (saved: object, fields: Fields) => fixedReader({ util } as never, saved, fields);
const value = (literal: unknown, type = "num"): object => ({ value: String(literal), type });

describe("what a form tries", () => {
  let device: VirtualDevice;
  let foreignCodec = "";

  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(async () => {
    const films: FilmSource = (shown) => ({
      ...stillFilm(shown),
      ...(foreignCodec && { codec: foreignCodec as "h264" }),
    });
    foreignCodec = "";
    device = await startVirtualDevice({ model: "nvr", channels: ["Gate", "Yard"], films });
    await loadFlow([deviceModule], [deviceNode(device, { timeZone: "utc" })], { device: login(device) });
  });
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  function connection(): object {
    const { host, port, username, password } = device;
    return { id: "new", host, port: String(port), protocol: "http", timeZone: "utc", username, password };
  }

  /** By the deployed device, and by the connection of a form that is not deployed. */
  const scopes = (): [string, object][] => [
    ["deployed", { id: "device" }],
    ["form", { connection: connection() }],
  ];

  async function ask(scope: string, trial: string, target: object, form: object): Promise<Answer> {
    const request = helper.request().post(`/hikvision/${scope}/try/${trial}`);
    const answer = await request.send({ ...target, form }).buffer(true);
    const body = answer.body as Body;
    assert.ok(!JSON.stringify(body).includes(device.password), "a secret in an answer");
    return { status: answer.status, body };
  }
  const head = () => headsOf(device).channels.get(1)!;

  it("runs a ptz command with the form's values, before and after the first deploy", async () => {
    for (const [index, [scope, target]] of scopes().entries()) {
      const preset = { preset: value(index + 1), name: value("Here", "str") };
      const { status, body } = await ask(scope, "ptz", target, { channel: "1", action: "setPreset", values: preset });
      assert.deepEqual([status, body["done"], body["preset"]], [200, "setPreset", index + 1], JSON.stringify(body));
      assert.equal(head().presets.get(index + 1)?.name, "Here");
    }
  });

  it("refuses, in words, what only a flow can tell, and what nobody has confirmed", async () => {
    const cases: [string, object, RegExp][] = [
      ["ptz", { channel: "1", action: "move", values: { pan: value("payload", "msg") } }, /"pan" comes from the flow/],
      ["ptz", { channel: "chan", channelType: "flow", action: "stop", values: {} }, /"channel" comes from the flow/],
      ["ptz", { channel: "1", action: "msg" }, /choose an action/],
      ["ptz", { channel: "1", action: "gotoPreset", values: { preset: value(94) } }, /confirm/],
      ["ptz", { channel: "1", action: "move", values: { pan: null } }, /at least one/],
      ["snapshot", { channel: "1", width: "7", widthType: "num" }, /"width"/],
      ["download", { channel: "1", start: "" }, /start of a range/],
    ];
    for (const [trial, form, reason] of cases) {
      const { status, body } = await ask("deployed", trial, { id: "device" }, form);
      assert.equal(status, 400, JSON.stringify([form, body]));
      assert.match(String(body["error"]), reason);
    }
    assert.equal(head().restarts, 0);
  });

  it("stops a move when the form closes, deployed or not", async () => {
    for (const [scope, target] of scopes()) {
      const form = { channel: "1", action: "move", values: { pan: value(30) } };
      const leave = await askAndLeave(`${scope}/try/ptz`, { ...target, form });
      await until(() => head().moving, `${scope}: the camera moves`);
      await leave();
      await until(() => !head().moving, `${scope}: the camera stops`);
    }
  });

  it("stops by itself what would go on", async () => {
    const clock = new FakeClock();
    const said: string[] = [];
    const run = ({ action }: { action: string }): Promise<object> => {
      said.push(action);
      return Promise.resolve({ done: action, pan: 30, tilt: 0, zoom: 0 });
    };
    const saved = { channel: "1", action: "move", values: { pan: value(30) } };
    const running = tryPtz(
      { ptz: { run }, clock } as unknown as Device,
      { saved, reader },
      new AbortController().signal,
    );
    await until(() => said.length === 1, "the move");
    await clock.advance(10_000);
    assert.deepEqual(await running, { done: "move", pan: 30, tilt: 0, zoom: 0, stopped: true });
    assert.deepEqual(said, ["move", "stop"]);
  });

  for (const [duration, tried] of [
    ["60", { duration: 60 }],
    ["3600", { duration: 10, stopped: true }],
  ] as const) {
    it(`moves for ${tried.duration} s where the form holds ${duration} s`, async () => {
      const run = ({ action, values }: PtzCommand): Promise<object> =>
        Promise.resolve({ done: action, duration: Number(values["duration"]) });
      const saved = { channel: "1", action: "momentary", values: { pan: value(30), duration: value(duration) } };
      const device = { ptz: { run }, clock: new FakeClock() } as unknown as Device;
      const result = await tryPtz(device, { saved, reader }, new AbortController().signal);
      assert.deepEqual(result, { done: "momentary", ...tried });
    });
  }

  it("shows a picture of the form's channel and stream", async () => {
    for (const [scope, target] of scopes()) {
      const { body } = await ask(scope, "snapshot", target, { channel: "2", stream: "sub", streamType: "str" });
      const picture = Buffer.from(String(body["picture"]), "base64");
      assert.equal(picture.subarray(0, 3).toString("hex"), "ffd8ff", JSON.stringify(body));
      assert.equal(body["bytes"], picture.length);
      assert.ok(Math.abs(Date.parse(String(body["time"])) - Date.now()) < 60_000);
    }
    assert.ok(device.requests.some(({ path }) => path.endsWith("/channels/202/picture")));
  });

  it("says why there is no picture of a past moment", async () => {
    const form = { channel: "1", time: "2026-01-02T08:10:01Z" };
    for (const [scope, target] of scopes()) {
      const { status, body } = await ask(scope, "snapshot", target, form);
      assert.equal(status, 404, JSON.stringify(body));
      assert.match(String(body["error"]), /Nothing is recorded of channel 1 at 2026-01-02T/);
    }
  });

  it("shows an address without the password, and what makes players show black", async () => {
    Object.assign(streamsOf(device).get(101) ?? {}, { codec: "H.265", smart: true });
    for (const [scope, target] of scopes()) {
      const form = { channel: "1", stream: "main", withCredentials: true };
      const { body } = await ask(scope, "playback-url", target, form);
      assert.match(String(body["url"]), /^rtsp:\/\/127\.0\.0\.1:\d+\/Streaming\/Channels\/101/);
      assert.match((body["notices"] as string[]).join(), /H\.265\+/);
    }
  });

  it("plays a video to its first picture, says why it cannot, and leaves nothing open", async () => {
    const startMs = Date.UTC(2026, 0, 2, 8);
    archiveOf(device).add({ startMs, endMs: startMs + 600_000 });
    const [live, past] = [
      { kind: "live", channel: "1", stream: "main" },
      { kind: "time", channel: "1", start: "2026-01-02T08:00:00Z", end: "2026-01-02T08:05:00Z" },
    ];
    const facts = { codec: "H.264", width: 64, height: 64, sound: "PCMU" };
    for (const [scope, target] of scopes())
      for (const [question, form, more] of [
        ["playback", live, { notices: [] }],
        ["playback", past, { notices: [], duration: 300 }],
        ["video", { ...live, stream: "" }, { stream: 2 }],
      ] as const) {
        const { body } = await ask(scope, question, target, form);
        const { seconds, ...told } = body;
        assert.ok(Number(seconds) >= 0 && Number(seconds) < 10, JSON.stringify(body));
        for (const [name, value] of Object.entries({ ...facts, ...more })) assert.deepEqual(told[name], value, name);
      }
    const { rtsp } = accessOf(device);
    for (const [what, spoil, form, code, reason] of [
      ["no slots", () => (rtspOf(device).slots = 0), live, "noSlots", /no more viewers/],
      ["not recorded", () => (rtspOf(device).slots = 9), { ...past, channel: "2" }, "notFound", /Nothing is recorded/],
      ["another codec", () => (foreignCodec = "jpeg"), past, "notSupported", /JPEG, neither H\.264 nor H\.265/],
      [
        "a wrong login",
        () => rtspOf(device).statuses.set("DESCRIBE", "401 Unauthorized"),
        past,
        "unauthorized",
        /RTSP/,
      ],
      ["RTSP off", () => (rtsp.enabled = false), live, "notSupported", /RTSP is switched off/],
    ] as const) {
      spoil();
      // What the deployed device has asked is remembered for a while.
      const { body } = await ask("form", "playback", { connection: connection() }, form);
      assert.equal(body["code"], code, `${what}: ${JSON.stringify(body)}`);
      assert.match(String(body["error"]), reason);
    }
    await until(() => device.rtspConnections === 0 && rtspOf(device).sessions.size === 0, "nothing is open");
  });

  it("shows what a range holds, bounded, before anything is downloaded", async () => {
    const start = Date.UTC(2026, 2, 1, 8);
    for (let minute = 0; minute < 25; minute++) {
      const startMs = start + minute * 60_000;
      archiveOf(device).add({ startMs, endMs: startMs + 60_000, recordType: "motion" });
    }
    const form = { channel: "1", start: "2026-03-01T08:00:30Z", end: "2026-03-01T09:00:00Z" };
    for (const trial of ["recordings", "download"]) {
      const { body } = await ask("form", trial, { connection: connection() }, form);
      const rows = body["rows"] as Body[];
      assert.deepEqual([body["count"], body["bytes"], body["unsized"], rows.length], [25, 25 * 4096, 0, 20]);
      assert.equal(Date.parse(String(body["end"])), start + 25 * 60_000);
      assert.equal(Date.parse(String(rows[1]?.["start"])), start + 60_000);
      assert.equal(rows[0]?.["recordType"], "motion");
    }
    const nothing = { channel: "1", start: "2026-03-02T08:00:00Z", end: "2026-03-02T09:00:00Z" };
    assert.equal((await ask("deployed", "recordings", { id: "device" }, nothing)).body["count"], 0);
    assert.equal((await ask("deployed", "download", { id: "device" }, nothing)).body["code"], "notFound");
  });

  it("shows the last plates of the device's list, newest first, of the ticked channels or of all", async () => {
    for (const [plate, channel, agoMs] of [
      ["OLD", 1, 50_000],
      ["NEW", 2, 10_000],
    ] as const)
      await passPlate(device, { plate, channel }, { stream: false, agoMs });
    const plates = async (channels: number[]): Promise<unknown[]> => {
      const { body } = await ask("deployed", "plates", { id: "device" }, { channels });
      return (body["plates"] as Body[]).map(({ plate }) => plate);
    };
    assert.deepEqual(await plates([]), ["NEW", "OLD"]);
    assert.deepEqual(await plates([1]), ["OLD"]);
    platesOf(device).without.add(1).add(2);
    const { body } = await ask("form", "plates", { connection: connection() }, { channels: [] });
    assert.equal(body["code"], "notSupported");
  });
});
