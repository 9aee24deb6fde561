/**
 * Knows a heartbeat again without reading it: a device sends the same bytes every few seconds, with another stamp. A thousand
 * devices that were started together beat together, and events wait behind their beats.
 */
import { readChannel } from "../decode/alert-channel";
import type { DecodeContext } from "../decode/decode";
import { deviceTimestamp } from "../decode/timestamp";
import { Fields } from "../decode/fields";
import { isHeartbeat, type Sign } from "../decode/heartbeat";
import type { Notification } from "../types";

/** "2026-03-01T12:00:00.123456+08:00", and room for what firmware makes of it. */
const MOST_STAMP_BYTES = 40;
/** Nothing that ends an element or a string. */
const STAMP = /^[\d:.,TtZz+\- ]+$/;

interface Remembered {
  /** The bytes before and behind the stamp. */
  readonly before: Buffer;
  readonly after: Buffer;
  readonly alert: Fields;
  readonly sign: Notification;
}

export class HeartbeatCache {
  #last: Remembered | undefined;

  /** @param body of the part that was read as this heartbeat; kept */
  remember(body: Buffer, sign: Notification): void {
    const alert = new Fields(sign.raw);
    const stamp = alert.text("datetime", "triggertime", "time");
    this.#last = undefined;
    if (stamp === undefined) return;
    const at = body.indexOf(stamp);
    // One that stands twice may not be what changes.
    if (at < 0 || body.indexOf(stamp, at + 1) >= 0) return;
    this.#last = { before: body.subarray(0, at), after: body.subarray(at + Buffer.byteLength(stamp)), alert, sign };
  }

  /** What this body says, when it differs from the remembered one by its stamp alone. Undefined: it has to be read. */
  recognize(body: Buffer, { videoLosses, zone, channels }: DecodeContext): Sign | undefined {
    // While a loss is open a heartbeat may be its end.
    if (!this.#last || videoLosses.anyOpen) return undefined;
    const { before, after, alert, sign } = this.#last;
    const end = body.length - after.length;
    if (end <= before.length || end - before.length > MOST_STAMP_BYTES) return undefined;
    if (!before.equals(body.subarray(0, before.length)) || !after.equals(body.subarray(end))) return undefined;
    const stamp = body.toString("latin1", before.length, end);
    const time = STAMP.test(stamp) ? deviceTimestamp(stamp, zone) : undefined;
    if (time === undefined) return undefined;
    // What is known of the channels may have grown since.
    const again = { ...sign, channel: readChannel(alert, channels), time };
    return isHeartbeat(again, videoLosses) ? again : undefined;
  }
}
