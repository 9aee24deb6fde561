/** The examples in the real runtime, with a virtual device at the address that a user would fill in. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { NodeAPI } from "node-red";
import { promises, startExampleDevice, streamsWanted, type ExampleRun, type Shown } from "../support/example-promises";
import { coreNode, helper, inbox, login, nodeById, statuses, type FlowNode } from "../support/flow";
import { filesBelow, manifest, readText } from "../support/project";
import type { VirtualDevice } from "../virtual-device";
import { until } from "../support/until";

const CORE_MODULES = [
  "common/20-inject",
  "common/21-debug",
  "common/24-complete",
  "common/25-catch",
  "common/25-status",
]
  .concat(["common/60-link", "common/90-comment", "function/10-function", "function/10-switch", "function/15-change"])
  .concat(["function/80-template", "function/89-delay", "network/10-mqtt", "network/21-httpin"])
  .concat(["network/21-httprequest", "sequence/17-split", "storage/10-file", "parsers/70-CSV"])
  .map(coreNode);

/** What the helper registers by itself, anew for each node of that type in a flow. */
const { _nodeModules: ofHelper } = helper as unknown as { readonly _nodeModules: Record<string, unknown> };

const load = createRequire(__filename);
/** Where downloads go. */
let folder: string;

/** What the http in nodes answer through. */
let web: Server;
const lendServer = (RED: NodeAPI): void => {
  web.removeAllListeners("request").on("request", RED.httpNode as unknown as RequestListener);
};

const registered = Object.keys(manifest["node-red"].nodes);

describe("the examples, running", function () {
  this.slow(4_000);
  let device: VirtualDevice;
  const { catch: ofCatch } = ofHelper;

  before(async () => {
    // CORE_MODULES does it once.
    Reflect.deleteProperty(ofHelper, "catch");
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow examples "));
    web = createServer().listen(0, "127.0.0.1");
    await once(web, "listening");
  });
  after(async () => {
    ofHelper["catch"] = ofCatch;
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    rmSync(folder, { recursive: true, force: true });
    web.close();
    web.closeAllConnections();
  });
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  for (const file of filesBelow("examples")) {
    const flow = JSON.parse(readText(`examples/${file}`)) as FlowNode[];
    const promise = promises[file.replace(/\.json$/, "")];
    assert.ok(promise, `test/support/example-promises.ts says nothing of ${file}`);

    it(`${file} ${promise.does}`, async () => {
      device = await startExampleDevice(promise);
      const run = await deploy(device, flow);
      assert.deepEqual(
        flow.filter(({ id, type }) => type !== "tab" && !helper.getNode(id)),
        [],
      );
      await until(() => device.streams === streamsWanted(flow), "the event stream is open");
      await promise.seen(run);
    });
  }
});

async function deploy(device: VirtualDevice, flow: readonly FlowNode[]): Promise<ExampleRun> {
  const modules = [
    lendServer,
    ...registered.map((name) => load(`../../nodes/${name}/${name}`) as unknown),
    ...CORE_MODULES,
  ];
  const credentials = Object.fromEntries(
    flow.filter(({ type }) => type === "hikvision-device").map(({ id }) => [id, login(device)]),
  );
  await helper.load(
    modules as never,
    flow.map((node) => substitute(device, node, flow)),
    credentials,
  );
  const find = (name: string): FlowNode => {
    const [found, second] = flow.filter((candidate) => candidate["name"] === name && candidate.type !== "comment");
    assert.ok(found && !second, `one node "${name}"`);
    return found;
  };
  return {
    device,
    web: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    shown: (name) => shownBy(find(name)),
    status: (name) => Promise.resolve(statuses(find(name).id).at(-1)?.text),
    press: (name) => {
      nodeById(find(name).id).receive({});
      return Promise.resolve();
    },
  };
}

/** What a debug node would show of the messages that come to the helper node in its place. */
function shownBy({ id, complete }: FlowNode): Shown {
  const messages = inbox(id);
  const properties = typeof complete !== "string" || complete === "true" ? [] : complete.split(".");
  return {
    next: async (ms = 15_000) =>
      properties.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], await messages.next(ms)),
    count: () => messages.all.length,
  };
}

/** What a test puts in the place of what is outside: the device, the debug sidebar, the broker, and time. */
function substitute(device: VirtualDevice, node: FlowNode, flow: readonly FlowNode[]): FlowNode {
  // The dashboard itself is used in test/browser/dashboard.test.ts.
  if (node.type.startsWith("ui-")) return { ...node, type: "helper" };
  switch (node.type) {
    case "hikvision-device":
      return { ...node, host: device.host, port: device.port };
    case "debug":
      return node["tosidebar"] === true ? { ...node, type: "helper" } : node;
    case "mqtt out":
      return { ...node, type: "link out", mode: "link", links: idsOf("mqtt in", flow) };
    case "mqtt in":
      return { ...node, type: "link in", links: idsOf("mqtt out", flow) };
    case "hikvision-download":
      return { ...node, directory: folder, directoryType: "str" };
    case "file":
    case "file in":
      return { ...node, filename: path.join(folder, path.basename(String(node["filename"]))) };
    case "delay":
      return { ...node, timeout: "1", timeoutUnits: "milliseconds" };
    case "join":
      return { ...node, timeout: "3" };
    default:
      return node;
  }
}

function idsOf(wanted: string, flow: readonly FlowNode[]): string[] {
  return flow.filter(({ type }) => type === wanted).map(({ id }) => id);
}
