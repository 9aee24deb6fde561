/** Pictures that a device has stored by events: a search for recordings of its picture tracks. */
import { eventType } from "../events/event-types";
import { isUnavailable } from "../isapi/unavailable";
import { isHikvisionError, type HikvisionError } from "../lib/errors";
import type { Sentence } from "../lib/sentence";
import { table } from "../lib/table";
import type { Recording } from "../recordings/recording";
import type { Recordings } from "../recordings/recordings";
import { CutOffError } from "../recordings/search";
import type { Found, FoundRow, Question } from "./types";

/** Why it was stored, in lower case → what event-in calls it; a picture of a schedule is no event. */
const TYPES = table<string>({ motion: "VMD", md: "VMD", mr: "VMD", alarm: "IO", edr: "IO" });
const NO_EVENT: ReadonlySet<string> = new Set([
  "",
  "timing",
  "time",
  "cmr",
  "allpic",
  "all",
  "manual",
  "allevent",
  "pic",
]);

/** So a channel says that it keeps no pictures: nothing is missing, then. */
const KEEPS_NONE: ReadonlySet<string> = new Set(["notFound", "notSupported", "badRequest"]);

/** About, of a row without its address. */
const ROW_BYTES = 300;

/** Of the channels that keep pictures; throws as {@link Recordings.search} where none does. */
export async function searchPictures(
  recordings: Pick<Recordings, "search">,
  { channels, range, budget, signal }: Question,
): Promise<Found> {
  const rows: FoundRow[] = [];
  let cut: Sentence | undefined;
  let failure: HikvisionError | undefined;
  let refused: Sentence | undefined;
  let answered = false;
  for (const channel of channels) {
    const over = budget.page();
    if (over) {
      cut ??= over;
      break;
    }
    try {
      const [start, end] = [new Date(range.startMs), new Date(range.endMs)];
      const onCut = (why: Sentence): void => void (cut ??= why);
      const found = await recordings.search({ channel, start, end, recordType: "picture", onCut, signal });
      for (const recording of found) rows.push(rowOf(recording));
      budget.found(
        found.length,
        found.reduce((sum, { playbackUri }) => sum + ROW_BYTES + playbackUri.length, 0),
      );
      answered = true;
    } catch (error) {
      if (!isHikvisionError(error) || !isUnavailable(error)) throw error;
      if (error instanceof CutOffError) cut ??= error.sentence;
      else {
        failure ??= error;
        if (!KEEPS_NONE.has(error.code)) refused ??= error.sentence;
      }
    }
  }
  if (failure && !answered && !cut) throw failure;
  cut ??= refused;
  return { rows, ...(cut && { cut }) };
}

function rowOf(recording: Recording): FoundRow {
  const { channel, start, playbackUri, recordType = "" } = recording;
  const word = recordType.toLowerCase();
  const event = NO_EVENT.has(word) ? undefined : eventType(TYPES[word] ?? recordType).type;
  return {
    startMs: Date.parse(start),
    type: event ?? "picture",
    ...(event === undefined && { label: "Picture" }),
    channel,
    urls: [playbackUri],
    raw: recording,
  };
}
