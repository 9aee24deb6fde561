/** Default names that tell what a node does, from what is fixed in it. */
import type { EditorNode } from "./red";
import { textOf } from "./settings";
import { t } from "./translate";

/** A setting as saved; what a new node has where an older or hand-written flow lacks it. */
export function setting(node: EditorNode, property: string): unknown {
  return node[property] ?? node._def.defaults[property]?.value;
}

/** "snapshot ch 3": `key` is of the node's own catalogue; without the channel while the flow decides over it. */
export function labelWithChannel(node: EditorNode, key: string): string {
  const channel = fixed(node, "channel");
  return `${node._(key)} ${channel === "" ? "" : t("label.placed", { channel })}`;
}

/** A property's fixed value as text; empty while the flow computes it. */
export function fixed(node: EditorNode, property: string): string {
  const isFixed = ["", "num", "str"].includes(textOf(node[`${property}Type`]));
  return isFixed ? textOf(node[property]) : "";
}
