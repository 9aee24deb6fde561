/** Nodes that do what the message says. */
import { FatalError, type Sentence } from "../../src";
import type { FlowMessage } from "./on-input";

/** The action of the message, taken out of what is sent on: it would steer the next node. Throws `badRequest` with `missing` if none. */
export function takeAction(message: FlowMessage, missing: Sentence): string {
  const action = message["action"];
  delete message["action"];
  if (typeof action === "string" && action !== "") return action;
  throw new FatalError("badRequest", missing);
}
