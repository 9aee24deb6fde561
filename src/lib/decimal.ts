/** Decimal numbers in texts that others wrote: `-1.5`, `2.`, `.5`, `1e3`. Knows neither `0x1F` nor `Infinity`. */

/** Longer than any number of a device; what a sender makes longer is no number, and costs nothing to refuse. */
const MAX_DIGITS = 32;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Undefined: the text is anything else, or longer than 32 characters. White space around the number is no part of it. */
export function decimalOf(text: string): number | undefined {
  const digits = text.trim();
  if (digits.length > MAX_DIGITS || !DECIMAL.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? value : undefined;
}
