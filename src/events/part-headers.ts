/** Headers of one part, read line by line, and what they say about its body. Nothing in them can throw. */

export type PartHeaders = Readonly<Record<string, string>>;

export const NO_HEADERS: PartHeaders = Object.freeze(noHeaders());

/** Collects header lines. Lines without a colon are ignored, repeated names joined with ", " as HTTP does. */
export class HeaderBlock {
  readonly #headers = noHeaders();
  #last: string | undefined;
  /** Bytes seen so far. */
  size = 0;

  get headers(): PartHeaders {
    return this.#headers;
  }

  /** `line` without its line end. */
  add(line: string): void {
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (this.#last !== undefined) this.#headers[this.#last] = `${this.#headers[this.#last] ?? ""} ${line.trim()}`;
      return;
    }
    const colon = line.indexOf(":");
    if (colon < 1) return;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = this.#headers[name];
    this.#headers[name] = before === undefined ? value : `${before}, ${value}`;
    this.#last = name;
  }
}

/** Announced length in bytes; undefined when missing, zero, contradictory or no number. */
export function contentLength(headers: PartHeaders): number | undefined {
  const [value = "", ...repeated] = (headers["content-length"] ?? "").split(", ");
  if (!/^\d{1,15}$/.test(value) || repeated.some((other) => other !== value)) return undefined;
  return Number(value) || undefined;
}

/** "binary": ends where its length says; "document": XML or JSON, ends where it says itself. */
export function bodyKind(headers: PartHeaders): "binary" | "document" | "unknown" {
  const type = headers["content-type"]?.toLowerCase() ?? "";
  if (/^(?:image|audio|video)\/|octet-stream/.test(type)) return "binary";
  return /xml|json|^text\/|^multipart\//.test(type) ? "document" : "unknown";
}

function noHeaders(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}
