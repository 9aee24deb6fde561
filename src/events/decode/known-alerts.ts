/**
 * Recognises an alert that differs from an earlier one of the same device by its stamp and its count alone: a device repeats an event every
 * second, or more often, as long as it goes on. Such an alert is not parsed again. What it says is what the decoder would read in it
 * (test/events/decode/known-alerts.test.ts).
 */
import { DETAIL_NAMES } from "./details";
import { Fields } from "./fields";
import { readChannel } from "./alert-channel";
import type { DecodeContext } from "./decode";
import { deviceTimestamp } from "./timestamp";
import { copyNotification } from "../notification";
import type { Notification } from "../types";
import type { Part } from "../../multipart/part-reader";

/** An alert that was recognised. */
export interface KnownAlert {
  readonly type: string;
  readonly channel: number | null;
  /** What the decoder would make of it, all of it new. */
  notification(): Notification;
}

interface Stored {
  readonly contentType: string | undefined;
  /** The bytes up to the stamp, between stamp and count, and behind the count. */
  readonly before: Buffer;
  readonly between: Buffer;
  readonly after: Buffer;
  readonly alert: Fields;
  readonly notification: Notification;
}

/** A recorder with more channels in motion at once is read as ever. */
const MOST_STORED = 16;
const MAX_BYTES = 8 << 10;
const MAX_STAMP_BYTES = 40;
/** So many alerts in a row that were not recognised: this device does not repeat itself, so only some are stored. */
const MANY_MISSES = 64;
const STORE_EVERY = 16;
/** And only those stored last are compared: by one that is recognised, the device repeats itself again. */
const COMPARED_THEN = 4;
const STAMP = "dateTime";
const COUNT = "activePostCount";
/** Nothing that ends an element, and no white space at the ends. */
const STAMP_TEXT = /^[\d:.,TtZz+-]+(?: [\d:.,TtZz+-]+)*$/;
const COUNT_TEXT = /^\d{1,9}$/;
const LT = 0x3c;
/** What may be a heartbeat, by what else the device has sent, or concerns other events. */
const DEPENDS: ReadonlySet<string> = new Set(["videoloss", "heartBeat", "other", "duration"]);

export class KnownAlerts {
  /** The one recognised last is the first. */
  readonly #stored: Stored[] = [];
  #misses = 0;

  recognize({ body, headers }: Part, context: DecodeContext): KnownAlert | undefined {
    const stored = this.#stored;
    const most = this.#misses > MANY_MISSES ? Math.min(COMPARED_THEN, stored.length) : stored.length;
    for (let index = 0; index < most; index++) {
      const one = stored[index];
      if (one?.contentType !== headers["content-type"]) continue;
      const found = one && recognizeAs(one, body, context);
      if (!found) continue;
      this.#misses = 0;
      if (index > 0) {
        stored.splice(index, 1);
        stored.unshift(one);
      }
      return found;
    }
    this.#misses += 1;
    return undefined;
  }

  /** Remembers what a part was decoded as, if it is of the kind that is repeated. */
  store({ body, headers }: Part, notifications: readonly Notification[]): void {
    const [notification] = notifications;
    if (!notification || notifications.length > 1 || body.length > MAX_BYTES || !isRepeatable(notification)) return;
    if (this.#misses > MANY_MISSES && this.#misses % STORE_EVERY > 0) return;
    const stamp = leafIn(body, STAMP, notification.raw[STAMP]);
    const count = leafIn(body, COUNT, notification.raw[COUNT]);
    if (!stamp || !count || count.start < stamp.end) return;
    const bytes = Buffer.from(body);
    const copy = copyNotification(notification);
    this.#stored.unshift({
      contentType: headers["content-type"],
      before: bytes.subarray(0, stamp.start),
      between: bytes.subarray(stamp.end, count.start),
      after: bytes.subarray(count.end),
      alert: new Fields(copy.raw),
      notification: copy,
    });
    if (this.#stored.length > MOST_STORED) this.#stored.pop();
  }
}

function recognizeAs(stored: Stored, body: Buffer, context: DecodeContext): KnownAlert | undefined {
  const { before, between, after, notification, alert } = stored;
  const { length } = body;
  if (length <= before.length || body.compare(before, 0, before.length, 0, before.length) !== 0) return undefined;
  const stampEnd = body.indexOf(LT, before.length);
  const countStart = stampEnd + between.length;
  const countEnd = length - after.length;
  if (stampEnd < 0 || stampEnd - before.length > MAX_STAMP_BYTES || countStart > countEnd) return undefined;
  if (body.compare(between, 0, between.length, stampEnd, countStart) !== 0) return undefined;
  if (body.compare(after, 0, after.length, countEnd, length) !== 0) return undefined;
  const stamp = body.toString("latin1", before.length, stampEnd);
  const count = body.toString("latin1", countStart, countEnd);
  if (!STAMP_TEXT.test(stamp) || !COUNT_TEXT.test(count)) return undefined;
  const time = deviceTimestamp(stamp, context.minutesAt);
  // What is known of the channels may have grown since.
  const channel = readChannel(alert, context.channels);
  if (time === undefined || channel !== notification.channel) return undefined;
  const name = alert.text("channelname") ?? (channel === null ? undefined : context.channelName?.(channel));
  if (name !== notification.channelName) return undefined;
  return { type: notification.type, channel, notification: () => repeated(notification, stamp, count, time) };
}

function repeated(notification: Notification, stamp: string, count: string, time: string): Notification {
  const { raw } = notification;
  const copy = {
    ...notification,
    time,
    count: Number(count),
    targets: [...notification.targets],
    announced: [],
    raw: isFlat(raw) ? { ...raw } : copyNotification(notification).raw,
  };
  if (notification.regions.length > 0) copy.regions = copyNotification(notification).regions;
  else copy.regions = [];
  copy.raw[STAMP] = stamp;
  copy.raw[COUNT] = count;
  return copy;
}

function isFlat(raw: Readonly<Record<string, unknown>>): boolean {
  for (const name in raw) if (typeof raw[name] === "object") return false;
  return true;
}

/** It says the same whenever it comes, and nothing of a plate, a count or a picture. */
function isRepeatable(n: Notification): boolean {
  if (n.heartbeat || DEPENDS.has(n.type) || n.time === undefined || n.count === undefined) return false;
  if (n.announced.length > 0 || n.recordingChannels) return false;
  return DETAIL_NAMES.every((name) => n[name] === undefined);
}

/** Where the text of a leaf stands, if only one element has its name. */
function leafIn(
  body: Buffer,
  name: string,
  text: unknown,
): { readonly start: number; readonly end: number } | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  const open = body.indexOf(`<${name}>`);
  const start = open + name.length + 2;
  const end = start + text.length;
  if (open < 0 || body.indexOf(`<${name}`, start) >= 0) return undefined;
  return body.toString("latin1", start, end + name.length + 3) === `${text}</${name}>` ? { start, end } : undefined;
}
