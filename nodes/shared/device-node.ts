/** What the other nodes see of a hikvision-device node. */
import type { Node, NodeAPI } from "node-red";
import {
  type Device,
  type DeviceEvent,
  FatalError,
  type HikvisionError,
  type Notification,
  say,
  type StreamState,
} from "../../src";
import type { DeviceCredentials } from "../device/settings";
import type { KnownDevice } from "../device/known-device";

/** A node that lives on the device's events. Its methods must not throw. */
export interface Subscriber {
  /** False: events come the moment they are read, without pictures. */
  readonly pictures: boolean;
  /** True: it wants to know of alarm outputs, whose states are asked for while anybody does. */
  readonly outputs?: boolean;
  /** False: `event` would do nothing with any of this type from this channel (undefined: not known which). Default: true. */
  wants?(type: string, channel: number | undefined): boolean;
  state(state: StreamState): void;
  /** The moment it is read, before its pictures; `event` follows with the same notification. Not to be changed. */
  notification?(notification: Notification): void;
  /** Something of the device's history has come, which is no news. */
  history?(): void;
  /** `shared`: other receivers hold the same object; copy before changing or sending it. */
  event(event: DeviceEvent, shared: boolean): void;
}

/** The event stream of a device node: perhaps that of several with the same address and login. */
export interface NodeStream {
  readonly state: StreamState;
  /** Has anything come since the last opening? */
  readonly heard: boolean;
  /** How often the device has ended the stream by itself, of late; undefined: it pushes its events. */
  readonly endings: number | undefined;
  /** Ends a pause between two tries: somebody changed something at the device. */
  retryNow(): void;
}

export interface DeviceNode extends Node<DeviceCredentials> {
  /** The subscribed nodes by id, and nothing else: Node-RED iterates it when this node reports an error or a status. */
  readonly users: Record<string, Node>;
  /** Undefined when the settings cannot work; `fault` says why. */
  readonly device: Device | undefined;
  /** Undefined as `device` is. */
  readonly stream: NodeStream | undefined;
  readonly fault: HikvisionError | undefined;
  /** Who it was when it last said so; undefined as `device` is. */
  readonly identity: KnownDevice | undefined;
  /** The first subscriber opens the alert stream. It gets every later change of its state; the present one is `stream.state`. */
  register(node: Node, subscriber: Subscriber): void;
  /** The last subscriber closes it. */
  deregister(node: Node): void;
  /** A subscriber that is no node, a form for example: as {@link register}, until `signal` aborts or this node closes (`ended`). */
  listen(subscriber: Subscriber, ended: () => void, signal: AbortSignal): void;
}

/** A device node whose settings can work. */
export type WorkingDeviceNode = DeviceNode & { readonly device: Device; readonly stream: NodeStream };

export function works(node: DeviceNode): node is WorkingDeviceNode {
  return node.device !== undefined && node.stream !== undefined;
}

/** The config node a node points to. Throws {@link FatalError} `badRequest` if there is none, or it is disabled or incomplete. */
export function deviceNodeOf(RED: NodeAPI, id: string | undefined): WorkingDeviceNode {
  const node = findDeviceNode(RED, id);
  if (!node)
    throw new FatalError(
      "badRequest",
      say`No device is chosen, or it is disabled. Choose one in this node's settings.`,
    );
  if (!works(node)) throw node.fault ?? new FatalError("badRequest", say`The device is not set up.`);
  return node;
}

export function findDeviceNode(RED: NodeAPI, id: string | undefined): DeviceNode | undefined {
  // Of a flow that was edited by hand it may be anything.
  if (typeof id !== "string" || id === "") return undefined;
  const node = RED.nodes.getNode(id) as DeviceNode | null;
  return node?.type === "hikvision-device" ? node : undefined;
}
