/**
 * Where browsers get video: GET <httpNodeRoot>/hikvision/video/<signed>/video.mp4, picture.jpg beside it, and /hikvision/video/player.js.
 * One route per process; video nodes come and go. Only signed addresses of deployed nodes lead to a device. Nothing throws.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import type { NodeAPI } from "node-red";
import {
  codeOf,
  type Device,
  FatalError,
  type HikvisionError,
  readAddress,
  RetryableError,
  say,
  type Sentence,
  signAddress,
  type Video,
  videoDuration,
  type ViewerSink,
  withLimit,
} from "../../src";
import { deviceNodeOf } from "../shared/device-node";
import { onGone } from "../shared/on-gone";
import { render } from "../shared/render";
import { typedError } from "../shared/unexpected";

export const VIDEO_PATH = "/hikvision/video/";
const PLAYER = path.join(__dirname, "player.js");
const MAX_VIEWERS = 500;
const MAX_SECONDS = 366 * 86_400;
const PICTURE_MS = 15_000;
/** Who asks for the same picture within this time gets the same. */
const PICTURE_KEEP_MS = 800;
const MAX_PICTURES = 100;
const WATCH_MS = 30_000;
const SPEEDS: ReadonlySet<string> = new Set(["1", "2", "4"]);

/** Of this run of Node-RED: an address dies with it. */
const key = randomBytes(32);
const served = new WeakSet<object>();
/** Deployed video nodes by id, with what ends their viewers. */
const nodes = new Map<string, Set<() => void>>();
const pictures = new Map<
  string,
  { readonly device: Device; readonly taken: Promise<Buffer>; readonly until: number }
>();
let viewers = 0;

/** Serves the route. Repeatable. */
export function serveVideo(RED: NodeAPI): void {
  const app = RED.httpNode as object | undefined;
  if (!app || served.has(app) || RED.settings.httpNodeRoot === false) return;
  served.add(app);
  RED.httpNode.get(`${VIDEO_PATH}player.js`, (request, response) => sendPlayer(request, response));
  RED.httpNode.get(`${VIDEO_PATH}:token/:file`, (request, response) => {
    const { token, file } = request.params;
    take(RED, { request, response, token, file });
  });
}

/** Lets addresses of a node lead somewhere; the result ends that, and all who watch through it. */
export function deployVideoNode(id: string): () => void {
  const mine = new Set<() => void>();
  nodes.set(id, mine);
  return () => {
    if (nodes.get(id) === mine) nodes.delete(id);
    if (nodes.size === 0) pictures.clear();
    for (const end of [...mine]) end();
  };
}

/** The path of a video, from the root of the server on. */
export function videoPath(RED: NodeAPI, content: Parameters<typeof signAddress>[0]): string {
  const root = RED.settings.httpNodeRoot;
  const base = typeof root !== "string" ? "" : root.endsWith("/") ? root.slice(0, -1) : root;
  return `${base}${VIDEO_PATH}${signAddress(content, key)}/video.mp4`;
}

/** Throws where Node-RED serves nothing to browsers. */
export function checkRoot(RED: NodeAPI): void {
  if (RED.settings.httpNodeRoot === false)
    throw new FatalError(
      "badRequest",
      say`Node-RED's HTTP root is switched off (httpNodeRoot in its settings), so no browser gets a video. Switch it on.`,
    );
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly token: string;
  readonly file: string;
}

function take(RED: NodeAPI, asked: Asked): void {
  const { request, response, token, file } = asked;
  response.on("error", () => undefined);
  // The viewer left while something in front of the route was waited for.
  if (request.socket.destroyed) return;
  const content = readAddress(token, key, Date.now());
  if (content === undefined || content === "expired") {
    refuse(RED, asked, 403, "forbidden", EXPIRED);
    return;
  }
  const mine = nodes.get(content.node);
  if (!mine || (file !== "video.mp4" && file !== "picture.jpg")) {
    refuse(RED, asked, 404, "notFound", say`This video's node is not deployed any more.`);
    return;
  }
  const place = placeOf(request.url ?? "");
  if (!place) {
    refuse(RED, asked, 400, "badRequest", say`"t" must be a number of seconds, and "speed" 1, 2 or 4.`);
    return;
  }
  if (request.method === "HEAD") {
    response.writeHead(200, { ...HEADERS, "Content-Type": file === "video.mp4" ? "video/mp4" : "image/jpeg" });
    response.end();
    return;
  }
  const handled = async (): Promise<void> => {
    const { device } = deviceNodeOf(RED, content.device);
    if (file === "picture.jpg") await sendPicture(asked, device, content.video);
    else await sendVideo(RED, asked, { device, video: content.video, ends: mine, ...place });
  };
  handled().catch((reason: unknown) => refuseWith(RED, asked, typedError(reason)));
}

const EXPIRED = say`This address of a video is not valid, or not any more. Ask the flow for a new one.`;
const HEADERS = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  // nginx else collects before it sends.
  "X-Accel-Buffering": "no",
} as const;

interface Watch {
  readonly device: Device;
  readonly video: Video;
  /** Of its node: what ends each viewer. */
  readonly ends: Set<() => void>;
  readonly from: number;
  readonly speed: 1 | 2 | 4;
}

