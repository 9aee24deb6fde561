/** hikvision-isapi: one ISAPI call per message, or one setting changed. Knows RED; src/control knows what may be asked. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { fields } from "./fields";
import { isapiCall } from "./input";

interface IsapiDef extends NodeDef {
  readonly device?: string;
  readonly body?: unknown;
  readonly bodyType?: unknown;
}

export = function (RED: NodeAPI): void {
  function HikvisionIsapi(this: Node, def: IsapiDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const form = { ...settings, body: def.body, bodyType: def.bodyType };

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal }) => {
      const { payload, statusCode, headers, isapi } = await device.calls.run(
        await isapiCall(form, read, message),
        signal,
      );
      // Used up, so that nodes can be chained.
      delete message["path"];
      if (settings.method === "msg") delete message["method"];
      Object.assign(message, { payload, isapi, statusCode, headers });
      // Nothing was answered: those of an earlier call would mislead.
      if (statusCode === undefined) delete message["statusCode"];
      if (headers === undefined) delete message["headers"];
      return message;
    });
  }

  RED.nodes.registerType("hikvision-isapi", HikvisionIsapi);
};
