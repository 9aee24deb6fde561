/**
 * All recordings of one track, page by page, each once. Devices differ: some cap the page size, some ignore the position and send page
 * one for ever (Tedyst/HikLoad), some announce more when there is no more.
 */
import { randomUUID } from "node:crypto";
import type { Isapi } from "../isapi/isapi";
import { PAGE_SIZE, searchPage, type SearchMatch, type SearchQuery } from "../isapi/recording-search";
import { formatWall, parseTimestamp } from "../time/timestamp";
import { readPlaybackUri } from "./playback-uri";

export type TrackQuery = Omit<SearchQuery, "searchId" | "position">;

/** New searches in a row that brought nothing new: then the list is complete. */
const MAX_EMPTY_SEARCHES = 2;

/** In the device's order. Throws what {@link searchPage} throws. */
export async function* searchTrack(
  isapi: Pick<Isapi, "post">,
  query: TrackQuery,
  signal?: AbortSignal,
): AsyncGenerator<SearchMatch> {
  const seen = new Set<string>();
  let search: SearchQuery = { ...query, searchId: newId(), position: 0 };
  /** The device honours positions. */
  let positionsWork = true;
  let emptySearches = 0;
  let moreAnnounced = false;
  let latest = query.start;

  for (;;) {
    const page = await searchPage(isapi, search, signal);
    const unseen = page.matches.filter((match) => !seen.has(keyOf(match)));
    for (const match of unseen) {
      seen.add(keyOf(match));
      if (wallMs(match.start) > wallMs(latest)) latest = match.start;
      yield match;
    }
    const isLast = !page.more && page.size < PAGE_SIZE;
    if (unseen.length > 0) {
      if (isLast) return;
      emptySearches = 0;
      if (search.position === 0 && search.start !== query.start) positionsWork = false;
    } else {
      // An empty page although more was announced: perhaps the device counts positions in its own way.
      if (isLast && !(moreAnnounced && search.position > 0)) return;
      if (search.position === 0 && ++emptySearches === MAX_EMPTY_SEARCHES) return;
    }
    moreAnnounced = page.more;

    if (unseen.length > 0 && positionsWork) {
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
