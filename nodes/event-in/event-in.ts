/** hikvision-event-in: a device's events as messages: filter, then start / update / end per node. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import {
  copyEvent,
  type DeviceEvent,
  EventFilter,
  eventType,
  type Sentence,
  type StreamState,
  Tracker,
} from "../../src";
import { findDeviceNode } from "../shared/device-node";
import { connectionMessage, eventMessage } from "../shared/event-message";
import { checkSettings } from "../shared/settings";
import { showFailure, showStream } from "../shared/status";
import { render } from "../shared/render";
import { fields } from "./fields";

interface EventInDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionEventIn(this: Node, def: EventInDef): void {
    RED.nodes.createNode(this, def);
    const deviceNode = findDeviceNode(RED, def.device);
    const device = deviceNode?.device;
    if (!deviceNode || !device) {
      showFailure(this, "unconfigured");
      return;
    }
    const { settings, fault } = checkSettings(RED, this, def, fields);
    if (fault) return;
    const { identity, clock } = device;
    const rendered = (sentence: Sentence): string => render(RED, sentence);

    const tracker = new Tracker({
      filter: new EventFilter(settings),
      emit: settings.emit,
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

    showStream(this, device.alerts.state);
    // A stream that is open already has no news for this node. Nodes further down may not exist yet: wait for them.
    const greeting = setImmediate(announce, device.alerts.state);
    deviceNode.register(this, {
      pictures: settings.pictures,
      outputs: settings.events.some((name) => eventType(name).type === "IOOutput"),
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
