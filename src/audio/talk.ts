/**
 * One announcement on one audio channel: close an earlier session, open, send in real time, close. The codec's bytes go raw over the
 * socket that got the 200, without HTTP framing (AlexxIT/go2rtc pkg/isapi), so the socket is one of our own.
 */
import type { Socket } from "node:net";
import type { Clock } from "../lib/clock";
import { AbortedError, codeOf, RetryableError } from "../lib/errors";
import type { DeviceHttp } from "../http/device-http";
import type { Isapi } from "../isapi/isapi";
import { isUnreachable } from "../isapi/unavailable";
import { text } from "../isapi/xml";
import { say } from "../lib/sentence";
import { AUDIO_PATH } from "./audio-channels";
import type { Frames } from "./codec";

export interface TalkOptions {
  readonly isapi: Pick<Isapi, "get" | "put">;
  readonly http: Pick<DeviceHttp, "address" | "authorization" | "openSocket" | "login">;
  readonly clock: Clock;
  readonly channel: number;
  /** Called about once a second: seconds played. */
  readonly onProgress?: (seconds: number) => void;
}

/** Between close and open: a device still answers busy right after the close. */
const REOPEN_AFTER_MS = 300;
const HEAD_LIMIT = 16 * 1024;

/** Resolves when all was played and the channel is closed again. Rejects with typed errors; the channel is closed in any case. */
export async function talk(options: TalkOptions, sound: Frames, signal: AbortSignal): Promise<void> {
  const { isapi, http, clock, channel } = options;
  const path = `${AUDIO_PATH}/${channel}`;
  const purpose = say`talking on audio channel ${channel}`;
  // A session left open makes open fail with 401 or 403.
  await isapi.put(`${path}/close`, undefined, { signal, purpose }).catch(ignoreRefusal);
  await clock.wait(REOPEN_AFTER_MS, signal);
  const opened = await isapi.put(`${path}/open`, undefined, { signal, purpose }).catch(async (error: unknown) => {
    if (codeOf(error) !== "unauthorized") throw error;
    // Devices answer 401 also while somebody else is talking. The password is wrong only if another request fails, too.
    http.login.clearRefusal();
    await isapi.get(path, { signal, purpose });
    throw channelBusy();
  });
  const session = text(opened?.value, "sessionId");
  const query = session === undefined ? "" : `?sessionId=${encodeURIComponent(session)}`;
  let socket: Socket | undefined;
  try {
    socket = await startAudio(http, `${path}/audioData${query}`, signal);
    await sendFrames(socket, sound, options, signal);
  } finally {
    socket?.destroy();
    // Without the caller's signal: the channel must not stay open after a redeploy.
    await isapi.put(`${path}/close${query}`, undefined, { purpose, urgent: true }).catch(() => undefined);
  }
}

function ignoreRefusal(error: unknown): void {
  if (isUnreachable(error)) throw error;
}

/** Sends the request and waits for its 200; from then on the socket carries sound. */
async function startAudio(http: TalkOptions["http"], path: string, signal: AbortSignal): Promise<Socket> {
  const authorization = await http.authorization("PUT", path, signal);
  const socket = await http.openSocket(signal);
  const { host, port } = http.address;
  const head = [
    `PUT ${path} HTTP/1.1`,
    `Host: ${host.includes(":") ? `[${host}]` : host}:${port}`,
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    "Content-Type: application/octet-stream",
    "Content-Length: 0",
    "Connection: keep-alive",
    "",
    "",
  ].join("\r\n");
  socket.write(head);
  const status = await statusOf(socket);
  if (status === 200) return socket;
  socket.destroy();
  throw channelBusy(status);
}

function channelBusy(statusCode = 401): RetryableError {
  return new RetryableError(
    "busy",
    say`The device does not accept the audio. Perhaps somebody else is talking; try again.`,
    { statusCode },
  );
}

function statusOf(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = "";
    const done = (result: number | Error): void => {
      socket.off("data", onData).off("close", onClose);
      if (typeof result === "number") resolve(result);
      else reject(result);
    };
    const onData = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      const status = /^HTTP\/1\.[01] (\d{3})[\s\S]*?\r?\n\r?\n/.exec(head)?.[1];
      if (status !== undefined) done(Number(status));
      else if (head.length > HEAD_LIMIT)
        done(new RetryableError("protocol", say`The device sent an invalid reply to the audio request.`));
    };
    const onClose = (): void =>
      done(new RetryableError("offline", say`The device closed the connection instead of accepting the audio.`));
    socket.on("data", onData).on("close", onClose);
  });
}

/** Writes each frame when it is due, waiting while the socket is full. */
async function sendFrames(
  socket: Socket,
  { frames, seconds }: Frames,
  options: TalkOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, onProgress } = options;
  let broken: Error | undefined;
  socket.on("error", () => undefined);
  socket.on("data", () => undefined);
  socket.once(
    "close",
    () => (broken = new RetryableError("offline", say`The device closed the connection during the announcement.`)),
  );
  const start = clock.elapsed();
  let playedMs = 0;
  for (const { bytes, ms } of frames) {
    const aheadMs = playedMs - (clock.elapsed() - start);
    if (aheadMs > 0) await clock.wait(aheadMs, signal);
    if (signal.aborted) throw new AbortedError();
    if (broken) throw broken;
    if (!socket.write(bytes)) await drained(socket, signal);
    if (Math.floor((playedMs + ms) / 1_000) > Math.floor(playedMs / 1_000))
      onProgress?.(Math.min(seconds, (playedMs + ms) / 1_000));
    playedMs += ms;
  }
  // The last frame is still playing.
  const leftMs = playedMs - (clock.elapsed() - start);
  if (leftMs > 0) await clock.wait(leftMs, signal);
}

function drained(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done).off("close", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
    signal.addEventListener("abort", done);
  });
}
