/** hikvision-history: what happened in a past time, as one list per message. Knows RED; src/history knows the devices. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { render } from "../shared/render";
import { checkSettings } from "../shared/settings";
import { valueReader, withTimeWords } from "../shared/typed-values";
import { fields } from "./fields";
import { historyAnswer, historyQuery } from "./input";

interface HistoryDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionHistory(this: Node, def: HistoryDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const { settings, fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal }) => {
      const query = await historyQuery(settings, withTimeWords(read, fields, device, signal), message);
      const result = await device.history.search({ ...query, signal });
      return Object.assign(
        message,
        historyAnswer(result, (sentence) => render(RED, sentence)),
      );
    });
  }

  RED.nodes.registerType("hikvision-history", HikvisionHistory);
};