async function sendVideo(RED: NodeAPI, asked: Asked, watch: Watch): Promise<void> {
  const { request, response } = asked;
  if (viewers >= MAX_VIEWERS)
    throw new RetryableError(
      "noSlots",
      say`Too many browsers watch videos of this Node-RED already. Close some of them.`,
    );
  const gone = new AbortController();
  let remove: (() => void) | undefined;
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    viewers -= 1;
    watch.ends.delete(cut);
    gone.abort();
    remove?.();
  };
  const cut = (): void => {
    finish();
    response.destroy();
  };
  viewers += 1;
  watch.ends.add(cut);
  onGone(request, response, finish);
  const sink: ViewerSink = {
    begin: (mime) => {
      if (!response.headersSent && !over)
        response.writeHead(200, { ...HEADERS, ...factsOf(watch.video), "Content-Type": mime });
    },
    write: (bytes) => {
      if (!over) response.write(bytes);
    },
    get queued() {
      return response.writableLength;
    },
    ended: (error) => {
      const running = !over;
      finish();
      if (!running) return;
      // What has begun and failed is cut, so that it does not look complete.
      if (!response.headersSent) refuseWith(RED, asked, error ?? NOTHING_CAME);
      else if (error) response.destroy();
      else response.end();
    },
  };
  try {
    const limit = { clock: watch.device.clock, ms: WATCH_MS, signal: gone.signal, late: noVideo };
    const { videos } = watch.device;
    const stop = await withLimit(limit, (signal) => videos.watch(watch.video, watch, sink, signal));
    if (gone.signal.aborted) stop();
    else remove = stop;
  } catch (error) {
    finish();
    throw error;
  }
}

/** For the player. */
function factsOf(video: Video): Readonly<Record<string, string>> {
  const duration = videoDuration(video);
  return {
    "X-Video": video.kind === "live" ? "live" : "recording",
    ...(duration !== undefined && { "X-Video-Duration": String(duration) }),
  };
}

const NOTHING_CAME = new RetryableError(
  "offline",
  say`The device has ended its video (RTSP) before it began. Try again.`,
);

const noVideo = (): HikvisionError =>
  new RetryableError("timeout", say`The device's video did not come in time (RTSP). Check the network.`);
const noPicture = (): HikvisionError =>
  new RetryableError("timeout", say`The picture did not come within ${PICTURE_MS / 1000} seconds.`);

async function sendPicture({ response }: Asked, device: Device, video: Video): Promise<void> {
  // A recording has none of its own, which is no failure.
  if (video.kind !== "live") {
    response.writeHead(204, HEADERS).end();
    return;
  }
  const picture = await pictureOf(device, video);
  response.writeHead(200, { ...HEADERS, "Content-Type": "image/jpeg", "Content-Length": picture.length });
  response.end(picture);
}

/** Shared by all who ask at about the same time: cameras make few pictures at once. */
function pictureOf(device: Device, { channel, stream }: Video): Promise<Buffer> {
  const name = `${device.identity.id} ${channel} ${stream}`;
  const now = Date.now();
  const known = pictures.get(name);
  if (known?.device === device && known.until > now) return known.taken;
  for (const [old, { until }] of pictures) if (until <= now || pictures.size > MAX_PICTURES) pictures.delete(old);
  const limit = { clock: device.clock, ms: PICTURE_MS, late: noPicture };
  const taken = withLimit(limit, (signal) =>
    device.snapshots.take({ channel, stream, signal }).catch((error: unknown) => {
      // Recorders give pictures of the main stream alone.
      if (stream === 1 || codeOf(error) === "unauthorized") throw error;
      return device.snapshots.take({ channel, stream: 1, signal });
    }),
  );
  pictures.set(name, { device, taken, until: now + PICTURE_MS });
  taken.then(
    () => pictures.set(name, { device, taken, until: Date.now() + PICTURE_KEEP_MS }),
    () => pictures.delete(name),
  );
  return taken;
}

/** Undefined: what stands behind the question mark cannot be meant. */
function placeOf(url: string): Pick<Watch, "from" | "speed"> | undefined {
  const start = url.indexOf("?");
  const query = new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
  const t = query.get("t") ?? "0";
  const speed = query.get("speed") ?? "1";
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(t) || Number(t) > MAX_SECONDS || !SPEEDS.has(speed)) return undefined;
  return { from: Number(t), speed: Number(speed) as 1 | 2 | 4 };
}

const STATUS: Readonly<Record<string, number>> = {
  badRequest: 400,
  notFound: 404,
  notSupported: 415,
  timeout: 504,
};

/** 503 where another try helps, 502 where the device refuses: a 401 would ask the browser for a login. */
function refuseWith(RED: NodeAPI, asked: Asked, error: HikvisionError): void {
  const { code, sentence } = error;
  refuse(RED, asked, STATUS[code] ?? (error instanceof RetryableError ? 503 : 502), code, sentence);
}

function refuse(RED: NodeAPI, { request, response }: Asked, status: number, code: string, sentence: Sentence): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = JSON.stringify({ code, message: render(RED, sentence) });
  response.writeHead(status, {
    ...HEADERS,
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

let player: { readonly bytes: Buffer; readonly tag: string } | undefined;

function sendPlayer(request: IncomingMessage, response: ServerResponse): void {
  try {
    if (!player) {
      const bytes = readFileSync(PLAYER);
      player = { bytes, tag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 20)}"` };
    }
    const { bytes, tag } = player;
    const headers = { "Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-cache", ETag: tag };
    if (request.headers["if-none-match"] === tag) response.writeHead(304, headers).end();
    else {
      response.writeHead(200, { ...headers, "Content-Length": bytes.length });
      response.end(request.method === "HEAD" ? undefined : bytes);
    }
  } catch {
    response.writeHead(404, { "Content-Length": 0 }).end();
  }
}
