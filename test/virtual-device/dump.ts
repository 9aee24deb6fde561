/**
 * A whole device as somebody recorded it: every answer by its path. Reads the device dumps of maciej-or/hikvision_next
 * (`{ data: { ISAPI: { "<path>": { response } | { status_code } | { error } } } }`, the documents as xmltodict makes them).
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { CannedAnswer } from "./faults";
import type { ProfileOptions } from "./profile";
import { statusReply } from "./response-status";
import { element, escapeXml, PROLOG, readLeaf } from "./xml";

/** Answered by the virtual device itself, never from the dump. */
const LIVE: ReadonlySet<string> = new Set(["/ISAPI/Event/notification/alertStream", "/ISAPI/Security/userCheck"]);

interface Recorded {
  readonly response?: Readonly<Record<string, unknown>>;
  readonly status_code?: number;
  readonly error?: { readonly repr?: string };
}

export class Dump {
  readonly #recorded: Readonly<Record<string, Recorded>>;

  /** `name` is for people: the file's. */
  constructor(
    readonly name: string,
    contents: string,
  ) {
    const { data } = JSON.parse(contents) as { data?: { ISAPI?: Record<string, Recorded> } };
    if (!data?.ISAPI) throw new Error(`${name} is no dump of a device: it has no data.ISAPI.`);
    this.#recorded = data.ISAPI;
  }

  static read(file: string): Dump {
    return new Dump(path.basename(file, ".json"), readFileSync(file, "utf8"));
  }

  /** Recorded paths, as asked for. */
  get paths(): readonly string[] {
    return Object.keys(this.#recorded).map((name) => `/ISAPI/${name}`);
  }

  /** Undefined: the virtual device itself has to answer. What was not recorded is not there. */
  answer(method: string, target: string): CannedAnswer | undefined {
    const where = target.split("?", 1)[0] ?? "";
    if (!where.startsWith("/ISAPI/") || LIVE.has(where)) return undefined;
    const recorded = this.#recorded[where.slice("/ISAPI/".length)];
    if (!recorded) return refusal(403, where);
    if (method !== "GET") return { kind: "answer", ...statusReply("methodNotAllowed", where) };
    if (!recorded.response) return refusal(recorded.status_code ?? statusOf(recorded.error?.repr), where);
    return { kind: "answer", status: 200, contentType: "application/xml", body: PROLOG + toXml(recorded.response) };
  }

  /** What the virtual device, its alerts and its start page call themselves. */
  get profile(): ProfileOptions {
    const info = this.#document("System/deviceInfo");
    const type = readLeaf(info, "deviceType") ?? "";
    const inputs = this.#document("ContentMgmt/InputProxy/channels") + this.#document("System/Video/inputs/channels");
    const channels = [...inputs.matchAll(/<name>([^<]*)<\/name>/g)].map(([, name]) => name ?? "");
    return {
      model: type === "NVR" ? "nvr" : type === "DVR" ? "dvr" : "camera",
      name: readLeaf(info, "deviceName") ?? this.name,
      ...(channels.length > 0 && { channels }),
    };
  }

  #document(name: string): string {
    return toXml(this.#recorded[name]?.response ?? {});
  }
}

/** Such an answer as the devices give with that HTTP status; 404 is a web page. */
function refusal(status: number, where: string): CannedAnswer {
  if (status === 404)
    return { kind: "answer", status, contentType: "text/html", body: "<h2>Access Error: 404 -- Not Found</h2>\r\n" };
  const sub = status === 400 ? "badParameters" : status >= 500 ? "deviceError" : "notSupport";
  return { kind: "answer", ...statusReply(sub, where), status };
}

/** hikvision_next notes an exception's class instead of a status at times. */
function statusOf(exception = ""): number {
  if (/Forbidden/.test(exception)) return 403;
  return /NotFound/.test(exception) ? 404 : 500;
}

/** Back from xmltodict: "@name" is an attribute, "#text" the text beside them, an array a repeated element, null an empty one. */
function toXml(document: Readonly<Record<string, unknown>>): string {
  return Object.entries(document)
    .filter(([name]) => !name.startsWith("@") && name !== "#text")
    .map(([name, value]) =>
      [value]
        .flat()
        .map((one) => tag(name, one))
        .join(""),
    )
    .join("");
}

function tag(name: string, value: unknown): string {
  if (!isNode(value)) return `<${name}>${written(value)}</${name}>\n`;
  const attributes = Object.entries(value)
    .filter(([key]) => key.startsWith("@"))
    .map(([key, text]) => `${key.slice(1)}="${written(text)}"`)
    .join(" ");
  const text = value["#text"];
  if (text === undefined) return element(name, toXml(value), attributes);
  return `<${name}${attributes && ` ${attributes}`}>${written(text)}</${name}>\n`;
}

function isNode(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** A leaf; dumps hold texts and nulls only. */
function written(value: unknown): string {
  return typeof value === "string" ? escapeXml(value) : "";
}
