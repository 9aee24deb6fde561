/**
 * Recognises a heartbeat without parsing it: a device sends the same bytes every few seconds, with another stamp. A thousand
 * devices that were started together send theirs together, and events wait behind them.
 */
import { readChannel } from "../decode/alert-channel";
import type { DecodeContext } from "../decode/decode";
import { deviceTimestamp } from "../decode/timestamp";
import { Fields } from "../decode/fields";
import { isHeartbeat, type AlertSummary } from "../decode/heartbeat";
import type { Notification } from "../types";

/** "2026-03-01T12:00:00.123456+08:00", and room for what firmware makes of it. */
const MOST_STAMP_BYTES = 40;
/** Nothing that ends an element or a string. */
const STAMP = /^[\d:.,TtZz+\- ]+$/;

interface CachedHeartbeat {
  /** The bytes before and behind the stamp. */
  readonly before: Buffer;
  readonly after: Buffer;
  readonly alert: Fields;
  readonly notification: Notification;
}

export class HeartbeatCache {
  #last: CachedHeartbeat | undefined;

  /** @param body of the part that was decoded as this heartbeat; kept */
  store(body: Buffer, notification: Notification): void {
    const alert = new Fields(notification.raw);
    const stamp = alert.text("datetime", "triggertime", "time");
    this.#last = undefined;
    if (stamp === undefined) return;
    const at = body.indexOf(stamp);
    // One that stands twice may not be what changes.
    if (at < 0 || body.indexOf(stamp, at + 1) >= 0) return;
    const after = body.subarray(at + Buffer.byteLength(stamp));
    this.#last = { before: body.subarray(0, at), after, alert, notification };
  }

  /** What this body says, when it differs from the stored one by its stamp alone. Undefined: it has to be decoded. */
  recognize(body: Buffer, { videoLosses, minutesAt, channels }: DecodeContext): AlertSummary | undefined {
    // While a loss is open a heartbeat may be its end.
    if (!this.#last || videoLosses.anyOpen) return undefined;
    const { before, after, alert, notification } = this.#last;
    const end = body.length - after.length;
    if (end <= before.length || end - before.length > MOST_STAMP_BYTES) return undefined;
    if (body.compare(before, 0, before.length, 0, before.length) !== 0) return undefined;
    if (body.compare(after, 0, after.length, end) !== 0) return undefined;
    const stamp = body.toString("latin1", before.length, end);
    const time = STAMP.test(stamp) ? deviceTimestamp(stamp, minutesAt) : undefined;
    if (time === undefined) return undefined;
    // What is known of the channels may have grown since.
    const recognized = { ...notification, channel: readChannel(alert, channels), time };
    return isHeartbeat(recognized, videoLosses) ? recognized : undefined;
  }
}
