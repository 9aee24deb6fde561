/** The listening port: counts and cuts connections, goes away and comes back on the same port. */
import { createServer, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Tls {
  readonly key: string;
  readonly cert: string;
}

/**
 * The ports of this process's devices, the last ones. None is given again where any free one will do: the system soon gives
 * the same again, and this package remembers for as long as Node-RED runs which login was good, or refused, at an address.
 */
const taken = new Set<number>();
/** Fewer than half of those that the system chooses from. */
const REMEMBERED = 3_000;

export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #total = 0;
  #port = 0;

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.host = host;
    server.on("connection", (socket: Socket) => {
      this.#total++;
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on("clientError", (_error, socket) => socket.destroy());
  }

  readonly host: string;

  static async open(host: string, port: number, tls: Tls | undefined, onRequest: RequestListener): Promise<Listener> {
    const options: ServerOptions = { keepAliveTimeout: 10_000, requestTimeout: 0, noDelay: true };
    const server = tls ? createTlsServer({ ...options, ...tls }, onRequest) : createServer(options, onRequest);
    const listener = new Listener(server, host);
    await listener.listen(port);
    return listener;
  }

  get port(): number {
    return this.#port;
  }

  /** Open TCP connections, and how many there have been. */
  get connections(): { readonly open: number; readonly total: number } {
    return { open: this.#sockets.size, total: this.#total };
  }

  /** Takes connections again, on the port it had. */
  async listen(port = this.#port): Promise<void> {
    await this.#bind(port);
    while (port === 0 && taken.has(this.#port)) {
      await this.stop();
      await this.#bind(port);
    }
    remember(this.#port);
  }

  #bind(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, this.host, () => {
        this.#server.off("error", reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  /** Cuts every connection and refuses new ones. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cutAll();
    await closed;
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** TCP reset of the connection that this socket, plain or TLS, is on. */
  reset(socket: Socket): void {
    const port = socket.remotePort;
    for (const raw of this.#sockets) if (raw.remotePort === port) raw.resetAndDestroy();
  }
}

function remember(port: number): void {
  taken.delete(port);
  taken.add(port);
  const [oldest] = taken;
  if (taken.size > REMEMBERED && oldest !== undefined) taken.delete(oldest);
}
