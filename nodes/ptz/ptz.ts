/** hikvision-ptz: one PTZ command per message. Knows RED; src/ptz/ knows the cameras. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { valueReader } from "../shared/typed-values";
import { ptzCommands, type PtzForm } from "./input";

interface PtzDef extends NodeDef, PtzForm {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionPtz(this: Node, def: PtzDef): void {
    RED.nodes.createNode(this, def);
    const commandOf = ptzCommands(def, (saved, fields) => valueReader(RED, this, saved, fields));

    onInput(RED, this, def, async (message, { device, signal }) => {
      message.payload = await device.ptz.run(await commandOf(message), signal);
      return message;
    });
  }

  RED.nodes.registerType("hikvision-ptz", HikvisionPtz);
};
