/**
 * Requests to one RTSP server over TCP, one after the other, each with a deadline; frames between them (RFC 2326). Logs in by itself.
 * No address carries a login, and none leads to another host. Nothing throws out of an event.
 */
import type { Socket } from "node:net";
import type { Credentials } from "../http/digest";
import type { Tls } from "../http/tls";
import type { Chance, Clock } from "../lib/clock";
import { AbortedError, FatalError, isHikvisionError, RetryableError, type HikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import { headerOf, messageBytes, MessageReader, type Header, type Message } from "./messages";
import { connectRtsp, outOfStep, redirected } from "./rtsp-connect";
import { RtspLogin } from "./rtsp-login";
import { checkStrength, rememberAccepted, rememberRefusal, throwRefusal, type RtspLoginKey } from "./rtsp-refusals";
import type { RtspServer } from "./urls";

export interface RtspConnectionOptions {
  readonly credentials: Credentials;
  /** May the password go to the device in clear? */
  readonly basic: boolean;
  /** Of an rtsps server. */
  readonly tls: Tls;
  /** Whose refusals are remembered; undefined: none are. */
  readonly login?: RtspLoginKey | undefined;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "token">;
}

/** How a device's video is reached. */
export type RtspAccess = Pick<RtspConnectionOptions, "basic" | "tls" | "login">;

export interface RtspRequest {
  readonly method: "OPTIONS" | "DESCRIBE" | "SETUP" | "PLAY" | "PAUSE" | "TEARDOWN" | "GET_PARAMETER";
  /** Without a login. */
  readonly url: string;
  readonly headers?: readonly Header[];
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RtspReply {
  readonly status: number;
  readonly message: Message;
}

/** Gets what comes between the answers. Its methods must not throw. */
export interface FrameSink {
  frame(channel: number, data: Buffer): void;
  /** The connection has ended. Undefined: nobody knows why. Comes once, unless `close` was first. */
  ended(error: HikvisionError | undefined): void;
}

interface Pending {
  readonly request: RtspRequest;
  readonly resolve: (reply: RtspReply) => void;
  readonly reject: (error: HikvisionError) => void;
  again: number;
}

const TIMEOUT_MS = 10_000;
/** For the last word, TEARDOWN. */
const LINGER_MS = 500;
/** A nonce that lasts for one request alone costs one repeat each; more than that is no login. */
const MOST_REPEATS = 2;
const FRAME_HEAD = 4;
const USER_AGENT = "node-red-hikvision";

export class RtspConnection {
  readonly #socket: Socket;
  readonly #options: RtspConnectionOptions;
  readonly #login: RtspLogin;
  readonly #pending = new Map<string, Pending>();
  #sink: FrameSink | undefined;
  #sequence = 0;
  #failure: HikvisionError | undefined;
  #closed = false;

  private constructor(socket: Socket, server: RtspServer, options: RtspConnectionOptions) {
    const { credentials, basic, tls, chance, login } = options;
    this.#socket = socket;
    this.#options = options;
    this.#login = new RtspLogin({
      credentials,
      basic: basic || (server.secure && tls.mode !== "insecure"),
      chance,
      ...(login && {
        check: (challenge) => checkStrength(login, challenge),
        onAccepted: (challenge) => rememberAccepted(login, challenge),
      }),
    });
    const reader = new MessageReader({
      message: (message) => this.#onMessage(message),
      frames: (bytes) => this.#onFrames(bytes),
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      if (this.#closed) return;
      try {
        reader.write(chunk);
      } catch (error) {
        this.#fail(isHikvisionError(error) ? error : outOfStep());
      }
    });
    socket.on("error", () => undefined);
    socket.once("close", () => this.#fail(undefined));
  }

  /** Throws `offline`, `timeout`, `tls`, `aborted`; `unauthorized` without a connection while a refusal is remembered. */
  static async open(server: RtspServer, options: RtspConnectionOptions, signal: AbortSignal): Promise<RtspConnection> {
    if (options.login) throwRefusal(options.login, options.clock);
    return new RtspConnection(await connectRtsp(server, options, signal), server, options);
  }

  /** Who gets the frames, and is told of the end. */
  set sink(sink: FrameSink) {
    this.#sink = sink;
    if (this.#failure) sink.ended(this.#failure);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Holds the device back: nothing is read until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Any status but those of login and redirect. Throws `unauthorized`, `notSupported`, `offline`, `timeout`, `protocol`, `aborted`. */
  request(request: RtspRequest): Promise<RtspReply> {
    const { timeoutMs = TIMEOUT_MS, signal } = request;
    if (this.#closed) return Promise.reject(this.#failure ?? ended());
    if (signal?.aborted) return Promise.reject(new AbortedError());
    return new Promise<RtspReply>((resolve, reject) => {
      const settle = (): void => {
        timer.cancel();
        signal?.removeEventListener("abort", onAbort);
        for (const [sequence, one] of this.#pending) if (one === pending) this.#pending.delete(sequence);
      };
      const pending: Pending = {
        request,
        resolve: (reply) => {
          settle();
          resolve(reply);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        again: 0,
      };
      const onAbort = (): void => pending.reject(new AbortedError());
      const timer = this.#options.clock.after(timeoutMs, () =>
        pending.reject(
          new RetryableError(
            "timeout",
            say`The device does not answer on its video port (RTSP). Check the device and the network.`,
          ),
        ),
      );
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#send(pending);
    });
  }

  /** Ends the connection, once what was written before is sent. Repeatable. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reject(new AbortedError());
    const cut = this.#options.clock.after(LINGER_MS, () => this.#socket.destroy());
    this.#socket.once("close", () => cut.cancel());
    if (this.#socket.destroyed) cut.cancel();
    // What still comes is thrown away, so that the end is noticed.
    this.#socket.resume();
    this.#socket.end(() => this.#socket.destroy());
  }

  #send(pending: Pending): void {
    const { method, url, headers = [] } = pending.request;
    const sequence = String(++this.#sequence);
    this.#pending.set(sequence, pending);
    const authorization = this.#login.header(method, url);
    const all: Header[] = [["CSeq", sequence], ["User-Agent", USER_AGENT], ...headers];
    if (authorization !== undefined) all.push(["Authorization", authorization]);
    this.#socket.write(messageBytes({ start: `${method} ${url} RTSP/1.0`, headers: all, body: Buffer.alloc(0) }));
  }

  #onMessage(message: Message): void {
    const status = Number(/^RTSP\/\d\.\d (\d{3})/.exec(message.start)?.[1] ?? NaN);
    // A request of the device's: it wants to know whether somebody is there.
    if (Number.isNaN(status)) {
      this.#answer(message);
      return;
    }
    const [oldest = ""] = this.#pending.keys();
    const sequence = headerOf(message, "cseq") ?? oldest;
    const pending = this.#pending.get(sequence);
    if (!pending) return;
    if (status === 401) {
      this.#pending.delete(sequence);
      this.#onChallenge(pending, message);
      return;
    }
    if (status >= 300 && status < 400) {
      pending.reject(redirected(headerOf(message, "location")));
      return;
    }
    if (status < 300) this.#login.accepted();
    pending.resolve({ status, message });
  }

  #onChallenge(pending: Pending, message: Message): void {
    const challenges = message.headers.filter(([name]) => name.toLowerCase() === "www-authenticate");
    try {
      this.#login.refused(challenges.map(([, value]) => value));
    } catch (error) {
      const { login, clock } = this.#options;
      if (login) rememberRefusal(login, clock);
      pending.reject(isHikvisionError(error) ? error : outOfStep());
      return;
    }
    pending.again += 1;
    if (pending.again > MOST_REPEATS) pending.reject(outOfStep());
    else this.#send(pending);
  }

  /** Of a request that the device sends: a REDIRECT would lead away, an OPTIONS wants a sign of life. */
  #answer(message: Message): void {
    const sequence = headerOf(message, "cseq");
    const start = message.start.startsWith("OPTIONS ") ? "RTSP/1.0 200 OK" : "RTSP/1.0 501 Not Implemented";
    const headers: Header[] = sequence === undefined ? [] : [["CSeq", sequence.slice(0, 20)]];
    this.#socket.write(messageBytes({ start, headers, body: Buffer.alloc(0) }));
  }

  #onFrames(bytes: Buffer): void {
    for (let at = 0; at + FRAME_HEAD <= bytes.length && !this.#closed;) {
      const end = at + FRAME_HEAD + bytes.readUInt16BE(at + 2);
      this.#sink?.frame(bytes[at + 1] ?? 0, bytes.subarray(at + FRAME_HEAD, end));
      at = end;
    }
  }

  #reject(error: HikvisionError): void {
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }

  #fail(error: HikvisionError | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failure = error ?? ended();
    this.#socket.destroy();
    this.#reject(this.#failure);
    this.#sink?.ended(error);
  }
}

function ended(): RetryableError {
  return new RetryableError("offline", say`The device ended the connection for its video (RTSP). Try again.`);
}

/** What an answer other than 200 means. */
export function statusError({ status, message }: RtspReply): HikvisionError {
  switch (status) {
    case 403:
      return new FatalError(
        "forbidden",
        say`The user may not watch this video (RTSP). Give it that right on the device.`,
      );
    case 404:
    case 455:
      return new FatalError("notFound", say`The device has no such video (RTSP status ${status}).`);
    case 453:
    case 486:
    case 503:
      return new RetryableError(
        "noSlots",
        say`The device gives its video to no more viewers (RTSP status ${status}). Close other viewers, or choose a smaller stream.`,
      );
    case 415:
    case 461:
    case 501:
    case 551:
      return new FatalError("notSupported", say`The device does not give this video over TCP (RTSP status ${status}).`);
    default:
      return new RetryableError(
        "protocol",
        say`The device refuses this video: ${message.start.replace(/^RTSP\/\d\.\d\s*/, "").slice(0, 60)} (RTSP).`,
      );
  }
}
