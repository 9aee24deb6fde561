/** The plate list of a device: vehicleDetect/plates with the quirks of real cameras, and the pictures of listed plates. */
import type { Emitted } from "../alert-stream";
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { anpr, type AnprFields } from "../smart-alerts";
import { element, leaf, readLeaf } from "../xml";

/** How a picTime may be written; the digits are the device's local time. */
const SPELLINGS = {
  /** 202001301301320000, as in picName */
  digits: /^\d{14,}$/,
  /** 20210101T000000 */
  compact: /^\d{8}T\d{6}$/,
  /** 2021-11-05T14:30:00Z */
  zulu: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  /** 20250415T000000-500 */
  offset: /^\d{8}T\d{6}[+-]\d{3,4}$/,
} as const;

export type Spelling = keyof typeof SPELLINGS;

export interface ListedPlate {
  readonly channel: number;
  readonly plate: string;
  /** Local time in digits, and a tail. */
  readonly picName: string;
  readonly captureTime: string;
  readonly lane: number;
  readonly direction: string;
  readonly matchingResult?: string;
  /** By the device's clock. */
  readonly capturedMs: number;
  readonly vehicleColor?: string;
}

class Plates {
  readonly entries: ListedPlate[] = [];
  /** The spelling that is understood; others get badXmlContent. Default: any. */
  spelling: Spelling | "any" = "any";
  /** captureTime with its offset ("20340109T094130+0100") or with a fraction ("20200424T1616270000"). */
  captureTime: "offset" | "fraction" = "offset";
  /** The newest plate is in every answer, new or not. */
  repeatsNewest = true;
  /** So many plates in one answer, the oldest. */
  pageLimit = Infinity;
  /** Channels that have no list. */
  readonly without = new Set<number>();
  /** Are there pictures of listed plates? */
  pictures = true;
  #count = 0;

  constructor(readonly device: VirtualDevice) {}

  add(fields: AnprFields, capturedMs: number): ListedPlate {
    const local = this.device.time.stamp(capturedMs);
    const seconds = local.slice(0, 19).replace(/[-:]/g, "");
    const tail = `${String(Math.floor(capturedMs) % 1000).padStart(3, "0")}${this.#count++ % 10}`;
    const entry = {
      channel: fields.channel ?? 1,
      plate: fields.plate,
      picName: seconds.replace("T", "") + tail,
      captureTime: seconds + (this.captureTime === "offset" ? local.slice(19).replace(":", "") : "0000"),
      lane: fields.lane ?? 1,
      direction: fields.direction ?? "forward",
      capturedMs,
      ...(fields.list !== undefined && { matchingResult: fields.list }),
      ...(fields.vehicleColor !== undefined && { vehicleColor: fields.vehicleColor }),
    };
    this.entries.push(entry);
    return entry;
  }

  /** The last that passed there. */
  newest(channel: number): ListedPlate | undefined {
    return this.entries.findLast((entry) => entry.channel === channel);
  }

  /** In no order. */
  after(channel: number, cursor: string): ListedPlate[] {
    const own = this.entries.filter((entry) => entry.channel === channel);
    const byName = (a: ListedPlate, b: ListedPlate): number => (a.picName < b.picName ? -1 : 1);
    const page = own
      .filter(({ picName }) => picName > cursor)
      .sort(byName)
      .slice(0, this.pageLimit);
    if (page.length === 0 && this.repeatsNewest) page.push(...own.sort(byName).slice(-1));
    return page.length > 2 ? [...page.slice(1), ...page.slice(0, 1)].reverse() : page;
  }
}

/** The plate list of a device, with its quirks. */
export const platesOf = perDevice((device) => new Plates(device));

export interface PassOptions {
  /** Does the alert stream bring it? Default true. */
  readonly stream?: boolean;
  /** Does the list have it? Default true. */
  readonly listed?: boolean;
  /** By how much the alert's stamp is later than the list's, ms. */
  readonly stampedLaterMs?: number;
  /** How long ago it passed, ms. */
  readonly agoMs?: number;
}

/** A vehicle passes: the device lists its plate and sends it over the stream. */
export async function passPlate(
  device: VirtualDevice,
  fields: AnprFields,
  options: PassOptions = {},
): Promise<Emitted | undefined> {
  const { stream = true, listed = true, stampedLaterMs = 0, agoMs = 0 } = options;
  const capturedMs = device.time.now() - agoMs;
  if (listed) platesOf(device).add(fields, capturedMs);
  if (!stream) return undefined;
  return device.emit(anpr({ dateTime: device.time.stamp(capturedMs + stampedLaterMs), ...fields }));
}

function listPlates(exchange: Exchange): void {
  const { device } = exchange;
  const plates = platesOf(device);
  const channel = Number(exchange.param("channel"));
  if (plates.without.has(channel) || !device.profile.channels.some(({ number }) => number === channel)) {
    exchange.status("notSupport");
    return;
  }
  const body = exchange.xmlBody("AfterTime");
  if (body === undefined) return;
  const picTime = readLeaf(body, "picTime") ?? "";
  const accepted = plates.spelling === "any" ? Object.values(SPELLINGS) : [SPELLINGS[plates.spelling]];
  if (!accepted.some((pattern) => pattern.test(picTime))) {
    exchange.status("badXmlContent");
    return;
  }
  const cursor = SPELLINGS.digits.test(picTime) ? picTime : picTime.replace(/[+-]\d{3,4}$/, "").replace(/\D/g, "");
  const nodes = plates.after(channel, cursor).map(plateXml);
  exchange.xml(element("Plates", nodes.join(""), 'version="2.0" xmlns="http://www.std-cgi.com/ver20/XMLSchema"'));
}

function plateXml({ plate, picName, captureTime, lane, direction, matchingResult }: ListedPlate): string {
  return element(
    "Plate",
    leaf("captureTime", captureTime) +
      leaf("plateNumber", plate) +
      leaf("picName", picName) +
      leaf("country", "NON") +
      leaf("laneNo", lane) +
      leaf("direction", direction) +
      (matchingResult === undefined ? "" : leaf("matchingResult", matchingResult)),
  );
}

function sendPicture(exchange: Exchange): void {
  const { entries, pictures } = platesOf(exchange.device);
  const entry = entries.find(({ picName }) => `${picName}.jpg` === exchange.param("file"));
  if (entry && pictures) exchange.send(200, "image/jpeg", exchange.device.pictures.plate(entry.plate));
  else exchange.send(404, "text/html", "<html><body><h2>Access Error: 404 -- Not Found</h2></body></html>\r\n");
}

export const plates: readonly Route[] = [
  route("POST", "/ISAPI/Traffic/channels/:channel/vehicleDetect/plates", listPlates),
  route("GET", "/doc/ui/images/plate/:file", sendPicture),
];
