/** Fetches the pictures that rows point to, by the rules of event pictures: from the device alone, bounded in number, size and time. */
import type { FetchPicture } from "../events/pictures/assembler";
import { isUnreachable } from "../isapi/unavailable";
import type { Clock } from "../lib/clock";
import { codeOf, isHikvisionError, type HikvisionError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import type { HistoryPicture, HistoryRow } from "./types";

export interface PictureLimits {
  readonly pictures: number;
  readonly bytes: number;
  readonly ms?: number;
}

const LIMITS: PictureLimits = { pictures: 500, bytes: 128 * 1024 * 1024 };
const MOST_MS = 5 * 60_000;
/** With these no other picture would come, either. */
const ENDS_ALL: ReadonlySet<string> = new Set(["unauthorized", "locked", "tls"]);
/** With these perhaps the next one comes. */
const GONE: ReadonlySet<string> = new Set(["offline", "timeout"]);
const MOST_GONE = 2;

/** Puts them into the rows. What did not come has its reason there; the result is why some were not asked for. */
export async function fetchAll(
  rows: readonly HistoryRow[],
  fetchPicture: FetchPicture,
  signal: AbortSignal | undefined,
  clock: Pick<Clock, "elapsed">,
  limits: PictureLimits = LIMITS,
): Promise<Sentence | undefined> {
  const began = clock.elapsed();
  const { ms = MOST_MS } = limits;
  let [pictures, bytes, gone] = [0, 0, 0];
  let end: HikvisionError | undefined;
  const until = signal ?? new AbortController().signal;
  for (const row of rows) {
    for (const picture of row.pictures ?? []) {
      if (end) return say`The pictures from ${row.time} on were not fetched: ${end.sentence}`;
      if (pictures >= limits.pictures || bytes >= limits.bytes || clock.elapsed() - began >= ms)
        return say`Only the first ${pictures} pictures were fetched. Choose a shorter range, or fewer channels.`;
      pictures += 1;
      const error = await fetchOne(picture, fetchPicture, until);
      gone = error && GONE.has(error.code) ? gone + 1 : 0;
      if (error && (gone >= MOST_GONE || ENDS_ALL.has(error.code))) end = error;
      bytes += picture.data?.length ?? 0;
    }
  }
  return undefined;
}

/** Why it did not come. */
async function fetchOne(
  picture: HistoryPicture,
  fetchPicture: FetchPicture,
  signal: AbortSignal,
): Promise<HikvisionError | undefined> {
  try {
    const { data } = await fetchFromDevice(picture.url, fetchPicture, signal);
    if (data) picture.data = data;
    return undefined;
  } catch (error) {
    if (!isHikvisionError(error) || codeOf(error) === "aborted") throw error;
    picture.error = { code: error.code, message: error.sentence };
    return error;
  }
}

/** Behind a router a device writes its inner address: then the path is asked for at the one that was set up, and no other. */
async function fetchFromDevice(url: string, fetchPicture: FetchPicture, signal: AbortSignal) {
  const announced = (address: string) => ({ name: "picture", keys: [], url: address });
  try {
    return await fetchPicture(announced(url), signal);
  } catch (error) {
    const path = pathOf(url);
    const elsewhere = isHikvisionError(error) && error.code === "forbidden" && error.cause.statusCode === undefined;
    if (!elsewhere || path === undefined) throw error;
    return fetchPicture(announced(path), signal).catch((second: unknown) => {
      throw isUnreachable(second) ? second : error;
    });
  }
}

function pathOf(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const { pathname, search } = new URL(url);
  return pathname.startsWith("//") ? undefined : pathname + search;
}
