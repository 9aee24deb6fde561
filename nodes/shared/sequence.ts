/** Several messages for one input, numbered as Node-RED's split does it, so that a join node puts them together. */
import type { NodeAPI, NodeMessage } from "node-red";
import type { FlowMessage } from "./on-input";

/** Makes the messages of one sequence of `count`, each with its own copy of the incoming one except for the payload. */
export function sequence(
  RED: NodeAPI,
  message: FlowMessage,
  count: number,
): (index: number, fields: NodeMessage) => NodeMessage {
  const id = RED.util.generateId();
  const { parts: outer } = message;
  // What `fields` replace need not be copied.
  const kept: FlowMessage = { ...message, payload: undefined };
  return (index, fields) => ({
    ...RED.util.cloneMessage(kept),
    ...fields,
    // A sequence within a sequence: join gives the outer one back.
    parts: { id, type: "array", index, count, ...(outer !== undefined && { parts: outer }) },
  });
}
