/**
 * The plates a device stores: `POST /ISAPI/Traffic/channels/<n>/vehicleDetect/plates`, for all nodes of one device. Behaviour known from
 * Supergiovane/node-red-contrib-hikvision-ultimate and naveenrobo/Hikvision-ANPR-SDK: the answer is not sorted, the newest plate is
 * repeated in every answer, and firmware differs in the format of the start time.
 */
import type { Clock } from "../lib/clock";
import { codeOf, FatalError, isHikvisionError, RetryableError, type HikvisionError } from "../lib/errors";
import { readPlate } from "../events/decode/anpr";
import { ConfidenceScale } from "../events/decode/confidence-scale";
import { Fields } from "../events/decode/fields";
import type { PlateReading } from "../events/decode/anpr";
import type { Picture } from "../events/types";
import { cutOff } from "../events/pictures/fetcher";
import { imageType } from "../events/pictures/picture-part";
import { isJpeg, isWholeJpeg } from "../lib/jpeg";
import type { Isapi } from "../isapi/isapi";
import { isNotOffered } from "../isapi/unavailable";
import { list, xml, type XmlNode } from "../isapi/xml";
import { readDeviceClock, type DeviceClock } from "../time/device-clock";
import { formatWall } from "../time/timestamp";
import { fromWall, toWall } from "../time/zone";
import { Cached } from "../lib/cached";
import { say } from "../lib/sentence";
import { flatMapInSteps, inSlices, sortInSteps, type Steps } from "../lib/slices";
import { captureTimeText, parseCaptureTime } from "./capture-time";
import { cursorAt, isCursor, wallOf } from "./cursor";
import type { Capture } from "./plate";

/** An entry of the list. */
export interface ListedPlate {
  readonly channel: number;
  /** Its position in the list; grows with time. */
  readonly cursor: string;
  readonly capture: Capture;
  /** ISO 8601 with offset. */
  readonly time: string;
  readonly reading: PlateReading;
  /** Name of its picture on the device. */
  readonly pictureName: string | undefined;
  /** As parsed, strings untouched. */
  readonly raw: Record<string, unknown>;
}

/** Formats of `picTime`. The first is that of `picName` in the lists themselves. */
const TIME_FORMATS: readonly ((cursor: string, offsetMs: number) => string)[] = [
  (cursor) => cursor,
  (cursor) => compact(cursor),
  (cursor) => `${formatWall(wallOf(cursor))}Z`,
  (cursor, offsetMs) => compact(cursor) + shortOffset(offsetMs),
];

/** The device's time is in whole seconds: less than one apart is no drift. */
const LEAST_DRIFT_MS = 1_000;
const KEEP_CLOCK_MS = 10 * 60_000;
const TIMEOUT_MS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** Those of some 55 000 plates. */
const MOST_TAGS = 1_000_000;
const PICTURE_TIMEOUT_MS = 5_000;
/** A camera answers "Device Busy, serviceUnavailable" to a time it cannot read (iDS-TCM403-AI, V4.2.51). */
const TIME_REFUSED: ReadonlySet<string> = new Set(["badRequest", "busy"]);

export class PlateList {
  readonly #isapi: Pick<Isapi, "get" | "post" | "bytes">;
  readonly #clock: Clock;
  readonly #deviceClock: Cached<DeviceClock>;
  readonly #confidences = new ConfidenceScale();
  readonly #refusals = new Map<number, HikvisionError>();
  /** Index of the format that works, once one has. */
  #timeFormat: number | undefined;
  #pictureAccess: "untried" | "there" | HikvisionError = "untried";

  constructor(isapi: Pick<Isapi, "get" | "post" | "bytes">, clock: Clock) {
    this.#isapi = isapi;
    this.#clock = clock;
    this.#deviceClock = new Cached(() => readDeviceClock(isapi, clock), clock, KEEP_CLOCK_MS);
  }

