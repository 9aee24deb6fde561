/** hikvision-ptz: one PTZ command per message. Knows RED; src/ptz/ knows the cameras. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { FatalError } from "../src/errors";
import { channelNumber } from "../src/values/channel";
import { say } from "../src/words";
import { deviceNodeOf, findDeviceNode } from "./runtime/device-node";
import { onInput, type FlowMessage } from "./runtime/on-input";
import { showFailure } from "./runtime/status";
import { valueReader } from "./runtime/typed-values";

interface PtzDef extends NodeDef {
  readonly device?: string;
  /** One of the device's actions, or "msg". */
  readonly action?: string;
  readonly values?: Readonly<Record<string, { readonly value?: unknown; readonly type?: string }>>;
  readonly clamp?: boolean;
}

interface Command {
  readonly action: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export = function (RED: NodeAPI): void {
  function HikvisionPtz(this: Node, def: PtzDef): void {
    RED.nodes.createNode(this, def);
    if (!findDeviceNode(RED, def.device)) showFailure(this, "unconfigured");
    const read = valueReader(RED, this, def);
    const { action = "msg", values = {} } = def;
    const readValue = valueReader(RED, this, asProperties(values));

    const command = async (message: FlowMessage): Promise<Command> => {
      if (action === "msg") return sentCommand(message.payload);
      const entries = Object.keys(values).map(async (name) => [name, await readValue(name, message)] as const);
      return { action, values: Object.fromEntries(await Promise.all(entries)) };
    };

    onInput(
      RED,
      this,
      () => findDeviceNode(RED, def.device)?.device?.identity,
      async (message, { signal }) => {
        const { device } = deviceNodeOf(RED, def.device);
        const channel = channelNumber((await read("channel", message)) ?? 1);
        const { action, values } = await command(message);
        message.payload = await device.ptz.run({ channel, action, values, clamp: def.clamp === true }, signal);
        return message;
      },
    );
  }

  RED.nodes.registerType("hikvision-ptz", HikvisionPtz);
};

/** `{ pan: { value, type } }` → `{ pan, panType }`, as properties of a node are saved. */
function asProperties(values: NonNullable<PtzDef["values"]>): object {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, { value, type }]) => [
      [name, value],
      [`${name}Type`, type],
    ]),
  );
}

function sentCommand(payload: unknown): Command {
  const { action, ...values } = (typeof payload === "object" && payload !== null ? payload : {}) as Record<
    string,
    unknown
  >;
  if (typeof action === "string" && action !== "") return { action, values };
  throw new FatalError(
    "badRequest",
    say`The message brings no PTZ command. Give msg.payload = { action: "gotoPreset", preset: 2 }, or choose an action in the node.`,
  );
}
