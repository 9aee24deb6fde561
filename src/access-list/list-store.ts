/** What the generations of cameras have in common: one list of plates, each on the allow list, the block list or another. */
import type { Clock } from "../lib/clock";
import { codeOf, isHikvisionError, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { ListName, PlateData, StoredPlate } from "./entry";

export interface ListStore {
  /** Plates in one write, at most. */
  readonly most: number;
  /** So many plates are asked for one by one; for more the whole list is read. */
  readonly few: number;
  /** All plates, to the end of the list. */
  all(signal: AbortSignal): Promise<readonly StoredPlate[]>;
  /** Those of that plate. */
  find(plate: string, signal: AbortSignal): Promise<readonly StoredPlate[]>;
  /** One request; several where no other form is known to be taken. Throws what the camera says. */
  add(plates: readonly PlateData[], list: ListName, signal?: AbortSignal): Promise<void>;
  /** Of plates that are there. */
  change(plates: readonly ChangedPlate[], list: ListName, signal?: AbortSignal): Promise<void>;
  /** Never with nothing: some cameras take that for all. */
  remove(plates: readonly StoredPlate[], signal?: AbortSignal): Promise<void>;
  /** The next way to remove, where the last was answered with OK and removed nothing. False: that was the last one. */
  removeOtherwise(): boolean;
}

export interface ChangedPlate {
  readonly stored: StoredPlate;
  readonly data: PlateData;
}

/** Limits of one reading of a list. */
const MOST_PAGES = 5_000;
const MOST_ENTRIES = 100_000;
const MOST_MS = 10 * 60_000;

export interface Page {
  readonly rows: readonly StoredPlate[];
  /** How many the camera says are in this page, where it says it. */
  readonly count?: number | undefined;
  readonly total?: number | undefined;
}

/** Reads page after page until the camera has told all. Throws `protocol` or `timeout` where it does not come to an end. */
export async function allPages(
  read: (position: number) => Promise<Page>,
  clock: Pick<Clock, "elapsed">,
): Promise<readonly StoredPlate[]> {
  const began = clock.elapsed();
  const all: StoredPlate[] = [];
  let position = 0;
  let last: string | undefined;
  for (let page = 0; page < MOST_PAGES && all.length < MOST_ENTRIES; page++) {
    const { rows, count, total } = await read(position);
    if (rows.length === 0) return all;
    // A camera that does not look at the position would send its first page for ever.
    const first = JSON.stringify(rows[0]?.raw);
    if (first === last)
      throw new RetryableError(
        "protocol",
        say`The device sends the same page of its plate list again: ${all.length} plates were read, and there are more.`,
      );
    last = first;
    all.push(...rows);
    position += Math.max(count ?? 0, rows.length);
    if (total !== undefined && position >= total) return all;
    if (clock.elapsed() - began > MOST_MS)
      throw new RetryableError(
        "timeout",
        say`The device's plate list was left off after ${MOST_MS / 60_000} minutes: ${all.length} plates were read, and there are more.`,
      );
  }
  throw new RetryableError(
    "protocol",
    say`The device's plate list does not end: it was left off after ${all.length} plates.`,
  );
}

/** Of one plate; what else the camera says is about the camera. */
export function isAboutPlate(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "badRequest" || code === "notFound" || code === "notSupported") return true;
  return isFull(error);
}

/** The list has no room left. */
export function isFull(error: unknown): boolean {
  return isHikvisionError(error) && /overLimit|exceed|full/i.test(error.cause.subStatusCode ?? "");
}
