/** Downloads: a GET whose body names the recording, byte for byte as its playback address was given out. No ranges, one at a time. */
import { once } from "node:events";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { readLeaf } from "../xml";
import { archiveOf, mediaBytes, type Media, type StoredRecording } from "./recordings";

class Downloads {
  /** How a download may be asked for; "none": it refuses them all, as a camera does (DS-2XM6825G0 V5.5.850). */
  form: "getBody" | "post" | "query" | "none" = "getBody";
  /** More at once get deviceBusy. */
  slots = 1;
  /** false: the body ends with the connection. */
  contentLength = true;
  /** So many bytes more than it has announced. */
  extraBytes = 0;
  /** 0: as fast as it goes. */
  bytesPerSecond = 0;
  /** So many of the next downloads go wrong after so many bytes. */
  trouble: { times: number; readonly afterBytes: number; readonly kind: "end" | "reset" | "stall" } | undefined;
  /** Names of the files whose last byte was sent. */
  readonly done: string[] = [];
  readonly started: string[] = [];
  running = 0;
  most = 0;
}

/** What it does to downloads, and what became of them. */
export const downloadsOf = perDevice(() => new Downloads());

const PIECE = 64 * 1024;

async function byUri(exchange: Exchange, uri: string | null | undefined): Promise<void> {
  const archive = archiveOf(exchange.device);
  const recording = archive.all.find((one) => archive.uri(one) === uri);
  // By the web page of a recorder, what has no name cannot be downloaded.
  if (!recording || !archive.names) exchange.status("badXmlContent");
  else await serve(exchange, recording);
}

async function serve(exchange: Exchange, recording: StoredRecording): Promise<void> {
  const downloads = downloadsOf(exchange.device);
  if (downloads.running >= downloads.slots) {
    exchange.status("deviceBusy");
    return;
  }
  downloads.running += 1;
  downloads.most = Math.max(downloads.most, downloads.running);
  downloads.started.push(recording.name);
  try {
    await send(exchange, recording, downloads);
  } finally {
    downloads.running -= 1;
  }
}

async function send(exchange: Exchange, { media, name, kind }: StoredRecording, downloads: Downloads): Promise<void> {
  const { response } = exchange;
  const total = mediaBytes(media) + downloads.extraBytes;
  const trouble = downloads.trouble && downloads.trouble.times > 0 ? downloads.trouble : undefined;
  if (trouble) trouble.times -= 1;
  exchange.head(200, {
    "Content-Type": kind === "picture" ? "image/jpeg" : "video/mpeg4",
    ...(downloads.contentLength ? { "Content-Length": total } : { Connection: "close" }),
  });
  const gone = once(response, "close");
  for (let sent = 0; sent < total && !response.destroyed;) {
    if (trouble && sent >= trouble.afterBytes) {
      await stop(exchange, trouble.kind, gone);
      return;
    }
    const most = Math.min(PIECE, trouble ? trouble.afterBytes - sent : PIECE);
    const data = piece(media, sent, Math.min(most, total - sent));
    sent += data.length;
    if (!response.write(data)) await Promise.race([once(response, "drain"), gone]);
    if (downloads.bytesPerSecond > 0) await exchange.device.pause((1000 * data.length) / downloads.bytesPerSecond);
  }
  if (response.destroyed) return;
  downloads.done.push(name);
  response.end();
  // The slot is free once the last byte has gone.
  if (!response.writableFinished) await Promise.race([once(response, "finish"), gone]);
}

async function stop(
  { response, device }: Exchange,
  kind: "end" | "reset" | "stall",
  gone: Promise<unknown>,
): Promise<void> {
  if (kind === "reset") response.socket?.resetAndDestroy();
  else if (kind === "end") response.socket?.end();
  else while (!response.destroyed && !device.closed) await Promise.race([device.pause(50), gone]);
}

function piece(media: Media, from: number, size: number): Buffer {
  if (from >= mediaBytes(media)) return FILL.subarray(0, size);
  if (Buffer.isBuffer(media)) return media.subarray(from, from + size);
  if ("read" in media) return media.read(from, size);
  if (from > 0 || size < media.head.length) return FILL.subarray(0, size);
  return Buffer.concat([media.head, FILL], size);
}

const FILL = Buffer.alloc(PIECE, 0xa5);

function get(exchange: Exchange): Promise<void> | void {
  const { form } = downloadsOf(exchange.device);
  if (form === "query") return byUri(exchange, exchange.query.get("playbackURI"));
  if (form === "post" || form === "none") {
    exchange.status("methodNotAllowed");
    return;
  }
  const body = exchange.xmlBody("downloadRequest");
  if (body !== undefined) return byUri(exchange, readLeaf(body, "playbackURI"));
}

function post(exchange: Exchange): Promise<void> | void {
  if (downloadsOf(exchange.device).form !== "post") {
    exchange.status("methodNotAllowed");
    return;
  }
  const body = exchange.xmlBody("downloadRequest");
  if (body !== undefined) return byUri(exchange, readLeaf(body, "playbackURI"));
}

/** A picture is a plain GET of its own address. */
function picture(exchange: Exchange): Promise<void> | void {
  const archive = archiveOf(exchange.device);
  const found = archive.all.find((one) => one.kind === "picture" && one.name === exchange.query.get("name"));
  if (found) return serve(exchange, found);
  exchange.status("badParameters");
}

export const download: readonly Route[] = [
  route("GET", "/ISAPI/ContentMgmt/download", get),
  route("POST", "/ISAPI/ContentMgmt/download", post),
  route("GET", "/ISAPI/Streaming/tracks/:track/", picture),
];
