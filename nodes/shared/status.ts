/** One way to show a status. Texts are catalogue keys: the editor translates them in the viewer's language. */
import type { Node, NodeStatus } from "node-red";
import type { ErrorCode, StreamState } from "../../src";

const VOCABULARY = "@hikflow/node-red-hikvision/device:hikvision-device.status.";
const CORE = "node-red:common.status.";

const APPEARANCES = {
  connecting: { fill: "yellow", shape: "ring" },
  connected: { fill: "green", shape: "dot" },
  busy: { fill: "blue", shape: "dot" },
  warning: { fill: "yellow", shape: "dot" },
  failed: { fill: "red", shape: "ring" },
  unconfigured: { fill: "grey", shape: "ring" },
} as const satisfies Record<string, NodeStatus>;

export type Appearance = keyof typeof APPEARANCES;

/** Shows `text`: a key of the shared vocabulary when it is one word, else what it says. */
export function show(node: Node, appearance: Appearance, text: string): void {
  node.status({ ...APPEARANCES[appearance], text: statusText(text) });
}

export function clear(node: Node): void {
  node.status({});
}

/** The few words a failure is shown with; the sentence goes to the log and the Catch node. */
export function showFailure(node: Node, code: ErrorCode | "unconfigured"): void {
  if (code === "unconfigured") show(node, "unconfigured", "unconfigured");
  else show(node, code === "busy" || code === "aborted" ? "warning" : "failed", code);
}

export function showStream(node: Node, state: StreamState): void {
  switch (state.phase) {
    case "closed":
      clear(node);
      return;
    case "connecting":
      show(node, "connecting", "connecting");
      return;
    case "online":
      show(node, "connected", "connected");
      return;
    case "offline":
      showFailure(node, state.error.code);
  }
}

function statusText(text: string): string {
  if (text === "connecting" || text === "connected" || text === "disconnected") return CORE + text;
  return /^[A-Za-z]+$/.test(text) ? VOCABULARY + text : text;
}
