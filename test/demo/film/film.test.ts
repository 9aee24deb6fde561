import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { drawScene } from "../../../scripts/demo/pictures";
import { has, without } from "../../support/left-out";
import { IMKH } from "../../virtual-device";
import { packsOf } from "./program-stream-reader";
import { filmOf, type Shot } from "../../../scripts/demo/film/film";

const ffmpeg = has("ffmpeg");
const START = Date.parse("2026-05-01T08:00:00Z");
const SHOT: Shot = { channel: 1, channelName: "Gate", zone: "CST-2:00:00", startMs: START, endMs: START + 5_000 };
const STAMP = "2026-05-01T10:00:00.000+02:00";

function whole(shot: Shot, piece = 65_536): Buffer {
  const film = filmOf(shot);
  const pieces: Buffer[] = [];
  for (let at = 0; at < film.bytes; at += piece) pieces.push(film.read(at, piece));
  return Buffer.concat(pieces);
}

describe("demo: film of a recording", () => {
  for (const ms of [5_000, 1_250, 333, 20])
    it(`of ${ms} ms is as long, and as large as it says`, () => {
      const shot = { ...SHOT, endMs: START + ms };
      const bytes = whole(shot);
      assert.equal(bytes.length, filmOf(shot).bytes);
      assert.deepEqual(bytes.subarray(0, 40), IMKH);
      const packs = packsOf(bytes.subarray(IMKH.length));
      const frames = Math.max(1, Math.round((ms * 12) / 1000));
      assert.deepEqual(
        packs.map(({ clock, shown }) => [clock, shown]),
        Array.from({ length: frames }, (_, index) => [index * 7_500, (index + 1) * 7_500]),
      );
      assert.deepEqual(
        packs.flatMap(({ tables }, index) => (tables.length > 0 ? [index] : [])),
        Array.from({ length: Math.ceil(frames / 4) }, (_, index) => index * 4),
      );
    });

  it("is the same bytes again, however it is cut", () => {
    const bytes = whole(SHOT);
    for (const piece of [999, 85_000, 1_000_000]) assert.ok(whole(SHOT, piece).equals(bytes), `pieces of ${piece}`);
    const film = filmOf(SHOT);
    for (const [from, size] of [
      [0, 39],
      [30, 20],
      [85_000, 90_000],
      [film.bytes - 5, 100],
      [film.bytes, 10],
    ] as const)
      assert.ok(film.read(from, size).equals(bytes.subarray(from, from + size)), `${size} bytes from ${from}`);
  });

  it("shows another picture three times a second, and another channel otherwise", () => {
    const keys = (shot: Shot): string[] =>
      packsOf(whole(shot).subarray(IMKH.length)).flatMap(({ tables, frame }) =>
        tables.length > 0 ? [frame.toString("latin1")] : [],
      );
    const gate = keys(SHOT);
    assert.equal(new Set(gate).size, 15);
    assert.equal(new Set([...gate, ...keys({ ...SHOT, channel: 7, channelName: "Lobby" })]).size, 30);
  });

  describe(`as ffmpeg sees it${without("ffmpeg")}`, () => {
    let folder: string;
    let file: string;

    before(function () {
      if (!ffmpeg) this.skip();
      folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-film-"));
      file = path.join(folder, "film.mpg");
      writeFileSync(file, whole(SHOT));
    });
    after(() => {
      if (ffmpeg) rmSync(folder, { recursive: true });
    });

    it("is 5 seconds of H.264, 60 frames, all of them right", () => {
      const { status, stderr } = spawnSync("ffmpeg", ["-v", "warning", "-xerror", "-i", file, "-f", "null", "-"]);
      assert.deepEqual([stderr.toString(), status], ["", 0]);
      const entries = "format=format_name,duration:stream=codec_name,width,height,avg_frame_rate,nb_read_frames";
      const probe = ["-v", "error", "-count_frames", "-show_entries", entries, "-of", "json", file];
      const { streams, format } = JSON.parse(execFileSync("ffprobe", probe).toString()) as {
        streams: readonly Record<string, unknown>[];
        format: { readonly format_name: string; readonly duration: string };
      };
      assert.deepEqual(streams, [
        { codec_name: "h264", width: 320, height: 176, avg_frame_rate: "12/1", nb_read_frames: "60" },
      ]);
      assert.equal(format.format_name, "mpeg");
      assert.ok(Math.abs(Number(format.duration) - 5) < 0.01, format.duration);
    });

    it("begins with the drawn scene, at the device's local time", () => {
      const raw = ["-v", "error", "-i", file, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgba", "-"];
      const decoded = execFileSync("ffmpeg", raw, { maxBuffer: 1 << 24 });
      const { data } = drawScene({ width: 320, height: 176, channel: 1, channelName: "Gate", stamp: STAMP });
      assert.equal(decoded.length, data.length);
      const difference = data.reduce((sum, value, at) => sum + Math.abs(value - (decoded[at] ?? 0)), 0) / data.length;
      assert.ok(difference < 2.5, `${difference} of 255`);
    });
  });
});
