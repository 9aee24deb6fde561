/** hikvision-call: who rings at a door station (output 1); answers, rejects and hangs up (output 2). Knows RED; src/call knows the devices. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { CALL_EVENTS, type CallChange } from "../../src";
import { findDeviceNode, works } from "../shared/device-node";
import { onInput } from "../shared/on-input";
import { render } from "../shared/render";
import { checkSettings } from "../shared/settings";
import { clear, show, showFailure, showStream } from "../shared/status";
import { fields } from "./fields";
import { callMessage } from "./message";
import { RingPictures } from "./ring-pictures";

interface CallDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionCall(this: Node, def: CallDef): void {
    RED.nodes.createNode(this, def);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const deviceNode = findDeviceNode(RED, def.device);
    const { action } = settings;
    let showIdle = (): void => clear(this);

    onInput(
      RED,
      this,
      { device: def.device, fault },
      async (message, { device: { ringing }, signal, send }) => {
        const payload = await ringing.run(action === "msg" ? message["action"] : action, signal);
        // Used up, so that nodes can be chained.
        if (action === "msg") delete message["action"];
        send([null, Object.assign(message, { payload })]);
        return undefined;
      },
      () => showIdle(),
    );

    if (!deviceNode || fault) return;
    if (!works(deviceNode)) {
      showFailure(this, "unconfigured");
      return;
    }
    const { stream } = deviceNode;
    const { identity, ringing } = deviceNode.device;
    const pictures = new RingPictures(deviceNode.device, (sentence) => render(RED, sentence));
    let state: CallChange["state"] = "ended";
    let isAnswering = false;
    let isRefused = false;

    showIdle = () => {
      if (state === "ringing") show(this, "busy", "ringing");
      else if (state === "answered") show(this, "busy", "onCall");
      // The event stream may be refused to a user who may ask.
      else if (isAnswering) show(this, "connected", "connected");
      else if (isRefused && stream.state.phase === "online") show(this, "connected", "eventsOnly");
      else showStream(this, stream.state);
    };

    /** In their order: a picture must not be overtaken by what became of its ring. */
    let sent: Promise<void> | undefined;
    const tell = (change: CallChange): void => {
      const waits = sent;
      if (!waits && (!settings.pictures || change.state !== "ringing")) {
        this.send([callMessage(change, undefined, identity), null]);
        return;
      }
      const deliver = async (): Promise<void> => {
        const taken = settings.pictures && change.state === "ringing" ? pictures.take(change.since) : undefined;
        await waits;
        const own = await taken;
        if (!closed) this.send([callMessage(change, own, identity), null]);
      };
      const delivery = deliver()
        .catch((reason: unknown) => this.error(String(reason)))
        .finally(() => {
          if (sent === delivery) sent = undefined;
        });
      sent = delivery;
    };
    let closed = false;

    showIdle();
    deviceNode.register(this, {
      pictures: false,
      wants: (type) => CALL_EVENTS.has(type),
      state: ({ phase }) => {
        if (phase === "online") ringing.online();
        showIdle();
      },
      notification: (notification) => ringing.notification(notification),
      history: () => ringing.history(),
      event: () => undefined,
    });
    const stop = ringing.listen({
      pollMs: settings.pollInterval * 1000,
      changed: (change) => {
        state = change.state;
        showIdle();
        tell(change);
      },
      answers: (whether) => {
        isAnswering = whether;
        if (whether) isRefused = false;
        showIdle();
      },
      warn: (sentence) => {
        isRefused = true;
        showIdle();
        this.warn(render(RED, sentence));
      },
    });

    this.on("close", (done: () => void) => {
      closed = true;
      stop();
      pictures.close();
      deviceNode.deregister(this);
      done();
    });
  }

  RED.nodes.registerType("hikvision-call", HikvisionCall);
};
