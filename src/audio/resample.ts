/**
 * Changes the sample rate of a sound: windowed-sinc interpolation, so that frequencies above the new rate's limit cause no aliasing.
 * Converts as much as is asked for: a minute at once would hold up Node-RED for seconds.
 */
import type { Sound } from "./wav";

/** Zero crossings of the sinc on each side; more is sharper and slower. */
const CROSSINGS = 16;
/** Positions between two samples that are told apart, where the two rates have more. */
const MAX_PHASES = 512;

export function resample(sound: Sound, toRate: number): Sound {
  const { rate } = sound;
  if (rate === toRate) return sound;
  const step = rate / toRate;
  // Downsampling: cut off a little below the new Nyquist frequency, because the filter has no vertical edge.
  const cutoff = step > 1 ? 0.95 / step : 1;
  const reach = Math.ceil(CROSSINGS / cutoff);
  const phases = Math.min(
    MAX_PHASES,
    Number.isInteger(rate) ? toRate / greatestCommonDivisor(rate, toRate) : MAX_PHASES,
  );
  /** By the position between two samples: the weights of those around, from `reach` before to `reach` behind. Made when needed. */
  const kernels: Float64Array[] = [];
  const kernelAt = (phase: number): Float64Array =>
    (kernels[phase] ??= Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
      kernel((i - reach - phase / phases) * cutoff),
    ));

  const read = (from: number, to: number): Int16Array => {
    const start = Math.max(0, Math.floor(from * step) - reach);
    const samples = sound.read(start, Math.min(sound.length, Math.ceil(to * step) + reach + 2));
    return Int16Array.from({ length: to - from }, (_, i) => {
      const position = Math.round((from + i) * step * phases);
      const base = Math.floor(position / phases);
      return interpolate(samples, base - reach - start, kernelAt(position % phases));
    });
  };
  return { rate: toRate, length: Math.round(sound.length / step), read };
}

/** The weighted mean of the samples from `at` on, as far as there are any. */
function interpolate(samples: Int16Array, at: number, weights: Float64Array): number {
  let sum = 0;
  let weight = 0;
  const end = Math.min(weights.length, samples.length - at);
  for (let i = Math.max(0, -at); i < end; i++) {
    const w = weights[i] ?? 0;
    sum += (samples[at + i] ?? 0) * w;
    weight += w;
  }
  return Math.max(-32_768, Math.min(32_767, Math.round(weight === 0 ? 0 : sum / weight)));
}

/** sinc under a Hann window. */
function kernel(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= CROSSINGS) return 0;
  const angle = Math.PI * x;
  return (Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos(angle / CROSSINGS));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
