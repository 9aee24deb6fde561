/** Nothing came over HTTPS: is it the certificate, is it no HTTPS at all, or what lies behind it? One handshake, nothing is sent. */
import type { Clock } from "../lib/clock";
import { AbortedError, codeOf, FatalError } from "../lib/errors";
import type { DeviceHttp } from "../http/device-http";
import { connector } from "../http/tls";
import { transportError } from "../http/transport-errors";
import { say } from "../lib/sentence";
import { failed, type Check } from "./check";

/** A device answers a handshake within a second or two, slow ones included. */
const TIMEOUT_MS = 8_000;

/** `proven`: the check when the handshake succeeds. */
export async function checkHandshake(
  { address, tls }: Pick<DeviceHttp, "address" | "tls">,
  proven: Check,
  clock: Clock,
  signal: AbortSignal,
): Promise<Check> {
  try {
    await shakeHands({ address, tls }, clock, signal);
    return proven;
  } catch (error) {
    const reason = transportError(error, address);
    // The port was open a moment ago.
    if (codeOf(reason) !== "timeout" && codeOf(reason) !== "offline") return failed("tls", reason);
    return failed(
      "tls",
      new FatalError(
        "tls",
        say`Port ${address.port} is open, but does not speak HTTPS. Choose HTTP, or the device's HTTPS port (usually 443).`,
      ),
    );
  }
}

function shakeHands(
  { address, tls }: Pick<DeviceHttp, "address" | "tls">,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let cut = (): void => undefined;
    const timer = clock.after(TIMEOUT_MS, () => cut());
    const stop = (): void => {
      reject(new AbortedError());
      cut();
    };
    signal.addEventListener("abort", stop);
    const end = (error: Error | null): void => {
      timer.cancel();
      signal.removeEventListener("abort", stop);
      cut();
      if (error) reject(error);
      else resolve();
    };
    const onSocket = (socket: { destroy(): unknown }): void => {
      cut = () => void socket.destroy();
    };
    if (signal.aborted) stop();
    else
      connector(address, tls, { clock, onSocket })({ hostname: "", protocol: "", port: "" }, (...[error]) =>
        end(error),
      );
  });
}
