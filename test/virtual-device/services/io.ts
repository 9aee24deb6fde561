/** Alarm inputs and outputs: /ISAPI/System/IO, and the proxy for an NVR's remote outputs. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, readLeaf } from "../xml";
import { rootAttributes } from "./system";

export interface Port {
  readonly id: number;
  readonly kind: "input" | "output";
  name: string;
  active: boolean;
  /** Output: falls back after so many ms, as ports in pulse mode do; 0: stays. */
  pulseMs: number;
  /** Output: what the device says it is for, such as "electricLock". */
  use?: string;
}

const port = (kind: Port["kind"], id: number, name: string): Port => ({ id, kind, name, active: false, pulseMs: 0 });

interface Ports {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Of an NVR's cameras: channel 3's first output is 301. */
  readonly remote: readonly Port[];
}

/** The ports of a device, for tests to look at and to close an input. */
export const portsOf = perDevice(({ profile }): Ports => ({
  inputs: Array.from({ length: profile.alarmInputs }, (_, i) => port("input", i + 1, `Input ${i + 1}`)),
  outputs: Array.from({ length: profile.alarmOutputs }, (_, i) => port("output", i + 1, `Output ${i + 1}`)),
  remote: profile.model === "nvr" ? [port("output", 301, "Camera 3 output")] : [],
}));

/** Alarm inputs whose handling is switched off. For tests to look into. */
export const inputsOff = perDevice(() => new Set<number>());

function statusXml(device: VirtualDevice, { id, kind, active }: Port): string {
  return element(
    "IOPortStatus",
    leaf("ioPortID", id) + leaf("ioPortType", kind) + leaf("ioState", active ? "active" : "inactive"),
    rootAttributes(device),
  );
}

function portXml(device: VirtualDevice, entry: Port, list: boolean): string {
  const attributes = list ? "" : rootAttributes(device);
  if (entry.kind === "input") {
    const inner =
      leaf("id", entry.id) +
      leaf("enabled", !inputsOff(device).has(entry.id)) +
      leaf("triggering", "low") +
      leaf("name", entry.name);
    return element("IOInputPort", inner, attributes);
  }
  const active = leaf("defaultState", "low") + leaf("outputState", entry.pulseMs > 0 ? "pulse" : "high");
  const use = entry.use === undefined ? "" : leaf("IOUseType", entry.use);
  const inner = leaf("id", entry.id) + element("PowerOnState", active) + leaf("name", entry.name) + use;
  return isRemote(entry)
    ? element("IOProxyOutputPort", inner + descriptor(entry), attributes)
    : element("IOOutputPort", inner, attributes);
}

/** Channel 3's first is 301. */
function isRemote({ id }: Port): boolean {
  return id > 100;
}

/** Which camera has it, as in the answer of a DS-7608NXI-I2 to IOProxy/inputs/301. */
function descriptor({ id }: Port): string {
  return element(
    "IODescriptor",
    leaf("proxyProtocol", "HIKVISION") +
      leaf("userName", "admin") +
      leaf("addressingFormatType", "ipaddress") +
      leaf("ipAddress", `192.0.2.${Math.floor(id / 100)}`) +
      leaf("managePortNo", 8000) +
      leaf("innerIOPortID", id % 100),
  );
}

function listPorts(exchange: Exchange, root: string, ports: readonly Port[]): void {
  const { device } = exchange;
  exchange.xml(element(root, ports.map((entry) => portXml(device, entry, true)).join(""), rootAttributes(device)));
}

/** An NVR answers invalidOperation for a port that belongs to the proxy (DS-7616NXI V4.82). */
function withPort(exchange: Exchange, ports: readonly Port[], use: (entry: Port) => void): void {
  const entry = ports.find(({ id }) => String(id) === exchange.param("id"));
  if (!entry) exchange.status("invalidOperation");
  else if (isRemote(entry) && !cameraOf(exchange.device, entry)?.online) exchange.status("deviceError");
  else use(entry);
}

function cameraOf({ profile }: VirtualDevice, { id }: Port): { readonly online: boolean } | undefined {
  return profile.channels.find(({ number }) => number === Math.floor(id / 100));
}

function trigger(exchange: Exchange, entry: Port): void {
  const body = exchange.xmlBody("IOPortData");
  if (body === undefined) return;
  const state = readLeaf(body, "outputState");
  if ((state !== "high" && state !== "low") || body.match(/<(?!\?|\/)[\w:.-]+/g)?.length !== 2) {
    exchange.status("badXmlContent");
    return;
  }
  entry.active = state === "high";
  if (entry.active && entry.pulseMs > 0) void exchange.device.pause(entry.pulseMs).then(() => (entry.active = false));
  exchange.status("ok");
}

function allStatus(exchange: Exchange): void {
  const { device } = exchange;
  const { inputs, outputs } = portsOf(device);
  const all = [...inputs, ...outputs].map((entry) => statusXml(device, entry));
  exchange.xml(element("IOPortStatusList", all.join(""), rootAttributes(device)));
}

/** Only the switch is taken; the rest has to be the device's own document. */
function switchInput(exchange: Exchange, entry: Port): void {
  const { device } = exchange;
  const body = exchange.xmlBody("IOInputPort");
  if (body === undefined) return;
  const masked = (text: string): string => text.replace(/^<\?xml[^>]*>\s*/, "").replace(/<enabled>\w+</, "<enabled><");
  if (masked(body) !== masked(portXml(device, entry, false))) {
    exchange.status("badXmlContent");
    return;
  }
  if (readLeaf(body, "enabled") === "true") inputsOff(device).delete(entry.id);
  else inputsOff(device).add(entry.id);
  exchange.status("ok");
}

const family = (path: string, list: string, pick: (ports: Ports) => readonly Port[]): readonly Route[] => {
  const on = (use: (exchange: Exchange, entry: Port) => void) => (exchange: Exchange) =>
    withPort(exchange, pick(portsOf(exchange.device)), (entry) => use(exchange, entry));
  return [
    route("GET", path, (exchange) => listPorts(exchange, list, pick(portsOf(exchange.device)))),
    route(
      "GET",
      `${path}/:id`,
      on((exchange, entry) => exchange.xml(portXml(exchange.device, entry, false))),
    ),
    route(
      "GET",
      `${path}/:id/status`,
      on((exchange, entry) => exchange.xml(statusXml(exchange.device, entry))),
    ),
    ...(list.includes("Input") ? [route("PUT", `${path}/:id`, on(switchInput))] : []),
    ...(list.includes("Output") ? [route("PUT", `${path}/:id/trigger`, on(trigger))] : []),
  ];
};

export const io: readonly Route[] = [
  route("GET", "/ISAPI/System/IO/status", allStatus),
  ...family("/ISAPI/System/IO/inputs", "IOInputPortList", (ports) => ports.inputs),
  ...family("/ISAPI/System/IO/outputs", "IOOutputPortList", (ports) => ports.outputs),
  ...family("/ISAPI/ContentMgmt/IOProxy/outputs", "IOProxyOutputPortList", (ports) => ports.remote),
];
