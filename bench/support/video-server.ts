/** Node-RED itself, in this process, with the built package: a device, and a node that gives addresses of its live videos. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { installLinked } from "../../test/support/linked-package";
import { nodeRedMain } from "../../test/support/node-red-main";
import { serve } from "./child";
import type { VideoServer } from "./protocol";

interface Runtime {
  init(server: Server, settings: object): void;
  start(): Promise<void>;
  readonly httpNode: RequestListener;
  readonly events: { once(name: string, run: () => void): void };
}

const flowOf = (host: string, port: number): object[] => [
  { id: "tab", type: "tab", label: "bench" },
  {
    ...{
      id: "device",
      type: "hikvision-device",
      name: "bench",
      version: 1,
      host,
      port: String(port),
      protocol: "http",
    },
    ...{ tls: "verify", basic: false, timeZone: "utc", eventSource: "stream", heartbeatTimeout: 30 },
  },
  { id: "in", type: "http in", z: "tab", url: "/address", method: "get", wires: [["channel"]] },
  {
    ...{ id: "channel", type: "change", z: "tab", wires: [["video"]] },
    rules: [{ t: "set", p: "channel", pt: "msg", to: "$number(req.query.channel)", tot: "jsonata" }],
  },
  {
    ...{ id: "video", type: "hikvision-video", z: "tab", version: 1, device: "device", kind: "live", wires: [["out"]] },
    ...{ channel: "1", channelType: "num", stream: "sub", streamType: "str", expires: 3600 },
  },
  { id: "out", type: "http response", z: "tab", statusCode: "", headers: {}, wires: [] },
];

let base = "";

const server: VideoServer = {
  async start({ host, port, username, password }) {
    const userDir = mkdtempSync(path.join(tmpdir(), "hikflow-bench-"));
    process.once("exit", () => rmSync(userDir, { recursive: true, force: true }));
    installLinked(userDir);
    writeFileSync(path.join(userDir, "flows.json"), JSON.stringify(flowOf(host, port)));
    writeFileSync(path.join(userDir, "flows_cred.json"), JSON.stringify({ device: { username, password } }));
    const red = createRequire(__filename)(nodeRedMain) as Runtime;
    const http = createServer();
    red.init(http, {
      ...{ userDir, flowFile: "flows.json", credentialSecret: false, httpAdminRoot: false, httpNodeRoot: "/" },
      ...{ telemetry: { enabled: false }, logging: { console: { level: "error" } } },
    });
    const started = new Promise<void>((resolve) => red.events.once("flows:started", resolve));
    await red.start();
    await started;
    http.on("request", red.httpNode);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const found = (http.address() as AddressInfo).port;
    base = `http://127.0.0.1:${found}`;
    return found;
  },

  async address(channel) {
    const response = await fetch(`${base}/address?channel=${channel}`);
    const { url } = (await response.json()) as { url: string };
    return url;
  },

  usage() {
    const { user, system } = process.cpuUsage();
    (globalThis as { gc?: () => void }).gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return Promise.resolve({ cpuMs: (user + system) / 1000, rss, used: heapUsed + external });
  },
};

serve(server);
