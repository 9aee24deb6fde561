/**
 * What an alert says, read the naive way: regular expressions on XML, plain property access on JSON. The oracle for the
 * decoder, so it must stay independent of it: nothing from src/events may be imported here.
 */
import type { Payload } from "./captures";

export interface Expectation {
  /** Lower case, aliases resolved; undefined: not said. */
  readonly type: string | undefined;
  readonly channel: number | null;
  readonly active: boolean;
  /** As sent. */
  readonly time: string | undefined;
  /** Of "human", "vehicle", "animal" those that were sent as targets, under whatever word. */
  readonly targets: readonly string[];
  /** Does anything in the alert speak of such a target? */
  readonly mentions: (target: string) => boolean;
  /** Ids of regions, not empty, in the order sent. */
  readonly regions: readonly string[];
  /** Coordinates of outlines, as sent. */
  readonly coordinates: readonly number[];
  readonly heartbeat: boolean;
  /** Messages it makes: one per density target. */
  readonly messages: number;
  /** As sent; "" when unread. undefined: no plate. */
  readonly plate: string | undefined;
  readonly count: number | undefined;
  readonly channelName: string | undefined;
  readonly inputPort: number | undefined;
  readonly people: {
    readonly enter?: number;
    readonly exit?: number;
    readonly personCnt?: number;
    readonly densityLevel?: number;
  };
  /** What it continues. */
  readonly relation: string | undefined;
}

/** Spellings that the vendor's documents and devices use for one thing. */
const ALIASES: Readonly<Record<string, string>> = {
  fieldddetection: "fielddetection",
  person_density_detection: "persondensitydetection",
  shelteralarm: "tamperdetection",
  thermometry: "tma",
  vmdhumanvehicle: "vmd",
  motiondetection: "vmd",
  regionexit: "regionexiting",
};

/** The words of devices for what they see; "nonMotorVehicle" is no vehicle. */
const TARGETS: Readonly<Record<string, RegExp>> = {
  human: /\b(?:human|person|people|pedestrian)/i,
  vehicle: /\b(?:vehicle|car|motorVehicle)\b/i,
  animal: /\banimal/i,
};

/** Of the alerts of one capture: an inactive `videoloss` is a heartbeat, unless that channel had lost its video before. */
export function expectationsOf(payloads: readonly Payload[]): Expectation[] {
  const lost = new Set<number | null>();
  return payloads.map(expectationOf).map((one) => {
    if (one.type !== "videoloss") return one;
    if (one.active) lost.add(one.channel);
    return !one.active && lost.delete(one.channel) ? { ...one, heartbeat: false } : one;
  });
}

export function expectationOf(payload: Payload): Expectation {
  const source = textOf(payload.bytes);
  const all = payload.kind === "xml" ? xmlValues(source) : jsonValues(source);
  const first = (name: string, own = false): string | undefined => all(name, own).find((value) => value !== "");
  const number = (name: string, own = false): number | undefined => {
    const value = first(name, own);
    return value === undefined || !/^-?\d+(\.\d+)?$/.test(value) ? undefined : Number(value);
  };
  const positive = (name: string): number | undefined =>
    (number(name, true) ?? 0) > 0 ? number(name, true) : undefined;
  const type = canonical(first("eventType", true));
  const state = first("eventState", true)?.toLowerCase();
  const active = state !== "inactive";
  const words = [...all("detectionTarget"), ...all("targetType"), ...all("recognitionType")].join(",");
  const plate = first("licensePlate") ?? (all("licensePlate").length > 0 ? "" : undefined);
  return {
    type,
    channel: positive("channelID") ?? positive("dynChannelID") ?? null,
    active,
    time: first("dateTime", true),
    targets: Object.keys(TARGETS).filter((target) => TARGETS[target]?.test(words)),
    mentions: (target) => (TARGETS[target] ?? new RegExp(target, "i")).test(source.replace(/[-_]/g, "")),
    regions: [...all("regionID"), ...all("regionsID")].filter((id) => id !== ""),
    coordinates: [...all("positionX"), ...all("positionY")].map(Number),
    heartbeat:
      (type === "videoloss" && !active) ||
      type === "heartbeat" ||
      (type === "other" && /heartbeat/i.test(first("eventDescription", true) ?? "")),
    messages: Math.max(1, type === "persondensitydetection" ? all("dataSource").length : all("licensePlate").length),
    plate: plate !== undefined && /^unknown$/i.test(plate) ? "" : plate,
    count: number("activePostCount", true),
    channelName: first("channelName", true),
    inputPort: positive("inputIOPortID"),
    people: {
      ...optional("enter", number("enter")),
      ...optional("exit", number("exit")),
      ...optional("personCnt", number("personCnt")),
      ...optional("densityLevel", number("densityLevel")),
    },
    relation: canonical(first("relationEvent")),
  };
}

function textOf(bytes: Buffer): string {
  const declared = /^<\?xml[^>]*encoding=["']([\w-]+)/i.exec(bytes.toString("latin1", 0, 200))?.[1] ?? "utf-8";
  return new TextDecoder(declared).decode(bytes);
}

function optional<K extends string>(name: K, value: number | undefined): { readonly [name in K]?: number } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [name in K]?: number };
}

function canonical(type: string | undefined): string | undefined {
  const lower = type?.toLowerCase();
  return lower === undefined ? undefined : (ALIASES[lower] ?? lower);
}

/** Texts of elements or keys of a name, the outer ones first; `own`: only those of the alert itself. */
type Values = (name: string, own?: boolean) => string[];

function xmlValues(source: string): Values {
  const found: { name: string; depth: number; text: string }[] = [];
  let depth = 0;
  for (const [, slash, name = "", end, text = ""] of source.matchAll(
    /<(\/?)(?:[\w.-]+:)?([A-Za-z]\w*)[^>]*?(\/?)>([^<]*)/g,
  )) {
    if (slash === "/") depth--;
    else found.push({ name: name.toLowerCase(), depth: depth++, text: end === "/" ? "" : unescapeXml(text).trim() });
    if (end === "/") depth--;
  }
  found.sort((a, b) => a.depth - b.depth);
  return (name, own = false) =>
    found.filter((one) => one.name === name.toLowerCase() && (!own || one.depth === 1)).map(({ text }) => text);
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(
    /&(?:(lt|gt|quot|apos|amp)|#(\d+)|#x([\da-f]+));/gi,
    (whole, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return named[name] ?? whole;
      return String.fromCodePoint(decimal === undefined ? parseInt(hex ?? "0", 16) : Number(decimal));
    },
  );
}

function jsonValues(source: string): Values {
  const parsed = JSON.parse(source.replace(/^\uFEFF/, "")) as Record<string, unknown>;
  const alert = parsed["EventNotificationAlert"] ?? parsed;
  return (name, own = false) => {
    const found: string[] = [];
    for (let level: unknown[] = [alert]; level.length > 0;) {
      const objects = level
        .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
        .filter(isObject);
      const below = objects.flatMap((object) => Object.entries(object));
      for (const [key, value] of below) if (key.toLowerCase() === name.toLowerCase()) found.push(...leaves(value));
      level = own ? [] : below.map(([, value]) => value);
    }
    return found;
  };
}

function leaves(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? [String(value).trim()]
    : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
