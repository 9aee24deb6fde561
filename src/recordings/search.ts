/**
 * All recordings of one track, page by page, each once. Devices differ: some cap the page size, some ignore the position and send page
 * one for ever (Tedyst/HikLoad), some announce more when there is no more. A device that always has new ones is cut off.
 */
import { randomUUID } from "node:crypto";
import type { Isapi } from "../isapi/isapi";
import { PAGE_SIZE, searchPage, type SearchMatch, type SearchQuery } from "../isapi/recording-search";
import { systemClock, type Clock } from "../lib/clock";
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import { Slice } from "../lib/slices";
import { formatWall, parseTimestamp } from "../time/timestamp";
import { readPlaybackUri } from "./playback-uri";

export type TrackQuery = Omit<SearchQuery, "searchId" | "position">;

export interface SearchLimits {
  readonly matches: number;
  readonly pages: number;
  readonly ms: number;
}

/** New searches in a row that brought nothing new: then the list is complete. */
const MAX_EMPTY_SEARCHES = 2;
/** Of one question, over all of its channels. A recorder with 32 cameras in files of ten minutes has 46 000 in ten days. */
const LIMITS: SearchLimits = { matches: 50_000, pages: 5_000, ms: 5 * 60_000 };

/** The list is longer than a message should be, or has no end. */
export class CutOffError extends FatalError {}

/** How much one question may still bring: one budget for all tracks that it searches. */
export class SearchBudget {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #limits: SearchLimits;
  readonly #began: number;
  #matches = 0;
  #pages = 0;

  constructor(clock: Pick<Clock, "elapsed"> = systemClock, limits = LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
    this.#began = clock.elapsed();
  }

  /** @param latest start of the last match, which the error names. Throws `badRequest`. */
  page({ track }: TrackQuery, latest: string): void {
    const { pages, ms } = this.#limits;
    if (this.#pages >= pages || this.#clock.elapsed() - this.#began >= ms) throw this.#cut(track, latest);
    this.#pages += 1;
  }

  /** As {@link page}. */
  match({ track }: TrackQuery, latest: string): void {
    if (this.#matches >= this.#limits.matches) throw this.#cut(track, latest);
    this.#matches += 1;
  }

  #cut(track: number, latest: string): CutOffError {
    return new CutOffError(
      "badRequest",
      say`The search was cut off after ${this.#matches} recordings on ${this.#pages} pages, in channel ${Math.floor(track / 100)} at
        ${latest} by the device's clock: the device has ever more. Choose a shorter range, or fewer channels.`,
    );
  }
}

/** In the device's order. Throws what {@link searchPage} throws, and `badRequest` when the budget is used up. */
export async function* searchTrack(
  isapi: Pick<Isapi, "post">,
  query: TrackQuery,
  signal?: AbortSignal,
  budget = new SearchBudget(),
): AsyncGenerator<SearchMatch> {
  const seen = new Set<string>();
  let search: SearchQuery = { ...query, searchId: newId(), position: 0 };
  /** The device honours positions. */
  let positionsWork = true;
  let emptySearches = 0;
  let moreAnnounced = false;
  let latest = query.start;
  const slice = new Slice();

  for (;;) {
    budget.page(query, latest);
    const page = await searchPage(isapi, search, signal);
    let unseen = 0;
    for (const match of page.matches) {
      const key = keyOf(match);
      if (!seen.has(key)) {
        budget.match(query, latest);
        seen.add(key);
        unseen += 1;
        if (wallMs(match.start) > wallMs(latest)) latest = match.start;
        yield match;
      }
      // Pages are short, but for a device that sends what it likes.
      if (slice.isOver) await slice.next();
    }
    const isLast = !page.more && page.size < PAGE_SIZE;
    if (unseen > 0) {
      if (isLast) return;
      emptySearches = 0;
      if (search.position === 0 && search.start !== query.start) positionsWork = false;
    } else {
      // An empty page although more was announced: perhaps the device counts positions in its own way.
      if (isLast && !(moreAnnounced && search.position > 0)) return;
      if (search.position === 0 && ++emptySearches === MAX_EMPTY_SEARCHES) return;
    }
    moreAnnounced = page.more;

    if (unseen > 0 && positionsWork) {
      search = { ...search, position: search.position + page.size };
      continue;
    }
    // Positions do not work: search anew from the latest start seen, or past it where that brought nothing either.
    const start = search.start === latest ? startAfter(page.matches, latest) : latest;
    if (wallMs(start) >= wallMs(query.end)) return;
    search = { ...search, start, searchId: newId(), position: 0 };
    latest = start;
  }
}

/** What is the same on every page, also of a file that still grows. */
function keyOf({ track, start, end, name, playbackUri }: SearchMatch): string {
  return `${track} ${start} ${name ?? readPlaybackUri(playbackUri)?.name ?? end}`;
}

/** The latest end of the matches, at least a second after `start`. */
function startAfter(matches: readonly SearchMatch[], start: string): string {
  const end = Math.max(...matches.map((match) => wallMs(match.end)), wallMs(start) + 1000);
  return `${formatWall(end)}Z`;
}

/** -Infinity: no timestamp. */
function wallMs(timestamp: string): number {
  return parseTimestamp(timestamp)?.wallMs ?? -Infinity;
}

function newId(): string {
  return randomUUID().toUpperCase();
}
