/** Recordings of a real RTSP server with digest authentication, MP4 by our own writer and MKV by the real ffmpeg, checked with ffprobe. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { promises as disk } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sinon from "sinon";
import { has, without } from "../support/left-out";
import { RtspServer } from "../support/rtsp/server";
import { ffmpegs, LOGIN, probe, Rig } from "./rig";
import { until } from "../support/until";

const NEEDED = ["ffmpeg", "RTSP server of GStreamer"] as const;
const title = "a recording of an RTSP stream";

(has(...NEEDED) ? describe : describe.skip)(`${title}${without(...NEEDED)}`, function () {
  this.timeout(60_000);
  let rig: Rig;

  afterEach(() => rig.close());

  for (const container of ["mp4", "mkv"] as const) {
    it(`lasts as long as its duration, as ${container}`, async () => {
      rig = await Rig.start();
      const { started } = await rig.record(4, container);
      assert.match(String(started.path), new RegExp(`/Gate/1_\\d{8}-\\d{6}\\.${container}$`));
      assert.equal(ffmpegs().length, container === "mkv" ? 1 : 0);
      await rig.log.count(1);
      const [, stopped] = rig.log.events[0] as ["stopped", { duration: number; bytes: number }];
      const { path: file = "", ...rest } = started;
      assert.deepEqual(rest, { where: "file", channel: 1 });
      const { duration, bytes } = stopped;
      assert.deepEqual(rig.log.events, [["stopped", { ...started, duration, bytes, reason: "duration" }]]);
      assert.equal(bytes, (await stat(file)).size);
      const { seconds, frames, codecs, claims } = await probe(file);
      for (const length of [seconds, claims, duration]) assert.ok(length > 3.8 && length < 5.5, `${length} s`);
      assert.ok(Math.abs(frames - 15 * duration) <= 2, `${frames} frames in ${duration} s`);
      assert.deepEqual(codecs, ["h264"]);
      assert.deepEqual(rig.log.warnings, ["Mind the gap."]);
      assert.equal((await rig.stop()).reason, "nothing");
    });
  }

  it("ends when it is stopped, and uses a new file each time", async () => {
    rig = await Rig.start();
    for (const name of ["a.mp4", "a_2.mp4"]) {
      const { started } = await rig.record(undefined, "mp4", "a");
      assert.equal(started.path, path.join(rig.directory, name));
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      const { duration, bytes, reason, path: file } = await rig.stop();
      assert.deepEqual([file, reason], [started.path, "stopped"]);
      assert.ok(Number(duration) > 0.8 && Number(bytes) > 10_000);
      assert.ok((await probe(String(file))).frames > 10);
    }
    assert.deepEqual(rig.log.events, []);
    assert.equal(rig.server.described.length, 2);
  });

  it("is one job when it is started twice, with the end of the second start", async () => {
    rig = await Rig.start();
    const [first, second] = await Promise.all([rig.record(600), rig.record(1)]);
    assert.deepEqual(second, { started: { ...first.started, reason: "extended" } });
    await rig.log.count(1);
    assert.equal(rig.server.described.length, 1);
    assert.equal((await rig.files()).length, 1);
  });

  it("continues in another file when the device restarts, and reports that", async () => {
    rig = await Rig.start();
    const { started } = await rig.record();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { port } = rig.server;
    await rig.server.stop();
    await rig.log.count(2);
    rig.server = await RtspServer.start({ ...LOGIN, paths: ["/Streaming/Channels/101"], port });
    await rig.log.count(3);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const last = await rig.stop();
    const [[, interrupted], [, failure], [, continued]] = rig.log.events as unknown as [
      ["stopped", { path: string; reason: string; duration: number }],
      ["failed", { code: string }],
      ["started", { path: string; reason: string }],
    ];
    assert.deepEqual(
      rig.log.events.map(([event]) => event),
      ["stopped", "failed", "started"],
    );
    assert.deepEqual([interrupted.path, continued.path], [started.path, last.path]);
    assert.notEqual(started.path, last.path);
    assert.deepEqual([failure.code, continued.reason], ["offline", "continued"]);
    for (const { path: file, duration } of [interrupted, last]) {
      const { claims, frames } = await probe(String(file));
      assert.ok(Math.abs(claims - Number(duration)) < 0.1 && claims > 1.2, `${claims} of ${duration} s`);
      assert.ok(Math.abs(frames - claims * 15) <= 2);
    }
  });

  for (const [title, code, goesOn] of [
    ["continues in another file when the disk does not answer for a while, and reports that", "ETIMEDOUT", true],
    ["gives up when the disk is full, and reports that", "ENOSPC", false],
  ] as const)
    it(title, async () => {
      rig = await Rig.start();
      const { started, job } = await rig.record();
      const failing = (): Promise<never> => Promise.reject(Object.assign(new Error(code), { code, syscall: "write" }));
      const handle = await disk.open(String(started.path));
      const writing = sinon.stub(Object.getPrototypeOf(handle) as typeof handle, "write").callsFake(failing);
      await handle.close();
      const opening = sinon.stub(disk, "open").callsFake(failing);
      try {
        await rig.log.count(2);
        const said = rig.log.events as [string, { reason?: string; code?: string }][];
        assert.deepEqual(
          said.map(([event, { reason, code }]) => [event, reason ?? code]),
          [
            ["stopped", "disk"],
            ["failed", "disk"],
          ],
        );
      } finally {
        writing.restore();
        opening.restore();
      }
      if (!goesOn) return job?.over;
      await rig.log.count(3);
      const last = await rig.stop();
      assert.deepEqual(rig.log.events[2], ["started", { ...started, path: last.path, reason: "continued" }]);
      assert.ok((await probe(String(last.path))).frames > 0);
    });

  it("gives up with an error when the device refuses the login later", async () => {
    rig = await Rig.start();
    const { job } = await rig.record(600, "mkv");
    rig.password = "changed";
    ffmpegs().forEach(({ pid }) => process.kill(pid, "SIGINT"));
    await rig.log.count(2);
    await job?.over;
    assert.deepEqual(
      rig.log.events.map(([event, facts]) => [event, "code" in facts ? facts.code : facts.reason]),
      [
        ["stopped", "ffmpeg"],
        ["failed", "unauthorized"],
      ],
    );
    assert.equal((await rig.files()).length, 1);
  });

  it("plays up to where ffmpeg was killed, as mkv, and continues in another file", async () => {
    rig = await Rig.start();
    const { started } = await rig.record(undefined, "mkv");
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    ffmpegs().forEach(({ pid }) => process.kill(pid, "SIGKILL"));
    await rig.log.count(2);
    assert.deepEqual(
      rig.log.events.map(([event]) => event),
      ["stopped", "started"],
    );
    const { seconds, frames } = await probe(String(started.path), true);
    assert.ok(seconds > 3, `${seconds} s`);
    assert.ok(frames > 45);
  });

  it("transcodes audio that MP4 cannot hold to AAC, and copies it into MKV", async () => {
    rig = await Rig.start({ sound: true });
    for (const [container, codec] of [
      ["mp4", "aac"],
      ["mkv", "pcm_mulaw"],
    ] as const) {
      const { started } = await rig.record(undefined, container);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await rig.stop();
      assert.deepEqual((await probe(String(started.path))).codecs, ["h264", codec]);
    }
    assert.equal((await rig.files()).length, 2);
  });

  it("keeps the password out of the list of processes", async () => {
    rig = await Rig.start();
    await rig.record(undefined, "mkv");
    const [ffmpeg] = ffmpegs();
    assert.ok(ffmpeg);
    assert.ok(ffmpeg.cmdline.includes("pipe:0"));
    assert.doesNotMatch(ffmpeg.cmdline, /rtsp:\/\/|pa(?:%20| )ss|admin/);
    assert.doesNotMatch(ffmpeg.environ, /rtsp:\/\/|pa(?:%20| )ss/);
  });

  for (const container of ["mp4", "mkv"] as const)
    it(`leaves no file when it is aborted before the first frame, as ${container}`, async () => {
      rig = await Rig.start();
      const starting = rig.record(undefined, container);
      await until(() => (container === "mkv" ? ffmpegs().length > 0 : rig.server.described.length > 0), "it has begun");
      rig.controller.abort();
      await assert.rejects(starting, { code: "aborted" });
      assert.deepEqual([await rig.files(), ffmpegs()], [[], []]);
    });

  it("ends its file when its node is removed", async () => {
    rig = await Rig.start();
    const { started, job } = await rig.record();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const began = Date.now();
    await job?.close();
    assert.ok(Date.now() - began < 1_000);
    assert.ok((await probe(String(started.path))).claims > 0.5);
    assert.deepEqual(rig.log.events, []);
  });

  for (const [what, change, code] of [
    ["a wrong password", () => (rig.password = "wrong"), "unauthorized"],
    ["a device that does not listen", () => rig.server.stop(), "offline"],
  ] as const) {
    it(`does not start with ${what}, says why, and leaves no file`, async () => {
      rig = await Rig.start();
      await change();
      await assert.rejects(rig.record(), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.doesNotMatch(error.message, /pa(?:%20| )ss|wrong@/);
        return true;
      });
      assert.deepEqual(await rig.files(), []);
    });
  }

  it("does not start where it cannot write, and sends the device no request", async () => {
    rig = await Rig.start();
    const file = path.join(rig.directory, "file");
    await writeFile(file, "");
    await assert.rejects(rig.record(1, "mp4", "a", file), {
      code: "disk",
      message: `The recording cannot be written to ${file}: a file of that name is in the way. Choose another directory.`,
    });
    await assert.rejects(rig.record(1, "mp4", "{nonsense}"), { code: "badRequest" });
    assert.equal(rig.server.described.length, 0);
  });

  it("needs no ffmpeg for MP4 but for its sound, which is left out; says for MKV how to install it", async () => {
    rig = await Rig.start({ sound: true });
    const { PATH } = process.env;
    const empty = await mkdtemp(path.join(tmpdir(), "empty-"));
    process.env["PATH"] = empty;
    try {
      await assert.rejects(rig.record(1, "mkv"), { code: "ffmpeg", message: /not installed.*apt install ffmpeg/ });
      assert.deepEqual(await rig.files(), []);
      await rig.record(1);
      await rig.log.count(1);
    } finally {
      process.env["PATH"] = PATH;
      await rm(empty, { recursive: true });
    }
    assert.match(rig.log.warnings.join(), /sound of this recording is left out: it is PCMU/);
    const [file = ""] = await rig.files();
    assert.deepEqual((await probe(path.join(rig.directory, file))).codecs, ["h264"]);
  });

  it("ends with Node-RED even when that is killed, ffmpeg as well, and its file plays", async () => {
    rig = await Rig.start();
    const file = path.join(rig.directory, "a.mkv");
    const child = spawn(
      process.execPath,
      ["--import", "tsx", path.join(__dirname, "recording-process.ts"), rig.url, file],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(child.stdout, "data");
    const [ffmpeg] = ffmpegs(child.pid);
    assert.ok(ffmpeg);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    child.kill("SIGKILL");
    await until(() => !isAlive(ffmpeg.pid), "the end of ffmpeg");
    assert.ok((await probe(file)).claims > 1);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
