/**
 * Who may use the disk now. Node.js has four threads for files, names and more, for all of Node-RED, and nobody can interrupt one: where
 * a network drive is gone, each question to it holds a thread until the drive is back, and with the fourth recording nothing in Node-RED
 * reads a file any more. So three of our questions run at a time, two of them in the same place, and one that is not answered in time is an
 * error, while its thread stays taken.
 */
import type { Clock } from "./clock";

const MOST = 3;
const MOST_IN_PLACE = 2;
/** A sleeping disk needs 10 s to spin up. */
const LIMIT_MS = 30_000;

export interface TurnOptions<T> {
  /** Gets what comes after the limit. */
  readonly late?: (value: T) => void;
  /** The task is done after the limit, too, as the closing of a file. Default: false. */
  readonly always?: boolean;
}

interface Waiter {
  readonly place: string;
  readonly start: () => void;
}

export class DiskTurns {
  readonly #clock: Clock;
  readonly #running = new Map<string, number>();
  readonly #waiting = new Set<Waiter>();
  #taken = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Rejects as the task does, or with ETIMEDOUT; a task that has not begun by then never does.
   * @param place tasks of the same one wait for the same disk
   */
  run<T>(
    place: string,
    task: () => Promise<T>,
    { late = () => undefined, always = false }: TurnOptions<T> = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      let over = false;
      const timer = this.#clock.after(LIMIT_MS, () => {
        over = true;
        if (!always) this.#waiting.delete(waiter);
        reject(Object.assign(new Error("The disk does not answer."), { code: "ETIMEDOUT", syscall: "disk" }));
      });
      const start = (): void => {
        this.#take(place, 1);
        const end = (): void => {
          timer.cancel();
          this.#take(place, -1);
          this.#next();
        };
        task()
          .finally(end)
          .then((value) => (over ? late(value) : resolve(value)), reject);
      };
      const waiter: Waiter = { place, start };
      this.#waiting.add(waiter);
      this.#next();
    });
  }

  #take(place: string, one: 1 | -1): void {
    this.#taken += one;
    const running = (this.#running.get(place) ?? 0) + one;
    if (running === 0) this.#running.delete(place);
    else this.#running.set(place, running);
  }

  /** Starts whoever may, the oldest first. */
  #next(): void {
    for (const waiter of this.#waiting) {
      if (this.#taken >= MOST) return;
      if ((this.#running.get(waiter.place) ?? 0) >= MOST_IN_PLACE) continue;
      this.#waiting.delete(waiter);
      waiter.start();
    }
  }
}
