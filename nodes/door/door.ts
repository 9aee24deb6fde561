/** hikvision-door: moves or reads one door or barrier per message. Knows RED; src/door knows the devices. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { render } from "../shared/render";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { fields } from "./fields";
import { doorCommand } from "./input";

interface DoorDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionDoor(this: Node, def: DoorDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const { settings, fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, { device: { doors }, signal, progress }) => {
      const command = await doorCommand(settings, read, message);
      const { notice, ...result } = await doors.run(command, signal, () => progress("open"));
      // Used up, so that nodes can be chained.
      if (settings.action === "msg") delete message["action"];
      const payload = { ...result, ...(notice && { notice: render(RED, notice) }) };
      return Object.assign(message, { payload });
    });
  }

  RED.nodes.registerType("hikvision-door", HikvisionDoor);
};
