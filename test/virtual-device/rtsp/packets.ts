/** NAL units → RTP packets in frames of an RTSP connection (RFC 6184, 7798; RFC 2326, 10.12). Own code, an oracle for the client's. */
import { typeOf, type Film } from "./film";

const MOST = 1400;

export class Packetizer {
  sequence = Math.floor(Math.random() * 0x10000);
  readonly #codec: Film["codec"];
  readonly channel: number;
  readonly #payloadType: number;
  readonly #source = Math.floor(Math.random() * 0xffffffff);

  constructor(codec: Film["codec"], channel = 0, payloadType = 96) {
    this.#codec = codec;
    this.channel = channel;
    this.#payloadType = payloadType;
  }

  /** The last packet has the marker. `together`: small ones in one packet. */
  picture(nals: readonly Buffer[], timestamp: number, together = false): Buffer {
    const head = this.#codec === "h264" ? 1 : 2;
    const payloads: Buffer[] = [];
    const small = together ? nals.filter(({ length }) => length < 100) : [];
    if (small.length > 1) payloads.push(this.#aggregate(small));
    for (const nal of nals) {
      if (small.length > 1 && small.includes(nal)) continue;
      if (nal.length <= MOST) payloads.push(nal);
      else
        for (let at = head; at < nal.length; at += MOST) {
          const end = Math.min(nal.length, at + MOST);
          payloads.push(this.#fragment(nal, at, end, at === head, end === nal.length));
        }
    }
    return Buffer.concat(payloads.map((one, index) => this.packet(one, timestamp, index === payloads.length - 1)));
  }

  packet(payload: Buffer, timestamp: number, marker: boolean): Buffer {
    const bytes = Buffer.alloc(16 + payload.length);
    bytes.writeUInt8(0x24, 0);
    bytes.writeUInt8(this.channel, 1);
    bytes.writeUInt16BE(12 + payload.length, 2);
    bytes.writeUInt8(0x80, 4);
    bytes.writeUInt8((marker ? 0x80 : 0) | this.#payloadType, 5);
    bytes.writeUInt16BE(this.sequence, 6);
    bytes.writeUInt32BE(timestamp >>> 0, 8);
    bytes.writeUInt32BE(this.#source, 12);
    payload.copy(bytes, 16);
    this.sequence = (this.sequence + 1) & 0xffff;
    return bytes;
  }

  #aggregate(nals: readonly Buffer[]): Buffer {
    const parts = nals.flatMap((nal) => [Buffer.of(nal.length >> 8, nal.length & 0xff), nal]);
    return Buffer.concat([this.#codec === "h264" ? Buffer.of(0x78) : Buffer.of(48 << 1, 1), ...parts]);
  }

  #fragment(nal: Buffer, from: number, to: number, first: boolean, last: boolean): Buffer {
    const type = typeOf(this.#codec, nal);
    const flags = (first ? 0x80 : 0) | (last ? 0x40 : 0) | type;
    const [one = 0, two = 0] = nal;
    const head = this.#codec === "h264" ? [(one & 0xe0) | 28, flags] : [(one & 0x81) | (49 << 1), two, flags];
    return Buffer.concat([Buffer.from(head), nal.subarray(from, to)]);
  }
}
