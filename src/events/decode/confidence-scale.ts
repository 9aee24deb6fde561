/**
 * Confidences as percentages. Most devices send 0…100, some fractions of 1. One per device: what sends only values above 0 and up to 1
 * sends fractions, from the first one on, until a value above 1 is seen (docs/contract.md).
 */
import type { PlateReading } from "./anpr";

export class ConfidenceScale {
  #percent = false;

  /** The same reading in percent; `confidenceScale` says that it was multiplied. */
  inPercent(reading: PlateReading): PlateReading {
    const { plate, unread, confidence, characterConfidence, ...more } = reading;
    if (confidence !== null && confidence > 1) this.#percent = true;
    if (this.#percent || confidence === null || confidence <= 0) return reading;
    const fractions = characterConfidence?.every((value) => value <= 1) ?? false;
    return {
      plate,
      ...(unread && { unread }),
      confidence: percent(confidence),
      confidenceScale: 100,
      ...(characterConfidence && {
        characterConfidence: fractions ? characterConfidence.map(percent) : characterConfidence,
      }),
      ...more,
    };
  }
}

/** Without the binary digits that a multiplication leaves: 0.07 → 7. */
function percent(fraction: number): number {
  return Math.round(fraction * 10_000) / 100;
}
