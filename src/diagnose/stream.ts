/** Does the event stream open, and does the device send something over it? Opens one and closes it again. */
import type { Clock } from "../lib/clock";
import { PartReader } from "../multipart/part-reader";
import { AlertConnection } from "../events/stream/connection";
import type { DeviceHttp, HttpStream } from "../http/device-http";
import { say } from "../lib/sentence";
import { failed, passed, undetermined, type Check } from "./check";
import { withSignals } from "../lib/signals";

const OPEN_MS = 8_000;
/** Devices send heartbeats every 10 s or more often. */
const HEARTBEAT_MS = 15_000;
/** Of a stream that is open and silent. */
export const SILENT_REMEDY = say`Some devices send no heartbeats. If no events come either, restart the device: its event service may hang.`;

export async function checkStream(
  http: Pick<DeviceHttp, "openEndless" | "request">,
  clock: Clock,
  signal: AbortSignal,
  tell: (check: Check) => void,
): Promise<void> {
  const closing = new AbortController();
  await withSignals([signal, closing.signal], async (ends) => {
    try {
      const connection = new AlertConnection({ http, clock, timeoutMs: OPEN_MS });
      const stream = await connection.open(ends);
      tell(passed("stream", say`The event stream opens.`));
      tell(
        (await firstPart(stream, clock, signal))
          ? passed("heartbeat", say`The device sends data over it.`)
          : undetermined("heartbeat", say`Nothing came over it in ${HEARTBEAT_MS / 1000} seconds.`, SILENT_REMEDY),
      );
    } catch (error) {
      tell(failed("stream", error));
    } finally {
      closing.abort();
    }
  });
}

/** True as soon as a part is complete. */
function firstPart(stream: HttpStream, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const { body } = stream;
  return new Promise((resolve) => {
    const timer = clock.after(HEARTBEAT_MS, () => end(false));
    const stop = (): void => end(false);
    const end = (heard: boolean): void => {
      timer.cancel();
      signal.removeEventListener("abort", stop);
      body.destroy();
      resolve(heard);
    };
    const reader = new PartReader({
      contentType: String(stream.headers["content-type"] ?? ""),
      onPart: () => end(true),
    });
    body.on("data", (chunk: Buffer) => reader.write(chunk));
    body.on("error", stop).on("close", stop);
    signal.addEventListener("abort", stop);
  });
}
