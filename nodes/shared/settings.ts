/**
 * What a node has saved, checked once when it is deployed against its fields.ts: flows are edited by hand, and Node-RED puts the
 * values of environment variables in as text. What cannot be meant is told on the node, which then does nothing; nothing throws.
 */
import type { Node, NodeAPI } from "node-red";
import { enumerate, FatalError, type HikvisionError, say, type Sentence } from "../../src";
import type { Bounds, Field, Fields, Literal } from "./fields";
import { render } from "./render";
import { showFailure } from "./status";
import { typedError } from "./unexpected";

/** No list of a form has as many. */
const MOST_ITEMS = 10_000;

/** A saved property as the node may rely on it. What a message may compute stays as it was saved: see typed-values.ts. */
type Setting<F extends Field> = F extends { literal: unknown }
  ? unknown
  : F extends { options: readonly (infer Option)[] }
    ? Option
    : F["value"] extends boolean
      ? boolean
      : F["value"] extends number
        ? number
        : F["value"] extends readonly unknown[]
          ? readonly string[]
          : F["value"] extends string
            ? string
            : Readonly<Record<string, unknown>>;

export type Settings<F extends Fields> = { readonly [Name in keyof F]: Setting<F[Name]> };

export interface CheckedSettings<F extends Fields> {
  /** Where there is a fault: those of a new node. */
  readonly settings: Settings<F>;
  /** Told on the node already; whoever asks it to do something gets it again. */
  readonly fault: HikvisionError | undefined;
}

/** The settings of a node. A number out of its range is the nearest within, and a warning. */
export function checkSettings<F extends Fields>(
  RED: NodeAPI,
  node: Node,
  saved: object,
  fields: F,
): CheckedSettings<F> {
  try {
    const warn = (sentence: Sentence): void => node.warn(render(RED, sentence));
    return { settings: settingsOf(saved, fields, warn), fault: undefined };
  } catch (reason) {
    const fault = typedError(reason);
    tellFault(RED, node, fault);
    return { settings: settingsOf({}, fields), fault };
  }
}

/** In the log and at the node, once. */
export function tellFault(RED: NodeAPI, node: Node, fault: HikvisionError): void {
  showFailure(node, fault.code);
  node.error(render(RED, fault.sentence));
}

/** Throws {@link FatalError} `badRequest` naming the property. */
export function settingsOf<F extends Fields>(
  saved: object,
  fields: F,
  warn: (sentence: Sentence) => void = () => undefined,
): Settings<F> {
  const entries = Object.entries<Field>(fields).map(([name, field]) => {
    const value: unknown = Object.hasOwn(saved, name) ? (saved as Readonly<Record<string, unknown>>)[name] : undefined;
    return [name, isMissing(value) ? field.value : settingOf(name, value, field, warn)];
  });
  return Object.fromEntries(entries) as Settings<F>;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function settingOf(name: string, value: unknown, field: Field, warn: (sentence: Sentence) => void): unknown {
  const { value: usual, literal, others = [], options, rule } = field;
  if (literal !== undefined) return computed(name, value, [literal, ...others]);
  if (options !== undefined) return oneOf(name, value, options);
  if (Array.isArray(usual)) return listOf(name, value);
  if (typeof usual === "boolean") return booleanOf(name, value);
  if (typeof usual === "number") return numberWithin(name, value, rule, warn);
  if (typeof usual === "string") return textOf(name, value);
  if (typeof value !== "object" || Array.isArray(value))
    throw wrong(say`"${name}" cannot be read: it has to be an object.`);
  return value;
}

function computed(name: string, value: unknown, literals: readonly Literal[]): unknown {
  if (typeof value === "object" && !literals.includes("json") && !literals.includes("bin"))
    throw wrong(say`"${name}" has to be a single value.`);
  return value;
}

function oneOf(name: string, value: unknown, options: readonly string[]): string {
  if (typeof value === "string" && options.includes(value)) return value;
  throw wrong(say`"${name}" has to be one of ${enumerate(options)}.`);
}

function listOf(name: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw wrong(say`"${name}" has to be a list, such as ["1", "2"].`);
  if (value.length > MOST_ITEMS) throw wrong(say`"${name}" has more than ${MOST_ITEMS} entries.`);
  return value.map((item: unknown) => {
    if (typeof item === "string" || typeof item === "number") return String(item);
    throw wrong(say`"${name}" has to be a list of texts or numbers.`);
  });
}

function booleanOf(name: string, value: unknown): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw wrong(say`"${name}" has to be true or false.`);
}

function numberWithin(name: string, value: unknown, rule: Field["rule"], warn: (sentence: Sentence) => void): number {
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw wrong(say`"${name}" must be a number.`);
  return typeof rule === "object" ? clamped(name, number, rule, warn) : number;
}

function clamped(
  name: string,
  number: number,
  { min, max, whole, off }: Bounds,
  warn: (sentence: Sentence) => void,
): number {
  if (off && number === 0) return 0;
  const within = Math.min(max, Math.max(min, whole ? Math.round(number) : number));
  if (within !== number) warn(say`"${name}" has to be from ${min} to ${max}: ${within} is used in place of ${number}.`);
  return within;
}

function textOf(name: string, value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw wrong(say`"${name}" has to be a text.`);
}

function wrong(what: Sentence): FatalError {
  return new FatalError("badRequest", say`The node is not set up: ${what} Open its settings and correct it.`);
}
