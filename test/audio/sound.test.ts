import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { decode, encode, SILENCE, type Law } from "../../src/audio/g711";
import { resample } from "../../src/audio/resample";
import { isWav, readWav, soundOf, type Sound } from "../../src/audio/wav";
import { has, without } from "../support/left-out";

const ffmpeg = has("ffmpeg");
const all = (sound: Sound): Int16Array => sound.read(0, sound.length);
const soundFrom = (rate: number, samples: Int16Array): Sound => ({
  rate,
  length: samples.length,
  read: (from, to) => samples.slice(from, to),
});

describe("G.711", () => {
  const known: [Law, number, number][] = [
    ["ulaw", 0, 0xff],
    ["ulaw", -1, 0x7f],
    ["ulaw", 32_767, 0x80],
    ["ulaw", -32_768, 0x00],
    ["ulaw", 1_000, 0xce],
    ["alaw", 0, 0xd5],
    ["alaw", -1, 0x55],
    ["alaw", 32_767, 0xaa],
    ["alaw", -32_768, 0x2a],
    ["alaw", 1_000, 0xfa],
  ];
  for (const [law, sample, byte] of known) {
    it(`writes ${sample} as 0x${byte.toString(16)} (${law})`, () =>
      assert.equal(encode(Int16Array.of(sample), law)[0], byte));
  }

  for (const law of ["ulaw", "alaw"] as const) {
    it(`gives every ${law} byte back as it was`, () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      const again = encode(decode(bytes, law), law);
      // µ-law has two zeros.
      const expected = Buffer.from(bytes.map((byte) => (law === "ulaw" && byte === 0x7f ? 0xff : byte)));
      assert.deepEqual(again, expected);
    });

    it(`loses no more than a step of ${law}`, () => {
      fc.assert(
        fc.property(fc.integer({ min: -32_768, max: 32_767 }), (sample) => {
          const back = decode(encode(Int16Array.of(sample), law), law)[0] ?? NaN;
          assert.ok(Math.abs(back - sample) <= Math.max(16, Math.abs(sample) / 16), `${sample} became ${back}`);
        }),
      );
    });

    it(`is silent where ${law} says so`, () => assert.ok(Math.abs(decode([SILENCE[law]] as never, law)[0] ?? 99) <= 8));

    const title = `writes what ffmpeg writes as ${law}${without("ffmpeg")}`;
    (ffmpeg ? it : it.skip)(title, () => {
      const samples = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
      const format = law === "ulaw" ? "mulaw" : "alaw";
      const { stdout } = spawnSync(
        "ffmpeg",
        ["-v", "error", "-f", "s16le", "-ar", "8000", "-ac", "1", "-i", "-", "-f", format, "-"],
        {
          input: Buffer.from(samples.buffer),
          maxBuffer: 1 << 20,
        },
      );
      const ours = encode(samples, law);
      const far = [...ours].filter((byte, i) => {
        const difference = Math.abs(
          (decode([byte] as never, law)[0] ?? 0) - (decode([stdout[i] ?? 0] as never, law)[0] ?? 0),
        );
        return difference > Math.max(16, Math.abs(samples[i] ?? 0) / 8); // the neighbouring step, where one rounds and one cuts
      });
      assert.equal(stdout.length, samples.length);
      assert.deepEqual(far, []);
    });
  }
});

