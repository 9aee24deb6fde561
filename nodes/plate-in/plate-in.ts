/** hikvision-plate-in: number plates as messages. Output 1: as they pass; output 2: those that passed while nobody was looking. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { FatalError, type HikvisionError, PlateFeed, type PlateFeedSettings, say, systemChance } from "../../src";
import { type DeviceNode, findDeviceNode, works } from "../shared/device-node";
import { NodeState } from "../shared/node-state";
import { plateMessage } from "./message";
import { checkSettings, tellFault } from "../shared/settings";
import { showFailure, showStream } from "../shared/status";
import { render } from "../shared/render";
import { typedError } from "../shared/unexpected";
import { fields } from "./fields";

interface PlateInDef extends NodeDef {
  readonly device?: string;
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
    const { settings, fault } = feedSettings(RED, this, def);
    if (fault) return;
    const { device, stream } = deviceNode;
    const state = new NodeState(RED, this, "plates");
    let feed: PlateFeed | undefined;
    let closed = false;

    showStream(this, stream.state);
    const begin = (remembered: unknown): void => {
      if (closed) return;
      feed = new PlateFeed({
        settings,
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
      subscribe(this, deviceNode, feed, settings.pictures);
      feed.start(stream.state);
    };
    state
      .load()
      .then(begin)
      .catch((reason: unknown) => tellFault(RED, this, typedError(reason)));

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

function feedSettings(
  RED: NodeAPI,
  node: Node,
  def: PlateInDef,
): { settings: PlateFeedSettings; fault: HikvisionError | undefined } {
  const { settings, fault } = checkSettings(RED, node, def, fields);
  const { pollInterval, ...rest } = settings;
  const channels = rest.channels.map(Number);
  const unfit = rest.channels.find((_, index) => !isChannel(channels[index]));
  if (unfit === undefined) return { settings: { ...rest, channels, pollMs: pollInterval * 1000 }, fault };
  const wrong = new FatalError(
    "badRequest",
    say`"${unfit}" is no channel: choose the channels in the node's settings.`,
  );
  tellFault(RED, node, wrong);
  return { settings: { ...rest, channels: [], pollMs: pollInterval * 1000 }, fault: wrong };
}

function isChannel(number: number | undefined): boolean {
  return number !== undefined && Number.isInteger(number) && number > 0;
}

function ofDevice(remembered: unknown, id: string): unknown {
  const { device, channels } = (remembered ?? {}) as Partial<Remembered>;
  return device === id ? channels : undefined;
}
