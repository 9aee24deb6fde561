/** The video streams of a device: `/ISAPI/Streaming/channels`, where 101 is channel 1, main stream. */
import { say } from "../lib/sentence";
import type { Isapi } from "./isapi";
import { defined } from "../lib/defined";
import { boolean, list, number, text, type XmlNode } from "./xml";

export interface VideoStream {
  /** As in paths: channel * 100 + stream. Very old cameras count 1, 2. */
  readonly id: number;
  readonly channel: number;
  /** 1 main, 2 sub, 3 third. */
  readonly stream: number;
  /** Name of the channel; recorders repeat the id here, which is left out. */
  readonly name?: string;
  readonly enabled?: boolean;
  /** "H.264", "H.265", "MJPEG" … as sent. */
  readonly codec?: string;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** All streams of all channels, as listed. Throws what {@link Isapi.get} throws. */
export async function readStreams(isapi: Pick<Isapi, "get">, signal?: AbortSignal): Promise<readonly VideoStream[]> {
  const { value } = await isapi.get("/ISAPI/Streaming/channels", {
    purpose: say`the list of streams`,
    ...(signal && { signal }),
  });
  return list(value, "StreamingChannel").flatMap((node) => parseStream(node) ?? []);
}

/** Undefined when the element has no usable id. */
export function parseStream(node: XmlNode): VideoStream | undefined {
  const id = number(node, "id");
  if (id === undefined || !Number.isInteger(id) || id < 1) return undefined;
  const numbers =
    id > 100
      ? { channel: Math.floor(id / 100), stream: id % 100 }
      : { channel: number(node, "Video", "videoInputChannelID") ?? 1, stream: id };
  const name = text(node, "channelName");
  return {
    id,
    ...numbers,
    ...defined({
      name: name === String(id) ? undefined : name,
      enabled: boolean(node, "enabled"),
      codec: text(node, "Video", "videoCodecType"),
      width: number(node, "Video", "videoResolutionWidth"),
      height: number(node, "Video", "videoResolutionHeight"),
    }),
  };
}
