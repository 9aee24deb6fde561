/** hikvision-event-in: a device's events as messages: filter, then start / update / end per node. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import {
  activeHours,
  computerZone,
  copyEvent,
  type DeviceEvent,
  EventFilter,
  eventType,
  isWithin,
  say,
  type Sentence,
  type StreamState,
  Tracker,
} from "../../src";
import { findDeviceNode, works } from "../shared/device-node";
import { connectionMessage, eventMessage } from "../shared/event-message";
import { showFailure, showStream } from "../shared/status";
import { plainNumber } from "../shared/typed-values";
import { render } from "../shared/render";
import { fields } from "./fields";

interface EventInDef extends NodeDef {
  readonly device?: string;
  readonly events?: string[];
  readonly channels?: (number | string)[];
  readonly targets?: string[];
  readonly regions?: string[];
  readonly emit?: (typeof fields.emit.options)[number];
  readonly hours?: unknown;
  readonly offDelay?: number | string;
  readonly pictures?: boolean;
  readonly connection?: boolean;
}

export = function (RED: NodeAPI): void {
  function HikvisionEventIn(this: Node, def: EventInDef): void {
    RED.nodes.createNode(this, def);
    const deviceNode = findDeviceNode(RED, def.device);
    if (!deviceNode || !works(deviceNode)) {
      showFailure(this, "unconfigured");
      return;
    }
    const { stream } = deviceNode;
    const { identity, clock } = deviceNode.device;
    const rendered = (sentence: Sentence): string => render(RED, sentence);

    const hours = activeHours(def.hours);
    if (hours === undefined && def.hours !== undefined)
      this.warn(rendered(say`The active hours cannot be read: events are sent at every hour.`));
    const zone = hours?.zone === "local" ? computerZone : deviceNode.device.time.zone;

    const tracker = new Tracker({
      filter: new EventFilter(def),
      emit: def.emit === "all" || def.emit === "starts" ? def.emit : "edges",
      isActive: () => hours === undefined || isWithin(hours, clock.now(), zone),
      offDelay: plainNumber(def.offDelay, fields.offDelay),
      clock,
      onSilence: (notification) => {
        const end = { notification, receivedAt: clock.now(), pictures: [], state: "end", synthetic: true } as const;
        this.send(eventMessage(end, identity, rendered));
      },
    });

    const announce = (state: StreamState): void => {
      const message = def.connection ? connectionMessage(state, identity, clock.now(), rendered) : undefined;
      if (message) this.send(message);
    };

    showStream(this, stream.state);
    // A stream that is open already has no news for this node. Nodes further down may not exist yet: wait for them.
    const greeting = setImmediate(announce, stream.state);
    deviceNode.register(this, {
      pictures: def.pictures !== false,
      outputs: (def.events ?? []).some((name) => eventType(name).type === "IOOutput"),
      state: (state) => {
        showStream(this, state);
        announce(state);
      },
      event: (event: DeviceEvent, shared: boolean) => {
        const tracked = tracker.take(event.notification);
        if (!tracked) return;
        const { state, notification } = tracked;
        const own = shared ? copyEvent({ ...event, notification }) : { ...event, notification };
        this.send(eventMessage({ ...own, state }, identity, rendered));
      },
    });

    this.on("close", (done: () => void) => {
      clearImmediate(greeting);
      deviceNode.deregister(this);
      tracker.close();
      done();
    });
  }

  RED.nodes.registerType("hikvision-event-in", HikvisionEventIn);
};
