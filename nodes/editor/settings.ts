/** A node's properties: as its open dialog holds them, else as saved. */
import type { EditorNode } from "./red";

const OPEN = new WeakSet<EditorNode>();

/** From now on the elements on the page speak for this node; the result ends that. */
export function openSettings(node: EditorNode): () => void {
  OPEN.add(node);
  return () => OPEN.delete(node);
}

/** A property as the open form holds it, else as saved. */
export function settingOf(node: EditorNode, property: string): unknown {
  if (!OPEN.has(node)) return node[property];
  // One id at a time, which the browser looks up at once: this is asked for every property whenever one changes.
  const own = $(`#node-input-${property}`);
  const element = own.length > 0 ? own : $(`#node-config-input-${property}`);
  if (element.length === 0) return node[property];
  return element.attr("type") === "checkbox" ? element.prop("checked") : element.val();
}

export function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A saved list of words or numbers, as texts; whatever else was saved is an empty list. */
export function textsOf(saved: unknown): string[] {
  if (!Array.isArray(saved)) return [];
  return saved
    .filter((value): value is string | number => typeof value === "string" || typeof value === "number")
    .map(String);
}
