/**
 * A few connections for commands, handed out whole, so that a login's 401 and its repeat share one and an aborted waiter
 * leaves at once (undici's Pool answers neither). The last one used goes first: the others may idle out.
 */
import type { Client } from "undici";
import { Slots } from "./slots";

export class CommandPool {
  readonly #create: () => Client;
  readonly #slots: Slots;
  readonly #idle: Client[] = [];
  readonly #all: Client[] = [];

  constructor(size: number, create: () => Client) {
    this.#slots = new Slots(size);
    this.#create = create;
  }

  /** Lends a client for as long as `run` takes. Rejects with the signal's reason while none is free. */
  async use<T>(signal: AbortSignal, run: (client: Client) => Promise<T>): Promise<T> {
    await this.#slots.take(signal);
    try {
      const client = this.#idle.pop() ?? this.#make();
      try {
        return await run(client);
      } finally {
        this.#idle.push(client);
      }
    } finally {
      this.#slots.give();
    }
  }

  /** Cuts all connections; resolves when their sockets are closed. */
  async destroy(): Promise<void> {
    await Promise.all(this.#all.map((client) => client.destroy()));
  }

  #make(): Client {
    const client = this.#create();
    this.#all.push(client);
    return client;
  }
}
