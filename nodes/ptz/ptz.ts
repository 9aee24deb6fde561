/** hikvision-ptz: one PTZ command per message. Knows RED; src/ptz/ knows the cameras. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { type FlowMessage, onInput } from "../shared/on-input";
import { resultProperty } from "../shared/result-property";
import { valueReader } from "../shared/typed-values";
import { propertiesOf } from "../shared/unknown-values";
import { ptzCommands, type PtzForm } from "./input";

interface PtzDef extends NodeDef, PtzForm {
  readonly device?: string;
  readonly property?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionPtz(this: Node, def: PtzDef): void {
    RED.nodes.createNode(this, def);
    const commandOf = ptzCommands(def, (saved, fields) => valueReader(RED, this, saved, fields));

    onInput(RED, this, def, async (message, { device, signal }) => {
      const { name, put } = resultProperty(RED, def.property);
      const result = await device.ptz.run(await commandOf(message), signal);
      if ((def.action ?? "msg") === "msg" && name !== "payload") takeOrder(message);
      put(message, result);
      return message;
    });
  }

  /** The next ptz node must not take the order for its own. */
  function takeOrder(message: FlowMessage): void {
    const { action, ...values } = propertiesOf(message.payload);
    if (action !== undefined) message.payload = values;
  }

  RED.nodes.registerType("hikvision-ptz", HikvisionPtz);
};
