/** Which channels there are: Streaming/channels, ContentMgmt/InputProxy, System/Video/inputs. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import type { Channel } from "../profile";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, readLeaf } from "../xml";
import { rootAttributes } from "./system";

/** Streams per channel: cameras have three, recorders two. */
export function streamSizes(device: VirtualDevice): readonly (readonly [width: number, height: number])[] {
  const sizes = [
    [1280, 720],
    [640, 360],
    [352, 288],
  ] as const;
  return device.profile.model === "camera" ? sizes : sizes.slice(0, 2);
}

/** One stream as somebody set it up. */
export interface StreamSetup {
  enabled: boolean;
  codec: "H.264" | "H.265" | "MJPEG";
  /** The vendor's variant of the codec: H.264+, H.265+. */
  smart: boolean;
  protocols: readonly string[];
  /** Cameras alone say so. */
  multicast: boolean;
}

/** All streams by id, for tests to change and to take away. */
export const streamsOf = perDevice((device): Map<number, StreamSetup> => {
  const camera = device.profile.model === "camera";
  const setups = device.profile.channels.flatMap((channel) =>
    streamSizes(device).map((_, index): [number, StreamSetup] => [
      channel.number * 100 + index + 1,
      {
        enabled: true,
        codec: index === 0 ? "H.265" : "H.264",
        smart: false,
        protocols: camera ? ["RTSP", "HTTP", "SHTTP", "SRTP"] : ["RTSP"],
        multicast: true,
      },
    ]),
  );
  return new Map(setups);
});

/** `shownId`: the number that was asked for, where it is not the stream's own. */
function streamingChannel(device: VirtualDevice, id: number, attributes = "", shownId = id): string {
  const channel = device.profile.channels.find((one) => one.number === Math.floor(id / 100));
  const setup = streamsOf(device).get(id);
  if (!channel || !setup) return "";
  const stream = id % 100;
  const camera = device.profile.model === "camera";
  const [width, height] = streamSizes(device)[stream - 1] ?? [0, 0];
  const protocols = setup.protocols.map((name) => element("ControlProtocol", leaf("streamingTransport", name)));
  const inner =
    leaf("id", shownId) +
    leaf("channelName", camera ? channel.name : id) +
    leaf("enabled", setup.enabled) +
    element(
      "Transport",
      element("ControlProtocolList", protocols.join("")) +
        element("Unicast", leaf("enabled", true) + leaf("rtpTransportType", "RTP/TCP")) +
        (camera
          ? element(
              "Multicast",
              leaf("enabled", setup.multicast) + leaf("destIPAddress", "239.0.0.1") + leaf("videoDestPortNo", 8860),
            )
          : "") +
        element("Security", leaf("enabled", true) + leaf("certificateType", "digest")),
    ) +
    element(
      "Video",
      leaf("enabled", true) +
        leaf("videoInputChannelID", channel.number) +
        leaf("videoCodecType", setup.codec) +
        leaf("videoResolutionWidth", width) +
        leaf("videoResolutionHeight", height) +
        leaf("videoQualityControlType", "VBR") +
        leaf("maxFrameRate", 2500) +
        leaf("snapShotImageType", "JPEG") +
        (stream === 1 || !camera ? element("SmartCodec", leaf("enabled", setup.smart)) : ""),
    ) +
    element(
      "Audio",
      leaf("enabled", stream === 1) + leaf("audioInputChannelID", 1) + leaf("audioCompressionType", "G.711ulaw"),
    );
  return element("StreamingChannel", inner, attributes);
}

function listStreams(exchange: Exchange): void {
  const { device } = exchange;
  const all = [...streamsOf(device).keys()].map((id) => streamingChannel(device, id));
  exchange.xml(element("StreamingChannelList", all.join(""), rootAttributes(device)));
}

/**
 * A stream that is not there: 403 on NVRs, 400 for the third of a DVR (iDS-7204HUHI V4.75). Cameras give the main one for the third and
 * the fourth that they lack, under the number that was asked for (DS-2CD2346G2-ISU V5.7).
 */
function oneStream(exchange: Exchange): void {
  const { device } = exchange;
  const { model } = device.profile;
  const id = Number(exchange.param("id"));
  const [channel, stream] = [Math.floor(id / 100), id % 100];
  const streams = streamsOf(device);
  if (streams.has(id)) exchange.xml(streamingChannel(device, id, rootAttributes(device)));
  else if (model === "camera" && (stream === 3 || stream === 4) && streams.has(channel * 100 + 1))
    exchange.xml(streamingChannel(device, channel * 100 + 1, rootAttributes(device), id));
  else exchange.status(model === "dvr" && stream === 3 ? "badParameters" : "notSupport");
}

/** Recorders alone have a proxy. The n-th IP channel's input port is n, whatever its id: so alerts' 33, 34 … find it. */
function proxies(device: VirtualDevice): readonly Channel[] {
  return device.profile.channels.filter((channel) => channel.source === "ip");
}

