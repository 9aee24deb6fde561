/** One XML document in the device's own bytes: leaves are read and replaced, every other byte stays as it came. */
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import { decodeAs, unreadable, withoutReferences, xml, xmlEncoding } from "../isapi/xml";
import { elementWith, type ElementRange, replaceElement, rootElement } from "../isapi/xml-editor";
import { leafAt } from "./leaf-paths";

/** What a setting may become. */
export type LeafValue = string | number | boolean;

/** Clocks run on between two reads; that is no change. */
const RUNNING = /<((?:[\w.-]+:)?(?:localTime|currentDeviceTime|deviceUpTime))(?:\s[^<>]*)?>[^<]*<\/\1\s*>/g;
const DECLARATION = /^(?:\xEF\xBB\xBF)?\s*<\?xml[^>]*\?>\s*/;

export class DeviceDocument {
  /** One character per byte. */
  readonly #source: string;
  readonly #root: ElementRange;
  readonly #encoding: string;

  /** Throws `notSupported` for what is no XML, `protocol` for XML that is broken. */
  constructor(bytes: Buffer) {
    this.#encoding = xmlEncoding(bytes);
    this.#source = bytes.toString("latin1");
    if (/^utf-16/.test(this.#encoding) || !/^(?:\xEF\xBB\xBF)?\s*</.test(this.#source))
      throw new FatalError(
        "notSupported",
        say`The device answers this path without an XML document, and only those can be changed. Send the whole body with PUT.`,
      );
    const root = rootElement(this.#source);
    if (!root) throw unreadable(say`it is malformed`);
    this.#root = root;
  }

  get bytes(): Buffer {
    return Buffer.from(this.#source, "latin1");
  }

  /** Without its XML declaration, or undefined where it has none. */
  get withoutDeclaration(): Buffer | undefined {
    const bare = this.#source.replace(DECLARATION, "");
    return bare === this.#source ? undefined : Buffer.from(bare, "latin1");
  }

  /** The text of a leaf, trimmed. Throws as {@link leafAt}. */
  text(path: string): string {
    const { inner } = leafAt(this.#root, path);
    if (!inner) return "";
    const written = Buffer.from(this.#source.slice(inner.start, inner.end), "latin1");
    return withoutReferences(decodeAs(this.#encoding, written)).trim();
  }

  /** The same document with other texts in these leaves. Throws as {@link leafAt}, and `badRequest` where two name one leaf. */
  with(values: ReadonlyMap<string, LeafValue>): DeviceDocument {
    const edits = [...values].map(([path, value]) => ({ leaf: leafAt(this.#root, path), value }));
    if (new Set(edits.map(({ leaf }) => leaf.start)).size < edits.length)
      throw new FatalError("badRequest", say`Two of the settings are the same one. Nothing was written.`);
    // From the end, so that the places of the others stay.
    const changed = edits
      .sort((one, other) => other.leaf.start - one.leaf.start)
      .reduce(
        (source, { leaf, value }) => replaceElement(source, leaf, elementWith(source, leaf, this.#written(value))),
        this.#source,
      );
    return new DeviceDocument(Buffer.from(changed, "latin1"));
  }

  /** Apart from white space and running clocks. */
  isSameAs(other: DeviceDocument): boolean {
    const [mine, theirs] = [this, other].map((one) => one.#source.replace(RUNNING, "").replace(/\s+/g, ""));
    return mine === theirs;
  }

  #written(value: LeafValue): string {
    const escaped = xml`${value}`;
    if (this.#encoding === "utf-8") return Buffer.from(escaped, "utf8").toString("latin1");
    // Understood in every encoding.
    return escaped.replace(/[^\0-\x7f]/gu, (character) => `&#${character.codePointAt(0) ?? 0};`);
  }
}
