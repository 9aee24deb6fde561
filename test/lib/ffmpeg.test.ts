import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Ffmpeg, runFfmpeg } from "../../src/lib/ffmpeg";
import { FakeClock, settle } from "../support/fake-clock";
import { until } from "../support/until";

/** What ffmpeg 5.1 says after `[concat @ 0x55] Impossible to open 'rtsp://…'`, and what it means. */
const COMPLAINTS = [
  ["pipe:0: Server returned 401 Unauthorized (authorization failed)", "unauthorized", /user name or password/],
  ["pipe:0: Server returned 403 Forbidden (access denied)", "forbidden", /may not watch/],
  ["pipe:0: Server returned 404 Not Found", "notFound", /no such video/],
  ["[rtsp @ 0x5] method SETUP failed: 453 Not Enough Bandwidth", "noSlots", /no more videos/],
  ["[tcp @ 0x5] Connection to tcp://10.0.0.5:554 failed: Connection refused", "offline", /Check that RTSP is on/],
  ["pipe:0: Connection timed out", "timeout", /in time/],
  ["[tcp @ 0x5] Failed to resolve hostname camera: Name or service not known", "offline", /cannot be reached/],
  ["pipe:0: No route to host", "offline", /cannot be reached/],
  ["av_interleaved_write_frame(): No space left on device", "disk", /disk is full/],
  ["file:/data/a.mp4: Permission denied", "disk", /may not write/],
  ["file:/data/a.mp4: Read-only file system", "disk", /read-only/],
  ["Line 3: unknown keyword 'option'", "ffmpeg", /version 5/],
  ["Unrecognized option 'frobnicate'.", "ffmpeg", /^ffmpeg could not do it: Unrecognized option 'frobnicate'\.$/],
  ["", "ffmpeg", /without an error message/],
] as const;

