/** How a node's fields.ts describes its saved properties: once for the runtime and for the form. Data only, without Node.js. */

/** Type of the fixed value of a TypedInput. */
export type Literal = "num" | "str" | "bool" | "json" | "bin";

/** Numbers that are accepted, both ends included. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly whole?: true;
  readonly unit?: "s" | "px";
  /** At run time 0 is taken, too, though the form does not offer it: never. */
  readonly off?: true;
}

/** What a value has to be. */
export type Rule =
  | Bounds
  | "path"
  | "channel"
  | "stream"
  | "time"
  | "filled"
  | "host"
  | "fingerprint"
  | "ports"
  | "box"
  | "patrolSteps"
  | "property";

export interface Field {
  /** What a new node has. */
  readonly value: unknown;
  /** A flow may compute it: a TypedInput, with its type saved beside it as `<name>Type`. */
  readonly literal?: Literal;
  /** The type of a new node's value, where that is no fixed one: "msg". */
  readonly type?: string;
  /** Fixed values of these types, too. */
  readonly others?: readonly Literal[];
  /** Of the fixed value. */
  readonly rule?: Rule;
  /** It may stay empty. */
  readonly optional?: true;
  /** At run time an empty value, or one that is computed to nothing, is that of a new node. */
  readonly fallback?: true;
  /** `msg.<name>` overrides it for that message. */
  readonly override?: true;
  /** It matters only while all of these properties have one of these values. */
  readonly when?: Readonly<Record<string, readonly string[]>>;
  /** The fixed value is one of these. */
  readonly options?: readonly string[];
  /** The device has a list of values to choose from, by this name. */
  readonly list?: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** Connections in the flow; 1 and 1 where a fields.ts has no `ports`. */
export interface Ports {
  readonly inputs: 0 | 1;
  readonly outputs: 1 | 2;
}

export const DAY_SECONDS = 86_400;
/** From a millisecond, the clock's unit, to a day. */
export const DURATION = { min: 0.001, max: DAY_SECONDS, unit: "s" } as const satisfies Bounds;
export const PORT_NUMBER = { min: 1, max: 65_535, whole: true } as const satisfies Bounds;

export const channel = {
  value: "1",
  literal: "num",
  rule: "channel",
  fallback: true,
  override: true,
} as const satisfies Field;

/** Empty: all channels. */
export const anyChannel = {
  value: "",
  literal: "num",
  rule: "channel",
  optional: true,
  override: true,
} as const satisfies Field;

export const stream = { value: "main", literal: "str", rule: "stream", override: true } as const satisfies Field;

/** A moment, or nothing. */
export const time = {
  value: "",
  literal: "str",
  rule: "time",
  optional: true,
  override: true,
} as const satisfies Field;

/** What nodes read from a message in place of their own setting, and what Node-RED itself keeps there: no place for a result. */
export const OVERRIDES: ReadonlySet<string> = new Set(
  ["channel", "stream", "width", "height", "start", "end", "recording", "newest", "before", "after", "duration"].concat(
    [
      "output",
      "number",
      "time",
      "path",
      "method",
      "plates",
      "action",
      "confirm",
      "format",
      "parts",
      "_msgid",
      "_event",
    ],
  ),
);

/** As Node-RED writes it, without "msg.": picture, door.picture, list[0]. */
export function isMessageProperty(name: string): boolean {
  return /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*|\[\d+\]|\["[^"\]]+"\]|\['[^'\]]+'\])*$/.test(name);
}

/** The property of the message that gets the result. No message overrides it. */
export const property = { value: "payload", rule: "property", optional: true } as const satisfies Field;

/** Where files go. No message overrides it. */
export const directory = { value: "", literal: "str", rule: "filled" } as const satisfies Field;

/** A template. No message overrides it. */
export const filename = {
  value: "{device}_{channel}_{start}",
  literal: "str",
  optional: true,
  fallback: true,
} as const satisfies Field;
