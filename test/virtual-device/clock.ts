/** Time for the virtual device: shaped like the project's clock, so that a fake one fits, but owing nothing to src/. */

export interface DeviceTimer {
  cancel(): void;
}

export interface DeviceClock {
  /** Wall time, ms since 1970. */
  now(): number;
  /** Monotonic time, ms. */
  elapsed(): number;
  after(ms: number, run: () => void): DeviceTimer;
}

export const realClock: DeviceClock = {
  now: Date.now,
  elapsed: monotonicMs,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The machine's monotonic clock in ms with fractions: the same in every process of one machine, so latencies compare. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
