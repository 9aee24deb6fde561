/** What a door form and a message ask for: one command of src/door. */
import type { DoorCommand } from "../../src";
import { DURATION } from "../shared/fields";
import type { FlowMessage } from "../shared/on-input";
import { boundedNumber, type ValueReader } from "../shared/typed-values";

/** As the form saves it, `number` and `duration` apart. */
export interface DoorForm {
  readonly kind: DoorCommand["kind"];
  /** One of the device's actions, or "msg". */
  readonly action: string;
}

export async function doorCommand(form: DoorForm, read: ValueReader, message: FlowMessage): Promise<DoorCommand> {
  const { kind } = form;
  const action = form.action === "msg" ? message["action"] : form.action;
  return {
    kind,
    action,
    number: await read("number", message),
    seconds: action === "open" ? boundedNumber("duration", await read("duration", message), DURATION) : undefined,
  };
}
