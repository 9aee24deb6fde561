/** Takes a program stream apart, strictly. Tests of the writer use it; it knows nothing of it. */
import assert from "node:assert/strict";

export interface Pack {
  /** When it begins to arrive, and when its frame is shown: 90 kHz. */
  readonly clock: number;
  readonly shown: number;
  /** Ids of what stands between its header and the video. */
  readonly tables: readonly number[];
  readonly frame: Buffer;
}

/** @param stream from a pack's start to the end of one */
export function packsOf(stream: Buffer): Pack[] {
  const packs: Pack[] = [];
  for (let at = 0; at < stream.length;) {
    assert.equal(stream.readUInt32BE(at), 0x1ba, `no pack at ${at}`);
    assert.equal((stream[at + 4] ?? 0) >> 6, 0b01);
    const clock = time(stream.subarray(at + 4), 2);
    at += 14 + ((stream[at + 13] ?? 0) & 7);
    const tables: number[] = [];
    const data: Buffer[] = [];
    let shown = NaN;
    while (at < stream.length && stream.readUInt32BE(at) !== 0x1ba) {
      const id = stream.readUInt32BE(at);
      const body = stream.subarray(at + 6, at + 6 + stream.readUInt16BE(at + 4));
      assert.equal(body.length, stream.readUInt16BE(at + 4), "a packet is cut");
      at += 6 + body.length;
      if (id !== 0x1e0) {
        tables.push(id);
        continue;
      }
      assert.equal((body[0] ?? 0) & 0b11000000, 0b10000000);
      if ((body[1] ?? 0) & 0b10000000) {
        assert.ok(Number.isNaN(shown), "two times in a pack");
        shown = time(body.subarray(3), 4);
      }
      data.push(body.subarray(3 + (body[2] ?? 0)));
    }
    packs.push({ clock, shown, tables, frame: Buffer.concat(data) });
  }
  return packs;
}

/** 33 bits with a marker after the third, the eighteenth and the last. `from`: bits before them. */
function time(bytes: Buffer, from: number): number {
  const bits = [...bytes.subarray(0, 5)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const [, high = "", middle = "", low = ""] = /^(.{3})1(.{15})1(.{15})1/.exec(bits.slice(from)) ?? [];
  return Number.parseInt(high + middle + low, 2);
}
