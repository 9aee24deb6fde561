/** hikvision-plate-in: number plates as messages. Output 1: as they pass; output 2: those that passed while nobody was looking. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { PlateFeed, type PlateFeedSettings, systemChance } from "../../src";
import { type DeviceNode, findDeviceNode, works } from "../shared/device-node";
import { NodeState } from "../shared/node-state";
import { plateMessage } from "./message";
import { showFailure, showStream } from "../shared/status";
import { plainNumber } from "../shared/typed-values";
import { render } from "../shared/render";
import { fields } from "./fields";

interface PlateInDef extends NodeDef {
  readonly device?: string;
  readonly channels?: readonly (number | string)[];
  readonly minConfidence?: number | string;
  readonly lists?: readonly string[];
  readonly dropRepeats?: number | string;
  readonly pollInterval?: number | string;
  readonly backfill?: boolean;
  readonly pictures?: boolean;
}

/** What stands in the node's context: of another device's list it would make no sense. */
interface Remembered {
  readonly device: string;
  readonly channels: unknown;
}

export = function (RED: NodeAPI): void {
  function HikvisionPlateIn(this: Node, def: PlateInDef): void {
    RED.nodes.createNode(this, def);
    const deviceNode = findDeviceNode(RED, def.device);
    if (!deviceNode || !works(deviceNode)) {
      showFailure(this, "unconfigured");
      return;
    }
    const { device, stream } = deviceNode;
    const state = new NodeState(RED, this, "plates");
    let feed: PlateFeed | undefined;
    let closed = false;

    showStream(this, stream.state);
    state.load().then(
      (remembered) => {
        if (closed) return;
        feed = new PlateFeed({
          settings: settings(def),
          list: device.plates,
          channels: (signal) => device.facts.channels(signal),
          saved: ofDevice(remembered, device.identity.id),
          save: (channels) => state.save({ device: device.identity.id, channels } satisfies Remembered),
          send: (plate, handedOver) => {
            const message = plateMessage(plate, device.identity, (sentence) => render(RED, sentence));
            // Node-RED hands the message over in an immediate of its own: if it stops before that, the message is lost.
            setImmediate(handedOver);
            this.send(plate.backfilled ? [null, message] : [message, null]);
          },
          warn: (sentence) => this.warn(render(RED, sentence)),
          clock: device.clock,
          chance: systemChance,
        });
        subscribe(this, deviceNode, feed, def.pictures !== false);
        feed.start(stream.state);
      },
      (error: unknown) => this.error(error),
    );

    this.on("close", (done: () => void) => {
      closed = true;
      deviceNode.deregister(this);
      feed?.close();
      state.settled().then(done, done);
    });
  }

  RED.nodes.registerType("hikvision-plate-in", HikvisionPlateIn);
};

function subscribe(node: Node, deviceNode: DeviceNode, feed: PlateFeed, pictures: boolean): void {
  deviceNode.register(node, {
    pictures,
    state: (state) => {
      showStream(node, state);
      feed.state(state);
    },
    notification: (notification) => feed.notification(notification),
    event: (event, shared) => feed.event(event, shared),
  });
}

function settings(def: PlateInDef): PlateFeedSettings {
  return {
    channels: (def.channels ?? []).map(Number).filter((channel) => Number.isInteger(channel) && channel > 0),
    minConfidence: plainNumber(def.minConfidence, fields.minConfidence),
    lists: def.lists ?? [],
    dropRepeats: plainNumber(def.dropRepeats, fields.dropRepeats),
    pollMs: (plainNumber(def.pollInterval, fields.pollInterval) || fields.pollInterval.value) * 1000,
    backfill: def.backfill !== false,
    pictures: def.pictures !== false,
  };
}

function ofDevice(remembered: unknown, id: string): unknown {
  const { device, channels } = (remembered ?? {}) as Partial<Remembered>;
  return device === id ? channels : undefined;
}
