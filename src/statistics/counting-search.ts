/**
 * One day of a camera's people counts: `/ISAPI/System/Video/inputs/channels/<ID>/counting/search`. Firmware differs in what it takes
 * of the request, so it is made simpler until the camera takes it; what it took is remembered.
 */
import type { Isapi } from "../isapi/isapi";
import { child, list, number, raw, text, type XmlDocument, xml } from "../isapi/xml";
import { codeOf, FatalError, isHikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import { formatWall, parseTimestamp } from "../time/timestamp";

/** A row as the camera tells it, by its wall clock. */
export interface CountedRow {
  /** Date and time as if they were UTC, ms since 1970. */
  readonly wallStartMs: number;
  readonly wallEndMs: number;
  /** Of a row that names its offset from UTC, which few do. */
  readonly offsetMs?: number;
  readonly enter: number;
  readonly exit: number;
  readonly pass?: number;
}

export interface CountedDay {
  readonly rows: readonly CountedRow[];
  /** The camera did not take quarters of an hour. */
  readonly coarser: boolean;
}

interface Form {
  readonly method: "GET" | "POST";
  readonly statisticType: boolean;
  readonly quarters: boolean;
  /** As one camera wanted it in 2019: a slash behind the path, and a small letter at the start of the root. */
  readonly old?: true;
}

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A day has 100 quarters of an hour at most; a camera that sends far more has lost its way. */
const MOST_ROWS = 1_000;

/** In the order in which they are tried. Without an interval the camera tells hours. */
const HOUR_FORMS: readonly Form[] = [
  { method: "POST", statisticType: true, quarters: false },
  { method: "POST", statisticType: false, quarters: false },
  { method: "GET", statisticType: true, quarters: false },
  { method: "GET", statisticType: false, quarters: false, old: true },
];
const QUARTER_FORMS: readonly Form[] = [
  { method: "POST", statisticType: true, quarters: true },
  { method: "POST", statisticType: false, quarters: true },
  ...HOUR_FORMS,
];

export class CountingSearch {
  readonly #isapi: Pick<Isapi, "get" | "post">;
  /** By channel and size of the rows: index of the form that the camera has taken. */
  readonly #taken = new Map<string, number>();

  constructor(isapi: Pick<Isapi, "get" | "post">) {
    this.#isapi = isapi;
  }

  /**
   * @param wallDayMs midnight of that day by the camera's clock, as if it were UTC.
   * Throws what {@link Isapi.post} throws: where no form is taken, the refusal of the first.
   */
  async day(channel: number, wallDayMs: number, quarters: boolean, signal?: AbortSignal): Promise<CountedDay> {
    const forms = quarters ? QUARTER_FORMS : HOUR_FORMS;
    const key = `${channel} ${quarters}`;
    let first: unknown;
    for (let at = this.#taken.get(key) ?? 0; at < forms.length; at++) {
      const form = forms[at];
      if (!form) break;
      try {
        const document = await this.#ask(channel, wallDayMs, form, signal);
        this.#taken.set(key, at);
        return { rows: readRows(document, wallDayMs, form), coarser: quarters && !form.quarters };
      } catch (error) {
        const wrongMethod = isHikvisionError(error) && error.cause.subStatusCode === "methodNotAllowed";
        if (!wrongMethod && codeOf(error) !== "badRequest") throw error;
        first ??= error;
        // The same words with the method that it wants.
        if (wrongMethod && form.method === "POST") at = forms.findIndex(({ method }) => method === "GET") - 1;
      }
    }
    this.#taken.delete(key);
    throw (first as Error | undefined) ?? new FatalError("notSupported", say`There is no path for this.`);
  }

  async #ask(
    channel: number,
    wallDayMs: number,
    form: Form,
    signal: AbortSignal | undefined,
  ): Promise<XmlDocument | undefined> {
    const path = `/ISAPI/System/Video/inputs/channels/${channel}/counting/search${form.old ? "/" : ""}`;
    const options = {
      purpose: say`the people counts of channel ${channel}`,
      retryBusy: true,
      lane: "read",
      ...(signal && { signal }),
    } as const;
    const body = bodyOf(wallDayMs, form);
    return form.method === "POST" ? this.#isapi.post(path, body, options) : this.#isapi.get(path, { ...options, body });
  }
}

/** Times without a zone are those of the camera's own clock, as six programs send them. */
function bodyOf(wallDayMs: number, { statisticType, quarters, old }: Form): string {
  const type = raw(statisticType ? "<statisticType>all</statisticType>" : "");
  const interval = raw(quarters ? "<MinTimeInterval>quarter</MinTimeInterval>" : "");
  const root = raw(old ? "countingStatisticsDescription" : "CountingStatisticsDescription");
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<${root}>${type}<reportType>daily</reportType>
<timeSpanList><timeSpan><startTime>${formatWall(wallDayMs)}</startTime><endTime>${formatWall(wallDayMs + DAY_MS - 1000)}</endTime></timeSpan></timeSpanList>
${interval}</${root}>`;
}

/** Those that begin on that day, whatever else was sent. */
function readRows(document: XmlDocument | undefined, wallDayMs: number, { quarters }: Form): readonly CountedRow[] {
  const entries = ["matchElement", "searchMatchItem"].flatMap((name) => list(document?.value, "matchList", name));
  const usualMs = quarters ? QUARTER_MS : HOUR_MS;
  return entries.slice(0, MOST_ROWS).flatMap((entry): readonly CountedRow[] => {
    const span = child(entry, "timeSpan") === undefined ? entry : child(entry, "timeSpan");
    const start = parseTimestamp(text(span, "startTime") ?? "");
    const [enter, exit, pass] = ["enterCount", "exitCount", "peoplePassingCount"].map((name) => number(entry, name));
    if (!start || (enter === undefined && exit === undefined)) return [];
    if (start.wallMs < wallDayMs || start.wallMs >= wallDayMs + DAY_MS) return [];
    // 00:14:59 is the last second of a row, 00:15:00 is the first one after it.
    const end = parseTimestamp(text(span, "endTime") ?? "")?.wallMs ?? 0;
    return [
      {
        wallStartMs: start.wallMs,
        wallEndMs: Math.min(
          wallDayMs + DAY_MS,
          end > start.wallMs ? Math.round(end / MINUTE_MS) * MINUTE_MS : start.wallMs + usualMs,
        ),
        ...(typeof start.zone === "number" && { offsetMs: start.zone }),
        enter: enter ?? 0,
        exit: exit ?? 0,
        ...(pass !== undefined && { pass }),
      },
    ];
  });
}
