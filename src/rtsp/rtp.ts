/** RTP packets (RFC 3550): the fixed header, extensions and padding taken off; counters that wrap, unwrapped. */

export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

const HEAD = 12;

/** Undefined: no RTP, or cut off. */
export function readRtp(data: Buffer): RtpPacket | undefined {
  if (data.length < HEAD) return undefined;
  const first = data[0] ?? 0;
  const second = data[1] ?? 0;
  if (first >> 6 !== 2) return undefined;
  let start = HEAD + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (data.length < start + 4) return undefined;
    start += 4 + data.readUInt16BE(start + 2) * 4;
  }
  const padding = (first & 0x20) !== 0 ? (data[data.length - 1] ?? 0) : 0;
  const end = data.length - padding;
  if (start > end) return undefined;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: data.readUInt16BE(2),
    timestamp: data.readUInt32BE(4),
    payload: data.subarray(start, end),
  };
}

/** What a sender says of its clock (RTCP sender report, RFC 3550, 6.4.1): a moment, and the RTP timestamp that it has. */
export interface SenderReport {
  /** Ms since 1970, of the sender's clock. */
  readonly ms: number;
  readonly timestamp: number;
}

const SENDER_REPORT = 200;
/** From 1900, as NTP counts, to 1970. */
const NTP_SECONDS = 2_208_988_800;

/** Undefined: something else, or without a clock. */
export function readSenderReport(data: Buffer): SenderReport | undefined {
  if (data.length < 28 || (data[0] ?? 0) >> 6 !== 2 || data[1] !== SENDER_REPORT) return undefined;
  const seconds = data.readUInt32BE(8);
  if (seconds === 0) return undefined;
  const ms = (seconds - NTP_SECONDS) * 1000 + (data.readUInt32BE(12) / 2 ** 32) * 1000;
  return { ms, timestamp: data.readUInt32BE(16) };
}

/** Timestamps of 32 bits as numbers that go on. */
export class TimestampUnwrapper {
  #last: number | undefined;
  #value = 0;

  /** The first value is itself; every other the nearest to the one before. */
  next(timestamp: number): number {
    if (this.#last === undefined) this.#value = timestamp;
    else this.#value += (timestamp - this.#last) | 0;
    this.#last = timestamp;
    return this.#value;
  }
}

/** How many packets are missing between two sequence numbers; a late or repeated one is negative. */
export function missingBetween(before: number, now: number): number {
  const step = (now - before) & 0xffff;
  return (step < 0x8000 ? step : step - 0x10000) - 1;
}
