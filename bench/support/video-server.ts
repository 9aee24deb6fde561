/** The package's half of video: one device, and the route of the node video on a plain HTTP server. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { NodeAPI } from "node-red";
import { deployVideoNode, serveVideo, videoPath } from "../../nodes/video/video-route";
import { Device } from "../../src/device";
import { serve } from "./child";
import type { VideoServer } from "./protocol";

type Handler = (request: IncomingMessage & { params: Record<string, string> }, response: ServerResponse) => void;

let device: Device | undefined;
let handler: Handler | undefined;

const RED = {
  settings: { httpNodeRoot: "/" },
  httpNode: { get: (path: string, handle: Handler) => (handler = path.includes(":token") ? handle : handler) },
  nodes: { getNode: () => ({ type: "hikvision-device", device, stream: {} }) },
  _: (key: string) => key,
} as unknown as NodeAPI;

const server: VideoServer = {
  async start({ host, port, username, password }) {
    const ignore = (): void => undefined;
    device = new Device(
      {
        identity: { id: "device", name: "bench", host },
        address: { protocol: "http", host, port },
        credentials: { username, password },
        tls: { mode: "insecure" },
        ...{ basic: false, eventSource: "stream", heartbeatTimeout: 30, timeZone: "utc" },
      },
      { notification: ignore, event: ignore, warn: ignore, state: ignore, wantsPictures: () => false },
    );
    serveVideo(RED);
    deployVideoNode("video");
    const http = createServer((request, response) => {
      const [, , , token = "", rest = ""] = (request.url ?? "").split("/");
      handler?.(Object.assign(request, { params: { token, file: rest.split("?")[0] ?? "" } }), response);
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return (http.address() as AddressInfo).port;
  },

  async address(channel) {
    if (!device) throw new Error("not started");
    const { video } = await device.videos.find({ kind: "live", channel, stream: 2 }, AbortSignal.timeout(10_000));
    return videoPath(RED, { node: "video", device: "device", video, expires: Date.now() + 3_600_000 });
  },

  usage() {
    const { user, system } = process.cpuUsage();
    (globalThis as { gc?: () => void }).gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return Promise.resolve({ cpuMs: (user + system) / 1000, rss, used: heapUsed + external });
  },
};

serve(server);
