/** hikvision-deterrent: siren, voice clips and white light of a camera. Knows RED; src/deterrent/ knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { channelNumber, say, Sentence } from "../../src";
import { onInput } from "../shared/on-input";
import { render } from "../shared/render";
import { takeAction } from "../shared/message-action";
import { checkSettings } from "../shared/settings";
import { valueReader, valuesReader } from "../shared/typed-values";
import { propertiesOf } from "../shared/unknown-values";
import { fields } from "./fields";

interface DeterrentDef extends NodeDef {
  readonly device?: string;
  readonly action?: unknown;
  readonly values?: unknown;
}

export = function (RED: NodeAPI): void {
  function HikvisionDeterrent(this: Node, def: DeterrentDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const readValues = valuesReader((saved, own) => valueReader(RED, this, saved, own), def.values);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const byMessage = settings.action === "msg";

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal, progress }) => {
      const action = byMessage ? takeAction(message, NO_ACTION) : settings.action;
      const channel = channelNumber(await read("channel", message));
      const sent = byMessage && !Buffer.isBuffer(message.payload) ? propertiesOf(message.payload) : {};
      const values = { ...(await readValues(message)), ...sent };
      const result = await device.deterrents.run({ channel, action, values }, signal, progress);
      message.payload = withText(result);
      return message;
    });
  }

  /** A sentence in the language of Node-RED. */
  function withText(result: object): unknown {
    if (!("note" in result) || !(result.note instanceof Sentence)) return result;
    return { ...result, note: render(RED, result.note) };
  }

  RED.nodes.registerType("hikvision-deterrent", HikvisionDeterrent);
};

const NO_ACTION = say`The message brings no action: set msg.action to siren, light, stop, list or status, or choose one in the node.`;
