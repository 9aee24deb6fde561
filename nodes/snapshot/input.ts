/** Which picture of a channel a snapshot's form and a message ask for. */
import { type SnapshotOptions, streamNumber } from "../../src";
import type { FlowMessage } from "../shared/on-input";
import { boundedNumber, type ValueReader } from "../shared/typed-values";
import { SIZE } from "./fields";

export type SnapshotRequest = Pick<SnapshotOptions, "stream" | "width" | "height">;

/** Throws `badRequest` for a stream or a size that is none. */
export async function snapshotRequest(read: ValueReader, message: FlowMessage): Promise<SnapshotRequest> {
  return {
    stream: streamNumber(await read("stream", message)),
    width: boundedNumber("width", await read("width", message), SIZE),
    height: boundedNumber("height", await read("height", message), SIZE),
  };
}
