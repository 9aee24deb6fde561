/** Fragmented MP4: its boxes, its times, and what other programs make of it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { aacConfigOf } from "../../src/rtsp/aac-depacketizer";
import type { TimedPicture } from "../../src/rtsp/rtsp-session";
import { readSdp } from "../../src/rtsp/sdp";
import { decoderConfig } from "../../src/video/decoder-config";
import { FragmentWriter, type Segment } from "../../src/video/fragment-writer";
import { has, without } from "../support/left-out";
import { loopedFilm, stillFilm, type FilmSource } from "../virtual-device";

const SHOWN = { channel: 1, channelName: "", stream: 1, zone: "UTC0", startMs: 0, live: true };
const SILENCE = Buffer.of(0x00, 0xc8, 0x00, 0x80, 0x23, 0x80);
const [description] = readSdp(
  "m=audio 0 RTP/AVP 104\r\na=rtpmap:104 mpeg4-generic/16000/1\r\na=fmtp:104 config=1408;SizeLength=13;IndexLength=3\r\n",
).media;
const AAC = description && aacConfigOf(description);

interface Box {
  readonly name: string;
  readonly data: Buffer;
}

function boxes(bytes: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    assert.ok(size >= 8 && at + size <= bytes.length, "a box ends within the file");
    found.push({ name: bytes.toString("latin1", at + 4, at + 8), data: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return found;
}
const inside = (bytes: Buffer, ...names: readonly string[]): Buffer => {
  let data = bytes;
  for (const name of names) {
    const found = boxes(data).find((box) => box.name === name);
    assert.ok(found, `no ${name}`);
    data = found.data;
  }
  return data;
};
/** Of a fragment with one sample. */
const sampleOf = ({ bytes }: Segment): { time: number; duration: number; offset: number; size: number } => {
  const run = inside(bytes, "moof", "traf", "trun");
  const size = run.readUInt32BE(16);
  assert.equal(inside(bytes, "mdat").length, size);
  assert.equal(run.readInt32BE(8), bytes.length - size, "where the sample lies");
  return {
    time: Number(inside(bytes, "moof", "traf", "tfdt").readBigUInt64BE(4)),
    duration: run.readUInt32BE(12),
    offset: run.readInt32BE(24),
    size,
  };
};

function written(
  source: FilmSource,
  times: readonly number[],
  options: Partial<ConstructorParameters<typeof FragmentWriter>[0]> = {},
): Segment[] {
  const film = source(SHOWN);
  const sets = {
    codec: film.codec,
    vps: film.codec === "h265" ? film.sets.slice(0, 1) : [],
    sps: film.sets.slice(-2, -1),
    pps: film.sets.slice(-1),
  };
  const segments: Segment[] = [];
  const writer = new FragmentWriter({ live: true, ...options }, (segment) => segments.push(segment));
  times.forEach((seconds, index) => {
    const { key, nals } = film.frame(index);
    writer.picture({ ticks: 0, seconds, key, nals, bytes: 0, sets } satisfies TimedPicture);
    if (options.audio) writer.audio({ seconds, data: SILENCE });
  });
  writer.end();
  return segments;
}

