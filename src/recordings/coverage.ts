/** What is recorded of a channel: asked before anything of the past is played, because devices play another moment where nothing is. */
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { StreamUrl, StreamUrls, TimeRequest } from "../rtsp/stream-urls";
import type { DeviceTime } from "../time/device-time";
import type { Recording } from "./recording";
import type { Recordings } from "./recordings";
import type { TimeRange } from "./time-range";

/** A shorter gap between two files is none. */
export const GAP_MS = 2_000;

export interface CoverageQuery extends TimeRange {
  readonly channel: number;
  readonly signal?: AbortSignal | undefined;
}

/** In order, cut to the range, gaps under two seconds closed. Throws as {@link Recordings.search} does. */
export async function coverageOf(
  recordings: Pick<Recordings, "search">,
  { channel, startMs, endMs, signal }: CoverageQuery,
): Promise<readonly TimeRange[]> {
  const range = { start: new Date(startMs), end: new Date(endMs) };
  return spansOf(await recordings.search({ channel, ...range, clip: true, signal }));
}

/** Pure. */
export function spansOf(found: readonly Pick<Recording, "kind" | "start" | "end">[]): readonly TimeRange[] {
  const spans: { startMs: number; endMs: number }[] = [];
  for (const { kind, start, end } of found) {
    const [startMs, endMs] = [Date.parse(start), Date.parse(end)];
    if (kind !== "video" || endMs <= startMs) continue;
    const last = spans.at(-1);
    if (last && startMs - last.endMs < GAP_MS) last.endMs = Math.max(last.endMs, endMs);
    else spans.push({ startMs, endMs });
  }
  return spans;
}

export interface CoveredUrl extends StreamUrl {
  /** ISO 8601 in UTC: what is recorded of the range; without an end, of its first day that has something, or more. */
  readonly coverage: readonly { readonly start: string; readonly end: string }[];
  /** Seconds from the start that was asked for to the first moment that is recorded. */
  readonly shift: number;
}

const DAY_MS = 86_400_000;

/** Of a range without an end: of its first day, else of the four days behind it, and so on until something is recorded. */
async function firstCoverage(
  recordings: Pick<Recordings, "search">,
  { channel, startMs, endMs, signal }: CoverageQuery,
): Promise<readonly TimeRange[]> {
  let from = startMs;
  for (let ms = DAY_MS; from < endMs; ms *= 4) {
    const until = Math.min(endMs, from + ms);
    const spans = await coverageOf(recordings, { channel, startMs: from, endMs: until, signal });
    if (spans.length > 0) return spans;
    from = until;
  }
  return [];
}

/** The address of the first moment of the range that is recorded. Throws `notFound` where none is, else as search and {@link StreamUrls.byTime}. */
export async function coveredUrl(
  device: {
    readonly streamUrls: Pick<StreamUrls, "byTime">;
    readonly recordings: Pick<Recordings, "search">;
    readonly time: Pick<DeviceTime, "frame" | "now">;
  },
  request: TimeRequest,
): Promise<CoveredUrl> {
  const { channel, start, end, signal } = request;
  // The range and the channel are checked first.
  const asked = await device.streamUrls.byTime(request);
  const frame = await device.time.frame({ channel, ...(signal && { signal }) });
  const nowMs = await device.time.now(signal);
  const startMs = frame.read("start", start, "earlier");
  const endMs = end === undefined ? nowMs : frame.read("end", end, "later");
  const look = end === undefined ? firstCoverage : coverageOf;
  const spans = startMs < endMs ? await look(device.recordings, { channel, startMs, endMs, signal }) : [];
  const [first] = spans;
  if (!first)
    throw new FatalError(
      "notFound",
      end === undefined
        ? say`Nothing is recorded of channel ${channel} since ${frame.local(startMs)}.`
        : say`Nothing is recorded of channel ${channel} from ${frame.local(startMs)} to ${frame.local(endMs)}.`,
    );
  const shift = Math.round(first.startMs - startMs) / 1000;
  const url = shift > 0 ? await device.streamUrls.byTime({ ...request, start: new Date(first.startMs) }) : asked;
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    ...url,
    coverage: spans.map((span) => ({ start: iso(span.startMs), end: iso(span.endMs) })),
    shift,
  };
}
