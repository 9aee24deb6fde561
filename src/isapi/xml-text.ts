/**
 * Changes single elements in a device's own XML text and leaves every other byte as it is: devices refuse documents that were
 * made anew from their parts (JoshADC/hikvision_isapi).
 */
import { xml } from "./xml";

/** Is there a leaf of that name? */
export function hasLeaf(source: string, name: string): boolean {
  return leaf(name).test(source);
}

/** The text with another value in the first leaf of that name; the same text where there is none. */
export function withLeaf(source: string, name: string, value: string): string {
  return source.replace(leaf(name), (found) =>
    found.replace(
      /^<([^\s/>]+)([^>]*?)\s*\/?>[\s\S]*$/,
      (_all, tag: string, attributes: string) => `<${tag}${attributes}>${xml`${value}`}</${tag}>`,
    ),
  );
}

/** The text with the first leaf of that name replaced by `element`. */
export function replaceLeaf(source: string, name: string, element: string): string {
  return source.replace(leaf(name), () => element);
}

function leaf(name: string): RegExp {
  return new RegExp(`<${name}(?:\\s[^>]*)?(?:/>|>[^<]*</${name}>)`);
}
