/**
 * One announcement on one audio channel: close an earlier session, open, send in real time, close. The codec's bytes go raw over the
 * socket that got the 200, without HTTP framing (AlexxIT/go2rtc pkg/isapi), so the socket is one of our own.
 */
import type { Socket } from "node:net";
import type { Clock } from "../lib/clock";
import { AbortedError, codeOf, isHikvisionError, RetryableError } from "../lib/errors";
import type { DeviceHttp } from "../http/device-http";
import type { Isapi } from "../isapi/isapi";
import { isUnreachable } from "../isapi/unavailable";
import { text } from "../isapi/xml";
import { say } from "../lib/sentence";
import { AUDIO_PATH } from "./audio-channels";
import type { Frames } from "./codec";
import { withLimit } from "../lib/signals";

export interface TalkOptions {
  readonly isapi: Pick<Isapi, "get" | "put">;
  readonly http: Pick<DeviceHttp, "address" | "authorization" | "openSocket">;
  readonly clock: Clock;
  readonly channel: number;
  /** Called about once a second: seconds played. */
  readonly onProgress?: (seconds: number) => void;
}

/** A device accepts the sound at once, or not at all. */
const ANSWER_MS = 5_000;
/** What a sound may take longer than it is. */
const MARGIN_MS = 10_000;
/** A stop waits for this. */
const CLOSE_MS = 3_000;
/** Between close and open: a device still answers busy right after the close. */
const REOPEN_AFTER_MS = 300;
const HEAD_LIMIT = 16 * 1024;
/** Of "HTTP/1.1 200". */
const STATUS_LINE = 12;

/**
 * Resolves when all was played and the channel is closed again. Rejects with typed errors, `timeout` where the device does not keep up;
 * the channel is closed in any case.
 */
export async function talk(options: TalkOptions, sound: Frames, signal: AbortSignal): Promise<void> {
  const { isapi, http, clock, channel } = options;
  const path = `${AUDIO_PATH}/${channel}`;
  const purpose = say`talking on audio channel ${channel}`;
  // A session left open makes open fail with 401 or 403.
  await isapi.put(`${path}/close`, undefined, { signal, purpose }).catch(ignoreRefusal);
  await clock.wait(REOPEN_AFTER_MS, signal);
  // Without the caller's signal: the channel must not stay open after a redeploy.
  const close = (query: string): Promise<unknown> =>
    isapi
      .put(`${path}/close${query}`, undefined, { purpose, urgent: true, timeoutMs: CLOSE_MS })
      .catch(() => undefined);
  const opened = await isapi.put(`${path}/open`, undefined, { signal, purpose }).catch(async (error: unknown) => {
    // It may have opened the channel all the same.
    if (codeOf(error) === "aborted" || codeOf(error) === "timeout") await close("");
    throw isBare401(error) ? channelBusy() : error;
  });
  const session = text(opened?.value, "sessionId");
  const query = session === undefined ? "" : `?sessionId=${encodeURIComponent(session)}`;
  let socket: Socket | undefined;
  try {
    socket = await within(clock, ANSWER_MS, signal, (ends) => startAudio(http, `${path}/audioData${query}`, ends));
    const talking = socket;
    await within(clock, sound.seconds * 1_000 + MARGIN_MS, signal, (ends) => sendFrames(talking, sound, options, ends));
  } finally {
    socket?.destroy();
    await close(query);
  }
}

/** Runs a part of the talk that the caller or a deadline ends. */
function within<T>(clock: Clock, ms: number, signal: AbortSignal, run: (ends: AbortSignal) => Promise<T>): Promise<T> {
  const late = (): Error =>
    new RetryableError(
      "timeout",
      say`The device does not take the audio in time. Try again; if this goes on, restart it.`,
    );
  return withLimit({ clock, ms, signal, late }, run);
}

/** Devices answer 401 also while somebody else is talking; the login is good, or the error was another. */
function isBare401(error: unknown): boolean {
  if (!isHikvisionError(error) || error.code !== "forbidden") return false;
  return error.cause.statusCode === 401 && error.cause.subStatusCode === undefined;
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
  socket.on("error", () => undefined);
  socket.write(head);
  try {
    const status = await statusOf(socket, signal);
    if (status !== 200) throw channelBusy(status);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function channelBusy(statusCode = 401): RetryableError {
  return new RetryableError(
    "busy",
    say`The device does not accept the audio. Perhaps somebody else is talking; try again.`,
    { statusCode },
  );
}

function statusOf(socket: Socket, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = "";
    const done = (result: number | Error): void => {
      socket.off("data", onData).off("close", onClose);
      signal.removeEventListener("abort", onAbort);
      if (typeof result === "number") resolve(result);
      else reject(result);
    };
    const onData = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
      const isHttp = status !== undefined || (head.length < STATUS_LINE && "HTTP/1.".startsWith(head.slice(0, 7)));
      if (status !== undefined && /\r?\n\r?\n/.test(head)) done(Number(status));
      else if (!isHttp || head.length > HEAD_LIMIT)
        done(new RetryableError("protocol", say`The device sent an invalid reply to the audio request.`));
    };
    const onClose = (): void =>
      done(new RetryableError("offline", say`The device closed the connection instead of accepting the audio.`));
    const onAbort = (): void => done(new AbortedError());
    socket.on("data", onData).on("close", onClose);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
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
