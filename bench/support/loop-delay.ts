/** How long the event loop of this process stands still, and how much of that is the collection of garbage. */
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";

const RESOLUTION_MS = 1;

export class Loop {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #collectionMs = 0;
  readonly #collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) this.#collectionMs = Math.max(this.#collectionMs, duration);
  });

  begin(): void {
    this.#collectionMs = 0;
    this.#collections.observe({ entryTypes: ["gc"] });
    this.#delay.reset();
    this.#delay.enable();
  }

  /** ms; each is what a timer of {@link RESOLUTION_MS} was late by. */
  end(): { readonly p50: number; readonly p99: number; readonly longest: number; readonly longestCollection: number } {
    this.#delay.disable();
    this.#collections.disconnect();
    const late = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    return {
      p50: late(this.#delay.percentile(50)),
      p99: late(this.#delay.percentile(99)),
      longest: late(this.#delay.max),
      longestCollection: this.#collectionMs,
    };
  }
}