describe("ffmpeg", () => {
  const { PATH } = process.env;
  let directory: string;

  /** A script in ffmpeg's place. */
  async function pretend(script: string): Promise<void> {
    const file = path.join(directory, "ffmpeg");
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "ffmpeg-"));
    process.env["PATH"] = `${directory}${path.delimiter}${PATH ?? ""}`;
  });
  afterEach(async () => {
    process.env["PATH"] = PATH;
    await rm(directory, { recursive: true });
  });

  for (const [complaint, code, words] of COMPLAINTS) {
    it(`says in words: ${complaint || "nothing"}`, async () => {
      await pretend(`echo "${complaint}" >&2; exit 1`);
      await assert.rejects(runFfmpeg({ args: [] }), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, words);
        return true;
      });
    });
  }

  it("tells nobody the password that stands in a complaint", async () => {
    await pretend(`echo "Impossible to open 'rtsp://admin:se%20cret@10.0.0.5/a'" >&2; exit 1`);
    const ffmpeg = new Ffmpeg({ args: [] });
    await assert.rejects(ffmpeg.ended, { message: "ffmpeg could not do it: Impossible to open 'rtsp://10.0.0.5/a'" });
    assert.ok(!ffmpeg.errorOutput.includes("cret"));
  });

  it("gives arguments as they are, whatever stands in them", async () => {
    await pretend('shift 4; for a in "$@"; do printf "<%s>" "$a"; done');
    let output = "";
    const args = ["a b", "$(reboot)", "`x`", "; rm -rf /", "'\"*", ""];
    await runFfmpeg({ args, onOutput: (chunk) => (output += chunk.toString()) });
    assert.equal(output, args.map((arg) => `<${arg}>`).join(""));
  });

  it("gives the input, and then no more", async () => {
    await pretend("cat");
    let output = "";
    await runFfmpeg({ args: [], input: "secret\n", onOutput: (chunk) => (output += chunk.toString()) });
    assert.equal(output, "secret\n");
  });

  it("gives many megabytes as fast as they are taken, not at once", async () => {
    await pretend("sleep 0.2; cat | wc -c");
    let [given, atOnce, output] = [0, 0, ""];
    function* pieces(): Generator<Buffer> {
      for (; given < 48; given++) yield Buffer.alloc(1 << 20);
    }
    const running = runFfmpeg({ args: [], input: pieces(), onOutput: (chunk) => (output += chunk.toString()) });
    setTimeout(() => (atOnce = given), 50);
    await running;
    assert.equal(Number(output), 48 << 20);
    assert.ok(atOnce < 8, `${atOnce} pieces were taken before anybody read one`);
  });

  it("does not mind one that does not read its input", async () => {
    await pretend("exec <&-; exit 0");
    await runFfmpeg({ args: [], input: "x".repeat(1_000_000) });
    await runFfmpeg({ args: [], input: Array.from({ length: 10 }, () => Buffer.alloc(1 << 20)) });
    await pretend("exit 1");
    await assert.rejects(runFfmpeg({ args: [], input: Array.from({ length: 10 }, () => Buffer.alloc(1 << 20)) }), {
      code: "ffmpeg",
    });
  });

  it("says how to get it where it is missing", async () => {
    process.env["PATH"] = directory;
    await assert.rejects(runFfmpeg({ args: [] }), {
      code: "ffmpeg",
      message: /not installed.*apt install ffmpeg.*apk add/,
    });
  });

  it("signals nobody else when it could not be started", async () => {
    process.env["PATH"] = directory;
    const heard: string[] = [];
    const listen = (signal: string): void => void heard.push(signal);
    process.on("SIGINT", listen);
    try {
      // Node hits the group only now and then.
      for (let i = 0; i < 50; i++) await new Ffmpeg({ args: [] }).stop();
      // A signal to oneself comes with a later turn.
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      process.off("SIGINT", listen);
    }
    assert.deepEqual(heard, []);
  });

  it("says so where it may not be run", async () => {
    process.env["PATH"] = directory;
    await writeFile(path.join(directory, "ffmpeg"), "");
    await assert.rejects(runFfmpeg({ args: [] }), { code: "ffmpeg", message: /may not run it/ });
  });

  it("says so when another process has ended it", async () => {
    await pretend("kill -9 $$");
    await assert.rejects(runFfmpeg({ args: [] }), {
      code: "ffmpeg",
      message: /ended by another process \(SIGKILL\)/,
    });
  });

  it("is not even started when that was given up before", async () => {
    await pretend(`touch ${directory}/started`);
    await assert.rejects(runFfmpeg({ args: [], signal: AbortSignal.abort() }), { code: "aborted" });
    await assert.rejects(rm(path.join(directory, "started")), { code: "ENOENT" });
  });

  it("is gone at once when that is given up", async () => {
    await pretend("trap '' INT TERM; echo begun; exec sleep 60");
    const stop = new AbortController();
    const run = runFfmpeg({ args: [], signal: stop.signal, onOutput: () => stop.abort() });
    await assert.rejects(run, { code: "aborted" });
  });

  it("may end its file when it is stopped", async () => {
    await pretend(`trap 'echo ended; exit 255' INT; echo begun; while :; do sleep 0.05; done`);
    let output = "";
    const ffmpeg = new Ffmpeg({ args: [], onOutput: (chunk) => (output += chunk.toString()) });
    await until(() => output !== "", "the begin");
    await Promise.all([ffmpeg.stop(), ffmpeg.stop()]);
    assert.equal(output, "begun\nended\n");
    await ffmpeg.ended;
  });

  it("counts as gone five seconds after it was killed, whatever still holds its pipes", async () => {
    await pretend("sleep 20 & echo $! >&2; wait");
    const clock = new FakeClock();
    const ffmpeg = new Ffmpeg({ args: [], onOutput: () => undefined, clock });
    await until(() => ffmpeg.errorOutput.includes("\n"), "it has another process");
    const other = Number(ffmpeg.errorOutput);
    try {
      ffmpeg.kill();
      let gone = false;
      void ffmpeg.ended.then(() => (gone = true));
      await clock.advance(4_999);
      assert.equal(gone, false);
      await clock.advance(1);
      await ffmpeg.ended;
      assert.equal(clock.pending, 0);
    } finally {
      process.kill(other);
    }
  });

  it("has five seconds for that", async () => {
    await pretend("trap '' INT; echo begun; exec sleep 60");
    const clock = new FakeClock();
    let begun = false;
    const ffmpeg = new Ffmpeg({ args: [], clock, onOutput: () => (begun = true) });
    await until(() => begun, "the begin");
    let gone = false;
    const stopped = ffmpeg.stop().then(() => (gone = true));
    await clock.advance(4_999);
    await settle();
    assert.equal(gone, false);
    await clock.advance(1);
    await stopped;
    assert.equal(clock.pending, 0);
  });
});
