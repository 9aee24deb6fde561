/** Does something grow? By the slope of a line through the samples, once all is warm. */

export interface Sample {
  /** Since the process began. */
  readonly seconds: number;
  readonly heapMB: number;
  readonly externalMB: number;
  readonly rssMB: number;
  readonly sockets: number;
  readonly timers: number;
  readonly listeners: number;
  readonly handles: number;
}

export type Metric = Exclude<keyof Sample, "seconds">;

export interface Verdict {
  readonly metric: Metric;
  readonly mean: number;
  /** What the line rises from the first to the last sample. */
  readonly growth: number;
  /** More is a leak. */
  readonly allowed: number;
}

/** What garbage collection, reconnects and Node-RED itself make of a flat line in a few minutes. */
const NOISE: Readonly<Record<Metric, number>> = {
  heapMB: 6,
  externalMB: 6,
  rssMB: 60,
  sockets: 12,
  timers: 25,
  listeners: 2,
  handles: 20,
};
const NOISE_SHARE = 0.1;

export function verdicts(samples: readonly Sample[]): readonly Verdict[] {
  const last = samples.at(-1)?.seconds ?? 0;
  const span = last - (samples[0]?.seconds ?? 0);
  return (Object.keys(NOISE) as Metric[]).map((metric) => {
    const values = samples.map((sample) => sample[metric]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const growth = slope(samples, metric) * span;
    return { metric, mean, growth, allowed: Math.max(NOISE[metric], mean * NOISE_SHARE) };
  });
}

/** Least squares, per second. */
function slope(samples: readonly Sample[], metric: Metric): number {
  const meanX = samples.reduce((sum, { seconds }) => sum + seconds, 0) / samples.length;
  const meanY = samples.reduce((sum, sample) => sum + sample[metric], 0) / samples.length;
  let [above, below] = [0, 0];
  for (const sample of samples) {
    above += (sample.seconds - meanX) * (sample[metric] - meanY);
    below += (sample.seconds - meanX) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
