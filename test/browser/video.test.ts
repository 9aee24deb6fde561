/** Live and recorded video in a real browser, by the package as it is installed: from a virtual recorder, and from GStreamer's server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { drawnFilms } from "../../scripts/demo";
import { launchBrowser } from "../support/browser";
import type { FlowNode } from "../support/flow";
import { has, leaveOut, without } from "../support/left-out";
import { installLinked } from "../support/linked-package";
import { readText } from "../support/project";
import { RtspServer } from "../support/rtsp/server";
import { RunningNodeRed } from "../support/running-node-red";
import { until } from "../support/until";
import { accessOf, archiveOf, rtspOf, startVirtualDevice, type VirtualDevice } from "../virtual-device";

const EXAMPLE = "examples/29-live-tiles.json";
const RECORDED_SECONDS = 60;

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
    device = await startVirtualDevice({ model: "nvr", heartbeat: null, films: drawnFilms });
    recordedAt = Math.floor(Date.now() / 1000) * 1000 - 600_000;
    archiveOf(device).add({ channel: 1, startMs: recordedAt, endMs: recordedAt + RECORDED_SECONDS * 1000 });
    // Behind a root of its own, as many have it.
    nodeRed = await RunningNodeRed.start(folder, { settings: { httpNodeRoot: "/api" } });
    await deploy();
    page = await browser.newPage();
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
    const { url } = (await (await fetch(`${nodeRed.url}api/camera-tiles/video?channel=1`)).json()) as { url: string };
    assert.match(url, /^\/api\/hikvision\/video\/[\w.-]+\/video\.mp4$/);
    for (const wrong of [url.replace(/\/video\/./, "/video/x"), "/api/hikvision/video/x.y/video.mp4"])
      assert.equal((await fetch(new URL(wrong, nodeRed.url))).status, 403);
    await click(1);
    await moving();
    await deploy();
    await until(() => rtspOf(device).sessions.size === 0 || device.rtspConnections <= 1, "the old session ends");
    // The same node is there again: its addresses are good until they expire.
    await moving();
    await page.goto("about:blank");
  });

  it("plays behind a proxy that shows Node-RED below another path", async () => {
    const proxy = createServer((request, response) => {
      const { hostname, port } = new URL(nodeRed.url);
      const target = { host: hostname, port, path: (request.url ?? "").replace(/^\/house\/cameras/, "/api") };
      const passed = get(target, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on("error", () => response.destroy()).pipe(response);
      });
      passed.on("error", () => response.destroy());
      response.on("close", () => passed.destroy());
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    try {
      await page.goto(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/house/cameras/camera-tiles`);
      await click(1);
      await moving();
      await page.goto("about:blank");
      await until(() => rtspOf(device).sessions.size === 0, "a viewer that leaves is noticed", 12_000);
    } finally {
      proxy.close();
      proxy.closeAllConnections();
    }
  });

  it("shows pictures where the codec is not played, and says so", async () => {
    await page.addInitScript(() => {
      MediaSource.isTypeSupported = () => false;
    });
    await open();
    await click(1);
    await page.waitForFunction(() =>
      /Pictures only/.test(document.querySelector(".hikvision-video-note")?.textContent ?? ""),
    );
    await page.waitForFunction(() => /picture\.jpg/.test(document.querySelector("video")?.poster ?? ""));
    await page.close();
    page = await (browser as Browser).newPage();
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
