/** hikvision-output: switches an alarm output or reads it. Knows RED; src/io knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { FatalError, type OutputState, say } from "../../src";
import { deviceNodeOf, findDeviceNode } from "../shared/device-node";
import { onInput } from "../shared/on-input";
import { optionalNumber, valueReader } from "../shared/typed-values";

interface OutputDef extends NodeDef {
  readonly device?: string;
  readonly action?: "on" | "off" | "pulse" | "status";
}

const DEFAULT_SECONDS = 1;
const LONGEST_SECONDS = 86_400;

export = function (RED: NodeAPI): void {
  function Output(this: Node, def: OutputDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def);
    const { action = "pulse" } = def;

    onInput(
      RED,
      this,
      () => findDeviceNode(RED, def.device)?.device?.identity,
      async (message, { signal, progress }) => {
        const { outputs } = deviceNodeOf(RED, def.device).device;
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
              const duration = seconds(await read("duration", message));
              return outputs.pulse(output, duration * 1000, signal, () => progress("on"));
            }
          }
        };
        return Object.assign(message, { payload: { output, state: await act() } });
      },
    );
  }

  RED.nodes.registerType("hikvision-output", Output);
};

function seconds(value: unknown): number {
  const duration = optionalNumber("duration", value) ?? DEFAULT_SECONDS;
  if (duration <= 0 || duration > LONGEST_SECONDS)
    throw new FatalError("badRequest", say`"duration" must be more than 0 and at most ${LONGEST_SECONDS} seconds.`);
  return duration;
}
