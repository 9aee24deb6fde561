/** hikvision-device: one device for all nodes that use it. Holds the credentials, has its part in the event stream. */
import { setMaxListeners } from "node:events";
import type { Node, NodeAPI } from "node-red";
import { Device, type DeviceSink, type HikvisionError, type PushReceiver, say, type StreamState } from "../../src";
import { listenForPush, pushObstacle, servePush } from "./push-route";
import { serveAdmin } from "../admin/routes";
import type { DeviceNode, Subscriber } from "../shared/device-node";
import { credentials } from "./fields";
import { deviceSettings, type DeviceCredentials, type DeviceDef } from "./settings";
import { render, renderError } from "../shared/render";
import { typedError } from "../shared/unexpected";
import { KnownDevice } from "./known-device";
import { type SharedStream, streamFor, type StreamMember } from "./shared-stream";
import { rememberLogin } from "./known-login";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export = function (RED: NodeAPI): void {
  function HikvisionDevice(this: Mutable<DeviceNode>, def: DeviceDef): void {
    RED.nodes.createNode(this, def);
    const subscribers = new Map<string | Subscriber, Subscriber>();
    const life = new AbortController();
    // Every form that shows live events listens to it.
    setMaxListeners(0, life.signal);
    this.users = {};
    this.device = undefined;
    this.stream = undefined;
    this.fault = undefined;
    this.identity = undefined;

    /** A defect in one subscriber must not keep the others from their events, nor end the stream. */
    const notify = (run: (subscriber: Subscriber) => void): void => {
      for (const subscriber of subscribers.values()) {
        try {
          run(subscriber);
        } catch (error) {
          this.error(error instanceof Error ? error.stack : error);
        }
      }
    };
    let shared: { readonly stream: SharedStream; readonly member: StreamMember } | undefined;
    const sink: DeviceSink = {
      warn: (sentence) => this.warn(render(RED, sentence)),
      met: (info) => shared?.stream.met(shared.member, info),
      state: (state) => shared?.stream.changed(shared.member, state),
      wantsPictures: () => shared?.stream.wantsPictures ?? false,
      wants: (type, channel) => shared?.stream.wants(type, channel) ?? false,
      notification: (notification, receivedAt) => shared?.stream.notify(shared.member, notification, receivedAt),
      event: (event) => shared?.stream.deliver(shared.member, event),
      history: () => shared?.stream.history(shared.member),
    };
    const anyone = (wants: (subscriber: Subscriber) => boolean): boolean => {
      for (const subscriber of subscribers.values()) if (wants(subscriber)) return true;
      return false;
    };
    const memberOf = (device: Device, heartbeatTimeout: number): StreamMember => ({
      device,
      heartbeatTimeout,
      listeners: () => subscribers.size,
      wantsPictures: () => anyone(({ pictures }) => pictures),
      wants: (type, channel) => anyone((subscriber) => subscriber.wants?.(type, channel) ?? true),
      wantsOutputs: () => anyone(({ outputs }) => outputs === true),
      met: (who) => this.identity?.learn(who),
      state: (state) => {
        report(RED, this, state);
        notify((subscriber) => subscriber.state(state));
      },
      notification: (notification, receivedAt, others) => {
        const event = { notification, receivedAt, pictures: [] };
        notify((subscriber) => subscriber.notification?.(notification));
        notify((subscriber) => {
          if (!subscriber.pictures) subscriber.event(event, others);
        });
      },
      event: (event, others) => {
        notify((subscriber) => {
          if (subscriber.pictures) subscriber.event(event, others);
        });
      },
      history: () => notify((subscriber) => subscriber.history?.()),
    });

    try {
      const settings = deviceSettings(def, this.credentials, (sentence) => sink.warn(sentence));
      this.device = new Device(settings, sink);
      this.identity = new KnownDevice(RED, this, this.device.http.address);
      const stream = streamFor(this.device, settings);
      shared = { stream, member: memberOf(this.device, settings.heartbeatTimeout) };
      this.stream = stream;
      rememberLogin(RED, this, this.device);
    } catch (reason) {
      this.fault = typedError(reason);
      this.error(render(RED, this.fault.sentence));
    }

    const stopListening = this.device?.push && acceptPush(RED, this, this.device.push);

    const join = (key: string | Subscriber, subscriber: Subscriber): void => {
      subscribers.set(key, subscriber);
      shared?.stream.join(shared.member);
    };
    const leave = (key: string | Subscriber): void => {
      subscribers.delete(key);
      shared?.stream.leave(shared.member);
    };

    this.register = (node: Node, subscriber: Subscriber): void => {
      this.users[node.id] = node;
      join(node.id, subscriber);
    };

    this.deregister = (node: Node): void => {
      Reflect.deleteProperty(this.users, node.id);
      leave(node.id);
    };

    this.listen = (subscriber: Subscriber, ended: () => void, signal: AbortSignal): void => {
      join(subscriber, subscriber);
      signal.addEventListener("abort", () => leave(subscriber), { once: true, signal: life.signal });
      life.signal.addEventListener("abort", ended, { once: true, signal });
    };

    this.on("close", (_removed: boolean, done: () => void) => {
      life.abort();
      stopListening?.();
      shared?.stream.remove(shared.member);
      (this.device?.close() ?? Promise.resolve()).then(done, done);
    });
  }

  RED.nodes.registerType<DeviceNode, DeviceDef, object, DeviceCredentials>("hikvision-device", HikvisionDevice, {
    credentials,
  });
  serveAdmin(RED);
};

/** Opens the way for the device's pushes, or says why there is none. The result closes it. */
function acceptPush(RED: NodeAPI, node: DeviceNode, receiver: PushReceiver): () => void {
  const token = node.credentials.pushToken;
  const obstacle = pushObstacle(RED, token);
  receiver.block(obstacle);
  servePush(RED);
  if (typeof token !== "string" || token === "") return () => undefined;
  return listenForPush(token, {
    receiver,
    warn: (sentence) => node.warn(render(RED, sentence)),
    taken: (other) => {
      receiver.block(obstacle ?? other);
      if (other) node.error(render(RED, other.sentence));
    },
  });
}

/** One line per loss and per recovery; a Catch node gets the loss. */
function report(RED: NodeAPI, node: DeviceNode, state: StreamState): void {
  if (state.phase === "online") node.log(render(RED, say`Event stream connected.`));
  else if (state.phase === "offline") reportLoss(node, renderError(RED, state.error));
}

function reportLoss(node: DeviceNode, error: HikvisionError): void {
  try {
    node.error(error, {});
  } catch {
    // Node-RED passes the error on to the users' flows, and recurses without end when a user stands in no flow.
    node.error(error.message);
  }
}
