/** hikvision-recordings: a list of recordings per message. Knows RED; src/recordings knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { checkSettings } from "../shared/settings";
import { valueReader, withTimeWords } from "../shared/typed-values";
import { fields } from "./fields";
import { searchOf } from "./input";

interface RecordingsDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionRecordings(this: Node, def: RecordingsDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);

    const { settings, fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal }) => {
      const search = await searchOf(settings, withTimeWords(read, fields, device, signal), message);
      if (settings.action === "days")
        return Object.assign(message, { payload: await device.recordings.dates({ ...search, signal }) });
      message.payload = await device.recordings.search({ ...search, signal });
      return Object.assign(message, { recordings: { zone: await device.recordings.zone(search.channel, signal) } });
    });
  }

  RED.nodes.registerType("hikvision-recordings", HikvisionRecordings);
};
