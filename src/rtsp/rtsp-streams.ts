/** What players need to know about the streams of a device: existence, codec, protocols. */
import { codeOf, FatalError } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { parseStream, type VideoStream } from "../isapi/streams";
import { isUnavailable } from "../isapi/unavailable";
import { boolean, list, text, type XmlNode } from "../isapi/xml";
import { enumerate, say, type Sentence } from "../lib/sentence";

export interface RtspStream extends VideoStream {
  /** The vendor's own variant of its codec (H.264+, H.265+), which few other players decode. */
  readonly smart: boolean;
  /** "RTSP", "SRTP", "HTTP" …, as listed. */
  readonly protocols: readonly string[];
  /** Undefined: the device does not say (recorders). */
  readonly multicast: boolean | undefined;
}

const PATH = "/ISAPI/Streaming/channels";

/** All streams, or undefined when the device does not list them, or not to this user. */
export async function listRtspStreams(isapi: Pick<Isapi, "get">): Promise<readonly RtspStream[] | undefined> {
  try {
    const { value } = await isapi.get(PATH, { purpose: say`the list of streams` });
    return list(value, "StreamingChannel").flatMap((node) => rtspStream(node) ?? []);
  } catch (error) {
    if (isUnavailable(error)) return undefined;
    throw error;
  }
}

/**
 * One stream of a channel. Cameras answer for streams they do not have with the main one (DS-2CD2346G2-ISU V5.7: 103 and 104), so
 * the list decides; where it is missing or incomplete (recorders), the stream itself is requested.
 * @returns undefined when the user may not see it.
 * @throws {FatalError} `notFound`, naming the streams or channels that exist.
 */
export async function findRtspStream(
  isapi: Pick<Isapi, "get">,
  all: readonly RtspStream[] | undefined,
  channel: number,
  stream: number,
  signal?: AbortSignal,
): Promise<RtspStream | undefined> {
  const siblings = all?.filter((one) => one.channel === channel) ?? [];
  const listed = siblings.find((one) => one.stream === stream);
  if (listed) return listed;
  if (siblings.length > 0) {
    const names = enumerate(siblings.map((one) => NAMES[one.stream] ?? one.stream));
    throw missing(say`Channel ${channel} has no ${NAMES[stream] ?? stream} stream, only: ${names}`);
  }
  const id = channel * 100 + stream;
  try {
    const { value } = await isapi.get(`${PATH}/${id}`, { purpose: say`stream ${id}`, ...(signal && { signal }) });
    return typeof value === "string" ? undefined : rtspStream(value);
  } catch (error) {
    if (codeOf(error) === "forbidden") return undefined;
    if (!isUnavailable(error)) throw error;
    const numbers = [...new Set(all?.map((one) => one.channel))].sort((a, b) => a - b);
    throw missing(
      numbers.length === 0
        ? say`The device has no ${NAMES[stream] ?? stream} stream of a channel ${channel}`
        : say`The device has no channel ${channel}, only: ${enumerate(numbers)}`,
    );
  }
}

const NAMES: Readonly<Record<number, string>> = { 1: "main", 2: "sub", 3: "third" };

function missing(what: Sentence): FatalError {
  return new FatalError("notFound", say`${what}. Choose another one, or set it up on the device's web page.`);
}

function rtspStream(node: XmlNode): RtspStream | undefined {
  const stream = parseStream(node);
  if (!stream) return undefined;
  const protocols = list(node, "Transport", "ControlProtocolList", "ControlProtocol");
  return {
    ...stream,
    smart: boolean(node, "Video", "SmartCodec", "enabled") === true,
    protocols: protocols.flatMap((protocol) => text(protocol, "streamingTransport") ?? []),
    multicast: boolean(node, "Transport", "Multicast", "enabled"),
  };
}
