/**
 * When an event is armed: its weekly schedule, `/ISAPI/Event/schedules/<kind>`, the list of all channels. Sources: the ISAPI guide
 * (`schedules/<EventType>/<ID>`), the pages of Hikvision's recorders (kinds), and what programs for NVRs and for DS-2CD2T26G2-2I read:
 * `Schedule{videoInputChannelID, TimeBlockList/TimeBlock{dayOfWeek 1…7 from Monday, TimeRange{beginTime, endTime}}}`.
 */
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { list, number, text, type XmlNode } from "../isapi/xml";
import { codeOf } from "../lib/errors";
import { say } from "../lib/sentence";
import { table } from "../lib/table";

/** Of each canonical event type. */
const KINDS = table<string>({
  VMD: "motionDetections",
  tamperdetection: "tamperDetections",
  videoloss: "videolosses",
  fielddetection: "fieldDetections",
  linedetection: "lineDetections",
  regionEntrance: "regionEntrances",
  regionExiting: "regionExitings",
  scenechangedetection: "sceneChangeDetections",
  facedetection: "faceDetections",
  audioexception: "audioDetections",
});

const DAY_MIN = 24 * 60;
const WEEK_MIN = 7 * DAY_MIN;

/** Minutes since Monday 00:00, from…to. */
type MinuteRange = readonly [from: number, to: number];

/** The minutes in which an event is armed, in order. */
export type WeekSchedule = readonly MinuteRange[];

/** "always", "now" and not always, "later" but not now, "never". */
export type ScheduleState = "always" | "now" | "later" | "never";

/**
 * The weeks of an event type by channel; a channel that the device does not list is left out.
 * Throws only when the device is not reachable.
 */
export async function readWeeks(
  isapi: Pick<Isapi, "get">,
  type: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, WeekSchedule>> {
  const kind = KINDS[type];
  if (kind === undefined) return new Map();
  try {
    const path = `/ISAPI/Event/schedules/${kind}`;
    const { value } = await isapi.get(path, { purpose: say`the arming schedules`, signal });
    return new Map(list(value, "Schedule").flatMap(weekOfChannel));
  } catch (error) {
    if (isUnavailable(error) || codeOf(error) === "busy" || codeOf(error) === "timeout") return new Map();
    throw error;
  }
}

/** `wallMs`: the device's wall time, its digits read as UTC; without it only "always" and "never" are known. */
export function scheduleStateAt(week: WeekSchedule, wallMs: number | undefined): ScheduleState | undefined {
  if (week.length === 0) return "never";
  if (coversAll(week)) return "always";
  if (wallMs === undefined) return undefined;
  const now = minuteOfWeek(wallMs);
  return week.some(([from, to]) => from <= now && now < to) ? "now" : "later";
}

function weekOfChannel(schedule: XmlNode): readonly (readonly [number, WeekSchedule])[] {
  const channel = number(schedule, "videoInputChannelID") ?? number(schedule, "dynVideoInputChannelID");
  if (channel === undefined) return [];
  const blocks = list(schedule, "TimeBlockList", "TimeBlock");
  // One without a day is for the holidays.
  const ranges = blocks.filter((block) => text(block, "dayOfWeek") !== undefined).map(minuteRangeOf);
  // An unknown format: not known.
  if (ranges.includes(undefined)) return [];
  const armed = ranges.filter((range): range is MinuteRange => range !== undefined && range[0] < range[1]);
  return [[channel, armed.sort(([a], [b]) => a - b)]];
}

function minuteRangeOf(block: XmlNode): MinuteRange | undefined {
  const day = number(block, "dayOfWeek");
  const [from, to] = [minutes(text(block, "TimeRange", "beginTime")), minutes(text(block, "TimeRange", "endTime"))];
  if (day === undefined || day < 1 || day > 7 || from === undefined || to === undefined) return undefined;
  return [(day - 1) * DAY_MIN + from, (day - 1) * DAY_MIN + to];
}

/** "08:30", "08:30:00", "24:00". The last minute of the day counts as its end. */
function minutes(time: string | undefined): number | undefined {
  const [, hours, rest] = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(time ?? "") ?? [];
  if (hours === undefined || rest === undefined) return undefined;
  const sum = Number(hours) * 60 + Number(rest);
  if (sum > DAY_MIN || Number(rest) > 59) return undefined;
  return sum === DAY_MIN - 1 ? DAY_MIN : sum;
}

function coversAll(week: WeekSchedule): boolean {
  let end = 0;
  for (const [from, to] of week) {
    if (from > end) return false;
    end = Math.max(end, to);
  }
  return end >= WEEK_MIN;
}

function minuteOfWeek(wallMs: number): number {
  const wall = new Date(wallMs);
  return ((wall.getUTCDay() + 6) % 7) * DAY_MIN + wall.getUTCHours() * 60 + wall.getUTCMinutes();
}
