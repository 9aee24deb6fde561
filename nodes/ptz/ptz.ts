/** hikvision-ptz: one PTZ command per message. Knows RED; src/ptz/ knows the cameras. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { fields } from "./fields";
import { ptzCommands, type PtzForm } from "./input";

interface PtzDef extends NodeDef, PtzForm {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionPtz(this: Node, def: PtzDef): void {
    RED.nodes.createNode(this, def);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const action = def.action === undefined ? "msg" : settings.action;
    const form = { ...def, ...settings, action };
    const commandOf = ptzCommands(form, (saved, described) => valueReader(RED, this, saved, described));

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal }) => {
      message.payload = await device.ptz.run(await commandOf(message), signal);
      return message;
    });
  }

  RED.nodes.registerType("hikvision-ptz", HikvisionPtz);
};
