/** The JSON objects and lists in a text that may hold anything else around them. */

export interface JsonObject {
  /** One character per byte, as in the file. */
  readonly text: string;
  /** undefined: it does not end, or is no JSON. */
  readonly value: unknown;
}

/** `text` holds one character per byte. A text that is JSON as a whole is one object. */
export function jsonObjects(text: string): JsonObject[] {
  const whole = parse(text);
  if (whole !== undefined) return [{ text, value: whole }];
  const found: JsonObject[] = [];
  for (let at = nextStart(text, 0); at >= 0;) {
    const end = closing(text, at);
    const object = text.slice(at, end < 0 ? text.length : end + 1);
    const value = end < 0 ? undefined : parse(object);
    if (end < 0 || value !== undefined) found.push({ text: object, value });
    at = nextStart(text, end < 0 || value === undefined ? at + 1 : end + 1);
    if (end < 0) break;
  }
  return found;
}

/** An object starts a line, or the text. */
function nextStart(text: string, from: number): number {
  // The start of the text is looked at once: else an object there that is no JSON is found for ever.
  const found = from === 0 ? /(?:^|\n)[^\S\n]*\{/g : /\n[^\S\n]*\{/g;
  found.lastIndex = Math.max(0, from - 1);
  const match = found.exec(text);
  return match ? match.index + match[0].length - 1 : -1;
}

function closing(text: string, start: number): number {
  let depth = 0;
  for (const token of text.slice(start).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token[0] === "{") depth++;
    else if (token[0] === "}" && --depth === 0) return start + token.index;
  }
  return -1;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(
      Buffer.from(text, "latin1")
        .toString("utf8")
        .replace(/^\uFEFF/, ""),
    );
  } catch {
    return undefined;
  }
}