describe("WAV", () => {
  function wav(
    code: number,
    bits: number,
    channels: number,
    rate: number,
    data: Buffer,
    before = Buffer.alloc(0),
  ): Buffer {
    const fmt = Buffer.alloc(24);
    fmt.write("fmt ", 0, "latin1");
    fmt.writeUInt32LE(16, 4);
    fmt.writeUInt16LE(code, 8);
    fmt.writeUInt16LE(channels, 10);
    fmt.writeUInt32LE(rate, 12);
    fmt.writeUInt32LE((rate * channels * bits) / 8, 16);
    fmt.writeUInt16LE((channels * bits) / 8, 20);
    fmt.writeUInt16LE(bits, 22);
    const head = Buffer.alloc(8);
    head.write("data", 0, "latin1");
    head.writeUInt32LE(data.length, 4);
    const body = Buffer.concat([Buffer.from("WAVE"), before, fmt, head, data]);
    const riff = Buffer.alloc(8);
    riff.write("RIFF", 0, "latin1");
    riff.writeUInt32LE(body.length, 4);
    return Buffer.concat([riff, body]);
  }
  const int = (bytes: number, ...values: number[]): Buffer => {
    const buffer = Buffer.alloc(bytes * values.length);
    values.forEach((value, i) => buffer.writeIntLE(value, i * bytes, bytes));
    return buffer;
  };
  const floats = Buffer.alloc(8);
  floats.writeFloatLE(0.5, 0);
  floats.writeFloatLE(-2, 4);

  const cases: [string, Buffer, number[]][] = [
    ["16-bit PCM", wav(1, 16, 1, 8000, int(2, 1, -2, 300)), [1, -2, 300]],
    ["two channels, mixed to one", wav(1, 16, 2, 8000, int(2, 100, 300, -100, -300)), [200, -200]],
    ["8-bit PCM", wav(1, 8, 1, 8000, Buffer.from([128, 255, 0])), [0, 32_512, -32_768]],
    ["24-bit PCM", wav(1, 24, 1, 8000, int(3, 256, -25_600)), [1, -100]],
    ["32-bit PCM", wav(1, 32, 1, 8000, int(4, 65_536, -6_553_600)), [1, -100]],
    ["floats, limited", wav(3, 32, 1, 8000, floats), [16_384, -32_767]],
    ["µ-law", wav(7, 8, 1, 8000, Buffer.from([0xff])), [0]],
    ["A-law", wav(6, 8, 1, 8000, Buffer.from([0xd5])), [8]],
    [
      "an unknown chunk of odd length before",
      wav(1, 16, 1, 8000, int(2, 7), Buffer.from("LIST\x03\0\0\0abc\0", "latin1")),
      [7],
    ],
  ];
  for (const [what, bytes, samples] of cases) {
    it(`is read: ${what}`, () => {
      assert.ok(isWav(bytes));
      assert.deepEqual([...all(soundOf(readWav(bytes)))], samples);
    });
  }

  it("that was streamed, with a length of 0, is read to its end", () => {
    const bytes = wav(1, 16, 1, 8000, int(2, 5, 6));
    bytes.writeUInt32LE(0, bytes.length - 8);
    assert.deepEqual([...all(soundOf(readWav(bytes)))], [5, 6]);
  });

  for (const [what, bytes] of [
    ["an encoding nobody knows", wav(85, 16, 1, 8000, int(2, 1))],
    ["no sound", wav(1, 16, 1, 8000, int(2, 1)).subarray(0, 30)],
    ["a rate of nothing", wav(1, 16, 1, 0, int(2, 1))],
    ["12 bits", wav(1, 12, 1, 8000, int(2, 1))],
  ] as const) {
    it(`is refused with the reason: ${what}`, () =>
      assert.throws(() => readWav(bytes), { code: "badRequest", message: /WAV/ }));
  }

  it("is read or refused, whatever is in it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const bytes = Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVE", "latin1"), noise]);
        try {
          all(soundOf(readWav(bytes)));
        } catch (error) {
          assert.equal((error as { code: string }).code, "badRequest");
        }
      }),
    );
  });
});

describe("a changed sample rate", () => {
  const tone = (hz: number, rate: number, seconds = 0.5): Int16Array =>
    Int16Array.from({ length: rate * seconds }, (_, i) => Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / rate)));
  /** Level of one frequency, 0…1 of full scale (10 000). */
  const level = (samples: Int16Array, hz: number, rate: number): number => {
    let [re, im] = [0, 0];
    samples.forEach((sample, i) => {
      re += sample * Math.cos((2 * Math.PI * hz * i) / rate);
      im += sample * Math.sin((2 * Math.PI * hz * i) / rate);
    });
    return (2 * Math.hypot(re, im)) / samples.length / 10_000;
  };

  for (const rate of [8_000, 11_025, 16_000, 22_050, 44_100, 48_000]) {
    it(`keeps a 1 kHz tone at its level, from ${rate} Hz`, () => {
      const changed = resample(soundFrom(rate, tone(1_000, rate)), 8_000);
      const samples = all(changed);
      assert.equal(changed.rate, 8_000);
      assert.equal(samples.length, 4_000);
      assert.ok(Math.abs(level(samples, 1_000, 8_000) - 1) < 0.02);
    });
  }

  for (const rate of [44_100, 22_051, 7_999.5]) {
    it(`is the same in pieces as at once, from ${rate} Hz`, () => {
      const changed = resample(soundFrom(rate, tone(700, rate, 0.2)), 8_000);
      const pieces: number[] = [];
      for (let at = 0; at < changed.length; at += 160)
        pieces.push(...changed.read(at, Math.min(changed.length, at + 160)));
      assert.deepEqual(pieces, [...all(changed)]);
    });
  }

  it("has no aliasing: 6 kHz at 8 kHz is gone, not a tone of 2 kHz", () => {
    const samples = all(resample(soundFrom(48_000, tone(6_000, 48_000)), 8_000));
    assert.ok(level(samples, 2_000, 8_000) < 0.01);
  });
});
