/** One connection to a device, opened by its first request and again after the device closed it. Ends for good with destroy. */
import type { Socket } from "node:net";
import type * as Undici from "undici";
import type { Clock } from "../lib/clock";
import type * as Lenient from "./lenient-client";
import { connector, type Tls } from "./tls";
import { originOf, type DeviceAddress, type HttpMode } from "./address";

const CLIENT_OPTIONS = {
  // Deadlines are ours (request-scope.ts): undici's timers are up to a second off and end with other errors.
  headersTimeout: 0,
  bodyTimeout: 0,
  maxHeaderSize: 64 * 1024,
  // Idle: closed soon, cameras serve few connections. A device that names its own time (usually 10 s) is believed.
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 30_000,
} as const;

// Loaded with the first device: undici is a third of what Node-RED would have to load at its start, also where no flow uses it.
/* eslint-disable @typescript-eslint/no-require-imports */
const undici = (): typeof Undici => require("undici") as typeof Undici;
const lenient = (): typeof Lenient => require("./lenient-client") as typeof Lenient;
/* eslint-enable @typescript-eslint/no-require-imports */

/** Loads what a connection needs, so that the first request does not wait for it. */
export function prepareConnections(mode: HttpMode): void {
  if (mode === "strict") undici();
  else lenient();
}

export class Connection {
  readonly client: Pick<Undici.Dispatcher, "request" | "compose">;
  readonly #dispatcher: Undici.Dispatcher;
  readonly #sockets = new Set<Socket>();

  /** Throws FatalError when the address is none. */
  constructor(address: DeviceAddress, tls: Tls, clock: Clock, mode: HttpMode = "strict") {
    const onSocket = (socket: Socket): void => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    };
    const connect = connector(address, tls, { clock, onSocket });
    const origin = originOf(address);
    this.#dispatcher =
      mode === "strict"
        ? new (undici().Client)(origin, { ...CLIENT_OPTIONS, connect })
        : new (lenient().LenientClient)({ ...CLIENT_OPTIONS, address, connect, clock });
    // An interceptor turns every handler into undici's new kind, the only one that LenientClient knows.
    this.client = mode === "strict" ? this.#dispatcher : this.#dispatcher.compose((dispatch) => dispatch);
  }

  /** Cuts it, also while it connects (undici would let that go on); resolves when the socket is closed. Repeatable. */
  async destroy(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#dispatcher.destroy();
  }
}
