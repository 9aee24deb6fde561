import assert from "node:assert/strict";
import { framesFor } from "../../src/audio/codec";
import { decode } from "../../src/audio/g711";

const frames = (payload: unknown, codec: string, format?: unknown, extra: object = {}) => {
  const { frames: made, ...rest } = framesFor(payload, format, { channel: 1, codec, ...extra });
  return { ...rest, frames: [...made] };
};

/** An ADTS frame of `length` bytes at 16 kHz. */
function adtsFrame(length: number, fill: number): Buffer {
  const frame = Buffer.alloc(length, fill);
  frame.set([0xff, 0xf1, 0x60, 0x40 | (length >> 11), (length >> 3) & 0xff, ((length & 7) << 5) | 0x1f, 0xfc]);
  return frame;
}

describe("sound for a channel's codec", () => {
  it("goes as it is when the flow already has the codec's bytes: 160 bytes every 20 ms", () => {
    const bytes = Buffer.from(Array.from({ length: 400 }, (_, i) => i % 256));
    const { seconds, frames: made } = frames(bytes, "G.711ulaw");
    assert.equal(seconds, 0.05);
    assert.deepEqual(
      made.map(({ bytes: { length }, ms }) => [length, ms]),
      [
        [160, 20],
        [160, 20],
        [160, 20],
      ],
    );
    assert.deepEqual(Buffer.concat(made.map((frame) => frame.bytes)).subarray(0, 400), bytes);
  });

  for (const [codec, filler] of [
    ["G.711ulaw", 0xff],
    ["G.711alaw", 0xd5],
  ] as const) {
    it(`is filled up with the silence of ${codec}`, () => {
      const [only] = frames(Buffer.from([1]), codec).frames;
      assert.deepEqual([...only!.bytes.subarray(1)], Array(159).fill(filler));
    });
  }

  it("is converted from PCM of any rate, as msg.format says", () => {
    const pcm = Buffer.alloc(4_800);
    for (let i = 0; i < 2_400; i++) pcm.writeInt16LE(8_000, i * 2);
    const { seconds, frames: made } = frames(pcm, "G.711alaw", { encoding: "pcm16", rate: 48_000 });
    assert.equal(seconds, 0.05);
    const [middle] = decode(made[1]!.bytes, "alaw");
    assert.ok(Math.abs(middle! - 8_000) < 300);
  });

  it("becomes PCM at the channel's own rate", () => {
    const { frames: made } = frames(Buffer.alloc(640), "PCM", { encoding: "pcm16", rate: 8_000 }, { samplingRate: 16 });
    assert.deepEqual(
      made.map(({ bytes }) => bytes.length),
      [640, 640],
    );
  });

  it("is sent as ADTS frames behind their length where the channel uses AAC, each for as long as it plays", () => {
    const sound = Buffer.concat([adtsFrame(50, 1), adtsFrame(300, 2)]);
    const { seconds, frames: made } = frames(sound, "AAC");
    assert.deepEqual(
      made.map(({ bytes, ms }) => [bytes.readUInt32BE(0), bytes.length, ms]),
      [
        [50, 54, 64],
        [300, 304, 64],
      ],
    );
    assert.deepEqual(Buffer.concat(made.map(({ bytes }) => bytes.subarray(4))), sound);
    assert.equal(seconds, 0.128);
  });

  for (const [what, payload, codec, format, code] of [
    ["text", "hello", "G.711ulaw", undefined, "badRequest"],
    ["an empty Buffer", Buffer.alloc(0), "G.711ulaw", undefined, "badRequest"],
    ["bytes that are no ADTS", Buffer.alloc(100), "AAC", undefined, "notSupported"],
    ["PCM for G.722.1", Buffer.alloc(100), "G.722.1", { encoding: "pcm16", rate: 8_000 }, "notSupported"],
    ["PCM without a rate", Buffer.alloc(100), "G.711ulaw", { encoding: "pcm16" }, "badRequest"],
    ["MP3 by its format", Buffer.alloc(100), "G.711ulaw", { encoding: "mp3", rate: 8_000 }, "badRequest"],
  ] as const) {
    it(`refuses ${what} for ${codec}`, () => assert.throws(() => frames(payload, codec, format), { code }));
  }

  it("is converted as it is played: a minute of music holds nothing up", () => {
    const pcm = Buffer.alloc(60 * 44_100 * 2);
    for (let i = 0; i < pcm.length; i += 2) pcm.writeInt16LE(i % 20_000, i);
    let longest = 0;
    let at = process.cpuUsage();
    const tell = (): void => {
      const now = process.cpuUsage();
      longest = Math.max(longest, now.user + now.system - at.user - at.system);
      at = now;
    };
    const { frames: made, seconds } = framesFor(
      pcm,
      { encoding: "pcm16", rate: 44_100 },
      { channel: 1, codec: "G.711ulaw" },
    );
    tell();
    let count = 0;
    for (const { bytes } of made) {
      tell();
      count += bytes.length;
    }
    assert.equal(seconds, 60);
    assert.equal(count, 60 * 8_000);
    // CPU time, so that others on the machine do not count; less than a millisecond as a rule.
    assert.ok(longest < 50_000, `${longest} µs at a stretch`);
  });
});
