/** The playback URI of a recording as a flow gives it: an object of a search, a list with one, its playback address, or its name. */
import { FatalError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";

/** Searches the device for a recording by its name. Throws `notFound` when there is none. */
export type FindByName = (name: string) => Promise<{ readonly playbackUri: string }>;

/** The `playbackURI` as the device wrote it. Throws {@link FatalError} `badRequest` for anything else, and what `find` throws. */
export async function playbackUriOf(recording: unknown, find: FindByName): Promise<string> {
  const [one, another] = Array.isArray(recording) ? (recording as unknown[]) : [recording];
  if (another !== undefined) throw invalidRecording(say`there are several: split the list, and give one at a time`);
  if (typeof one === "string" && one.trim() !== "") {
    return one.includes("://") ? one : (await find(one.trim())).playbackUri;
  }
  if (typeof one === "object" && one !== null && "playbackUri" in one && typeof one.playbackUri === "string") {
    return one.playbackUri;
  }
  throw invalidRecording(say`there is none`);
}

function invalidRecording(why: Sentence): FatalError {
  return new FatalError(
    "badRequest",
    say`"recording" must be a recording of a recordings node, its name, or its playbackUri; ${why}.`,
  );
}
