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