function proxyChannel(device: VirtualDevice, channel: Channel, attributes = ""): string {
  const port = proxies(device).indexOf(channel) + 1;
  const source =
    leaf("proxyProtocol", "HIKVISION") +
    leaf("addressingFormatType", "ipaddress") +
    leaf("ipAddress", `192.0.2.${10 + channel.number}`) +
    leaf("managePortNo", 8000) +
    leaf("srcInputPort", device.profile.model === "dvr" ? port : 1) +
    leaf("userName", "admin") +
    leaf("streamType", "auto") +
    leaf("model", channel.online ? "VC-2CD4B-V" : "") +
    leaf(
      "serialNumber",
      channel.online ? `VC-2CD4B-V20260101AAWRV0000${String(channel.number).padStart(4, "0")}` : "",
    ) +
    leaf("firmwareVersion", channel.online ? "V5.7.15 build 240126" : "");
  return element(
    "InputProxyChannel",
    leaf("id", channel.number) + leaf("name", channel.name) + element("sourceInputPortDescriptor", source),
    attributes,
  );
}

function listProxies(exchange: Exchange): void {
  const { device } = exchange;
  if (device.profile.model === "camera") {
    exchange.status("notSupport");
    return;
  }
  const all = proxies(device);
  const attributes = `${rootAttributes(device)} size="${all.length}"`;
  exchange.xml(element("InputProxyChannelList", all.map((c) => proxyChannel(device, c)).join(""), attributes));
}

function withProxy(exchange: Exchange, use: (channel: Channel) => void): void {
  const channel = proxies(exchange.device).find((c) => c.number === Number(exchange.param("id")));
  if (channel) use(channel);
  else exchange.status(exchange.device.profile.model === "camera" ? "notSupport" : "badParameters");
}

function rename(exchange: Exchange, root: string, channel: Channel): void {
  const body = exchange.xmlBody(root);
  if (body === undefined) return;
  const name = readLeaf(body, "name");
  if (name === undefined) {
    exchange.status("badXmlContent");
    return;
  }
  channel.name = name;
  exchange.status("ok");
}

function proxyStatus(channel: Channel, attributes = ""): string {
  return element(
    "InputProxyChannelStatus",
    leaf("id", channel.number) +
      element(
        "sourceInputPortDescriptor",
        leaf("proxyProtocol", "HIKVISION") +
          leaf("ipAddress", `192.0.2.${10 + channel.number}`) +
          leaf("srcInputPort", 1),
      ) +
      leaf("online", channel.online) +
      element(
        "streamingProxyChannelIdList",
        leaf("streamingProxyChannelId", channel.number * 100 + 1) +
          leaf("streamingProxyChannelId", channel.number * 100 + 2),
      ) +
      leaf("chanDetectResult", channel.online ? "connect" : "netUnreachable"),
    attributes,
  );
}

function listProxyStatus(exchange: Exchange): void {
  const { device } = exchange;
  if (device.profile.model === "camera") exchange.status("notSupport");
  else {
    const all = proxies(device).map((channel) => proxyStatus(channel));
    exchange.xml(element("InputProxyChannelStatusList", all.join(""), rootAttributes(device)));
  }
}

function videoInput(device: VirtualDevice, channel: Channel): string {
  const dvr = device.profile.model === "dvr";
  const inner =
    leaf("id", channel.number) +
    leaf("inputPort", channel.number) +
    (dvr ? leaf("videoInputEnabled", true) : "") +
    leaf("name", channel.name) +
    leaf("videoFormat", "PAL") +
    (dvr ? leaf("resDesc", channel.online ? "2560*1440(4MP)P25" : "NO VIDEO") : "");
  return element("VideoInputChannel", inner, rootAttributes(device));
}

function ownChannels({ profile }: VirtualDevice): readonly Channel[] {
  return profile.channels.filter((channel) => channel.source === "own");
}

function listVideoInputs(exchange: Exchange): void {
  const { device } = exchange;
  const own = ownChannels(device);
  if (own.length === 0) exchange.status("notSupport");
  else
    exchange.xml(
      element("VideoInputChannelList", own.map((c) => videoInput(device, c)).join(""), rootAttributes(device)),
    );
}

function withVideoInput(exchange: Exchange, use: (channel: Channel) => void): void {
  const channel = ownChannels(exchange.device).find((c) => c.number === Number(exchange.param("id")));
  if (channel) use(channel);
  else exchange.status("notSupport");
}

const PROXY = "/ISAPI/ContentMgmt/InputProxy/channels";
const INPUTS = "/ISAPI/System/Video/inputs/channels";

export const channels: readonly Route[] = [
  route("GET", "/ISAPI/Streaming/channels", listStreams),
  route("GET", "/ISAPI/Streaming/channels/:id", oneStream),
  route("GET", PROXY, listProxies),
  route("GET", `${PROXY}/status`, listProxyStatus),
  route("GET", `${PROXY}/:id`, (exchange) =>
    withProxy(exchange, (channel) =>
      exchange.xml(proxyChannel(exchange.device, channel, rootAttributes(exchange.device))),
    ),
  ),
  route("PUT", `${PROXY}/:id`, (exchange) =>
    withProxy(exchange, (channel) => rename(exchange, "InputProxyChannel", channel)),
  ),
  route("GET", `${PROXY}/:id/status`, (exchange) =>
    withProxy(exchange, (channel) => exchange.xml(proxyStatus(channel, rootAttributes(exchange.device)))),
  ),
  route("GET", INPUTS, listVideoInputs),
  route("GET", `${INPUTS}/:id`, (exchange) =>
    withVideoInput(exchange, (channel) => exchange.xml(videoInput(exchange.device, channel))),
  ),
  route("PUT", `${INPUTS}/:id`, (exchange) =>
    withVideoInput(exchange, (channel) => rename(exchange, "VideoInputChannel", channel)),
  ),
];
