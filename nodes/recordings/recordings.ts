/** hikvision-recordings: a list of recordings per message. Knows RED; src/recordings knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { deviceNodeOf, findDeviceNode } from "../shared/device-node";
import { onInput } from "../shared/on-input";
import { searchOf, type SearchForm } from "./input";
import { showFailure } from "../shared/status";
import { valueReader } from "../shared/typed-values";

interface RecordingsDef extends NodeDef, SearchForm {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionRecordings(this: Node, def: RecordingsDef): void {
    RED.nodes.createNode(this, def);
    if (!findDeviceNode(RED, def.device)) showFailure(this, "unconfigured");
    const read = valueReader(RED, this, def);

    onInput(
      RED,
      this,
      () => findDeviceNode(RED, def.device)?.device?.identity,
      async (message, { signal }) => {
        const { recordings } = deviceNodeOf(RED, def.device).device;
        message.payload = await recordings.search({ ...(await searchOf(def, read, message)), signal });
        return message;
      },
    );
  }

  RED.nodes.registerType("hikvision-recordings", HikvisionRecordings);
};
