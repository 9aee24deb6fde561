/** The node and its route in the real runtime, with plain HTTP in place of a browser, against the virtual device. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { NodeAPI } from "node-red";
import deviceModule from "../../../nodes/device/device";
import videoModule from "../../../nodes/video/video";
import { coreNode, deviceNode, helper, inbox, loadFlow, login, nodeById, type FlowNode } from "../../support/flow";
import { until } from "../../support/until";
import { archiveOf, rtspOf, startVirtualDevice, stillFilm, type VirtualDevice } from "../../virtual-device";

interface Payload {
  readonly url: string;
  readonly mime: string;
  readonly codec: string;
  readonly duration?: number;
  readonly expires: string;
  readonly notices: readonly string[];
}

const FORM = { kind: "live", channel: "1", channelType: "num", stream: "", streamType: "str", expires: 300 };
const video = (extra: Record<string, unknown> = {}): FlowNode => ({
  ...{ id: "video", type: "hikvision-video", device: "device", wires: [["out"]] },
  ...FORM,
  ...extra,
});
const START = Date.UTC(2026, 0, 2, 8);

describe("video", function () {
  this.slow(3000);
  let device: VirtualDevice;
  let server: Server;
  let base = "";
  let settings: Record<string, unknown> = {};
  const lend = (RED: NodeAPI): void => {
    settings = RED.settings as unknown as Record<string, unknown>;
    server.removeAllListeners("request").on("request", RED.httpNode as unknown as RequestListener);
  };

  async function start(...nodes: FlowNode[]): Promise<void> {
    device = await startVirtualDevice({ model: "nvr", heartbeat: null, films: stillFilm });
    archiveOf(device).add({ channel: 1, startMs: START, endMs: START + 3_600_000 });
    await deploy(...nodes);
  }
  async function deploy(...nodes: FlowNode[]): Promise<void> {
    await helper.unload();
    const around = [
      { id: "out", type: "helper" },
      { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
      { id: "caught", type: "helper" },
    ];
    const modules = [lend, deviceModule, videoModule, coreNode("common/25-catch")];
    await loadFlow(modules, [deviceNode(device, { timeZone: "utc" }), ...nodes, ...around], { device: login(device) });
  }
  async function ask(message: object = {}): Promise<Payload> {
    nodeById("video").receive(message as never);
    return (await inbox("out").next())["payload"] as Payload;
  }
  async function failure(message: object = {}): Promise<{ code: string; message: string }> {
    nodeById("video").receive(message as never);
    return (await inbox("caught").next())["error"] as { code: string; message: string };
  }
  /** With its first bytes; the caller destroys it. */
  async function watch(url: string): Promise<{ response: IncomingMessage; text: string }> {
    const request = get(base + url);
    request.on("error", () => undefined);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.on("error", () => undefined);
    const [chunk] = (await once(response, "data")) as [Buffer];
    return { response, text: chunk.toString("latin1") };
  }
  const quiet = (ms = 8000): Promise<void> =>
    until(() => device.rtspConnections === 0 && rtspOf(device).sessions.size === 0, "nothing is open", ms);

  before(async () => {
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
    server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    server.close();
    server.closeAllConnections();
  });
  afterEach(async () => {
    await helper.unload();
    await quiet();
    await device.close();
  });

  it("gives an address with the codec, for the H.264 stream where none is chosen, without any secret", async () => {
    await start(video());
    const payload = await ask({ topic: "t" });
    const { url, mime, codec, expires, notices } = payload;
    assert.match(url, /^\/hikvision\/video\/[\w.-]+\/video\.mp4$/);
    assert.equal(mime, 'video/mp4; codecs="avc1.42C00A"');
    assert.equal(codec, "H.264");
    assert.ok(Math.abs(Date.parse(expires) - Date.now() - 300_000) < 10_000);
    assert.match(notices.join(), /The sound is PCMU/);
    assert.ok(
      rtspOf(device).requests.every(({ url }) => url.includes("/102")),
      "main is H.265",
    );
    const inside = Buffer.from(url.split("/")[3] ?? "", "base64url").toString();
    assert.doesNotMatch(inside + JSON.stringify(payload), /correct horse|admin/);
  });

  it("serves MP4 to who has the address, with the codec in its head, and lets several share one session", async () => {
    await start(video());
    const { url } = await ask();
    const [one, two] = [await watch(url), await watch(url)];
    assert.equal(one.response.headers["content-type"], 'video/mp4; codecs="avc1.42C00A"');
    assert.equal(one.response.headers["x-video"], "live");
    assert.equal(one.response.headers["cache-control"], "no-store");
    for (const { text } of [one, two]) assert.equal(text.slice(4, 8), "ftyp");
    assert.equal(rtspOf(device).sessions.size, 1);
    one.response.destroy();
    two.response.destroy();
    const left = Date.now();
    await quiet();
    assert.ok(Date.now() - left > 4000, "not at once: somebody may come back");
  });

  it("refuses whatever is not signed, has expired or is of no node, and answers HEAD without a session", async () => {
    await start(video(), { ...video({ expires: 10 }), id: "other" });
    const { url } = await ask();
    const status = async (address: string, method = "GET"): Promise<number> => {
      const response = await fetch(base + address, { method });
      await response.body?.cancel();
      return response.status;
    };
    const [, , , token = ""] = url.split("/");
    assert.equal(await status(url.replace(token, `${token.slice(0, -2)}AA`)), 403);
    assert.equal(await status(url.replace(token, "x")), 403);
    assert.equal(await status(url.replace("video.mp4", "other.mp4")), 404);
    for (const query of ["?t=-1", "?t=x", "?speed=3", "?t=1e9"]) assert.equal(await status(url + query), 400, query);
    const { connections } = rtspOf(device);
    assert.equal(await status(url, "HEAD"), 200);
    assert.equal(rtspOf(device).connections, connections);
    assert.equal(await status(url, "POST"), 404);
    await deploy({ ...video(), id: "another" });
    assert.equal(await status(url), 404, "its node has gone");
  });

  it("ends those who watch when the node is deployed anew, and then leaves nothing", async () => {
    await start(video());
    const { url } = await ask();
    const { response } = await watch(url);
    const closed = new Promise((resolve) => response.once("close", resolve));
    await helper.unload();
    await closed;
    await quiet();
    await deploy(video());
    const { response: again } = await watch(url);
    again.destroy();
  });

  it("plays a past time from the first recorded moment, at a place and speed within it", async () => {
    await start(video({ kind: "time" }));
    const [from, to] = [START - 60_000, START + 600_000].map((ms) => new Date(ms).toISOString());
    const { url, duration, notices } = await ask({ start: from, end: to });
    assert.equal(duration, 600);
    assert.match(notices.join(), /begins 60 seconds later/);
    const { response } = await watch(`${url}?t=30.9&speed=4`);
    assert.equal(response.headers["x-video"], "recording");
    assert.equal(response.headers["x-video-duration"], "600");
    response.destroy();
    const last = rtspOf(device).requests.findLast(({ method }) => method === "PLAY");
    assert.match(last?.url ?? "", /starttime=20260102T080030Z&endtime=20260102T081000Z/);
    assert.equal(last?.headers.get("scale"), "4.000");
    const nothing = await failure({ start: "2026-01-03T08:00:00Z", end: "2026-01-03T08:10:00Z" });
    assert.equal(nothing.code, "notFound");
  });

  it("plays a recording by its name to its end", async function () {
    this.timeout(60_000);
    await start(video({ kind: "recording", recording: "short", recordingType: "str" }));
    archiveOf(device).add({ name: "short", channel: 2, startMs: START, endMs: START + 2000 });
    const { url } = await ask();
    const response = await fetch(base + url);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(bytes.toString("latin1").split("moof").length - 1, 20, "two seconds of ten pictures");
  });

  it("says that only some browsers play H.265 that was asked for", async () => {
    const film = stillFilm({ channel: 1, channelName: "", stream: 1, zone: "UTC0", startMs: 0, live: true });
    device = await startVirtualDevice({ model: "nvr", heartbeat: null, films: () => ({ ...film, codec: "h265" }) });
    await deploy(video({ stream: "main" }));
    const { codec, mime, notices } = await ask();
    assert.equal(codec, "H.265");
    assert.match(mime, /hvc1/);
    assert.match(notices.join(), /only some browsers play/);
  });

  it("tells a browser in words why there is no video", async () => {
    await start(video());
    const { url } = await ask();
    rtspOf(device).slots = 0;
    const response = await fetch(base + url);
    assert.equal(response.status, 503);
    const { code, message } = (await response.json()) as { code: string; message: string };
    assert.equal(code, "noSlots");
    assert.match(message, /no more viewers/);
  });

  it("has a picture beside a live video, and none beside a recording", async () => {
    await start(video());
    const { url } = await ask();
    const picture = await fetch(base + url.replace("video.mp4", "picture.jpg"));
    assert.equal(picture.headers.get("content-type"), "image/jpeg");
    assert.deepEqual([...Buffer.from(await picture.arrayBuffer()).subarray(0, 2)], [0xff, 0xd8]);
  });

  it("refuses where nothing is served to browsers", async () => {
    await start(video());
    settings["httpNodeRoot"] = false;
    try {
      assert.match((await failure()).message, /httpNodeRoot/);
    } finally {
      delete settings["httpNodeRoot"];
    }
  });

  it("cuts who watches when the device ends the video, and plays again at once", async () => {
    await start(video());
    const { url } = await ask();
    rtspOf(device).trouble = { kind: "close", after: 12 };
    const { response } = await watch(url);
    response.resume();
    await new Promise((resolve) => response.once("close", resolve));
    assert.equal(response.complete, false, "what failed does not look complete");
    await quiet();
    rtspOf(device).trouble = undefined;
    const { response: again } = await watch(url);
    again.destroy();
  });

  it("is not disturbed by viewers that vanish in the middle of a picture", async () => {
    await start(video());
    const { url } = await ask();
    const { response } = await watch(url);
    let bytes = 0;
    response.on("data", (chunk: Buffer) => (bytes += chunk.length));
    const { hostname, port } = new URL(base);
    for (let index = 0; index < 20; index++) {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => undefined);
      socket.write(`GET ${url} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
      await once(socket, "data");
      socket.resetAndDestroy();
    }
    const before = bytes;
    await until(() => bytes > before + 500, "the other one goes on");
    assert.equal(rtspOf(device).sessions.size, 1);
    response.destroy();
  });

  describe("of a viewer whose connection ended before it was served", () => {
    /** A recording, whose session ends half a second after its last viewer. */
    const recorded = async (): Promise<string> => {
      await start(video({ kind: "time", start: new Date(START).toISOString(), startType: "str" }));
      return (await ask()).url;
    };
    /** Somebody else opens the video and leaves: it stays open only for one who was forgotten. */
    const openAndLeave = async (url: string): Promise<void> => {
      const { response } = await watch(url);
      assert.equal(rtspOf(device).sessions.size, 1);
      response.destroy();
      await quiet();
    };

    it("keeps nothing open when it left while something before the route was waited for, such as a login", async () => {
      const url = await recorded();
      const [route] = server.listeners("request") as RequestListener[];
      const late = new Promise<void>((resolve) => {
        server.removeAllListeners("request").once("request", (request, response) => {
          response.once("close", () => {
            route?.(request, response);
            resolve();
          });
        });
      });
      const request = get(base + url);
      request.on("error", () => undefined);
      await once(server, "request");
      request.destroy();
      await late;
      server.on("request", route as RequestListener);
      await openAndLeave(url);
    });

    it("keeps nothing open when its request waited behind another one of its connection", async () => {
      const url = await recorded();
      const { hostname, port } = new URL(base);
      const socket = connect(Number(port), hostname);
      socket.on("error", () => undefined);
      socket.write(`GET ${url} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`.repeat(2));
      await once(socket, "data");
      socket.destroy();
      await openAndLeave(url);
    });
  });

  it("survives a hundred quick opens and closes, and leaves nothing", async function () {
    this.timeout(60_000).slow(10_000);
    await start(video());
    const { url } = await ask();
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const request = get(base + url);
        request.on("error", () => undefined);
        request.on("response", (response) => response.on("error", () => undefined).resume());
        await new Promise((resolve) => setTimeout(resolve, (index * 13) % 400));
        request.destroy();
      }),
    );
    assert.ok(rtspOf(device).connections <= 4, `${rtspOf(device).connections} connections`);
    await quiet();
    const { response } = await watch(url);
    response.destroy();
  });
});
