/**
 * A few connections for commands, handed out whole, so that a login's 401 and its repeat share one and an aborted waiter
 * leaves at once (undici's Pool does neither). The last one used goes first: the others may idle out.
 */
import type { Connection } from "./connection";
import { lanesOf, type LaneName } from "./lanes";
import { Semaphore } from "../lib/semaphore";

export class CommandPool {
  readonly #open: () => Connection;
  readonly #discard: (connection: Connection) => void;
  readonly #semaphore: Semaphore;
  readonly #lanes: ReturnType<typeof lanesOf>;
  readonly #idle: Connection[] = [];

  constructor(size: number, open: () => Connection, discard: (connection: Connection) => void) {
    this.#semaphore = new Semaphore(size);
    this.#lanes = lanesOf(size);
    this.#open = open;
    this.#discard = discard;
  }

  /** Would a command be sent at once? */
  get hasRoom(): boolean {
    return this.#semaphore.hasRoom;
  }

  /**
   * Lends a connection for as long as `run` takes; `signal` ends only the wait for it. Rejects with `busy` where too many of its
   * lane wait already.
   */
  use<T>(signal: AbortSignal, lane: LaneName, run: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#semaphore.run(
      async () => {
        const connection = this.#idle.pop() ?? this.#open();
        try {
          const result = await run(connection);
          this.#idle.push(connection);
          return result;
        } catch (error) {
          // After a cut request undici would open the connection anew, for nobody.
          this.#discard(connection);
          throw error;
        }
      },
      signal,
      this.#lanes[lane],
    );
  }
}
