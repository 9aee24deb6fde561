/** hikvision-ptz: one PTZ command per message. Knows RED; src/ptz/ knows the cameras. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { type FlowMessage, onInput } from "../shared/on-input";
import { resultProperty } from "../shared/result-property";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { propertiesOf } from "../shared/unknown-values";
import { fields } from "./fields";
import { ptzCommands, type PtzForm } from "./input";

interface PtzDef extends NodeDef, PtzForm {
  readonly device?: string;
  readonly property?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionPtz(this: Node, def: PtzDef): void {
    RED.nodes.createNode(this, def);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const action = def.action === undefined ? "msg" : settings.action;
    const form = { ...def, ...settings, action };
    const commandOf = ptzCommands(form, (saved, described) => valueReader(RED, this, saved, described));

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal }) => {
      const { name, put } = resultProperty(RED, settings.property);
      const result = await device.ptz.run(await commandOf(message), signal);
      if (action === "msg" && name !== "payload") takeOrder(message);
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
