/** hikvision-ptz: one PTZ command per message. Knows RED; src/ptz/ knows the cameras. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { deviceNodeOf, findDeviceNode } from "../shared/device-node";
import { onInput } from "../shared/on-input";
import { ptzCommands, type PtzForm } from "./input";
import { showFailure } from "../shared/status";
import { valueReader } from "../shared/typed-values";

interface PtzDef extends NodeDef, PtzForm {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionPtz(this: Node, def: PtzDef): void {
    RED.nodes.createNode(this, def);
    if (!findDeviceNode(RED, def.device)) showFailure(this, "unconfigured");
    const commandOf = ptzCommands(def, (saved) => valueReader(RED, this, saved));

    onInput(
      RED,
      this,
      () => findDeviceNode(RED, def.device)?.device?.identity,
      async (message, { signal }) => {
        const { device } = deviceNodeOf(RED, def.device);
        message.payload = await device.ptz.run(await commandOf(message), signal);
        return message;
      },
    );
  }

  RED.nodes.registerType("hikvision-ptz", HikvisionPtz);
};
