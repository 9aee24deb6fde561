/** Pictures: …/Streaming/channels/<channel*100+stream>/picture, through the proxy on NVRs that want it, and the oldest path. */
import type { Exchange } from "../exchange";
import type { VirtualDevice } from "../device";
import type { Scene, View } from "../picture-source";
import type { Channel } from "../profile";
import { route, type Route } from "../router";
import { streamSizes } from "./channels";
import { platesOf } from "./plates";
import { headsOf, MOUNTED } from "./ptz-head";

const IN_SIGHT_MS = 8_000;

/** 101 → channel 1, stream 1. Single cameras also take the bare channel number. */
function parseId(
  id: string,
  channels: readonly Channel[],
  streams: number,
): { channel: Channel; stream: number } | undefined {
  if (!/^\d+$/.test(id)) return undefined;
  const number = Number(id);
  const bare = number < 100;
  const stream = bare ? 1 : number % 100;
  const channel = channels.find((c) => c.number === (bare ? number : Math.floor(number / 100)));
  if (!channel || stream < 1 || stream > streams || (bare && channels.length > 1)) return undefined;
  return { channel, stream };
}

function dimension(exchange: Exchange, name: string, fallback: number): number {
  const asked = Number(exchange.query.get(name));
  return Number.isInteger(asked) && asked >= 32 && asked <= 3840 ? asked : fallback;
}

const QUERY = new Set(["videoResolutionWidth", "videoResolutionHeight", "snapShotImageType"]);

/** Sizes that it cannot make a device ignores; what is no size, or no parameter at all, it refuses. */
function queryIsBad({ query }: Exchange): boolean {
  const type = query.get("snapShotImageType");
  return (
    [...query].some(([name, value]) => !QUERY.has(name) || (name !== "snapShotImageType" && !/^\d+$/.test(value))) ||
    (type !== null && type !== "JPEG")
  );
}

function picture(exchange: Exchange): void {
  const { profile, time } = exchange.device;
  const sizes = streamSizes(exchange.device);
  if (queryIsBad(exchange)) {
    exchange.status("badParameters");
    return;
  }
  const found = parseId(exchange.param("id"), profile.channels, sizes.length);
  if (!found) {
    exchange.status("badXmlContent");
    return;
  }
  if (!found.channel.online) {
    exchange.status("deviceError");
    return;
  }
  const [width, height] = sizes[found.stream - 1] ?? [640, 360];
  const data = exchange.device.pictures.scene({
    width: dimension(exchange, "videoResolutionWidth", width),
    height: dimension(exchange, "videoResolutionHeight", height),
    channel: found.channel.number,
    stamp: time.stamp(),
    channelName: found.channel.name,
    view: viewOf(exchange.device, found.channel.number),
    covered: found.channel.covered,
    ...justPassed(exchange.device, found.channel.number),
  });
  exchange.send(200, "image/jpeg", data);
}

/** The mounted direction until the PTZ head is moved. */
function viewOf(device: VirtualDevice, channel: number): View {
  const { azimuth, elevation, zoom } = headsOf(device).channels.get(channel)?.position ?? MOUNTED;
  return {
    pan: Math.round(azimuth - MOUNTED.azimuth) / 10,
    tilt: Math.round(elevation - MOUNTED.elevation) / 10,
    zoom: Math.round(zoom) / MOUNTED.zoom,
  };
}

/** A vehicle whose plate was just read is still in the picture. */
function justPassed(device: VirtualDevice, channel: number): Pick<Scene, "target" | "plate" | "vehicleColor"> {
  const last = platesOf(device).newest(channel);
  if (!last || device.time.now() - last.capturedMs > IN_SIGHT_MS) return {};
  return {
    target: "vehicle",
    plate: last.plate === "unknown" ? "" : last.plate,
    ...(last.vehicleColor !== undefined && { vehicleColor: last.vehicleColor }),
  };
}

function direct(exchange: Exchange): void {
  if (exchange.device.options.snapshotByProxy) exchange.status("badXmlContent");
  else picture(exchange);
}

function proxy(exchange: Exchange): void {
  if (exchange.device.profile.model === "camera") exchange.status("notSupport");
  else picture(exchange);
}

export const snapshot: readonly Route[] = [
  route("GET", "/ISAPI/Streaming/channels/:id/picture", direct),
  route("GET", "/ISAPI/ContentMgmt/StreamingProxy/channels/:id/picture", proxy),
  route("GET", "/Streaming/channels/:id/picture", picture),
];
