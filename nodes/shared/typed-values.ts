/** Properties a flow may compute: the message's own value first, then the form's TypedInput, for this message only. */
import type { Node, NodeAPI } from "node-red";
import { type Device, FatalError, isTimeWord, momentOfWord, say, type Sentence } from "../../src";
import type { Bounds, Field, Fields } from "./fields";
import type { FlowMessage } from "./on-input";
import { propertiesOf } from "./unknown-values";

/** Types of values that are not known before a message comes. */
const COMPUTED: ReadonlySet<string> = new Set(["msg", "flow", "global", "env", "jsonata"]);
/** For what reads a form without a message. */
export const NO_MESSAGE = { _msgid: "" } as FlowMessage;

export type ValueReader = (name: string, message: FlowMessage) => Promise<unknown>;

/**
 * Reads the saved `name` as its `<name>Type` says; a missing type is the literal. `fields` tell what a message overrides, and what an
 * older flow lacks. Empty becomes the field's fallback, or undefined.
 */
export function valueReader(RED: NodeAPI, node: Node, saved: object, fields: Fields): ValueReader {
  const properties = saved as Readonly<Record<string, unknown>>;
  return async (name, message) => {
    const field: Field | undefined = fields[name];
    const given = field?.override ? message[name] : undefined;
    if (given !== undefined) return given;
    const value = properties[name] ?? field?.value;
    const type = properties[`${name}Type`];
    const literal = typeof type !== "string" || type === "" || type === "str" || typeof value !== "string";
    const read = emptyIsNothing(literal ? value : await evaluate(RED, node, name, value, type, message));
    return read ?? (field?.fallback ? field.value : undefined);
  };
}

/**
 * `read`, with times in words (-1h, yesterday 07:30) as the moments that they are now by the device's clock, on the device's day. What
 * the device is asked for that throws as its own questions do.
 */
export function withTimeWords(
  read: ValueReader,
  fields: Fields,
  { time }: Pick<Device, "time">,
  signal: AbortSignal,
): ValueReader {
  return async (name, message) => {
    const value = await read(name, message);
    if (fields[name]?.rule !== "time" || ![value].flat().some(isWord)) return value;
    // Also tells the zone.
    const now = await time.now(signal);
    const side = name === "end" ? "later" : "earlier";
    const moment = (one: unknown): unknown =>
      isWord(one) ? new Date(momentOfWord(one, now, time.zone, side) ?? NaN) : one;
    return Array.isArray(value) ? value.map(moment) : moment(value);
  };
}

function isWord(value: unknown): value is string {
  return typeof value === "string" && isTimeWord(value);
}

/** {@link valueReader} for a form that no message passes: throws `badRequest` for what only a flow can tell. */
export function fixedReader(RED: NodeAPI, saved: object, fields: Fields): ValueReader {
  const read = valueReader(RED, null as unknown as Node, saved, fields);
  return async (name, message) => {
    const type = (saved as Readonly<Record<string, unknown>>)[`${name}Type`];
    if (typeof type === "string" && COMPUTED.has(type))
      throw new FatalError("badRequest", say`"${name}" comes from the flow (${type}): only fixed values can be tried.`);
    return read(name, message);
  };
}

/**
 * Reads all of a form's values as they are saved (`{ pan: { value, type } }`) or written by hand (`{ pan: 5 }`); those that are empty
 * or come to nothing are left out.
 */
export function valuesReader(
  reader: (saved: object, fields: Fields) => ValueReader,
  values: unknown,
): (message: FlowMessage) => Promise<Readonly<Record<string, unknown>>> {
  const saved = Object.entries(propertiesOf(values));
  const properties = saved.flatMap(([name, entry]) => {
    const { value, type } = savedValue(entry);
    return [
      [name, value],
      [`${name}Type`, type],
    ];
  });
  const read = reader(Object.fromEntries(properties) as object, {});
  return async (message) => {
    const entries = await Promise.all(saved.map(async ([name]) => [name, await read(name, message)] as const));
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  };
}

function savedValue(entry: unknown): { readonly value?: unknown; readonly type?: unknown } {
  return typeof entry === "object" && entry !== null && "value" in entry ? entry : { value: entry };
}

function evaluate(
  RED: NodeAPI,
  node: Node,
  name: string,
  value: string,
  type: string,
  message: FlowMessage,
): Promise<unknown> {
  if (value === "" && (type === "num" || type === "json")) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const refuse = (reason: unknown): void =>
      reject(
        new FatalError(
          "badRequest",
          say`"${name}" cannot be read from ${type} "${value}": ${reason instanceof Error ? reason.message : String(reason)}`,
        ),
      );
    try {
      RED.util.evaluateNodeProperty(value, type, node, message, (error, result) =>
        error ? refuse(error) : resolve(result),
      );
    } catch (error) {
      refuse(error);
    }
  });
}

function emptyIsNothing(value: unknown): unknown {
  return value === null || (typeof value === "string" && value.trim() === "") ? undefined : value;
}

/** A number within bounds, or undefined; text numbers are accepted. Throws `badRequest` naming the property. */
export function boundedNumber(name: string, value: unknown, bounds: Bounds): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number))
    throw new FatalError("badRequest", say`"${name}" must be a number.`);
  if (number >= bounds.min && number <= bounds.max && (!bounds.whole || Number.isInteger(number))) return number;
  throw new FatalError("badRequest", outOfBounds(name, bounds));
}

function outOfBounds(name: string, { min, max, unit }: Bounds): Sentence {
  if (max === Infinity) return say`"${name}" must be a whole number from ${min}.`;
  if (unit === "px") return say`"${name}" must be a whole number from ${min} to ${max}, in pixels.`;
  return say`"${name}" must be a number of seconds from ${min} to ${max}.`;
}
