/** Changes the sample rate of a sound: windowed-sinc interpolation, so that frequencies above the new rate's limit cause no aliasing. */
import type { Sound } from "./wav";

/** Zero crossings of the sinc on each side; more is sharper and slower. */
const CROSSINGS = 16;

export function resample({ rate, samples }: Sound, toRate: number): Sound {
  if (rate === toRate) return { rate, samples };
  const step = rate / toRate;
  // Downsampling: cut off a little below the new Nyquist frequency, because the filter has no vertical edge.
  const cutoff = step > 1 ? 0.95 / step : 1;
  const halfWidth = CROSSINGS / cutoff;
  const result = new Int16Array(Math.round(samples.length / step));
  for (let i = 0; i < result.length; i++) {
    const centre = i * step;
    const last = Math.min(samples.length - 1, Math.floor(centre + halfWidth));
    let sum = 0;
    let weight = 0;
    for (let k = Math.max(0, Math.ceil(centre - halfWidth)); k <= last; k++) {
      const w = kernel((k - centre) * cutoff);
      sum += (samples[k] ?? 0) * w;
      weight += w;
    }
    result[i] = Math.max(-32_768, Math.min(32_767, Math.round(weight === 0 ? 0 : sum / weight)));
  }
  return { rate: toRate, samples: result };
}

/** sinc under a Hann window. */
function kernel(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= CROSSINGS) return 0;
  const angle = Math.PI * x;
  return (Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos(angle / CROSSINGS));
}
