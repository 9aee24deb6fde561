/** Where a node puts its result: `msg.payload`, or the property of the message that its form names. */
import type { NodeAPI, NodeMessage } from "node-red";
import { FatalError, say } from "../../src";
import { isMessageProperty, OVERRIDES } from "./fields";

/** Puts a result into a message, which keeps all else. Throws `badRequest` where the message has no room for it. */
export type PutResult = (message: NodeMessage, result: unknown) => void;

/** Throws `badRequest` for what no message can have, or what nodes read as orders. An older flow has none: the payload. */
export function resultProperty(RED: NodeAPI, saved: unknown): { readonly name: string; readonly put: PutResult } {
  const name = typeof saved === "string" && saved.trim() !== "" ? saved.trim() : "payload";
  if (!isMessageProperty(name))
    throw new FatalError("badRequest", say`"msg.${name}" is no property of a message: give a name such as picture.`);
  const [first = ""] = name.split(/[.[]/, 1);
  if (OVERRIDES.has(first))
    throw new FatalError(
      "badRequest",
      say`The result cannot go to msg.${first}: the next node would take it for its own setting. Give another name.`,
    );
  const put: PutResult = (message, result) => {
    if (!set(RED, message, name, result))
      throw new FatalError(
        "badRequest",
        say`The result cannot go to msg.${name}: the message has something else there. Give another name.`,
      );
  };
  return { name, put };
}

function set(RED: NodeAPI, message: NodeMessage, name: string, result: unknown): boolean {
  try {
    RED.util.setMessageProperty(message, name, result, true);
    return RED.util.getMessageProperty(message, name) === result;
  } catch {
    return false;
  }
}
