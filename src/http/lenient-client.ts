/**
 * undici's interface over Node's own HTTP client with its lenient parser, for firmware whose answers break the rules of HTTP
 * (a bare LF, characters that no header may have, two lengths). Chosen by a person: a lenient parser can be made to misread an answer.
 */
import { Agent, request as nodeRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { Dispatcher, type buildConnector } from "undici";
import type { Clock, Timer } from "../lib/clock";
import type { DeviceAddress } from "./address";

export interface LenientClientOptions {
  readonly address: DeviceAddress;
  readonly connect: buildConnector.connector;
  readonly clock: Clock;
  readonly maxHeaderSize: number;
  /** ms after which an idle connection is closed. */
  readonly keepAliveTimeout: number;
}

/** One connection at a time. Only `dispatch` (and so `request`, `compose`) and `destroy` are for use. */
export class LenientClient extends Dispatcher {
  readonly #options: LenientClientOptions;
  readonly #agent: Agent;
  readonly #running = new Set<Exchange>();
  #destroyed = false;

  constructor(options: LenientClientOptions) {
    super();
    this.#options = options;
    this.#agent = new ConnectingAgent(options);
  }

  override dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const exchange = new Exchange(this.#options, handler, () => this.#running.delete(exchange));
    this.#running.add(exchange);
    if (this.#destroyed) exchange.abort(destroyedError());
    else exchange.start(request, this.#agent);
    return true;
  }

  override destroy(): Promise<void>;
  override destroy(): Promise<void> | void {
    this.#destroyed = true;
    for (const exchange of [...this.#running]) exchange.abort(destroyedError());
    this.#agent.destroy();
    return Promise.resolve();
  }
}

/** Opens its sockets as undici does: TLS mode, pin and keep-alive are those of tls.ts. */
class ConnectingAgent extends Agent {
  readonly #connect: buildConnector.connector;

  constructor({ connect, keepAliveTimeout }: LenientClientOptions) {
    super({ keepAlive: true, maxSockets: 1, timeout: keepAliveTimeout });
    this.#connect = connect;
  }

  override createConnection(...[, callback]: Parameters<Agent["createConnection"]>): undefined {
    this.#connect({ hostname: "", protocol: "", port: "" }, (error, socket) => {
      if (socket) callback?.(null, socket);
      else callback?.(error, undefined as never);
    });
  }
}

/** A request and its response. It is undici's controller of itself. */
class Exchange implements Dispatcher.DispatchController {
  readonly #options: LenientClientOptions;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #onOver: () => void;
  #request: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  #silence: Timer | undefined;
  #over = false;
  paused = false;
  reason: Error | null = null;

  constructor(options: LenientClientOptions, handler: Dispatcher.DispatchHandler, onOver: () => void) {
    this.#options = options;
    this.#handler = handler;
    this.#onOver = onOver;
  }

  get aborted(): boolean {
    return this.reason !== null;
  }

  start(options: Dispatcher.DispatchOptions, agent: Agent): void {
    const { address, maxHeaderSize } = this.#options;
    const body = typeof options.body === "string" || Buffer.isBuffer(options.body) ? options.body : undefined;
    this.#handler.onRequestStart?.(this, undefined);
    if (this.#over) return;
    try {
      this.#request = nodeRequest({
        agent,
        host: address.host,
        port: address.port,
        method: options.method,
        path: options.path,
        headers: {
          ...(options.headers as Record<string, string>),
          ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
        },
        insecureHTTPParser: true,
        maxHeaderSize,
      });
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    this.#request.on("error", (error) => {
      // Bytes behind a complete answer do not undo it: its end is under way.
      if (this.#response?.complete !== true) this.#fail(error);
    });
    this.#request.on("response", (response) => this.#respond(response, options.bodyTimeout ?? 0));
    this.#request.end(body);
  }

  #respond(response: IncomingMessage, silenceMs: number): void {
    this.#response = response;
    if (silenceMs > 0) this.#silence = this.#options.clock.after(silenceMs, () => this.abort(silenceError()));
    response.on("error", (error) => this.#fail(error));
    response.on("data", (chunk: Buffer) => {
      this.#silence?.restart();
      this.#handler.onResponseData?.(this, chunk);
    });
    response.once("end", () => this.#end(response));
    response.once("close", () => this.#fail(cutError()));
    this.#handler.onResponseStart?.(this, response.statusCode ?? 0, headersOf(response), response.statusMessage);
    if (this.paused) response.pause();
  }

  #end({ complete }: IncomingMessage): void {
    if (this.#over) return;
    if (!complete) {
      this.#fail(cutError());
      return;
    }
    this.#finish();
    this.#handler.onResponseEnd?.(this, {});
  }

  abort(reason: Error): void {
    if (this.#over) return;
    this.reason = reason;
    this.#fail(reason);
  }

  pause(): void {
    this.paused = true;
    this.#response?.pause();
  }

  resume(): void {
    this.paused = false;
    this.#silence?.restart();
    this.#response?.resume();
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#finish();
    this.#request?.on("error", () => undefined).destroy();
    this.#handler.onResponseError?.(this, withFirstBytes(error));
  }

  #finish(): void {
    this.#over = true;
    this.#silence?.cancel();
    this.#onOver();
  }
}

/** A repeated header as undici gives it: a list. */
function headersOf({ headersDistinct }: IncomingMessage): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values = []]) => {
      const [first = "", ...others] = values;
      return [name, others.length === 0 ? first : values];
    }),
  );
}

/** Where undici's parser errors have what the server sent. */
function withFirstBytes(error: Error): Error {
  const { rawPacket } = error as { rawPacket?: unknown };
  return Buffer.isBuffer(rawPacket) ? Object.assign(error, { data: rawPacket }) : error;
}

const coded = (code: string): Error => Object.assign(new Error(code), { code });
const cutError = (): Error => coded("ECONNRESET");
const destroyedError = (): Error => coded("UND_ERR_DESTROYED");
const silenceError = (): Error => coded("UND_ERR_BODY_TIMEOUT");
