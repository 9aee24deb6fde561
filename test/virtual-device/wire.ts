/**
 * Parts → bytes, in the ways devices really write them, right and wrong. Pure: reader tests use it without a socket.
 * Right for cameras: CRLF, and the newline after the root tag is counted in Content-Length (a DS-2CD2T85FWD-I5 says 847).
 */

/** One part of the multipart stream, before any fault is applied. */
export interface Part {
  readonly contentType: string;
  readonly body: string | Buffer;
  /** For pictures: Content-Disposition and Content-ID, as given. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

export interface Wire {
  /** The boundary as the response's Content-Type announces it. */
  readonly announced: string;
  /** What is really written after the two dashes. */
  readonly token: string;
  readonly headerLineEnd: "\r\n" | "\n";
  readonly bodyLineEnd: "\r\n" | "\n";
  /** The newline after the body: counted in Content-Length, written but not counted, both, or only in front of the next delimiter. */
  readonly newline: "counted" | "uncounted" | "both" | "withNext" | "none";
  readonly length: "right" | "missing" | "invalid";
  /** Added to the right length. */
  readonly lengthError: number;
  /** In front of each delimiter: stray lines, garbage, a closing delimiter. */
  readonly before: string;
  /** Straight behind each body. */
  readonly after: string;
  /** More header lines per part, raw. */
  readonly headerLines: readonly string[];
  readonly contentTypeHeader: "right" | "missing" | "capitals" | "text/xml";
  /** Text parts of one alert go out as one part, glued together. */
  readonly glued: boolean;
}

const BASE: Wire = {
  announced: "boundary",
  token: "boundary",
  headerLineEnd: "\r\n",
  bodyLineEnd: "\r\n",
  newline: "counted",
  length: "right",
  lengthError: 0,
  before: "",
  after: "",
  headerLines: [],
  contentTypeHeader: "right",
  glued: false,
};

/** How each family writes when it is well. */
export const WIRES = {
  camera: BASE,
  nvr: { ...BASE, bodyLineEnd: "\n" },
  dvr: { ...BASE, bodyLineEnd: "\n", newline: "both" },
  intercom: { ...BASE, announced: "MIME_boundary", token: "MIME_boundary", newline: "uncounted" },
} as const satisfies Record<string, Wire>;

/** Everything seen to go wrong, by name. Each breaks one part of a correct stream; a reader has to find the parts after it. */
export const WIRE_FAULTS = {
  lengthMissing: { length: "missing" },
  lengthInvalid: { length: "invalid" },
  lengthShort: { lengthError: -25 },
  lengthLong: { lengthError: 300 },
  lfOnly: { headerLineEnd: "\n", bodyLineEnd: "\n" },
  newlineUncounted: { newline: "uncounted" },
  newlineTwice: { newline: "both" },
  newlineWithNext: { newline: "withNext" },
  noNewlineBeforeDelimiter: { newline: "none" },
  announcedOther: { announced: "MIME_boundary" },
  announcedInBrackets: { announced: "<frontier>" },
  announcedWithDashes: { announced: "--myboundary", token: "myboundary" },
  announcedQuoted: { announced: '"boundary"' },
  tokenWithDashes: { announced: "--boundary", token: "--boundary" },
  closingDelimiter: { after: "\r\n--boundary--\r\n" },
  strayLength: { before: "Content-Length: 314\r\n\r\n" },
  strayText: { before: "\r\nsome words that no part asked for\r\n" },
  severalInOnePart: { glued: true },
  gluedHttp: { after: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" },
  hostileHeaders: { headerLines: ["constructor: x", "__proto__: x", "no colon here", " folded: x", ": nameless"] },
  hugeHeader: { headerLines: [`X-Filler: ${"x".repeat(60_000)}`] },
  manyHeaders: { headerLines: Array.from({ length: 3000 }, (_, i) => `X-${i}: ${i}`) },
  typeMissing: { contentTypeHeader: "missing" },
  typeInCapitals: { contentTypeHeader: "capitals" },
  typeTextXml: { contentTypeHeader: "text/xml" },
  garbage: { before: garbage(5000) },
} as const satisfies Record<string, Partial<Wire>>;

export type WireFault = keyof typeof WIRE_FAULTS;

/** Bytes of the parts, each led in by its delimiter. */
export function encodeParts(parts: readonly Part[], wire: Wire): Buffer {
  const chosen = wire.glued ? glue(parts) : parts;
  return Buffer.concat(chosen.map((part) => encodePart(part, wire)));
}

export function encodePart(part: Part, wire: Wire): Buffer {
  const eol = wire.headerLineEnd;
  const text = typeof part.body === "string";
  const counted = text && (wire.newline === "counted" || wire.newline === "both");
  const body = text
    ? Buffer.from(
        part.body.replace(/\r?\n/g, "\n").trimEnd().replaceAll("\n", wire.bodyLineEnd) +
          (counted ? wire.bodyLineEnd : ""),
      )
    : part.body;
  // A picture has no newline of its own: what a family counts for text, it writes uncounted after a picture.
  const trailing = wire.newline === "uncounted" || wire.newline === "both" || (wire.newline === "counted" && !text);
  const head = [
    `${wire.before}${wire.newline === "withNext" ? eol : ""}--${wire.token}`,
    ...typeLines(part.contentType, wire),
    ...(part.headers ?? []).map(([name, value]) => `${name}: ${value}`),
    ...wire.headerLines,
    ...lengthLines(body.length, wire),
    "",
    "",
  ].join(eol);
  return Buffer.concat([Buffer.from(head, "latin1"), body, Buffer.from((trailing ? eol : "") + wire.after, "latin1")]);
}

function typeLines(contentType: string, wire: Wire): string[] {
  switch (wire.contentTypeHeader) {
    case "missing":
      return [];
    case "capitals":
      return [`CONTENT-TYPE: ${contentType.toUpperCase()}`];
    case "text/xml":
      return [`Content-Type: ${contentType.replace("application/xml", "text/xml")}`];
    case "right":
      return [`Content-Type: ${contentType}`];
  }
}

function lengthLines(length: number, wire: Wire): string[] {
  if (wire.length === "missing") return [];
  if (wire.length === "invalid") return ["Content-Length: -1"];
  return [`Content-Length: ${Math.max(0, length + wire.lengthError)}`];
}

function glue(parts: readonly Part[]): Part[] {
  const texts = parts.filter((part) => typeof part.body === "string");
  const [first] = texts;
  if (!first) return [...parts];
  return [
    { ...first, body: texts.map((part) => part.body).join("\n") },
    ...parts.filter((part) => !texts.includes(part)),
  ];
}

/** Bytes that mean nothing, the same each time, with line breaks and dashes in between. */
function garbage(bytes: number): string {
  let state = 12345;
  let text = "";
  while (text.length < bytes) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    text += String.fromCharCode((state >>> 16) & 0xff);
  }
  return text;
}
