/** A clock that runs faster than time, for both sides of a conversation that waits in real time. */
import { systemClock, waitOn, type Clock } from "../../src/lib/clock";

export function quickClock(times: number): Clock {
  const began = Date.now();
  const elapsed = (): number => systemClock.elapsed() * times;
  const from = elapsed();
  const clock: Clock = {
    now: () => began + elapsed() - from,
    elapsed,
    after: (ms, run) => systemClock.after(ms / times, run),
    wait: (ms, ...signals) => waitOn(clock, ms, ...signals),
  };
  return clock;
}
