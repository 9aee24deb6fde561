/** How a fleet grows past one machine: example 15 in two Node-REDs of their own, one broker, and those who consume. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { coreNode, helper, inbox, login, statuses, type FlowNode, type Inbox } from "../support/flow";
import { has, without } from "../support/left-out";
import { installLinked } from "../support/linked-package";
import { MqttBroker } from "../support/mqtt-broker";
import { readText } from "../support/project";
import { RunningNodeRed } from "../support/running-node-red";
import { alerts, startVirtualDevices, type Fleet, type VirtualDevice } from "../virtual-device";
import { until } from "../support/until";

const NODE_REDS = 2;
const DEVICES_EACH = 4;
const EVENTS_EACH = 100;
/** Between two events of a device. */
const PACE_MS = 10;
/** For what would come twice. */
const LINGER_MS = 500;

const example = JSON.parse(readText("examples/15-many-devices-mqtt.json")) as FlowNode[];
const CORE_MODULES = ["network/10-mqtt", "function/10-function"].map(coreNode);

describe(`many devices over MQTT${without("Mosquitto")}`, function () {
  this.timeout(60_000).slow(30_000);
  let folder: string;
  let broker: MqttBroker;
  let fleet: Fleet;
  const nodeReds: RunningNodeRed[] = [];

  before(async function () {
    if (!has("Mosquitto")) this.skip();
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-mqtt-"));
    broker = await MqttBroker.start(folder);
    fleet = await startVirtualDevices(NODE_REDS * DEVICES_EACH, { heartbeat: { ms: 1_000 } });
    const started = Array.from({ length: NODE_REDS }, async (_, index) => {
      const userDir = path.join(folder, `node-red-${index}`);
      installLinked(userDir);
      nodeReds.push(await RunningNodeRed.start(userDir));
    });
    await Promise.all(started);
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
  });
  after(async () => {
    if (!has("Mosquitto")) return;
    await Promise.all(nodeReds.map((nodeRed) => nodeRed.stop()));
    await fleet.close();
    await broker.stop();
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => helper.unload());

  it("a consumer gets each event of two Node-REDs with four devices each, once", async () => {
    const [consumer] = await consume(broker, 1);
    await Promise.all(nodeReds.map((nodeRed, index) => publish(nodeRed, broker, devicesOf(fleet, index))));
    // Each Node-RED says of each of its devices that it is there.
    await until(() => consumer.connections() === fleet.devices.length, "all devices are there", 20_000);
    await sendAll(fleet, 1);
    await until(() => consumer.events(1).length >= wanted(1).length, "all events have come", 10_000);
    await pause(LINGER_MS);
    assert.deepEqual(consumer.events(1), wanted(1));
    assert.equal(consumer.raw(1), wanted(1).length, "nothing was sent twice");
  });

  it("over a restart of the broker nothing is lost, and the consumer's flow sees nothing twice", async () => {
    // Mosquitto 2.0.11 forgets shared subscriptions when it restarts, so a consumer that is alone has one of its own.
    const [consumer] = await consume(broker, 1, "hikvision/#");
    const sent = sendAll(fleet, 2);
    await until(() => consumer.events(2).length > 100, "the first events have come");
    await broker.stop();
    await sent;
    const before = consumer.events(2).length;
    assert.ok(before < wanted(2).length, "the broker was away while events came");
    await broker.again();
    await until(() => consumer.events(2).length >= wanted(2).length, "all events have come", 30_000);
    await pause(LINGER_MS);
    assert.deepEqual(consumer.events(2), wanted(2));
  });

  it("of two consumers that share a subscription each event reaches exactly one", async () => {
    const [first, second] = await consume(broker, 2);
    assert.ok(second);
    await sendAll(fleet, 3);
    const both = (): string[] => [...first.events(3), ...second.events(3)].sort();
    await until(() => both().length >= wanted(3).length, "all events have come", 10_000);
    await pause(LINGER_MS);
    assert.deepEqual(both(), wanted(3));
    for (const { events } of [first, second]) assert.ok(events(3).length > 100, `one got ${events(3).length}`);
  });
});

/** Example 15's publishing half, with `devices` in place of its two. */
async function publish(
  nodeRed: RunningNodeRed,
  broker: MqttBroker,
  devices: readonly (readonly [name: string, device: VirtualDevice])[],
): Promise<void> {
  const device = template("hikvision-device");
  const events = template("hikvision-event-in");
  const shared = example.filter(({ id, type }) => !isConsumer(id) && !type.startsWith("hikvision-"));
  const flow = [
    ...shared.map((node) => at(broker, node)),
    ...devices.flatMap(([name, { host, port }]) => [
      { ...device, id: idOf(name), name, host, port: String(port) },
      { ...events, id: `${idOf(name)}-events`, name, device: idOf(name) },
    ]),
  ];
  await nodeRed.deploy(flow, Object.fromEntries(devices.map(([name, device]) => [idOf(name), login(device)])));
}

interface Consumer {
  /** Keys of the events of a run that left "each once", sorted. */
  readonly events: (run: number) => string[];
  /** How many came from the broker. */
  readonly raw: (run: number) => number;
  readonly connections: () => number;
}

/** Example 15's consuming half, `count` times, each with a client id of its own. */
async function consume(broker: MqttBroker, count: number, topic?: string): Promise<[Consumer, ...Consumer[]]> {
  const half = example.filter(({ id }) => isConsumer(id));
  const flow = Array.from({ length: count }, (_, index) =>
    half.map((node) => {
      const own = rename(at(broker, node), half, index);
      if (own.type === "mqtt-broker") return { ...own, clientid: `consumer-${index + 1}` };
      if (own.type === "mqtt in")
        return {
          ...own,
          topic: topic ?? own["topic"],
          wires: [[...(own["wires"] as string[][]).flat(), `raw-${index}`]],
        };
      return own.type === "debug" ? { ...own, type: "helper" } : own;
    }),
  ).flat();
  const raw = Array.from({ length: count }, (_, index) => ({ id: `raw-${index}`, type: "helper", z: example[0]?.id }));
  await helper.load(CORE_MODULES as never, [...example.slice(0, 1), ...flow, ...raw] as never);
  const inputs = flow.filter(({ type }) => type === "mqtt in");
  const connected = (): boolean => inputs.every(({ id }) => statuses(id).at(-1)?.fill === "green");
  await until(connected, "the consumers are connected", 10_000);
  const outputs = flow.filter(({ type }) => type === "helper");
  return outputs.map(({ id }, index) => consumerOf(inbox(id), inbox(`raw-${index}`))) as [Consumer, ...Consumer[]];
}

function consumerOf(once: Inbox, raw: Inbox): Consumer {
  return {
    events: (run) =>
      keys(once)
        .filter((key) => key.startsWith(`${run} `))
        .sort(),
    raw: (run) => keys(raw).filter((key) => key.startsWith(`${run} `)).length,
    connections: () => once.all.filter(({ topic }) => String(topic).endsWith("/connection")).length,
  };
}

/** "run device number" of all counting reports. */
function keys({ all }: Inbox): string[] {
  return all.flatMap(({ topic, payload }) => {
    const { counting } = payload as { counting?: { enter: number; exit: number } };
    return counting ? [keyOf(counting.exit, String(topic).split("/")[1] ?? "", counting.enter)] : [];
  });
}

function wanted(run: number): string[] {
  const names = Array.from({ length: NODE_REDS * DEVICES_EACH }, (_, index) => nameOf(index));
  return names
    .flatMap((name) => Array.from({ length: EVENTS_EACH }, (_, number) => keyOf(run, name, number + 1)))
    .sort();
}

/** Every device sends its events; a counting report carries the numbers that they are known by. */
async function sendAll({ devices }: Fleet, run: number): Promise<void> {
  await Promise.all(
    devices.map(async (device) => {
      for (let number = 1; number <= EVENTS_EACH; number++) {
        await device.emit(alerts.peopleCounting({ channel: 1, enter: number, exit: run }));
        await pause(PACE_MS);
      }
    }),
  );
}

function devicesOf({ devices }: Fleet, nodeRed: number): (readonly [string, VirtualDevice])[] {
  const all = devices.map((device, index) => [nameOf(index), device] as const);
  return all.slice(nodeRed * DEVICES_EACH, (nodeRed + 1) * DEVICES_EACH);
}

function nameOf(index: number): string {
  return `Device ${index + 1}`;
}

/** Node-RED takes a value that is the id of a config node as a use of it. */
function idOf(name: string): string {
  return name.toLowerCase().replace(" ", "-");
}

function keyOf(run: number, name: string, number: number): string {
  return `${run} ${name} ${String(number).padStart(3, "0")}`;
}

function template(type: string): FlowNode {
  const node = example.find((candidate) => candidate.type === type);
  assert.ok(node, type);
  return node;
}

/** "shared", what is wired behind it, and its broker. */
function isConsumer(id: string): boolean {
  const shared = template("mqtt in");
  const behind = (node: FlowNode | undefined): string[] =>
    ((node?.["wires"] as string[][] | undefined) ?? [])
      .flat()
      .flatMap((next) => [next, ...behind(example.find((candidate) => candidate.id === next))]);
  return [shared.id, shared["broker"], ...behind(shared)].includes(id);
}

function at({ port }: MqttBroker, node: FlowNode): FlowNode {
  return node.type === "mqtt-broker" ? { ...node, broker: "127.0.0.1", port: String(port) } : node;
}

/** The node with ids of its own, wherever they are mentioned. */
function rename(node: FlowNode, all: readonly FlowNode[], copy: number): FlowNode {
  const text = all.reduce((json, { id }) => json.replaceAll(id, `${id}-${copy}`), JSON.stringify(node));
  return JSON.parse(text) as FlowNode;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
