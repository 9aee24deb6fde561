/** Pictures that a device has stored by events: a search for recordings of its picture tracks. */
import { eventType } from "../events/event-types";
import { isUnavailable } from "../isapi/unavailable";
import { table } from "../lib/table";
import type { Recording } from "../recordings/recording";
import type { Recordings } from "../recordings/recordings";
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

/** Of the channels that keep pictures; throws as {@link Recordings.search} where none does. */
export async function searchPictures(
  recordings: Pick<Recordings, "search">,
  { channels, range, signal }: Question,
): Promise<Found> {
  const rows: FoundRow[] = [];
  let failure: unknown;
  let answered = false;
  for (const channel of channels) {
    try {
      const [start, end] = [new Date(range.startMs), new Date(range.endMs)];
      const found = await recordings.search({ channel, start, end, recordType: "picture", signal });
      rows.push(...found.map(rowOf));
      answered = true;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      failure ??= error;
    }
  }
  if (!answered && failure !== undefined) throw failure as Error;
  return { rows };
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
