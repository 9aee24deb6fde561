/**
 * Reads a parsed alert, XML or JSON, whatever the letter case of its names: `fieldDetection` and `fielddetection` occur
 * in one device. Missing, empty, repeated and oddly typed fields are all answers, never errors.
 */
import { decimalOf } from "../../lib/decimal";
import { lowerCase } from "./field-names";

type Node = Readonly<Record<string, unknown>>;

/** The fields of one element or JSON object. Names are asked for in lower case; of several, the first with a value counts. */
export class Fields {
  readonly node: Node;
  readonly #byName: ReadonlyMap<string, unknown>;

  constructor(node: Node) {
    const byName = new Map<string, unknown>();
    for (const name in node) {
      const lower = lowerCase(name);
      const before = byName.get(lower);
      if (before === undefined || isEmpty(before)) byName.set(lower, node[name]);
    }
    this.node = node;
    this.#byName = byName;
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  /** Lower-case names of all fields. */
  names(): Iterable<string> {
    return this.#byName.keys();
  }

  /** The value as parsed: text, node, or array where it is repeated. */
  value(...names: string[]): unknown {
    return this.#first(names, (value) => (isEmpty(value) ? undefined : value));
  }

  /** Not blank, otherwise as it was sent. */
  text(...names: string[]): string | undefined {
    return this.#first(names, leafText);
  }

  /** A trimmed word. */
  word(...names: string[]): string | undefined {
    return this.text(...names)?.trim();
  }

  /** A trimmed word that says something: firmware also fills in `reserve`, `unknown` or `0` where it knows nothing. */
  known(...names: string[]): string | undefined {
    return this.#first(names, (value) => knownWord(leafText(value)));
  }

  /** Decimal, finite. */
  number(...names: string[]): number | undefined {
    return this.#first(names, leafNumber);
  }

  /** `true` or `false`, `1` or `0`. */
  flag(...names: string[]): boolean | undefined {
    const word = this.word(...names)?.toLowerCase();
    if (word === "true" || word === "1") return true;
    return word === "false" || word === "0" ? false : undefined;
  }

  /** The first node of that name; without any, one with no fields. */
  in(...names: string[]): Fields {
    return this.#first(names, (value) => nodesOf(value)[0]) ?? EMPTY;
  }

  /** All nodes of these names, whether the device sent none, one or many. */
  all(...names: string[]): readonly Fields[] {
    let all = NONE;
    for (const name of names) {
      const value = this.#byName.get(name);
      if (typeof value !== "object") continue;
      const nodes = nodesOf(value);
      all = all.length === 0 ? nodes : [...all, ...nodes];
    }
    return all;
  }

  /** As {@link all}, of one name, for those that are read field by field. */
  nodes(name: string): readonly Node[] {
    const value = this.#byName.get(name);
    if (isNode(value)) return [value];
    return Array.isArray(value) ? value.filter(isNode) : NO_NODES;
  }

  #first<T>(names: readonly string[], read: (value: unknown) => T | undefined): T | undefined {
    for (const name of names) {
      const value = this.#byName.get(name);
      const found = value === undefined ? undefined : read(value);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

const EMPTY = new Fields({});
const NONE: readonly Fields[] = [];
const NO_NODES: readonly Node[] = [];

/** All numbers in a value, however it is nested: `3`, `"1,2"`, `{ id: [1, 2] }`. */
export function numbersIn(value: unknown): number[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(numbersIn);
  if (isNode(value)) return Object.values(value).flatMap(numbersIn);
  const text = leafText(value) ?? "";
  return text.length > MAX_LIST_LENGTH ? [] : text.split(/[\s,;]+/).flatMap((word) => decimalOf(word) ?? []);
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text of a leaf; of a repeated one, the first that is not blank. */
export function leafText(value: unknown): string | undefined {
  if (typeof value === "string") return /\S/.test(value) ? value : undefined;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = leafText(item);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return isNode(value) ? leafText(value["#text"]) : undefined;
}

/** Longer text is no list of numbers or names. */
export const MAX_LIST_LENGTH = 4_096;

/** The number of a leaf; undefined: it is none. */
export function leafNumber(value: unknown): number | undefined {
  const text = leafText(value);
  return text === undefined ? undefined : decimalOf(text);
}

/** What firmware writes where it has nothing to say. "no" is an answer, and with "NA" a country, too. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "",
  "-",
  "--",
  "---",
  "?",
  "0",
  "(null)",
  "invaild",
  "invalid",
  "n/a",
  "nil",
  "nodata",
  "none",
  "notavailable",
  "null",
  "reserve",
  "reserved",
  "undefined",
  "unidentified",
  "unknow",
  "unknown",
  "unkown",
  "unrecognised",
  "unrecognized",
]);

function knownWord(text: string | undefined): string | undefined {
  const word = text?.trim();
  return word === undefined || PLACEHOLDERS.has(word.toLowerCase().replace(/[\s_]/g, "")) ? undefined : word;
}

function nodesOf(value: unknown): Fields[] {
  if (isNode(value)) return [new Fields(value)];
  return Array.isArray(value) ? value.filter(isNode).map((node) => new Fields(node)) : [];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
