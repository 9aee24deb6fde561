/** hikvision-output: switches an alarm output or reads it. Knows RED; src/io knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import type { OutputState } from "../../src";
import { onInput } from "../shared/on-input";
import { checkSettings } from "../shared/settings";
import { boundedNumber, valueReader } from "../shared/typed-values";
import { fields } from "./fields";

interface OutputDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function Output(this: Node, def: OutputDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const { action } = settings;

    onInput(RED, this, { device: def.device, fault }, async (message, { device: { outputs }, signal, progress }) => {
      const output = await outputs.find(await read("output", message), signal);

      const act = async (): Promise<OutputState> => {
        switch (action) {
          case "on":
          case "off":
            await outputs.set(output, action, signal);
            return action;
          case "status":
            return (await outputs.status(output, signal)).state;
          case "pulse": {
            const { value, rule } = fields.duration;
            const seconds = boundedNumber("duration", await read("duration", message), rule) ?? Number(value);
            return outputs.pulse(output, seconds * 1000, signal, () => progress("on"));
          }
        }
      };
      return Object.assign(message, { payload: { output, state: await act() } });
    });
  }

  RED.nodes.registerType("hikvision-output", Output);
};
