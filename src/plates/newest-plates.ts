/** The last plates of a channel's list, for a preview in the editor. */
import { cursorAt } from "./cursor";
import type { ListedPlate, PlateList } from "./plate-list";

const HOUR_MS = 3_600_000;
/** How far back it reads, step by step. */
const BACK_MS = [HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS];
/** A list answers in pages, the oldest first. */
const MOST_PAGES = 20;

/** At most `count`, newest first; of the last week. Throws what {@link PlateList.after} throws. */
export async function newestPlates(
  list: Pick<PlateList, "after" | "wallNow">,
  channel: number,
  count: number,
  signal: AbortSignal,
): Promise<readonly ListedPlate[]> {
  const wallNow = await list.wallNow(signal);
  let newest: readonly ListedPlate[] = [];
  for (const back of BACK_MS) {
    newest = await lastOf(list, channel, cursorAt(wallNow - back), count, signal);
    if (newest.length >= count) break;
  }
  return newest;
}

async function lastOf(
  list: Pick<PlateList, "after">,
  channel: number,
  from: string,
  count: number,
  signal: AbortSignal,
): Promise<readonly ListedPlate[]> {
  const found = new Map<string, ListedPlate>();
  let cursor = from;
  for (let page = 0; page < MOST_PAGES; page++) {
    const plates = await list.after(channel, cursor, signal);
    // The newest is repeated in every answer, however old it is.
    const newer = plates.filter((plate) => plate.cursor > cursor);
    for (const plate of newer) found.set(`${plate.cursor} ${plate.capture.plate}`, plate);
    const last = newer.at(-1);
    if (!last) break;
    cursor = last.cursor;
  }
  return [...found.values()].slice(-count).reverse();
}
