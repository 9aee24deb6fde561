/** Which picture of a channel a snapshot's form and a message ask for, and how it is taken: now, or out of what is recorded. */
import { type Device, type Sentence, type SnapshotOptions, streamNumber } from "../../src";
import type { FlowMessage } from "../shared/on-input";
import { boundedNumber, type ValueReader, withTimeWords } from "../shared/typed-values";
import { fields, SIZE } from "./fields";

export type SnapshotRequest = Pick<SnapshotOptions, "stream" | "width" | "height">;

export interface SnapshotTaken {
  readonly picture: Buffer;
  /** Ms since 1970. */
  readonly timeMs: number;
  readonly stream: number;
  /** Of a past moment alone. */
  readonly past?: { readonly shift: number; readonly exact: boolean; readonly notices: readonly Sentence[] };
}

/** Devices record the main stream. */
export const RECORDED_STREAM = 1;

/** Throws `badRequest` for a stream or a size that is none. */
export async function snapshotRequest(read: ValueReader, message: FlowMessage): Promise<SnapshotRequest> {
  return {
    stream: streamNumber(await read("stream", message)),
    width: boundedNumber("width", await read("width", message), SIZE),
    height: boundedNumber("height", await read("height", message), SIZE),
  };
}

/** A moment or a list of them, as they came or out of words; undefined is now. */
export async function snapshotTime(
  readAsGiven: ValueReader,
  message: FlowMessage,
  device: Pick<Device, "time">,
  signal: AbortSignal,
): Promise<unknown> {
  const unlessNow = (value: unknown): unknown =>
    typeof value === "string" && value.trim().toLowerCase() === "now" ? undefined : value;
  const read: ValueReader = async (name, from) => {
    const value = await readAsGiven(name, from);
    return Array.isArray(value) ? value.map(unlessNow) : unlessNow(value);
  };
  return withTimeWords(read, fields, device, signal)("time", message);
}

/** `time`: undefined is now. */
export async function takeSnapshot(
  { snapshots, pastSnapshots, clock }: Pick<Device, "snapshots" | "pastSnapshots" | "clock">,
  channel: number,
  time: unknown,
  { stream, width, height }: SnapshotRequest,
  signal: AbortSignal,
): Promise<SnapshotTaken> {
  if (time === undefined) {
    const picture = await snapshots.take({ channel, stream, width, height, signal });
    return { picture, timeMs: clock.now(), stream };
  }
  const { picture, timeMs, ...past } = await pastSnapshots.take({ channel, time, width, height, signal });
  return { picture, timeMs, stream: RECORDED_STREAM, past };
}
