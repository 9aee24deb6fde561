/** The TCP or TLS connection to a device's RTSP port, and what is said when it leads nowhere. */
import type { Socket } from "node:net";
import { connector, type Tls } from "../http/tls";
import { transportError } from "../http/transport-errors";
import type { Clock } from "../lib/clock";
import { AbortedError, FatalError, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { RtspServer } from "./urls";

/** Throws `offline`, `timeout`, `tls`, `aborted`. Its owner closes the socket. */
export async function connectRtsp(
  { host, port, secure }: RtspServer,
  { tls, clock }: { readonly tls: Tls; readonly clock: Clock },
  signal: AbortSignal,
): Promise<Socket> {
  const address = { protocol: secure ? ("https" as const) : ("http" as const), host, port };
  let cut: (() => void) | undefined;
  try {
    return await new Promise<Socket>((resolve, reject) => {
      const onSocket = (socket: Socket): void => {
        cut = () => void socket.destroy(new AbortedError());
        signal.addEventListener("abort", cut, { once: true });
        if (signal.aborted) cut();
      };
      connector(address, tls, { clock, onSocket })({ hostname: "", protocol: "", port: "" }, (error, socket) =>
        socket ? resolve(socket) : reject(error),
      );
    });
  } catch (error) {
    if (signal.aborted) throw new AbortedError();
    if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED")
      throw new RetryableError(
        "offline",
        say`The device accepts no connection for its video (RTSP). Check that RTSP is on, and its port.`,
      );
    throw transportError(error, address);
  } finally {
    if (cut) signal.removeEventListener("abort", cut);
  }
}

/** For a 3xx: it names another address, which would get the password. */
export function redirected(location: string | undefined): FatalError {
  const host = /^rtsps?:\/\/(?:[^@/\s]*@)?([^/\s]+)/i.exec(location ?? "")?.[1];
  return new FatalError(
    "notSupported",
    host === undefined
      ? say`The device sends those who want its video to another address (RTSP redirect), which is not followed: it would get the password. Use that device in its place.`
      : say`The device sends those who want its video to ${host} (RTSP redirect), which is not followed: it would get the password. Use that device in its place.`,
  );
}

export function outOfStep(): RetryableError {
  return new RetryableError("protocol", say`The connection for the device's video (RTSP) got out of step. Try again.`);
}
