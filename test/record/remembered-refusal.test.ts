/** What another video was refused with must not end a recording: MP4 by our own client, from the virtual recorder. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemChance, systemClock } from "../../src/lib/clock";
import { FileRecordingJob } from "../../src/record/file-recording-job";
import { rememberRefusal } from "../../src/rtsp/rtsp-refusals";
import { withCredentials } from "../../src/rtsp/urls";
import { until } from "../support/until";
import { accessOf, rtspOf, startVirtualDevice, stillFilm } from "../virtual-device";

describe("a recording while the login is refused to another video", function () {
  this.timeout(60_000).slow(8_000);

  it("is told to be interrupted, waits, and goes on in another file", async () => {
    const device = await startVirtualDevice({ model: "nvr", heartbeat: null, films: stillFilm });
    const directory = await mkdtemp(path.join(tmpdir(), "hikflow refused "));
    const login = { clearings: 0 };
    const told: string[] = [];
    const url = `rtsp://127.0.0.1:${accessOf(device).rtsp.port}/Streaming/Channels/102`;
    rtspOf(device).trouble = { kind: "close", after: 8 };
    const job = await FileRecordingJob.start(
      {
        ...{ channel: 1, durationMs: undefined, directory, container: "mp4", name: () => "a" },
        address: () => Promise.resolve({ url: withCredentials(url, device), channel: 1, stream: 2, notices: [] }),
        access: { basic: false, tls: { mode: "insecure" }, login },
        sink: {
          started: ({ reason }) => void told.push(`started ${reason}`),
          stopped: ({ reason }) => void told.push(`stopped ${reason}`),
          failed: ({ code }) => void told.push(`failed ${code}`),
          warn: () => undefined,
        },
        ...{ clock: systemClock, chance: systemChance },
      },
      new AbortController().signal,
    );
    rememberRefusal(login, systemClock);
    await until(() => told.includes("failed unauthorized"), "the refusal is met", 20_000);
    rtspOf(device).trouble = undefined;
    login.clearings += 1;
    await until(() => told.includes("started continued"), "it goes on", 40_000);
    assert.match(told.join(", "), /^stopped \w+, failed unauthorized, started continued$/);
    await job.stop();
    await until(() => device.rtspConnections === 0, "nothing is open");
    await device.close();
    await rm(directory, { recursive: true });
  });
});
