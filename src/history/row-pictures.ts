/** Fetches the pictures that rows point to, by the rules of event pictures: from the device alone, bounded in number and size. */
import type { FetchPicture } from "../events/pictures/assembler";
import { codeOf, isHikvisionError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import type { HistoryPicture, HistoryRow } from "./types";

export interface PictureLimits {
  readonly pictures: number;
  readonly bytes: number;
}

const LIMITS: PictureLimits = { pictures: 500, bytes: 128 * 1024 * 1024 };

/** Puts them into the rows. What did not come has its reason there; the result is why some were not asked for. */
export async function fetchAll(
  rows: readonly HistoryRow[],
  fetchPicture: FetchPicture,
  signal: AbortSignal | undefined,
  limits: PictureLimits = LIMITS,
): Promise<Sentence | undefined> {
  let [pictures, bytes] = [0, 0];
  const until = signal ?? new AbortController().signal;
  for (const row of rows) {
    for (const picture of row.pictures ?? []) {
      if (pictures >= limits.pictures || bytes >= limits.bytes)
        return say`Only the first ${pictures} pictures were fetched. Choose a shorter range, or fewer channels.`;
      pictures += 1;
      await fetchOne(picture, fetchPicture, until);
      bytes += picture.data?.length ?? 0;
    }
  }
  return undefined;
}

async function fetchOne(picture: HistoryPicture, fetchPicture: FetchPicture, signal: AbortSignal): Promise<void> {
  try {
    const { data } = await fetchFromDevice(picture.url, fetchPicture, signal);
    if (data) picture.data = data;
  } catch (error) {
    if (!isHikvisionError(error) || codeOf(error) === "aborted") throw error;
    picture.error = { code: error.code, message: error.sentence };
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
    return fetchPicture(announced(path), signal).catch(() => {
      throw error;
    });
  }
}

function pathOf(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const { pathname, search } = new URL(url);
  return pathname.startsWith("//") ? undefined : pathname + search;
}
