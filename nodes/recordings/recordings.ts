/** hikvision-recordings: a list of recordings per message. Knows RED; src/recordings knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { valueReader, withTimeWords } from "../shared/typed-values";
import { fields } from "./fields";
import { searchOf, type SearchForm } from "./input";

interface RecordingsDef extends NodeDef, SearchForm {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionRecordings(this: Node, def: RecordingsDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);

    onInput(RED, this, def, async (message, { device, signal }) => {
      const readNow = withTimeWords(read, fields, device, signal);
      message.payload = await device.recordings.search({ ...(await searchOf(def, readNow, message)), signal });
      return message;
    });
  }

  RED.nodes.registerType("hikvision-recordings", HikvisionRecordings);
};
