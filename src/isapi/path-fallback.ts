/**
 * Several families of paths offer the same service (a camera's own, a recorder's proxy, old firmware's), and only trying
 * tells which one a device answers. Remembers what worked, so that a command is one request from then on.
 */
import type { Clock } from "../lib/clock";
import { FatalError, isHikvisionError, type HikvisionError } from "../lib/errors";
import { Lru } from "../lib/lru";
import { say } from "../lib/sentence";
import { isRefusedPath } from "./unavailable";

/** What was found is trusted for this long after it last proved true. Firmware changes, channels are added. */
const TRUST_MS = 10 * 60_000;
const MAX_REMEMBERED = 1_000;

export interface FallbackSubject {
  /** All that usually shares a family: a channel, a port. */
  readonly of: string;
  /** What may be on another family, or on none: a stream or a function of the channel. Default: `of`. */
  readonly exactly?: string;
  /** Spellings of the path within a family, where firmware disagrees; the likeliest first. Default 1. */
  readonly variants?: number;
}

export interface FallbackOptions {
  /** Other errors by which a device may refuse a path; not counted against a family that is known to work. */
  readonly mayBeThePath?: (error: HikvisionError) => boolean;
}

interface Candidate<Family> {
  readonly family: Family;
  readonly variant: number;
}

interface Remembered<T> {
  readonly value: T;
  readonly until: number;
}

export class PathFallback<Family> {
  readonly #families: readonly Family[];
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #mayBeThePath: (error: HikvisionError) => boolean;
  /** By `of`. */
  readonly #working = new Lru<string, Remembered<Family>>(MAX_REMEMBERED);
  /** By `exactly`. */
  readonly #proven = new Lru<string, Remembered<Candidate<Family>>>(MAX_REMEMBERED);
  /** By `exactly`: refused everywhere, so only the likeliest is asked. */
  readonly #refused = new Lru<string, Remembered<true>>(MAX_REMEMBERED);

  /** @param families the likeliest first */
  constructor(
    families: readonly Family[],
    clock: Pick<Clock, "elapsed">,
    { mayBeThePath = () => false }: FallbackOptions = {},
  ) {
    this.#families = families;
    this.#clock = clock;
    this.#mayBeThePath = mayBeThePath;
  }

  /**
   * Asks the path that is known to answer, else one after the other until one does not refuse.
   * Throws what the likeliest refused with; at once what says nothing about the path (busy, offline, no right).
   */
  async ask<T>(subject: FallbackSubject, ask: (family: Family, variant: number) => Promise<T>): Promise<T> {
    const { of, exactly = of } = subject;
    const working = this.#working.get(of);
    const isKnown = (family: Family): boolean => this.#isFresh(working) && working?.value === family;
    let first: HikvisionError | undefined;
    let refusedByAll = true;
    for (const candidate of this.#candidates(subject)) {
      const { family, variant } = candidate;
      try {
        const answer = await ask(family, variant);
        this.#working.set(of, this.#remember(family));
        this.#proven.set(exactly, this.#remember(candidate));
        this.#refused.delete(exactly);
        return answer;
      } catch (error) {
        if (!isHikvisionError(error)) throw error;
        const refused = isRefusedPath(error);
        if (!refused && !this.#mayBeThePath(error)) throw error;
        // From a path that works this is about a value in the request.
        const vague = !refused || error.code === "badRequest" || error.code === "notFound";
        if (vague && isKnown(family)) throw error;
        refusedByAll &&= refused;
        first ??= error;
      }
    }
    const alone = this.#isFresh(this.#proven.get(exactly)) || this.#isFresh(this.#refused.get(exactly));
    if (refusedByAll && !alone) this.#refused.set(exactly, this.#remember(true));
    throw first ?? new FatalError("notSupported", say`There is no path for this.`);
  }

  /** Those worth asking, the likeliest first. */
  #candidates({ of, exactly = of, variants = 1 }: FallbackSubject): readonly Candidate<Family>[] {
    const proven = this.#proven.get(exactly);
    if (proven && this.#isFresh(proven)) return [proven.value];
    const working = this.#working.get(of);
    const families = working
      ? [working.value, ...this.#families.filter((family) => family !== working.value)]
      : this.#families;
    const spellings = [...Array(variants).keys()];
    const all = families.flatMap((family) => spellings.map((variant) => ({ family, variant })));
    return this.#isFresh(this.#refused.get(exactly)) ? all.slice(0, 1) : all;
  }

  #remember<T>(value: T): Remembered<T> {
    return { value, until: this.#clock.elapsed() + TRUST_MS };
  }

  #isFresh(remembered: Remembered<unknown> | undefined): boolean {
    return remembered !== undefined && this.#clock.elapsed() < remembered.until;
  }
}
