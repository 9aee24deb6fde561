/** Default names that tell what a node does, from what is fixed in it. */
import type { EditorNode } from "./red";
import { t } from "./translate";
import { textOf } from "./validate";

/** A setting as saved; what a new node has where an older or hand-written flow lacks it. */
export function setting(node: EditorNode, property: string): unknown {
  return node[property] ?? node._def.defaults[property]?.value;
}

/** True while the flow computes this property. */
export function isTyped(node: EditorNode, property: string): boolean {
  return !["", "num", "str"].includes(textOf(node[`${property}Type`]));
}

/** "ch 3", or nothing while the flow decides over the channel. */
export function place(node: EditorNode): string {
  const channel = textOf(node["channel"]);
  return channel === "" || isTyped(node, "channel") ? "" : t("label.placed", { channel });
}
