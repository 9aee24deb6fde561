/** H.264 and H.265 as RTP carries them (RFC 6184, RFC 7798): what a NAL unit is, and how payloads are cut into them. */

export type VideoCodec = "h264" | "h265";

/** "set": a parameter set; "key", "picture": a slice; "drop": nothing that a file needs. */
export type NalKind = "set" | "key" | "picture" | "other" | "drop";

/** Gets the NAL units of one payload, whole or in pieces. */
export interface NalSink {
  whole(nal: Buffer): void;
  begin(head: Buffer, piece: Buffer): void;
  more(piece: Buffer, last: boolean): void;
  broken(): void;
}

export interface CodecRules {
  kindOf(nal: Buffer): NalKind;
  /** "vps", "sps", "pps"; undefined: no parameter set. */
  setOf(nal: Buffer): SetName | undefined;
  split(payload: Buffer, sink: NalSink): void;
}

export type SetName = "vps" | "sps" | "pps";

const H264_SETS: Readonly<Record<number, SetName>> = { 7: "sps", 8: "pps" };
const H265_SETS: Readonly<Record<number, SetName>> = { 32: "vps", 33: "sps", 34: "pps" };

const h264Type = (nal: Buffer): number => (nal[0] ?? 0) & 0x1f;
const h265Type = (nal: Buffer): number => ((nal[0] ?? 0) >> 1) & 0x3f;

const h264: CodecRules = {
  kindOf(nal) {
    const type = h264Type(nal);
    if (type === 7 || type === 8) return "set";
    if (type === 5) return "key";
    if (type >= 1 && type <= 4) return "picture";
    // Delimiters, ends and filler; and what RTP alone has.
    return type === 6 ? "other" : "drop";
  },
  setOf: (nal) => H264_SETS[h264Type(nal)],
  split(payload, sink) {
    const type = h264Type(payload);
    const head = payload[0] ?? 0;
    if (type >= 1 && type <= 23) sink.whole(payload);
    else if (type === 24) aggregated(payload, 1, sink);
    else if (type === 28 && payload.length > 2) {
      const flags = payload[1] ?? 0;
      fragment(flags, Buffer.of((head & 0xe0) | (flags & 0x1f)), payload.subarray(2), sink);
    } else sink.broken();
  },
};

const h265: CodecRules = {
  kindOf(nal) {
    const type = h265Type(nal);
    if (type >= 32 && type <= 34) return "set";
    if (type >= 16 && type <= 21) return "key";
    if (type <= 9) return "picture";
    return type === 39 || type === 40 ? "other" : "drop";
  },
  setOf: (nal) => H265_SETS[h265Type(nal)],
  split(payload, sink) {
    const type = h265Type(payload);
    if (payload.length < 3) sink.broken();
    else if (type < 48) sink.whole(payload);
    else if (type === 48) aggregated(payload, 2, sink);
    else if (type === 49 && payload.length > 3) {
      const flags = payload[2] ?? 0;
      const first = ((payload[0] ?? 0) & 0x81) | ((flags & 0x3f) << 1);
      fragment(flags, Buffer.of(first, payload[1] ?? 0), payload.subarray(3), sink);
    } else sink.broken();
  },
};

export const CODECS: Readonly<Record<VideoCodec, CodecRules>> = { h264, h265 };

/** STAP-A, AP: units one after the other, each behind its length. */
function aggregated(payload: Buffer, start: number, sink: NalSink): void {
  let at = start;
  while (at + 2 <= payload.length) {
    const size = payload.readUInt16BE(at);
    at += 2;
    if (size === 0) continue;
    if (at + size > payload.length) {
      sink.broken();
      return;
    }
    sink.whole(payload.subarray(at, at + size));
    at += size;
  }
}

/** FU-A, FU: the two highest bits of the flags are begin and end. */
function fragment(flags: number, head: Buffer, piece: Buffer, sink: NalSink): void {
  const last = (flags & 0x40) !== 0;
  if ((flags & 0x80) === 0) {
    sink.more(piece, last);
    return;
  }
  sink.begin(head, piece);
  // Both ends in one: some encoders wrap small units so.
  if (last) sink.more(Buffer.alloc(0), true);
}
