/** One capture, replayed as it is and in every dialect, in pieces of several sizes; what went wrong, in words. */
import type { Capture, Payload } from "./captures";
import { compare } from "./compare";
import { DIALECTS } from "./dialects";
import { expectationOf, expectationsOf } from "./expectation";
import { inChunks, type Replay } from "./replay";

export interface Result {
  readonly file: string;
  readonly alerts: number;
  readonly heartbeats: number;
  readonly cutOff: number;
  readonly replays: number;
  /** Each once, with the replays in which it came up. */
  readonly complaints: ReadonlyMap<string, readonly string[]>;
}

/** Bytes per write. Byte by byte takes its time, and is for small captures. */
const CHUNK_SIZES = [1, 7, 1460, Infinity];
const LARGE_CHUNK_SIZES = [1460, 65_536, Infinity];
const LARGE_BYTES = 64 << 10;

/** Follows every capture: whatever stood before, it must arrive. */
export const WITNESS: Payload = {
  kind: "xml",
  bytes: Buffer.from(
    "<EventNotificationAlert><channelID>99</channelID><dateTime>2026-01-01T00:00:00Z</dateTime>" +
      "<eventType>callhelp</eventType><eventState>active</eventState></EventNotificationAlert>",
  ),
};

export async function checkCapture(capture: Capture, replay: Replay): Promise<Result> {
  const { file, payloads, cutOff, stream } = capture;
  const expected = expectationsOf(payloads);
  const complaints = new Map<string, string[]>();
  let replays = 0;
  const hold = async (name: string, contentType: string, bytes: Buffer, list: typeof expected): Promise<void> => {
    for (const size of bytes.length > LARGE_BYTES ? LARGE_CHUNK_SIZES : CHUNK_SIZES) {
      replays++;
      for (const complaint of compare(list, await replay({ contentType, chunks: inChunks(bytes, size) }))) {
        complaints.set(complaint, [...(complaints.get(complaint) ?? []), `${name}, by ${size}`]);
      }
    }
  };
  const witness = expectationOf(WITNESS);
  if (stream) await hold("as captured", stream.contentType, stream.bytes, expected);
  for (const dialect of DIALECTS) {
    if (payloads.length > 0) {
      await hold(dialect.name, dialect.contentType, dialect.stream([...payloads, WITNESS]), [...expected, witness]);
    }
    for (const bytes of cutOff) {
      await hold(`cut off, ${dialect.name}`, dialect.contentType, cutThenWitness(bytes, dialect.contentType), [
        witness,
      ]);
    }
  }
  return {
    file,
    alerts: payloads.length,
    heartbeats: expected.filter(({ heartbeat }) => heartbeat).length,
    cutOff: cutOff.length,
    replays,
    complaints,
  };
}

/** A part that breaks off, as when a device restarts within it, and a whole one. */
function cutThenWitness(bytes: Buffer, contentType: string): Buffer {
  const delimiter = `--${/boundary=(\S+)/.exec(contentType)?.[1] ?? "boundary"}`;
  const head = (length: number): Buffer =>
    Buffer.from(`\r\n${delimiter}\r\nContent-Type: application/xml\r\nContent-Length: ${length}\r\n\r\n`);
  return Buffer.concat([head(bytes.length + 200), bytes, head(WITNESS.bytes.length), WITNESS.bytes]);
}
