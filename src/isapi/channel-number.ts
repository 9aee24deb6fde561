/** Channel and stream as users give them → numbers. Channels count from 1; 101 is how devices write "channel 1, main stream". */
import { FatalError } from "../lib/errors";
import { say, type SentenceValue } from "../lib/sentence";
import { table } from "../lib/table";

const STREAMS = table<number>({ main: 1, sub: 2, third: 3 });

/** A channel number. Text numbers are accepted. Throws `badRequest` with a hint. */
export function channelNumber(value: unknown): number {
  const channel = wholeNumber(value);
  if (channel === undefined || channel < 1) {
    throw new FatalError("badRequest", say`${quoted(value)} is not a channel: give a number from 1.`);
  }
  if (channel > 100) {
    const [camera, stream] = [Math.floor(channel / 100), channel % 100];
    throw new FatalError(
      "badRequest",
      stream > 0
        ? say`Channel ${channel} looks like a stream number: give channel ${camera} and stream ${stream} instead.`
        : say`Channel ${channel} looks like a stream number: give channel ${camera} instead.`,
    );
  }
  return channel;
}

/** 1, 2 or 3; "main", "sub", "third" are accepted, nothing means main. Throws `badRequest`. */
export function streamNumber(value: unknown): number {
  if (value === undefined || value === null || value === "") return 1;
  const stream =
    typeof value === "string" ? (STREAMS[value.trim().toLowerCase()] ?? wholeNumber(value)) : wholeNumber(value);
  if (stream === undefined || stream < 1 || stream > 3) {
    throw new FatalError("badRequest", say`${quoted(value)} is not a stream: give 1, 2, 3 or "main", "sub", "third".`);
  }
  return stream;
}

/** The id devices use in paths: 101 = channel 1, main stream. */
export function streamId(channel: number, stream: number): number {
  return channel * 100 + stream;
}

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === "string" ? /^\s*\d{1,9}\s*$/.test(value) : typeof value === "number") {
    const number = Number(value);
    return Number.isInteger(number) ? number : undefined;
  }
  return undefined;
}

function quoted(value: unknown): SentenceValue {
  return typeof value === "string" || typeof value === "number" ? `"${value}"` : say`What was given`;
}
