/** The values of one PTZ command as a flow gives them: read by name and checked; out of range they are refused or clamped. */
import { FatalError } from "../lib/errors";
import { say, type Sentence, type SentenceValue } from "../lib/sentence";

/** Both ends included. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

export type GivenValues = Readonly<Record<string, unknown>>;

export class Values {
  readonly #given: GivenValues;
  readonly #clamp: boolean;

  /** @param clamp brings numbers into their range instead of refusing them. */
  constructor(given: GivenValues, clamp = false) {
    this.#given = given;
    this.#clamp = clamp;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** As given; empty text and null count as not given. */
  raw(name: string): unknown {
    const value = Object.hasOwn(this.#given, name) ? this.#given[name] : undefined;
    return value === "" || value === null ? undefined : value;
  }

  /** Text numbers are accepted. Throws `badRequest` naming value and range. */
  number(name: string, range: NumberRange, unit: SentenceValue = ""): number {
    const value = this.optionalNumber(name, range, unit);
    if (value === undefined) throw invalidValue(say`"${name}" is missing: give ${rangeText(range, unit)}.`);
    return value;
  }

  optionalNumber(name: string, range: NumberRange, unit: SentenceValue = ""): number | undefined {
    const given = this.raw(name);
    return given === undefined ? undefined : this.inRange(name, given, range, unit);
  }

  /** A number from 1 for things that devices count. */
  whole(name: string, range: NumberRange): number {
    const value = this.number(name, range);
    if (!Number.isInteger(value)) throw invalidValue(say`"${name}" is ${value}: give a whole number.`);
    return value;
  }

  /** True or false, also as text; false when missing. */
  flag(name: string): boolean {
    return this.optionalFlag(name) ?? false;
  }

  optionalFlag(name: string): boolean | undefined {
    const given = this.raw(name);
    if (given === undefined || typeof given === "boolean") return given;
    if (given === "true" || given === "false") return given === "true";
    throw invalidValue(say`"${name}" is ${valueText(given)}: give true or false.`);
  }

  text(name: string): string | undefined {
    const given = this.raw(name);
    if (given === undefined || typeof given === "string") return given;
    if (typeof given === "number") return String(given);
    throw invalidValue(say`"${name}" is ${valueText(given)}: give a text.`);
  }

  /** A number from elsewhere: checked, or clamped. `name` is for the error. */
  inRange(name: string, given: unknown, range: NumberRange, unit: SentenceValue = ""): number {
    const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
    if (typeof value !== "number" || !Number.isFinite(value))
      throw invalidValue(say`"${name}" is ${valueText(given)}: give ${rangeText(range, unit)}.`);
    if (value >= range.min && value <= range.max) return value;
    if (this.#clamp) return Math.min(Math.max(value, range.min), range.max);
    throw invalidValue(say`"${name}" is ${value}: give ${rangeText(range, unit)}.`);
  }
}

export function invalidValue(sentence: Sentence): FatalError {
  return new FatalError("badRequest", sentence);
}

/** A value for an error's sentence: short, text in quotes. */
export function valueText(value: unknown): SentenceValue {
  if (typeof value === "string") return `"${value.slice(0, 40)}"`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return value === undefined ? say`missing` : Array.isArray(value) ? say`a list` : say`an object`;
}

function rangeText({ min, max }: NumberRange, unit: SentenceValue): Sentence {
  return unit === "" ? say`a number from ${min} to ${max}` : say`a number from ${min} to ${max} ${unit}`;
}
