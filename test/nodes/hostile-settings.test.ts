/* eslint-disable @typescript-eslint/no-require-imports -- one table for every node of the package */
import assert from "node:assert/strict";
import { manifest } from "../support/project";
import { deviceNode, ends, helper, loadFlow, login, nodeById, type FlowNode } from "../support/flow";
import { until } from "../support/until";
import { startVirtualDevice, type VirtualDevice } from "../virtual-device";

type Fields = Readonly<Record<string, { readonly value: unknown; readonly options?: readonly string[] }>>;

/** What a hand-edited flow or an environment variable may put into any property. */
const HOSTILE: readonly (readonly [name: string, value: unknown])[] = [
  ["null", null],
  ["true", true],
  ["0", 0],
  ["-1", -1],
  ["0.0001", 0.0001],
  ["a huge number", 1e308],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["an empty text", ""],
  ['"1"', "1"],
  ["a variable", "${HIKFLOW_UNSET}"],
  ["a set variable", "${HIKFLOW_LIST}"],
  ["constructor", "constructor"],
  ["__proto__", "__proto__"],
  ["a long text", "9".repeat(100_000)],
  ["a list", ["1", "constructor", "__proto__"]],
  ["a list of anything", [null, {}, [], 0, NaN]],
  ["an object", { value: 1 }],
  ["an object of objects", { pan: null, tilt: { value: {}, type: {} }, constructor: 1 }],
];

describe("a node with settings that cannot be meant", () => {
  let device: VirtualDevice;
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);

  before(async () => {
    process.env["HIKFLOW_LIST"] = "1,2";
    device = await startVirtualDevice();
    await new Promise<void>((resolve) => helper.startServer(resolve));
    process.on("unhandledRejection", note);
  });
  after(async () => {
    process.off("unhandledRejection", note);
    delete process.env["HIKFLOW_LIST"];
    await new Promise<void>((resolve) => helper.stopServer(resolve));
    await device.close();
  });
  afterEach(() => helper.unload());

  for (const name of Object.keys(manifest["node-red"].nodes)) {
    if (name === "device") continue;
    it(`of ${name} says so in words and stays harmless`, async () => {
      const { fields } = require(`../../nodes/${name}/fields`) as { fields: Fields };
      const nodes = Object.keys({ ...fields, device: 1, name: 1 }).flatMap((property) =>
        HOSTILE.map(([, value], index): FlowNode => {
          const good = { directory: "/nowhere", start: "2026-01-01T00:00:00Z" };
          return {
            device: "device",
            ...good,
            [property]: value,
            id: `${property}-${index}`,
            type: `hikvision-${name}`,
          };
        }),
      );
      await loadFlow([moduleOf("device"), moduleOf(name)], [deviceNode(device), ...nodes], { device: login(device) });
      await new Promise((resolve) => setTimeout(resolve, 50));
      for (const { id } of nodes) assert.ok(nodeById(id), id);
      assert.deepEqual(unhandled.map(String), []);
      for (const { id } of nodes)
        for (const error of ofNode(id, "error"))
          assert.doesNotMatch(String(error), /should not happen|TypeError|undefined/, id);
      for (const { id, ...saved } of nodes)
        if (Object.entries(fields).some(([property, { value }]) => Array.isArray(value) && saved[property] === "1"))
          assert.match(
            String(
              ofNode(id, "status")
                .map((one) => (one as { text?: string }).text)
                .at(-1),
            ),
            /badRequest$/,
            id,
          );
    });

    it(`of ${name} ends every message once`, async () => {
      const { fields, ports } = require(`../../nodes/${name}/fields`) as { fields: Fields; ports?: { inputs: number } };
      if (ports?.inputs === 0) return;
      const nodes = Object.keys(fields).flatMap((property) =>
        HOSTILE.map(([, value], index): FlowNode => ({
          device: "none",
          [property]: value,
          id: `${property}-${index}`,
          type: `hikvision-${name}`,
        })),
      );
      await loadFlow([moduleOf("device"), moduleOf(name)], [deviceNode(device), ...nodes], { device: login(device) });
      for (const { id } of nodes) nodeById(id).receive({ payload: 1 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      for (const { id } of nodes) assert.ok(ofNode(id, "error").length >= 1, id);
      assert.deepEqual(unhandled.map(String), []);
    });
  }

  for (const name of Object.keys(manifest["node-red"].nodes)) {
    // A diagnosis reads nothing of a message.
    if (name === "device" || name === "diagnose") continue;
    it(`of ${name} takes words of JavaScript in a message for words`, async () => {
      const { fields, ports } = require(`../../nodes/${name}/fields`) as { fields: Fields; ports?: { inputs: number } };
      if (ports?.inputs === 0) return;
      const byMessage = Object.fromEntries(
        Object.entries(fields).flatMap(([property, { options = [] }]) =>
          options.includes("msg") ? [[property, "msg"]] : [],
        ),
      );
      const node: FlowNode = {
        id: "node",
        type: `hikvision-${name}`,
        device: "device",
        directory: "/nowhere",
        ...byMessage,
      };
      await loadFlow([moduleOf("device"), moduleOf(name)], [deviceNode(device), node], { device: login(device) });
      const ended = ends("node");
      const words = ["constructor", "__proto__", "hasOwnProperty", "toString"];
      for (const word of words) {
        const all = { action: word, channel: word, stream: word, method: word, output: word, number: word, list: word };
        nodeById("node").receive({
          ...all,
          payload: { ...all, [word]: 1 },
          path: word,
          recording: word,
          plates: [word],
        });
        nodeById("node").receive({ action: word, payload: word, channel: 1, start: word, end: word, time: word });
      }
      await until(() => ended.length >= 2 * words.length, "one end each", 60_000);
      assert.equal(ended.length, 2 * words.length, ended.join());
      for (const error of ofNode("node", "error"))
        assert.doesNotMatch(String(error), /should not happen|TypeError|\[object|function /, name);
      assert.deepEqual(unhandled.map(String), []);
    });
  }

  it("of a device is told in words, and the nodes that use it say so", async () => {
    const { fields } = require("../../nodes/device/fields") as { fields: Fields };
    const devices = Object.keys({ ...fields, name: 1 }).flatMap((property) =>
      HOSTILE.map(([, value], index) => deviceNode(device, { [property]: value, id: `${property}-${index}` })),
    );
    const users = devices.map(({ id }): FlowNode => ({ id: `user-${id}`, type: "hikvision-event-in", device: id }));
    await loadFlow([moduleOf("device"), moduleOf("event-in")], [...devices, ...users]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(unhandled.map(String), []);
    for (const { id } of devices) {
      assert.ok(nodeById(id)["device"] !== undefined || ofNode(id, "error").length === 1, id);
      for (const error of ofNode(id, "error")) assert.doesNotMatch(String(error), /should not happen|TypeError/, id);
      assert.ok(ofNode(`user-${id}`, "status").length > 0, id);
    }
  });
});

/** What this very node has reported: the helper notes the calls of all nodes together. */
function ofNode(id: string, method: "error" | "status"): unknown[] {
  const spied = nodeById(id) as unknown as Record<string, { thisValues: { id: string }[]; args: unknown[][] }>;
  const spy = spied[method];
  assert.ok(spy);
  return spy.args.flatMap(([first], call) => (spy.thisValues[call]?.id === id ? [first] : []));
}

function moduleOf(name: string): unknown {
  return require(`../../nodes/${name}/${name}`) as unknown;
}