  /**
   * The plates from `cursor` on, oldest first; perhaps not all of them: ask again from the newest. A channel that has no list is asked
   * once; after that the same error is thrown without a request.
   */
  async after(channel: number, cursor: string, signal?: AbortSignal): Promise<readonly ListedPlate[]> {
    const refusal = this.#refusals.get(channel);
    if (refusal) throw refusal;
    const { zone } = await this.#deviceClock.get(signal);
    try {
      const document = await this.#ask(channel, cursor, zone.offsetAt(this.#clock.now()), signal);
      const offsetAt = (wallMs: number): number => wallMs - fromWall(zone, wallMs, "earlier");
      return await inSlices(this.#plates(channel, list(document, "Plate"), offsetAt), signal);
    } catch (error) {
      if (isHikvisionError(error) && isFinal(error)) this.#refusals.set(channel, error);
      throw error;
    }
  }

  *#plates(
    channel: number,
    nodes: readonly XmlNode[],
    offsetAt: (wallMs: number) => number,
  ): Steps<readonly ListedPlate[]> {
    const plates = yield* flatMapInSteps(nodes, (node) => {
      const plate = listedPlate(channel, node, offsetAt);
      return plate ? [{ ...plate, reading: this.#confidences.inPercent(plate.reading) }] : [];
    });
    return yield* sortInSteps(plates, (a, b) => (a.cursor < b.cursor ? -1 : Number(a.cursor > b.cursor)));
  }

  /** The device's wall time now, its digits read as UTC, ms since 1970. */
  async wallNow(signal?: AbortSignal): Promise<number> {
    const { zone, driftMs = 0, errorMs } = await this.#deviceClock.get(signal);
    // A difference that the reading itself explains is no drift: a busy device answers late.
    return toWall(zone, this.#clock.now() + (Math.abs(driftMs) > Math.max(errorMs, LEAST_DRIFT_MS) ? driftMs : 0));
  }

  /**
   * The picture of a listed plate. The address is known from one project only, so a device that has none there is asked once; then every
   * plate carries that error. Rejects only when stopped.
   */
  async picture(pictureName: string, signal: AbortSignal): Promise<Picture> {
    const url = `/doc/ui/images/plate/${encodeURIComponent(pictureName)}.jpg`;
    const picture = { name: `${pictureName}.jpg`, url };
    if (isHikvisionError(this.#pictureAccess)) return missing(picture, this.#pictureAccess);
    try {
      const options = {
        signal,
        timeoutMs: PICTURE_TIMEOUT_MS,
        lane: "background" as const,
        purpose: say`the picture of a listed plate`,
      };
      const { data } = await this.#isapi.bytes(url, options);
      const contentType = imageType(data);
      if (contentType === undefined) throw noPicture();
      this.#pictureAccess = "there";
      if (isJpeg(data) && !isWholeJpeg(data)) throw cutOff();
      return { ...picture, contentType, data };
    } catch (error) {
      if (signal.aborted || !isHikvisionError(error)) throw error;
      if (this.#pictureAccess === "untried" && isFinal(error)) this.#pictureAccess = error;
      return missing(picture, error);
    }
  }

  async #ask(channel: number, cursor: string, offsetMs: number, signal: AbortSignal | undefined): Promise<unknown> {
    if (this.#timeFormat !== undefined)
      return this.#post(channel, formatTime(this.#timeFormat, cursor, offsetMs), signal);
    let first: unknown;
    for (const index of TIME_FORMATS.keys()) {
      try {
        const answer = await this.#post(channel, formatTime(index, cursor, offsetMs), signal);
        this.#timeFormat = index;
        return answer;
      } catch (error) {
        if (!TIME_REFUSED.has(codeOf(error) ?? "")) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  async #post(channel: number, picTime: string, signal: AbortSignal | undefined): Promise<unknown> {
    const body = xml`<?xml version="1.0" encoding="UTF-8"?>
<AfterTime version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema"><picTime>${picTime}</picTime></AfterTime>`;
    const document = await this.#isapi.post(`/ISAPI/Traffic/channels/${channel}/vehicleDetect/plates`, body, {
      purpose: say`the plate list of channel ${channel}`,
      lane: "background",
      timeoutMs: TIMEOUT_MS,
      maxBytes: MOST_BYTES,
      maxTags: MOST_TAGS,
      ...(signal && { signal }),
    });
    if (document && document.root !== "Plates") {
      throw new RetryableError("protocol", say`The device answered with ${document.root} in place of its plate list.`);
    }
    return document?.value;
  }
}

/** Asked again, the device would say the same. A badRequest may be about one moment, or one picture. */
function isFinal(error: HikvisionError): boolean {
  return isNotOffered(error) && error.code !== "badRequest";
}

/** Undefined: an entry without a time. */
function listedPlate(
  channel: number,
  node: Readonly<Record<string, unknown>>,
  offsetAt: (wallMs: number) => number,
): ListedPlate | undefined {
  const fields = new Fields(node);
  const pictureName = fields.word("picname");
  const nameCursor = isCursor(pictureName) ? pictureName : undefined;
  const capturedAt =
    parseCaptureTime(fields.word("capturetime")) ??
    (nameCursor ? { wallMs: wallOf(nameCursor), offsetMs: undefined } : undefined);
  if (!capturedAt) return undefined;
  const reading = readPlate(fields);
  return {
    channel,
    cursor: nameCursor ?? cursorAt(capturedAt.wallMs),
    capture: { plate: reading.plate, capturedAt, lane: reading.lane },
    time: captureTimeText({ ...capturedAt, offsetMs: capturedAt.offsetMs ?? offsetAt(capturedAt.wallMs) }),
    reading,
    pictureName,
    raw: { ...node },
  };
}

function formatTime(index: number, cursor: string, offsetMs: number): string {
  return TIME_FORMATS[index]?.(cursor, offsetMs) ?? cursor;
}

/** "20210101T000000" */
function compact(cursor: string): string {
  return `${cursor.slice(0, 8)}T${cursor.slice(8, 14)}`;
}

/** "-500", "+100", "+530" */
function shortOffset(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000;
  const text = `${Math.floor(minutes / 60)}${String(minutes % 60).padStart(2, "0")}`;
  return `${offsetMs < 0 ? "-" : "+"}${text}`;
}

function missing(picture: { name: string; url: string }, { code, sentence }: HikvisionError): Picture {
  return { ...picture, contentType: "image/jpeg", data: null, error: { code, message: sentence } };
}

function noPicture(): FatalError {
  return new FatalError("notFound", say`The device answered with something that is no picture.`);
}
