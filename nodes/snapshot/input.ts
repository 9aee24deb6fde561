/** Which picture of a channel a snapshot's form and a message ask for. */
import { FatalError, say, type SnapshotOptions, streamNumber } from "../../src";
import type { FlowMessage } from "../shared/on-input";
import { optionalNumber, type ValueReader } from "../shared/typed-values";

export type SnapshotRequest = Pick<SnapshotOptions, "stream" | "width" | "height">;

const SMALLEST = 16;
const LARGEST = 8192;

/** Throws `badRequest` for a stream or a size that is none. */
export async function snapshotRequest(read: ValueReader, message: FlowMessage): Promise<SnapshotRequest> {
  return {
    stream: streamNumber(await read("stream", message)),
    width: pixels("width", await read("width", message)),
    height: pixels("height", await read("height", message)),
  };
}

function pixels(name: string, value: unknown): number | undefined {
  const number = optionalNumber(name, value);
  if (number !== undefined && (!Number.isInteger(number) || number < SMALLEST || number > LARGEST))
    throw new FatalError(
      "badRequest",
      say`"${name}" must be a whole number from ${SMALLEST} to ${LARGEST}, in pixels.`,
    );
  return number;
}
