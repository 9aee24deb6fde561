/** hikvision-event-in: a device's events as messages: filter, then start / update / end per node. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import {
  activeHours,
  computerZone,
  copyEvent,
  type DeviceEvent,
  EventFilter,
  eventEntry,
  isWithin,
  say,
  type Sentence,
  type StreamState,
  Tracker,
} from "../../src";
import { findDeviceNode, works } from "../shared/device-node";
import { connectionMessage, eventMessage } from "../shared/event-message";
import { checkSettings } from "../shared/settings";
import { showFailure, showStream } from "../shared/status";
import { render } from "../shared/render";
import { fields } from "./fields";

interface EventInDef extends NodeDef {
  readonly device?: string;
  readonly hours?: unknown;
}

export = function (RED: NodeAPI): void {
  function HikvisionEventIn(this: Node, def: EventInDef): void {
    RED.nodes.createNode(this, def);
    const deviceNode = findDeviceNode(RED, def.device);
    if (!deviceNode || !works(deviceNode)) {
      showFailure(this, "unconfigured");
      return;
    }
    const { settings, fault } = checkSettings(RED, this, def, fields);
    if (fault) return;
    const { stream } = deviceNode;
    const { identity, clock } = deviceNode.device;
    const rendered = (sentence: Sentence): string => render(RED, sentence);

    const hours = activeHours(def.hours);
    if (hours === undefined && def.hours !== undefined)
      this.warn(rendered(say`The active hours cannot be read: events are sent at every hour.`));
    const zone = hours?.zone === "local" ? computerZone : deviceNode.device.time.zone;

    const filter = new EventFilter(settings);
    const tracker = new Tracker({
      filter,
      emit: settings.emit,
      isActive: () => hours === undefined || isWithin(hours, clock.now(), zone),
      offDelay: settings.offDelay,
      clock,
      onSilence: (notification) => {
        const end = { notification, receivedAt: clock.now(), pictures: [], state: "end", synthetic: true } as const;
        this.send(eventMessage(end, identity, rendered));
      },
    });

    const announce = (state: StreamState): void => {
      const message = settings.connection ? connectionMessage(state, identity, clock.now(), rendered) : undefined;
      if (message) this.send(message);
    };

    showStream(this, stream.state);
    // A stream that is open already has no news for this node. Nodes further down may not exist yet: wait for them.
    const greeting = setImmediate(announce, stream.state);
    deviceNode.register(this, {
      pictures: settings.pictures,
      outputs: settings.events.some((name) => eventEntry(name).type.type === "IOOutput"),
      state: (state) => {
        showStream(this, state);
        announce(state);
      },
      wants: (type, channel) => filter.mayAccept(type, channel),
      event: (event: DeviceEvent, shared: boolean) => {
        const tracked = tracker.take(event.notification);
        if (!tracked) return;
        const { receivedAt, pictures } = event;
        const { state, notification } = tracked;
        const own = shared ? copyEvent({ notification, receivedAt, pictures }) : { notification, receivedAt, pictures };
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
