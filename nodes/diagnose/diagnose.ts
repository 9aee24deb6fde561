/** hikvision-diagnose: one report per message on why a device works or does not. Knows RED; src/diagnose/ knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { eventType } from "../../src";
import { deviceNodeOf } from "../shared/device-node";
import { onInput } from "../shared/on-input";
import { diagnoseDevice } from "./diagnosis";

interface DiagnoseDef extends NodeDef {
  readonly device?: string;
  /** Empty: all that the device has. */
  readonly events?: readonly string[];
}

export = function (RED: NodeAPI): void {
  function HikvisionDiagnose(this: Node, def: DiagnoseDef): void {
    RED.nodes.createNode(this, def);
    const events = (def.events ?? []).map((name) => eventType(name).type);

    onInput(RED, this, def, async (message, { signal }) => {
      message.payload = await diagnoseDevice(RED, deviceNodeOf(RED, def.device), events, signal);
      return message;
    });
  }

  RED.nodes.registerType("hikvision-diagnose", HikvisionDiagnose);
};
