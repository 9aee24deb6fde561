/** hikvision-plate-list: the camera's allow list or block list, read and changed. Knows RED; src/access-list knows the devices. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { channelNumber, type ListChanges, type ListResult } from "../../src";
import { onInput } from "../shared/on-input";
import { render } from "../shared/render";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { fields } from "./fields";

interface PlateListDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionPlateList(this: Node, def: PlateListDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const { list, dryRun } = settings;

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal, progress }) => {
      let { action }: { action: unknown } = settings;
      if (action === "msg") {
        action = message["action"];
        // Used up, so that nodes can be chained.
        delete message["action"];
      }
      const channel = channelNumber(await read("channel", message));
      const plates = message["plates"] ?? message.payload;
      const confirm = settings.confirm || message["confirm"] === true;
      const result = await device.accessLists.run(
        { channel, list, action, plates, dryRun, confirm },
        signal,
        (done, all) => progress(`${done} / ${all}`),
      );
      return Object.assign(message, { payload: isChanges(result) ? withTexts(result) : result });
    });
  }

  /** Sentences in the language of Node-RED. */
  function withTexts({ failed, ...done }: ListChanges): object {
    const told = failed.map(({ plate, error: { code, message } }) => ({
      plate,
      error: { code, message: render(RED, message) },
    }));
    return { ...done, failed: told };
  }

  RED.nodes.registerType("hikvision-plate-list", HikvisionPlateList);
};

function isChanges(result: ListResult): result is ListChanges {
  return "failed" in result;
}
