/** JSON as devices write it: numbers that JavaScript cannot hold stay the text that was sent. */

/** A string, or a number as a whole. Run over valid JSON only: there every string ends, so it is linear. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** What may be longer or larger than JavaScript's numbers. */
const MAYBE_INEXACT = /\d{16}|\d[eE]\+?\d{3}/;

/**
 * As JSON.parse, but a whole number that would be rounded, and one that would become Infinity, stays text: card numbers and ids have up
 * to twenty digits. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return MAYBE_INEXACT.test(text) ? JSON.parse(text.replace(STRING_OR_NUMBER, exactly)) : value;
}

function exactly(found: string): string {
  if (found.startsWith('"')) return found;
  const number = Number(found);
  const isWhole = /^-?\d+$/.test(found);
  return (isWhole ? Number.isSafeInteger(number) : Number.isFinite(number)) ? found : `"${found}"`;
}
