/** What a ptz form and a message ask for: one command of src/ptz. */
import { channelNumber, FatalError, type PtzCommand, say } from "../../src";
import type { FlowMessage } from "../shared/on-input";
import type { Fields } from "../shared/fields";
import type { ValueReader } from "../shared/typed-values";
import { propertiesOf } from "../shared/unknown-values";
import { fields } from "./fields";

/** As the form saves it, `channel` apart. */
export interface PtzForm {
  /** One of the device's actions, or "msg". */
  readonly action?: string;
  /** By name: `{ value, type }`. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly clamp?: boolean;
}

/** @param reader reads properties that are saved as a node's are. */
export function ptzCommands(
  form: PtzForm,
  reader: (saved: object, fields: Fields) => ValueReader,
): (message: FlowMessage) => Promise<PtzCommand> {
  const { action = "msg", values = {}, clamp } = form;
  const read = reader(form, fields);
  const readValue = reader(asProperties(values), {});
  return async (message) => {
    const common = { channel: channelNumber(await read("channel", message)), clamp: clamp === true };
    if (action === "msg") return { ...common, ...sentCommand(message.payload) };
    const entries = Object.keys(values).map(async (name) => [name, await readValue(name, message)] as const);
    return { ...common, action, values: Object.fromEntries(await Promise.all(entries)) };
  };
}

/** `{ pan: { value, type } }` → `{ pan, panType }`, as properties of a node are saved. */
function asProperties(values: NonNullable<PtzForm["values"]>): object {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, saved]) => {
      const { value, type } = propertiesOf(saved);
      return [
        [name, value],
        [`${name}Type`, type],
      ];
    }),
  );
}

function sentCommand(payload: unknown): Pick<PtzCommand, "action" | "values"> {
  const { action, ...values } = propertiesOf(payload);
  if (typeof action === "string" && action !== "") return { action, values };
  throw new FatalError(
    "badRequest",
    say`The message brings no PTZ command. Give msg.payload = { action: "gotoPreset", preset: 2 }, or choose an action in the node.`,
  );
}
