/** Live and recorded video in a real browser, by the package as it is installed: from a virtual recorder, and from GStreamer's server. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { drawnFilms } from "../../scripts/demo";
import { launchBrowser } from "../support/browser";
import type { FlowNode } from "../support/flow";
import { RealServer } from "../http/real-server";
import { findProgram, has, leaveOut, without } from "../support/left-out";
import { installLinked } from "../support/linked-package";
import { readText } from "../support/project";
import { RtspServer } from "../support/rtsp/server";
import { RunningNodeRed, UNUSED_NODES } from "../support/running-node-red";
import { until } from "../support/until";
import {
  accessOf,
  archiveOf,
  type FilmSource,
  loopedFilm,
  rtspOf,
  startVirtualDevice,
  type VirtualDevice,
} from "../virtual-device";

const EXAMPLE = "examples/29-live-tiles.json";
const RECORDED_SECONDS = 60;
/** As in Node-RED's own settings: the hash of "password". */
const NODE_AUTH = { user: "user", pass: "$2a$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN." };
const LOGIN = { username: "user", password: "password" };
const AUTHORIZATION = `Basic ${Buffer.from("user:password").toString("base64")}`;

interface Tile {
  readonly width: number;
  readonly time: number;
  readonly behind: number;
  readonly paused: boolean;
}

