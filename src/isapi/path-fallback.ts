/**
 * Several families of paths offer the same service (a camera's own, a recorder's proxy, old firmware's), and only trying
 * tells which one a device answers. Remembers that per channel or port, so that a command is one request from then on.
 */
import type { Clock } from "../lib/clock";
import { FatalError, isHikvisionError, type HikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";

/** What was found is believed for this long after it was last seen to be true. Firmware changes, channels are added. */
const KEEP_MS = 10 * 60_000;

/** What the outcome is remembered for. */
export interface Subject {
  /** All that shares a family: a channel, a port. */
  readonly of: string;
  /** What may be refused while others of `of` are not: a stream of the channel. Default: `of`. */
  readonly exactly?: string;
}

export class PathFallback<Family> {
  readonly #families: readonly Family[];
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #working = new Map<string, { readonly family: Family; readonly until: number }>();
  /** Refused by all families: until then only the first of them is asked. */
  readonly #refused = new Map<string, number>();

  /** @param families the likeliest first */
  constructor(families: readonly Family[], clock: Pick<Clock, "elapsed">) {
    this.#families = families;
    this.#clock = clock;
  }

  /**
   * Asks the family that is known to answer, else one after the other until one does not refuse.
   * Throws what the likeliest refused with; at once what says nothing about the path (busy, offline, no right).
   */
  async ask<T>({ of, exactly = of }: Subject, ask: (family: Family) => Promise<T>): Promise<T> {
    const known = this.#working.get(of);
    const likely = known ? [known.family] : [];
    const order = [...likely, ...this.#families.filter((family) => !likely.includes(family))];
    const certain = this.#isFresh(known?.until) || this.#isFresh(this.#refused.get(exactly));
    let first: HikvisionError | undefined;
    for (const family of certain ? order.slice(0, 1) : order) {
      try {
        const answer = await ask(family);
        this.#working.set(of, { family, until: this.#clock.elapsed() + KEEP_MS });
        this.#refused.delete(exactly);
        return answer;
      } catch (error) {
        if (!isHikvisionError(error) || !isRefusedPath(error)) throw error;
        first ??= error;
      }
    }
    if (!certain) this.#refused.set(exactly, this.#clock.elapsed() + KEEP_MS);
    throw first ?? new FatalError("notSupported", say`There is no path for this.`);
  }

  #isFresh(until = 0): boolean {
    return this.#clock.elapsed() < until;
  }
}

/** "Unsupported" is 400, 403 or 404 (dumps of maciej-or/hikvision_next); a 403 that names a reason is about the user. */
export function isRefusedPath(error: HikvisionError): boolean {
  const { code } = error;
  if (code === "forbidden") return error.cause.subStatusCode === undefined;
  return code === "notSupported" || code === "notIsapi" || code === "badRequest" || code === "notFound";
}
