/**
 * All hits of one track, whatever the device makes of position and page size: some cap the page, some give page one for ever
 * (Tedyst/HikLoad), some say MORE when there is no more. Every hit once, as the device wrote it.
 */
import { randomUUID } from "node:crypto";
import type { Isapi } from "../isapi/isapi";
import { formatWall, parseTimestamp } from "../time/timestamp";
import { readPlaybackUri } from "./playback-uri";
import type { RecordType } from "./recording";
import { PAGE_SIZE, searchPage, type Match } from "./search-page";

export interface TrackQuery {
  /** channel * 100 + 1, of pictures + 3. */
  readonly track: number;
  /** As devices write times: "2021-08-18T15:18:15Z"; so is `end`. */
  readonly start: string;
  readonly end: string;
  readonly recordType: RecordType;
}

/** Searches begun anew that brought nothing new, in a row: then the device has told all. */
const MOST_BARREN = 2;

/** In the device's order. Throws what {@link searchPage} throws. */
export async function* searchTrack(
  isapi: Pick<Isapi, "post">,
  query: TrackQuery,
  signal?: AbortSignal,
): AsyncGenerator<Match> {
  const known = new Set<string>();
  let search = { ...query, searchId: newId(), position: 0 };
  let pages = true;
  let barren = 0;
  let promised = false;
  let latest = query.start;

  for (;;) {
    const page = await searchPage(isapi, search, signal);
    const fresh = page.matches.filter((match) => !known.has(keyOf(match)));
    for (const match of fresh) {
      known.add(keyOf(match));
      if (wall(match.start) > wall(latest)) latest = match.start;
      yield match;
    }
    const last = !page.more && page.size < PAGE_SIZE;
    if (fresh.length > 0) {
      if (last) return;
      barren = 0;
      if (search.position === 0 && search.start !== query.start) pages = false;
    } else {
      // An empty page after a promise of more: perhaps the device counts positions in its own way.
      if (last && !(promised && search.position > 0)) return;
      if (search.position === 0 && ++barren === MOST_BARREN) return;
    }
    promised = page.more;

    if (fresh.length > 0 && pages) {
      search = { ...search, position: search.position + page.size };
      continue;
    }
    // Positions lead nowhere: on from the last start that is known, past it where that brought nothing either.
    const start = search.start === latest ? after(page.matches, latest) : latest;
    if (wall(start) >= wall(query.end)) return;
    search = { ...search, start, searchId: newId(), position: 0 };
    latest = start;
  }
}

/** What is the same on every page, also of a file that still grows. */
function keyOf({ track, start, end, name, playbackUri }: Match): string {
  return `${track} ${start} ${name ?? readPlaybackUri(playbackUri)?.name ?? end}`;
}

/** The end of the last of them, at least a second later. */
function after(matches: readonly Match[], start: string): string {
  const end = Math.max(...matches.map((match) => wall(match.end)), wall(start) + 1000);
  return `${formatWall(end)}Z`;
}

/** -Infinity: no time. */
function wall(stamp: string): number {
  return parseTimestamp(stamp)?.wallMs ?? -Infinity;
}

function newId(): string {
  return randomUUID().toUpperCase();
}
