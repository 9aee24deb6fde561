/** Pictures of past moments by the node, in the real runtime, out of what the virtual device has recorded, decoded by the real ffmpeg. */
import assert from "node:assert/strict";
import { decode } from "jpeg-js";
import deviceModule from "../../../nodes/device/device";
import snapshotModule from "../../../nodes/snapshot/snapshot";
import { coreNode, deviceNode, inbox, helper, loadFlow, login, nodeById, type FlowNode } from "../../support/flow";
import { has, without } from "../../support/left-out";
import { greyAt, momentFilm } from "../../support/moment-film";
import { until } from "../../support/until";
import { archiveOf, rtspOf, startVirtualDevice, type VirtualDevice } from "../../virtual-device";

interface Shown {
  readonly channel: number;
  readonly stream: number;
  readonly time: string | null;
  readonly shift?: number;
  readonly exact?: boolean;
  readonly notices?: readonly string[];
  readonly filename?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

const DAY = Date.UTC(2026, 0, 2);
const KEY_SECONDS = 2;
const iso = (ms: number): string => new Date(ms).toISOString();

(has("ffmpeg") ? describe : describe.skip)(`a snapshot of the past${without("ffmpeg")}`, function () {
  this.slow(4000);
  let device: VirtualDevice;

  async function start(extra: Record<string, unknown> = {}): Promise<void> {
    device = await startVirtualDevice({ model: "nvr", heartbeat: null, films: momentFilm(KEY_SECONDS) });
    for (const channel of [1, 2])
      archiveOf(device).add({ channel, startMs: DAY, endMs: DAY + 3_600_000, name: `channel ${channel}` });
    Object.assign(rtspOf(device), { keySeconds: KEY_SECONDS, clock: "range" });
    const form = { channel: "1", channelType: "num", stream: "sub", streamType: "str", width: "", height: "" };
    const nodes: FlowNode[] = [
      { id: "snap", type: "hikvision-snapshot", device: "device", wires: [["out"]], ...form, ...extra },
      { id: "out", type: "helper" },
      { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
      { id: "caught", type: "helper" },
    ];
    const modules = [deviceModule, snapshotModule, coreNode("common/25-catch")];
    await loadFlow(modules, [deviceNode(device, { timeZone: "utc" }), ...nodes], { device: login(device) });
  }
  const send = (message: object): void => nodeById("snap").receive(message as never);
  const grey = (message: Record<string, unknown>): number => decode(message["payload"] as Buffer).data[0] ?? 0;

  afterEach(async () => {
    await helper.unload();
    await until(() => device.rtspConnections === 0, "nothing is left open");
    await device.close();
  });

  it("is the recording's picture of the main stream, with its own time", async () => {
    await start({ time: "2026-01-02T00:10:01.350Z", timeType: "str" });
    send({ topic: "t" });
    const message = await inbox("out").next();
    const { filename, ...shown } = message["snapshot"] as Shown;
    const { id, name, host } = { id: "device", name: "Yard", host: device.host };
    assert.deepEqual(
      { ...shown, device: undefined },
      {
        ...{ channel: 1, stream: 1, time: iso(DAY + 601_200), shift: -0.15, exact: true, notices: [] },
        device: undefined,
      },
    );
    assert.ok(id && name && host);
    assert.match(filename ?? "", /_1_20260102-001001\.jpg$/);
    assert.equal(message["contentType"], "image/jpeg");
    assert.equal(message["topic"], "t");
    assert.ok(Math.abs(grey(message) - greyAt(DAY + 601_200, KEY_SECONDS, DAY)) < 3);
  });

  it("of several moments of several channels is a sequence; what is not recorded has its reason in its place", async () => {
    await start();
    send({ channel: [1, 2], time: [DAY + 10_000, new Date(DAY - 5_000), iso(DAY + 20_100)] });
    const messages = [];
    for (let count = 0; count < 6; count++) messages.push(await inbox("out").next());
    const all = messages.map((message) => message["snapshot"] as Shown);
    assert.deepEqual(
      all.map(({ channel, time, error }) => [channel, time, error?.code]),
      [1, 2].flatMap((channel) => [
        [channel, iso(DAY + 10_000), undefined],
        [channel, iso(DAY - 5_000), "notFound"],
        [channel, iso(DAY + 20_000), undefined],
      ]),
    );
    assert.deepEqual(
      messages.map((message) => (message["parts"] as { index: number; count: number }).index),
      [0, 1, 2, 3, 4, 5],
    );
    assert.equal(messages[1]?.["payload"], null);
    const { error } = (await inbox("caught").next()) as { error?: { code?: string } };
    assert.equal(error?.code, "notFound");
  });

  it("of now is a live one: words, and an empty field", async () => {
    await start({ time: "", timeType: "str" });
    for (const message of [{}, { time: "now" }]) {
      send(message);
      const { stream, shift } = (await inbox("out").next())["snapshot"] as Shown;
      assert.deepEqual([stream, shift], [2, undefined]);
    }
    assert.equal(rtspOf(device).connections, 0);
    send({ time: "-1h" });
    assert.match(
      String(((await inbox("caught").next()) as { error?: { message?: string } }).error?.message),
      /recorded/,
    );
    send({ time: [] });
    assert.match(String(((await inbox("caught").next()) as { error?: { message?: string } }).error?.message), /empty/);
  });
});
