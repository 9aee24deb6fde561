/** The addresses that the node gives, opened by somebody else's player at somebody else's RTSP server. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import deviceModule from "../../nodes/device/device";
import playbackUrlModule from "../../nodes/playback-url/playback-url";
import { selfSigned } from "../virtual-device/certificate";
import { deviceNode, helper, inbox, loadFlow, login, nodeById, type FlowNode } from "../support/flow";
import { has, without } from "../support/left-out";
import { RtspServer } from "../support/rtsp/server";
import { accessOf, archiveOf, startVirtualDevice, streamsOf, type VirtualDevice } from "../virtual-device";

const PASSWORD = "pa ss@#%:/?ü";
const paths = ["/Streaming/Channels/101", "/Streaming/Channels/102", "/Streaming/tracks/101"];

const NEEDED = ["ffmpeg", "RTSP server of GStreamer"] as const;
const title = "a URL of the playback-url node, at GStreamer's RTSP server with digest";
(has(...NEEDED) ? describe : describe.skip)(`${title}${without(...NEEDED)}`, () => {
  let device: VirtualDevice;
  let video: RtspServer;

  /** The first frame that ffprobe decodes. */
  async function firstFrame(url: string): Promise<{ codec: string; width: number; height: number; pict_type: string }> {
    const wanted = [
      "-read_intervals",
      "%+#1",
      "-show_entries",
      "stream=codec_name:frame=width,height,pict_type",
      "-of",
      "json",
    ];
    const { stdout } = await promisify(execFile)("ffprobe", ["-v", "error", "-rtsp_transport", "tcp", ...wanted, url], {
      timeout: 20_000,
    });
    const found = JSON.parse(stdout) as {
      streams: { codec_name: string }[];
      frames: { width: number; height: number; pict_type: string }[];
    };
    const [stream, frame] = [found.streams[0], found.frames[0]];
    assert.ok(stream && frame, stdout);
    return { codec: stream.codec_name, width: frame.width, height: frame.height, pict_type: frame.pict_type };
  }

  async function urlOf(def: Record<string, unknown>): Promise<string> {
    const flow: FlowNode[] = [
      deviceNode(device, { timeZone: "local" }),
      {
        id: "url",
        type: "hikvision-playback-url",
        device: "device",
        channel: "1",
        withCredentials: true,
        wires: [["out"]],
        ...def,
      },
      { id: "out", type: "helper" },
    ];
    await loadFlow([deviceModule, playbackUrlModule], flow, { device: login(device) });
    const out = inbox("out");
    nodeById("url").receive({});
    return (await out.next())["payload"] as string;
  }

  async function start(certificate?: string): Promise<void> {
    device = await startVirtualDevice({ password: PASSWORD, zone: "CST-8:00:00" });
    const { username, password } = device;
    video = await RtspServer.start({ username, password, paths, ...(certificate !== undefined && { certificate }) });
    accessOf(device).rtsp.port = video.port;
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await video.stop();
    await device.close();
  });

  it("shows the live picture", async () => {
    await start();
    const frame = await firstFrame(await urlOf({ kind: "live", stream: "sub" }));
    assert.deepEqual(frame, { codec: "h264", width: 640, height: 360, pict_type: "I" });
    assert.deepEqual(video.described, [{ path: "/Streaming/Channels/102", query: "transportmode=unicast" }]);
  }).timeout(90_000);

  it("shows a recording by time, asked for as the device reads time", async () => {
    await start();
    const startMs = Date.parse("2025-11-22T05:00:00Z");
    archiveOf(device).zulu = "local";
    archiveOf(device).add({ startMs, endMs: startMs + 2 * 3_600_000 });
    const frame = await firstFrame(
      await urlOf({ kind: "time", start: "2025-11-22 14:00", end: "2025-11-22T06:05:00Z" }),
    );
    assert.deepEqual(frame, { codec: "h264", width: 640, height: 360, pict_type: "I" });
    assert.deepEqual(video.described, [
      { path: "/Streaming/tracks/101", query: "starttime=20251122T140000Z&endtime=20251122T140500Z" },
    ]);
  }).timeout(90_000);

  it("shows a recording of a search, whose times have spaces as in the vendor's guide", async () => {
    await start();
    const recording =
      "rtsp://10.7.64.104/Streaming/tracks/101?starttime=2018-12-10 00:00:00Z&endtime=2018-12-10 17:14:54Z&name=00000000508000000&size=924151628";
    await firstFrame(await urlOf({ kind: "recording", recording }));
    assert.deepEqual(
      video.described.map(({ path, query }) => `${path}?${query ?? ""}`),
      [recording.replace("rtsp://10.7.64.104", "").replaceAll(" ", "%20")],
    );
  }).timeout(90_000);

  it("shows the live picture over TLS where the device offers it", async () => {
    const { cert, key } = selfSigned();
    await start(`${cert}\n${key}`);
    Object.assign(accessOf(device), { srtp: { port: video.port, enabled: true } });
    accessOf(device).rtsp.port = 1;
    assert.ok(streamsOf(device).get(101)?.protocols.includes("SRTP"));
    const url = await urlOf({ kind: "live" });
    assert.match(url, /^rtsps:/);
    assert.equal((await firstFrame(url)).width, 640);
  }).timeout(90_000);

  it("is refused by that server without its password", async () => {
    await start();
    const url = await urlOf({ kind: "live", withCredentials: false });
    await assert.rejects(firstFrame(url), /401 Unauthorized/);
    assert.deepEqual(video.described, []);
  }).timeout(90_000);
});
