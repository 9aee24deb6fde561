/**
 * Two-way audio: one talker at a time, in the order close, open, audioData, close. After its 200 the socket of audioData
 * carries the codec's bytes as they are (AlexxIT/go2rtc pkg/isapi).
 */
import type { Socket } from "node:net";
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { PROLOG, element, leaf } from "../xml";
import { rootAttributes } from "./system";

/** What came over an audioData socket, and when (monotonic ms). */
export interface ReceivedAudio {
  readonly at: number;
  readonly bytes: Buffer;
}

export interface AudioChannelState {
  readonly id: number;
  /** The channel's own document, as it stands; PUT replaces it. */
  document: string;
  open: boolean;
  /** Another client talks: open is refused until this is false. */
  taken: boolean;
  session: string | undefined;
  socket: Socket | undefined;
  /** Of the last session. */
  received: ReceivedAudio[];
  /** Requests in order: "close", "open", "audioData". */
  readonly calls: string[];
}

interface AudioState {
  readonly channels: readonly AudioChannelState[];
  /** What open is refused with while the channel is open or taken. */
  refusal: 401 | 403;
  /** false: open answers a plain ResponseStatus, as many cameras do. */
  sessions: boolean;
  nextSession: number;
}

export const audioOf = perDevice((device): AudioState => {
  const codecs = ["G.711ulaw", "G.711alaw", "AAC"];
  return {
    channels: codecs.map((codec, i) => ({
      id: i + 1,
      document: channelXml(device, i + 1, codec),
      open: false,
      taken: false,
      session: undefined,
      socket: undefined,
      received: [],
      calls: [],
    })),
    refusal: 403,
    sessions: true,
    nextSession: 7001,
  };
});

function channelXml(device: VirtualDevice, id: number, codec: string): string {
  return element(
    "TwoWayAudioChannel",
    leaf("id", id) +
      leaf("enabled", false) +
      leaf("audioCompressionType", codec) +
      leaf("speakerVolume", 50) +
      leaf("microphoneVolume", 60) +
      leaf("noisereduce", true) +
      leaf("audioInputType", "MicIn") +
      "\r\n<!-- the device's own remark -->",
    rootAttributes(device),
  );
}

function channelOf(exchange: Exchange): AudioChannelState | undefined {
  const found = audioOf(exchange.device).channels.find(({ id }) => String(id) === exchange.param("id"));
  if (!found) exchange.status("invalidOperation");
  return found;
}

function close(exchange: Exchange): void {
  const channel = channelOf(exchange);
  if (!channel) return;
  channel.calls.push("close");
  channel.open = false;
  channel.session = undefined;
  channel.socket?.destroy();
  channel.socket = undefined;
  exchange.status("ok");
}

function open(exchange: Exchange): void {
  const channel = channelOf(exchange);
  if (!channel) return;
  const state = audioOf(exchange.device);
  channel.calls.push("open");
  if (channel.open || channel.taken) {
    if (state.refusal === 403) exchange.status("invalidOperation");
    else exchange.send(401, "text/html", "<html><body>Unauthorized</body></html>");
    return;
  }
  channel.open = true;
  channel.received = [];
  if (!state.sessions) {
    exchange.status("ok");
    return;
  }
  channel.session = String(state.nextSession++);
  exchange.xml(element("TwoWayAudioSession", leaf("sessionId", channel.session), rootAttributes(exchange.device)));
}

function audioData(exchange: Exchange): void {
  const channel = channelOf(exchange);
  if (!channel) return;
  channel.calls.push("audioData");
  const { request, response } = exchange;
  const { socket } = request;
  const inOrder =
    channel.open && (channel.session === undefined || exchange.query.get("sessionId") === channel.session);
  if (!inOrder || request.headers["content-length"] !== "0" || channel.socket) {
    exchange.status("invalidOperation");
    return;
  }
  channel.socket = socket;
  exchange.recorded.status = 200;
  // From here on the bytes are no HTTP: the parser must not see them.
  socket.removeAllListeners("data");
  socket.on("data", (bytes: Buffer) => channel.received.push({ at: exchange.device.clock.elapsed(), bytes }));
  socket.once("close", () => {
    if (channel.socket === socket) channel.socket = undefined;
    response.destroy();
  });
  socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 0\r\n\r\n");
}

const BASE = "/ISAPI/System/TwoWayAudio/channels";

export const audio: readonly Route[] = [
  route("GET", BASE, (exchange) =>
    exchange.xml(
      element(
        "TwoWayAudioChannelList",
        audioOf(exchange.device)
          .channels.map(({ document }) => document)
          .join(""),
        rootAttributes(exchange.device),
      ),
    ),
  ),
  route("GET", `${BASE}/:id`, (exchange) => {
    const channel = channelOf(exchange);
    if (channel) exchange.xml(channel.document);
  }),
  route("PUT", `${BASE}/:id`, (exchange) => {
    const channel = channelOf(exchange);
    const text = channel && exchange.xmlBody("TwoWayAudioChannel");
    if (!channel || text === undefined) return;
    channel.document = text.startsWith(PROLOG) ? text.slice(PROLOG.length) : text;
    exchange.status("ok");
  }),
  route("PUT", `${BASE}/:id/close`, close),
  route("PUT", `${BASE}/:id/open`, open),
  route("PUT", `${BASE}/:id/audioData`, audioData),
];
