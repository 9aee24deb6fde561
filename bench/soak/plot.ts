/** Samples → an SVG with one small chart per metric. */
import type { Metric, Sample } from "./verdict";

const WIDTH = 720;
const HEIGHT = 110;
const MARGIN = 24;

export function plot(samples: readonly Sample[], metrics: readonly Metric[]): string {
  const charts = metrics.map((metric, index) => chart(samples, metric, index * (HEIGHT + MARGIN)));
  const height = metrics.length * (HEIGHT + MARGIN) + MARGIN;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH + 2 * MARGIN}" height="${height}" font-family="sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="white"/>${charts.join("")}</svg>\n`
  );
}

function chart(samples: readonly Sample[], metric: Metric, top: number): string {
  const most = Math.max(...samples.map((sample) => sample[metric]), 1);
  const end = samples.at(-1)?.seconds ?? 1;
  const points = samples.map(
    (sample) =>
      `${(MARGIN + (sample.seconds / end) * WIDTH).toFixed(1)},${(top + MARGIN + HEIGHT * (1 - sample[metric] / most)).toFixed(1)}`,
  );
  return (
    `<text x="${MARGIN}" y="${top + MARGIN - 6}">${metric}, up to ${most.toFixed(1)}, over ${Math.round(end)} s</text>` +
    `<rect x="${MARGIN}" y="${top + MARGIN}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#ccc"/>` +
    `<polyline points="${points.join(" ")}" fill="none" stroke="#1565c0"/>`
  );
}
