/** hikvision-isapi: one ISAPI call per message, or one setting changed. Knows RED; src/control knows what may be asked. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { valueReader } from "../shared/typed-values";
import { fields } from "./fields";
import { isapiCall, type IsapiForm } from "./input";

interface IsapiDef extends NodeDef, IsapiForm {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionIsapi(this: Node, def: IsapiDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);

    onInput(RED, this, def, async (message, { device, signal }) => {
      const { payload, statusCode, headers, isapi } = await device.calls.run(
        await isapiCall(def, read, message),
        signal,
      );
      // Used up, so that nodes can be chained.
      delete message["path"];
      if (def.method === "msg") delete message["method"];
      Object.assign(message, { payload, isapi, statusCode, headers });
      // Nothing was answered: those of an earlier call would mislead.
      if (statusCode === undefined) delete message["statusCode"];
      if (headers === undefined) delete message["headers"];
      return message;
    });
  }

  RED.nodes.registerType("hikvision-isapi", HikvisionIsapi);
};
