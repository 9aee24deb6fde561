/** Bytes of a stream → what the package makes of them. */
import { decode } from "../../src/events/decode/decode";
import { VideoLosses } from "../../src/events/decode/heartbeat";
import type { Notification } from "../../src/events/types";
import { PartReader } from "../../src/multipart/part-reader";

/** A stream as it comes over the wire. */
export interface Wire {
  readonly contentType: string;
  readonly chunks: readonly Buffer[];
}

/** What came out for a stream, heartbeats among it, in order. */
export type Replay = (wire: Wire) => Notification[] | Promise<Notification[]>;

/** Through the reader and the decoder, as the alert stream does it. */
export const replay: Replay = ({ contentType, chunks }) => {
  const notifications: Notification[] = [];
  const context = { videoLosses: new VideoLosses() };
  const reader = new PartReader({ contentType, onPart: (part) => notifications.push(...decode(part, context)) });
  for (const chunk of chunks) reader.write(chunk);
  reader.end();
  return notifications;
};

/** The same bytes in pieces of a size. */
export function inChunks(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}