describe("video in a browser", function () {
  this.timeout(120_000).slow(20_000);
  let browser: Browser | undefined;
  let nodeRed: RunningNodeRed;
  let device: VirtualDevice;
  let folder: string | undefined;
  let page: Page;
  let recordedAt = 0;
  let film: FilmSource = drawnFilms;

  before(async function () {
    try {
      browser = await launchBrowser();
    } catch (error) {
      console.log(`The tests of video in a browser are left out: ${(error as Error).message}`);
      leaveOut("Chromium");
      this.skip();
    }
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow video "));
    installLinked(folder);
    device = await startVirtualDevice({ model: "nvr", heartbeat: null, films: (shown) => film(shown) });
    rtspOf(device).sound = "aac";
    recordedAt = Math.floor(Date.now() / 1000) * 1000 - 600_000;
    archiveOf(device).add({ channel: 1, startMs: recordedAt, endMs: recordedAt + RECORDED_SECONDS * 1000 });
    // Behind a root and a login of its own, as many have it.
    const settings = { httpNodeRoot: "/api", httpNodeAuth: NODE_AUTH, nodesExcludes: UNUSED_NODES };
    nodeRed = await RunningNodeRed.start(folder, { settings });
    await deploy();
    page = await newPage();
    const plays = await page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="avc1.42C01E"'));
    if (!plays) {
      console.log("The tests of video in a browser are left out: this one has no H.264.");
      this.skip();
    }
  });
  after(async () => {
    await browser?.close();
    if (folder === undefined) return;
    await nodeRed.stop();
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const newPage = (): Promise<Page> => (browser as Browser).newPage({ httpCredentials: LOGIN });
  async function deploy(): Promise<void> {
    const { username, password, port } = device;
    const nodes = (JSON.parse(readText(EXAMPLE)) as FlowNode[]).map((node) => {
      if (node.type === "hikvision-device") return { ...node, host: "127.0.0.1", port: String(port), timeZone: "utc" };
      return node;
    });
    const video = nodes.find(({ type }) => type === "hikvision-video");
    const past = { ...video, id: "past-video", kind: "time", wires: [["past-answer"]] };
    const extra = [
      { id: "past", type: "http in", z: nodes[0]?.id, url: "/past", method: "get", wires: [["past-change"]] },
      {
        id: "past-change",
        type: "change",
        z: nodes[0]?.id,
        rules: ["start", "end"].map((p) => ({ t: "set", p, pt: "msg", to: `req.query.${p}`, tot: "msg" })),
        wires: [["past-video"]],
      },
      past,
      { id: "past-answer", type: "http response", z: nodes[0]?.id, statusCode: "200", wires: [] },
    ];
    await nodeRed.deploy([...nodes, ...extra], { "hikflow-example-device": { username, password } });
  }

  const open = (): Promise<unknown> => page.goto(`${nodeRed.url}api/camera-tiles`);
  const click = (channel: number): Promise<void> => page.click(`figure[data-channel="${channel}"] button`);
  const note = (): Promise<string> => page.locator(".hikvision-video-note").first().innerText();
  const tile = (channel = 1): Promise<Tile> =>
    page.evaluate((channel) => {
      const video = document.querySelector<HTMLVideoElement>(`figure[data-channel="${channel}"] video`);
      if (!video) throw new Error("no video");
      const { buffered } = video;
      const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
      return {
        width: video.videoWidth,
        time: video.currentTime,
        behind: end - video.currentTime,
        paused: video.paused,
      };
    }, channel);
  async function moving(channel = 1): Promise<Tile> {
    const before = (await tile(channel)).time;
    let now: Tile | undefined;
    for (let tries = 0; tries < 150; tries++) {
      now = await tile(channel);
      if (now.width > 0 && now.time > before + 0.4) return now;
      await page.waitForTimeout(100);
    }
    throw new Error(`nothing moves: ${JSON.stringify(now)}, "${await note()}"`);
  }

  it("plays live on a click, stays at the edge, and lets the camera go when the page is left", async () => {
    await open();
    await click(1);
    assert.equal((await moving()).width, 320);
    const sound = "document.querySelector('figure[data-channel=\"1\"] video').webkitAudioDecodedByteCount";
    if (await page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="mp4a.40.2"')))
      await page.waitForFunction(`${sound} > 0`);
    await click(2);
    await moving(2);
    await page.waitForTimeout(1500);
    const { behind } = await tile();
    assert.ok(behind < 1.6, `${behind} s behind`);
    assert.equal(rtspOf(device).sessions.size, 2);
    await page.goto("about:blank");
    await until(() => rtspOf(device).sessions.size === 0, "the sessions end", 12_000);
    await until(() => device.rtspConnections === 0, "the connections end");
  });

  it("comes back by itself when the device was away, and says so meanwhile", async () => {
    await open();
    await click(1);
    await moving();
    await device.disconnect();
    await page.waitForFunction(() =>
      /offline|not reach|no connection|RTSP/i.test(document.querySelector(".hikvision-video-note")?.textContent ?? ""),
    );
    await device.connect();
    await moving();
  });

  it("plays a recording with seek, pause and speed", async () => {
    await open();
    const iso = (seconds: number): string => new Date(recordedAt + seconds * 1000).toISOString();
    await page.evaluate(
      async (query) => {
        const answer = (await (await fetch(`past?${query}`)).json()) as object;
        const video = document.querySelector("figure video");
        (window as unknown as { handle: unknown; hikvisionVideo: (video: unknown, answer: object) => unknown }).handle =
          (window as unknown as { hikvisionVideo: (video: unknown, answer: object) => unknown }).hikvisionVideo(
            video,
            answer,
          );
      },
      new URLSearchParams({ start: iso(0), end: iso(RECORDED_SECONDS) }).toString(),
    );
    await moving();
    await page.evaluate(() => (window as unknown as { handle: { seek(to: number): void } }).handle.seek(30));
    await page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 30.3);
    assert.ok((await tile()).time < 40);
    await page.evaluate(() => document.querySelector("video")?.pause());
    const paused = (await tile()).time;
    await page.waitForTimeout(600);
    assert.ok(Math.abs((await tile()).time - paused) < 0.1);
    await page.evaluate(() => {
      void document.querySelector("video")?.play();
      (window as unknown as { handle: { speed(times: number): void } }).handle.speed(4);
    });
    await moving();
    const [from, at] = [(await tile()).time, Date.now()];
    await page.waitForTimeout(2000);
    const rate = ((await tile()).time - from) / ((Date.now() - at) / 1000);
    assert.ok(rate > 1.8, `${rate} times`);
    assert.ok(rtspOf(device).requests.some(({ headers }) => headers.get("scale") === "4.000"));
  });

  it("is cut at a deploy, and its address leads nowhere without a signature", async () => {
    await open();
    const headers = { Authorization: AUTHORIZATION };
    const asked = await fetch(`${nodeRed.url}api/camera-tiles/video?channel=1`, { headers });
    const { url } = (await asked.json()) as { url: string };
    assert.match(url, /^\/api\/hikvision\/video\/[\w.-]+\/video\.mp4$/);
    for (const wrong of [url.replace(/\/video\/./, "/video/x"), "/api/hikvision/video/x.y/video.mp4"])
      assert.equal((await fetch(new URL(wrong, nodeRed.url), { headers })).status, 403);
    assert.equal((await fetch(new URL(url, nodeRed.url))).status, 401, "the login of Node-RED stands before it");
    await click(1);
    await moving();
    await deploy();
    await until(() => rtspOf(device).sessions.size === 0 || device.rtspConnections <= 1, "the old session ends");
    // The same node is there again: its addresses are good until they expire.
    await moving();
    await page.goto("about:blank");
  });

  it(`plays behind nginx that shows Node-RED below another path, with the login of Node-RED${without("nginx")}`, async function () {
    if (!has("nginx")) this.skip();
    const configuration = (folder: string, port: number): string => {
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      );
      // As most have it: nginx collects answers, unless it is told not to.
      return `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; events {}
        http { access_log off; ${temporary.join("\n")}
          server { listen 127.0.0.1:${port}; location /house/cameras/ { proxy_pass ${nodeRed.url}api/; } } }\n`;
    };
    const args = (file: string): string[] => [
      "-p",
      path.dirname(file),
      "-c",
      file,
      "-e",
      `${path.dirname(file)}/error.log`,
    ];
    const nginx = await RealServer.start(findProgram("nginx") ?? "", args, configuration, "");
    try {
      const base = `http://127.0.0.1:${nginx.port}/house/cameras/`;
      assert.equal((await fetch(`${base}camera-tiles`)).status, 401);
      await page.goto(`${base}camera-tiles`);
      await click(1);
      await moving();
      await page.waitForTimeout(1500);
      assert.ok((await tile()).behind < 1.6);
      await page.goto("about:blank");
      await until(() => rtspOf(device).sessions.size === 0, "a viewer that leaves is noticed", 12_000);
    } finally {
      await nginx.stop();
    }
  });

  it("plays H.265 where the browser does, and shows pictures and says so where it does not", async function () {
    if (!has("ffmpeg")) this.skip();
    film = h265Film();
    try {
      await open();
      await click(1);
      if (await page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L60.90"'))) {
        assert.equal((await moving()).width, 320);
        await page.addInitScript(() => {
          MediaSource.isTypeSupported = () => false;
        });
        await open();
        await click(1);
      }
      await page.waitForFunction(() =>
        /Pictures only: this browser does not play the video's codec/.test(
          document.querySelector(".hikvision-video-note")?.textContent ?? "",
        ),
      );
      await page.waitForFunction(() => /picture\.jpg/.test(document.querySelector("video")?.poster ?? ""));
      await until(() => rtspOf(device).sessions.size === 0, "the camera is let go", 12_000);
    } finally {
      film = drawnFilms;
      await page.close();
      page = await newPage();
    }
  });

  describe(`of GStreamer's RTSP server${without("RTSP server of GStreamer")}`, () => {
    it("plays, logged in by digest", async function () {
      if (!has("RTSP server of GStreamer")) this.skip();
      const { username, password } = device;
      await using server = await RtspServer.start({
        username,
        password,
        paths: ["/Streaming/Channels/202"],
        sound: true,
      });
      const { rtsp } = accessOf(device);
      const before = rtsp.port;
      rtsp.port = server.port;
      try {
        await deploy();
        await open();
        await click(2);
        assert.equal((await moving(2)).width, 640);
        await page.waitForTimeout(1500);
        assert.ok((await tile(2)).behind < 1.6);
        await page.goto("about:blank");
      } finally {
        rtsp.port = before;
      }
    });
  });
});

/** 320 × 180, a key picture a second. */
function h265Film(): FilmSource {
  const input = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10", "-t", "2", "-pix_fmt", "yuv420p", "-g", "10"];
  const encoder = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=0"];
  const bytes = execFileSync("ffmpeg", ["-v", "error", ...input, ...encoder, "-f", "hevc", "pipe:1"]);
  return loopedFilm(bytes, "h265", 10);
}
