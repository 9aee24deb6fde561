/** Paths of leaves in a device's document: each step a child, the first of that name, `[n]` another. */
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { ElementRange } from "../isapi/xml-editor";

const STEP = /^([^[\]@]+?)(?:\[([1-9]\d{0,4})\])?$/;

/** The leaf at `path` below the root. Throws `notFound` where leaf or parent is absent, `badRequest` for what names no leaf. */
export function leafAt(root: ElementRange, path: string): ElementRange {
  let at = root;
  for (const step of path.split("/")) {
    const [, name, index = "1"] = STEP.exec(step.trim()) ?? [];
    if (name === undefined)
      throw new FatalError(
        "badRequest",
        say`"${shown(path)}" is no path of a setting. Write names with "/" between them, and [2] for the second of a name.`,
      );
    const found = at.children.filter((child) => isNamed(child, name))[Number(index) - 1];
    if (!found)
      throw new FatalError(
        "notFound",
        say`The device's document "${root.name}" has no "${shown(path)}". Nothing was written.`,
      );
    at = found;
  }
  if (at.children.length === 0) return at;
  throw new FatalError(
    "badRequest",
    say`"${shown(path)}" holds other settings and has no value of its own. Name one of them. Nothing was written.`,
  );
}

/** With its prefix, or without. */
function isNamed({ prefix, name }: ElementRange, wanted: string): boolean {
  return wanted === name || wanted === prefix + name;
}

function shown(path: string): string {
  return path.slice(0, 200);
}
