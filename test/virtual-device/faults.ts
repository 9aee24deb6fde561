/** What a device can do to a request instead of answering it well. Set per path, lifted at will, counted. */
import { statusReply, type SubStatus } from "./response-status";

/** An answer that is not the right one. */
export interface CannedAnswer {
  readonly kind: "answer";
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Fault =
  | CannedAnswer
  /** TCP reset instead of an answer. */
  | { readonly kind: "reset" }
  /** The right answer, then a TCP reset. */
  | { readonly kind: "resetAfter" }
  /** Takes the request and never answers. */
  | { readonly kind: "hang" }
  /** The right answer, late. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The head of the right answer and so many bytes of its body, then a reset. */
  | { readonly kind: "truncate"; readonly bytes: number };

export interface FaultOptions {
  readonly method?: string;
  /** How many requests it applies to; default: all until it is lifted. */
  readonly times?: number;
  /** "login": before credentials are looked at; "service" (default): only who is let in meets it. */
  readonly stage?: "login" | "service";
}

export interface FaultHandle {
  /** Requests that met it. */
  readonly hits: number;
  lift(): void;
}

/** A device's answer with that subStatusCode, e.g. status("deviceBusy"). */
export function status(sub: SubStatus, requestUrl = ""): CannedAnswer {
  return { kind: "answer", ...statusReply(sub, requestUrl) };
}

const page = (code: number, text: string): CannedAnswer => ({
  kind: "answer",
  status: code,
  contentType: "text/html",
  body:
    `<!DOCTYPE html>\r\n<html><head><title>Document Error: ${text}</title></head>\r\n` +
    `<body><h2>Access Error: ${code} -- ${text}</h2>\r\n</body></html>\r\n`,
});

/** Answers that are not ISAPI. */
export const PAGES = {
  html401: page(401, "Unauthorized"),
  html403: page(403, "Forbidden"),
  html404: page(404, "Not Found"),
  html500: page(500, "Internal Server Error"),
  /** Some other web server lives at that address. */
  router: {
    kind: "answer",
    status: 200,
    contentType: "text/html; charset=utf-8",
    body: "<!DOCTYPE html><html><head><title>Home router</title></head><body><p>Please sign in &nbsp;<br></body></html>",
  },
  junk: {
    kind: "answer",
    status: 200,
    contentType: "application/octet-stream",
    body: Buffer.from([0, 255, 1, 254, 60, 33]),
  },
  empty: { kind: "answer", status: 200, contentType: "application/xml", body: "" },
  cutXml: {
    kind: "answer",
    status: 200,
    contentType: "application/xml",
    body: '<?xml version="1.0" encoding="UTF-8"?>\n<DeviceInfo version="2.0"><deviceName>Virt',
  },
} as const satisfies Record<string, CannedAnswer>;

interface Entry {
  readonly where: string | RegExp;
  readonly fault: Fault;
  readonly options: FaultOptions;
  hits: number;
}

export class Faults {
  readonly #entries = new Set<Entry>();

  /** `where`: a path without query, or a pattern on the whole target. The newest fault that fits is met. */
  add(where: string | RegExp, fault: Fault, options: FaultOptions = {}): FaultHandle {
    const entry: Entry = { where, fault, options, hits: 0 };
    this.#entries.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      lift: () => void this.#entries.delete(entry),
    };
  }

  clear(): void {
    this.#entries.clear();
  }

  /** The fault that applies to this request; counts it. */
  match(stage: "login" | "service", method: string, target: string): Fault | undefined {
    const path = target.split("?", 1)[0];
    const fits = [...this.#entries].filter(
      ({ where, options }) =>
        (options.stage ?? "service") === stage &&
        (options.method ?? method) === method &&
        (typeof where === "string" ? where === path : where.test(target)),
    );
    const entry = fits.at(-1);
    if (!entry) return undefined;
    entry.hits++;
    if (entry.hits >= (entry.options.times ?? Infinity)) this.#entries.delete(entry);
    return entry.fault;
  }
}
