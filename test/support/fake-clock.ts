/** A clock that moves only when told. `advance` runs due timers in order and lets promises settle in between. */
import { waitOn, type Clock, type Timer } from "../../src/lib/clock";

interface Entry {
  at: number;
  readonly ms: number;
  readonly run: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  #elapsed = 0;
  readonly #pending = new Set<Entry>();

  constructor(start: string | number = "2026-03-01T12:00:00Z") {
    this.#now = new Date(start).getTime();
  }

  now = (): number => this.#now;
  elapsed = (): number => this.#elapsed;

  after(ms: number, run: () => void): Timer {
    const entry: Entry = { at: this.#elapsed + Math.max(0, ms), ms, run };
    let cancelled = false;
    this.#pending.add(entry);
    return {
      cancel: () => {
        cancelled = true;
        this.#pending.delete(entry);
      },
      restart: () => {
        if (cancelled) return;
        entry.at = this.#elapsed + Math.max(0, entry.ms);
        this.#pending.add(entry);
      },
    };
  }

  wait(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
    return waitOn(this, ms, ...signals);
  }

  /** Timers still pending: 0 after a clean close. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Moves time by `ms`. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (;;) {
      let next: Entry | undefined;
      for (const entry of this.#pending) if (entry.at <= end && (!next || entry.at < next.at)) next = entry;
      if (!next) break;
      this.#step(next.at);
      this.#pending.delete(next);
      next.run();
      await settle();
    }
    this.#step(end);
    await settle();
  }

  /** Sets the wall clock, as NTP or a user would: timers do not notice. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #step(to: number): void {
    this.#now += to - this.#elapsed;
    this.#elapsed = to;
  }
}

/** Lets pending promise callbacks and immediates run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