describe("fragmented MP4", () => {
  it("begins with what a player has to know", () => {
    const [init] = written(stillFilm, [0, 0.1]);
    assert.equal(init?.mime, 'video/mp4; codecs="avc1.42C00A"');
    assert.deepEqual(
      boxes(init.bytes).map(({ name }) => name),
      ["ftyp", "moov"],
    );
    assert.deepEqual(
      boxes(inside(init.bytes, "moov")).map(({ name }) => name),
      ["mvhd", "trak", "mvex"],
    );
    const entry = inside(init.bytes, "moov", "trak", "mdia", "minf", "stbl", "stsd").subarray(8);
    assert.equal(entry.toString("latin1", 4, 8), "avc1");
    assert.deepEqual([entry.readUInt16BE(32), entry.readUInt16BE(34)], [64, 64]);
    assert.ok(entry.includes(stillFilm(SHOWN).sets[0] ?? ""), "the parameter sets");
  });

  it("shows each picture until the next one, whatever the pace", () => {
    const samples = written(stillFilm, [5, 5.1, 5.5, 5.6]).slice(1).map(sampleOf);
    assert.deepEqual(
      samples.map(({ time, duration }) => [time, duration]),
      [
        [0, 9000],
        [9000, 36_000],
        [45_000, 9000],
        [54_000, 9000],
      ],
    );
  });

  it("begins a recording where it was asked for", () => {
    assert.equal(sampleOf(written(stillFilm, [0, 0.1], { startAt: 30, live: false })[1] as Segment).time, 30 * 90_000);
  });

  it("closes the jump of a live clock, and keeps the gap of a recording", () => {
    const times = (live: boolean): number[] =>
      written(stillFilm, [0, 0.1, 3600, 3600.1], { live })
        .slice(1)
        .map((one) => sampleOf(one).time);
    assert.deepEqual(times(true), [0, 9000, 18_000, 27_000]);
    assert.deepEqual(times(false), [0, 9000, 324_000_000, 324_009_000]);
    assert.deepEqual(
      written(stillFilm, [100, 100.1, 5, 5.1])
        .slice(1)
        .map((one) => sampleOf(one).time),
      [0, 9000, 18_000, 27_000],
    );
  });

  it("decodes pictures in the order they come, whatever order they are shown in", () => {
    const samples = written(stillFilm, [0, 0.3, 0.1, 0.2, 0.6]).slice(1).map(sampleOf);
    samples.reduce((before, now) => (assert.ok(now.time > before.time), now));
    assert.deepEqual(
      samples.map(({ time, offset }) => Math.round((time + offset) / 9000)),
      [0, 3, 1, 2, 6],
    );
    // Players drop what comes later than twice the length of the picture before.
    samples.slice(1).reduce((before, now) => (assert.ok(now.time - before.time <= 2 * before.duration), now));
  });

  it("says anew what it is where the video changes, and knows nothing of parameter sets that are none", () => {
    const film = stillFilm(SHOWN);
    const [sps = Buffer.alloc(0), pps = Buffer.alloc(0)] = film.sets;
    const segments: Segment[] = [];
    const writer = new FragmentWriter({ live: true }, (segment) => segments.push(segment));
    for (const [index, sets] of [{ sps: [sps] }, { sps: [Buffer.from(sps)] }, { sps: [Buffer.of(0x67)] }].entries())
      writer.picture({
        ticks: 0,
        seconds: index,
        key: true,
        nals: film.frame(0).nals,
        bytes: 0,
        sets: { codec: "h264", vps: [], pps: [pps], ...sets },
      });
    writer.end();
    assert.deepEqual(
      segments.map(({ kind }) => kind),
      ["init", "key", "init", "key"],
    );
  });

  it("has a track of sound beside the video", () => {
    const segments = written(stillFilm, [0, 0.064, 0.128, 0.192], { audio: AAC });
    assert.match(segments[0]?.mime ?? "", /codecs="avc1\.42C00A,mp4a\.40\.2"/);
    const sounds = segments.filter(({ kind }) => kind === "audio").map((one) => sampleOf(one).time);
    assert.ok(sounds.length >= 2);
    sounds.reduce((before, now) => (assert.equal(now - before, 1024), now));
  });

  it("tells no size or codec of nonsense", () => {
    for (const codec of ["h264", "h265"] as const)
      for (let seed = 0; seed < 300; seed++) {
        const bytes = Buffer.from(Array.from({ length: seed % 40 }, (_, index) => (seed * 31 + index * 97) & 0xff));
        const config = decoderConfig({ codec, vps: [bytes], sps: [bytes], pps: [bytes] });
        if (config) assert.ok(config.width > 0 && config.height > 0 && config.width <= 16_384);
      }
  });

  describe(`as ffmpeg sees it${without("ffmpeg")}`, () => {
    let folder: string;
    before(function () {
      if (!has("ffmpeg")) this.skip();
      folder = mkdtempSync(path.join(os.tmpdir(), "hikflow mp4 "));
    });
    after(() => folder && rmSync(folder, { recursive: true, force: true }));

    for (const [what, codec, args, mime] of [
      ["H.264, 642 × 362", "h264", ["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline"], /avc1\.42/],
      [
        "H.264 High, cropped",
        "h264",
        ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-profile:v", "high"],
        /avc1\.64/,
      ],
      [
        "H.265",
        "h265",
        ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=0"],
        /hvc1\.1\.6\.L/,
      ],
    ] as const)
      it(`${what}: every picture is decoded, in its size`, function () {
        this.timeout(60_000).slow(10_000);
        const format = codec === "h264" ? "h264" : "hevc";
        const input = [
          "-f",
          "lavfi",
          "-i",
          "testsrc2=size=642x362:rate=25",
          "-t",
          "2",
          "-pix_fmt",
          "yuv420p",
          "-g",
          "25",
        ];
        const film = execFileSync("ffmpeg", ["-v", "error", ...input, ...args, "-f", format, "pipe:1"], {
          maxBuffer: 1 << 26,
        });
        const segments = written(
          loopedFilm(film, codec, 25),
          Array.from({ length: 50 }, (_, index) => index / 25),
          { audio: AAC },
        );
        assert.match(segments[0]?.mime ?? "", mime);
        const file = path.join(folder, `${format}.mp4`);
        writeFileSync(file, Buffer.concat(segments.map(({ bytes }) => bytes)));
        const show = "stream=codec_name,width,height,nb_read_frames,duration";
        const found = execFileSync(
          "ffprobe",
          ["-v", "warning", "-count_frames", "-show_entries", show, "-of", "csv=p=0", file],
          { encoding: "utf8" },
        );
        assert.match(found, new RegExp(`^${format},642,362,.*50\\n`));
        assert.match(found, /^aac,/m);
      });
  });
});
