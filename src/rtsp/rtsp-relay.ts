/**
 * A way for ffmpeg to a device's video on which it gets no password: ffmpeg follows a redirect to any host, and answers Basic there
 * (5.1 to 7.1). It talks to a port of this computer, for one connection and with a key in the address; the login is ours.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { Credentials } from "../http/digest";
import type { Tls } from "../http/tls";
import type { Chance, Clock } from "../lib/clock";
import { FatalError, isHikvisionError, RetryableError, type HikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import { headerOf, messageBytes, MessageReader, type Header, type Message } from "./messages";
import { connectRtsp, outOfStep, redirected } from "./rtsp-connect";
import { RtspLogin } from "./rtsp-login";
import { splitUrl, type RtspServer } from "./urls";

export interface RtspRelayOptions {
  /** May the password go to the device in clear? */
  readonly basic: boolean;
  /** Of an rtsps address. */
  readonly tls: Tls;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "token">;
}

/** A request of the player that the device has not answered yet. */
interface Pending {
  readonly method: string;
  readonly path: string;
  /** By the player's count. */
  readonly sequence: string;
  readonly message: Message;
}

const HOST = "127.0.0.1";
/** What is rewritten in answers: each address of the device, whatever host it gives itself. */
const ORIGIN = /rtsps?:\/\/[^/\s;,"]+/gi;
const REWRITTEN: ReadonlySet<string> = new Set(["content-base", "content-location", "rtp-info"]);
/** The login is ours, and so is the count of requests. */
const OWN: ReadonlySet<string> = new Set([
  "cseq",
  "authorization",
  "www-authenticate",
  "proxy-authenticate",
  "location",
]);
/** For the player's last word, TEARDOWN. */
const LINGER_MS = 500;
/** Requests that a player sends without waiting. */
const MAX_PENDING = 32;

export class RtspRelay {
  /** For the player; without user name and password. */
  readonly url: string;
  readonly #server: Server;
  readonly #device: Socket;
  readonly #origin: string;
  readonly #local: string;
  readonly #login: RtspLogin;
  readonly #pending = new Map<string, Pending>();
  readonly #clock: Clock;
  /** Those that have not shown the key. */
  readonly #unexpected = new Set<Socket>();
  #player: Socket | undefined;
  #sequence = 0;
  #closed = false;
  #failure: HikvisionError | undefined;

  private constructor(server: Server, device: Socket, target: Target, options: RtspRelayOptions) {
    const { port } = server.address() as AddressInfo;
    this.#server = server;
    this.#clock = options.clock;
    this.#device = device;
    this.#origin = target.origin;
    this.#local = `rtsp://${HOST}:${port}/${options.chance.token(16)}`;
    this.url = this.#local + target.path;
    this.#login = new RtspLogin({ ...options, basic: mayBeBasic(target, options), credentials: target.credentials });
    server.on("connection", (socket) => this.#onPlayer(socket));
    const reader = new MessageReader({
      message: (message) => this.#onAnswer(message),
      frames: (bytes) => this.#forward(device, this.#player, bytes),
    });
    device.on("data", (chunk: Buffer) => this.#guarded(() => reader.write(chunk)));
    device.on("error", () => undefined);
    device.once("close", () => this.close());
  }

  /** Connects to the device. Throws `offline`, `timeout`, `tls`, `aborted`. Whoever has opened it closes it. */
  static async open(url: string, options: RtspRelayOptions, signal: AbortSignal): Promise<RtspRelay> {
    const target = targetOf(url);
    const device = await connectRtsp(target.server, options, signal);
    try {
      return new RtspRelay(await listen(), device, target, options);
    } catch (error) {
      device.destroy();
      throw new RetryableError("offline", say`No port of this computer is free for the video: ${String(error)}.`);
    }
  }

  /** Why it ended; undefined where the device or the player has ended it. */
  get failure(): HikvisionError | undefined {
    return this.#failure;
  }

  /** Ends both connections, once the device has heard the last word of the player. Repeatable. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    for (const socket of this.#unexpected) socket.destroy();
    this.#player?.end();
    const cut = this.#clock.after(LINGER_MS, () => this.#device.destroy());
    this.#device.once("close", () => cut.cancel());
    if (this.#device.destroyed) cut.cancel();
    else this.#device.end(() => this.#device.destroy());
  }

  #onPlayer(socket: Socket): void {
    this.#unexpected.add(socket);
    socket.on("error", () => undefined);
    const reader = new MessageReader({
      message: (message) => this.#onRequest(socket, message),
      frames: (bytes) => {
        if (socket === this.#player) this.#forward(socket, this.#device, bytes);
      },
    });
    socket.on("data", (chunk: Buffer) => this.#guarded(() => reader.write(chunk), socket));
    socket.once("close", () => {
      this.#unexpected.delete(socket);
      if (socket === this.#player) this.close();
    });
  }

  /** Who has the key is the player; from then on nobody else gets in. */
  #onRequest(socket: Socket, message: Message): void {
    const [method = "", url = ""] = message.start.split(" ");
    const path = url.startsWith(`${this.#local}/`) ? url.slice(this.#local.length) : undefined;
    if (path === undefined || (this.#player !== undefined && this.#player !== socket)) {
      socket.destroy();
      return;
    }
    if (!this.#player) {
      this.#player = socket;
      this.#unexpected.delete(socket);
      for (const socket of this.#unexpected) socket.destroy();
      this.#server.close();
    }
    if (this.#pending.size >= MAX_PENDING) throw outOfStep();
    this.#send({ method, path, sequence: headerOf(message, "cseq") ?? "0", message });
  }

  #send(request: Pending): void {
    const { method, path, message } = request;
    const uri = this.#origin + path;
    const sequence = String(++this.#sequence);
    this.#pending.set(sequence, request);
    const authorization = this.#login.header(method, uri);
    const headers: Header[] = [["CSeq", sequence], ...message.headers.filter(([name]) => !OWN.has(name.toLowerCase()))];
    if (authorization !== undefined) headers.push(["Authorization", authorization]);
    this.#device.write(messageBytes({ start: `${method} ${uri} RTSP/1.0`, headers, body: message.body }));
  }

  #onAnswer(message: Message): void {
    const status = Number(/^RTSP\/\d\.\d (\d{3})/.exec(message.start)?.[1] ?? NaN);
    // A request of the device's: players answer none, and a REDIRECT would lead away.
    if (Number.isNaN(status)) return;
    const [oldest = ""] = this.#pending.keys();
    const sequence = headerOf(message, "cseq") ?? oldest;
    const request = this.#pending.get(sequence);
    if (!request) return;
    this.#pending.delete(sequence);
    if (status >= 300 && status < 400) throw redirected(headerOf(message, "location"));
    if (status === 401) {
      const challenges = message.headers.filter(([name]) => name.toLowerCase() === "www-authenticate");
      this.#login.refused(challenges.map(([, value]) => value));
      this.#send(request);
      return;
    }
    if (status < 300) this.#login.accepted();
    const headers = message.headers
      .filter(([name]) => !OWN.has(name.toLowerCase()))
      .map(([name, value]): Header => [name, REWRITTEN.has(name.toLowerCase()) ? this.#rewritten(value) : value]);
    const body = Buffer.from(this.#rewritten(message.body.toString("latin1")), "latin1");
    const answer = { start: message.start, headers: [["CSeq", request.sequence] as const, ...headers], body };
    this.#player?.write(messageBytes(answer));
  }

  #rewritten(text: string): string {
    return text.replace(ORIGIN, this.#local);
  }

  /** The sender waits while the receiver's buffer is full. */
  #forward(from: Socket, to: Socket | undefined, bytes: Buffer): void {
    if (!to || to.destroyed || to.write(bytes)) return;
    from.pause();
    to.once("drain", () => from.resume());
  }

  /** A failure ends the relay; junk from somebody who is not the player ends that connection only. */
  #guarded(run: () => void, socket?: Socket): void {
    try {
      run();
    } catch (error) {
      if (socket !== undefined && socket !== this.#player) {
        socket.destroy();
        return;
      }
      this.#failure ??= isHikvisionError(error) ? error : outOfStep();
      this.close();
    }
  }
}

interface Target {
  readonly server: RtspServer;
  readonly credentials: Credentials;
  /** "rtsp://10.0.0.5:554", without a login. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

function targetOf(url: string): Target {
  const parts = splitUrl(url);
  if (parts) return parts;
  throw new FatalError("badRequest", say`The address of the video is none that can be recorded.`);
}

/** Over TLS only to the device whose certificate was checked. */
function mayBeBasic({ server }: Target, { basic, tls }: RtspRelayOptions): boolean {
  return basic || (server.secure && tls.mode !== "insecure");
}

function listen(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, () => resolve(server));
  });
}
