/** hikvision-diagnose: one report per message on why a device works or does not. Knows RED; src/diagnose/ knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { eventEntry } from "../../src";
import { deviceNodeOf } from "../shared/device-node";
import { onInput } from "../shared/on-input";
import { checkSettings } from "../shared/settings";
import { diagnoseDevice } from "./diagnosis";
import { fields } from "./fields";

interface DiagnoseDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionDiagnose(this: Node, def: DiagnoseDef): void {
    RED.nodes.createNode(this, def);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const events = settings.events.map((name) => eventEntry(name).type.type);

    onInput(RED, this, { device: def.device, fault }, async (message, { signal }) => {
      message.payload = await diagnoseDevice(RED, deviceNodeOf(RED, def.device), events, signal);
      return message;
    });
  }

  RED.nodes.registerType("hikvision-diagnose", HikvisionDiagnose);
};
