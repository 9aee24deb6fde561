/** Why an event does not arrive although the stream is open: not supported, switched off, not sent, or not armed now. */
import { eventType } from "../events/event-types";
import type { Channel } from "../isapi/channels";
import { readTrigger, readTriggers, type Trigger } from "../isapi/event-triggers";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { say } from "../lib/sentence";
import { scheduleStateAt, readWeeks, type WeekSchedule } from "./schedules";
import { failed, unanswered, undetermined, type Check } from "./check";
import { isSwitchedOn } from "./detection";
import { checkListed, checkChosen } from "./event-checks";

/** A recorder with 32 cameras has hundreds of switches; at most this many are read. */
const MAX_SWITCH_REQUESTS = 96;
const SCHEDULE_REMEDY = say`If an event that is switched on and sent does not come, look at its arming schedule in the device.`;

export interface EventCheckOptions {
  /** Canonical types; empty: all that the device has and that are switched on. */
  readonly wanted: readonly string[];
  readonly channels: readonly Channel[];
  /** The device's wall time, its digits read as UTC, ms; undefined: not known. */
  readonly wallMs: number | undefined;
}

export async function checkEvents(
  isapi: Isapi,
  { wanted, channels, wallMs }: EventCheckOptions,
  signal: AbortSignal,
  tell: (check: Check) => void,
): Promise<void> {
  let triggers: readonly Trigger[];
  try {
    triggers = (await readTriggers(isapi, signal)).map(canonical);
  } catch (error) {
    tell(unanswered("linkage", error));
    return;
  }
  const isOn = switchReader(isapi, channels, signal);
  const types = wanted.length > 0 ? wanted : [...new Set(triggers.map(({ type }) => type))];
  let scheduleUnknownForAny = false;
  try {
    for (const type of types) {
      const listed = triggers.filter((trigger) => trigger.type === type);
      const mine = listed.length > 0 ? listed : await unlisted(isapi, type, channels, signal);
      const weeks = mine.length > 0 ? await readWeeks(isapi, type, signal) : new Map<number, WeekSchedule>();
      const found = await Promise.all(
        mine.map(async (trigger) => {
          const week = weeks.get(trigger.channel ?? 0);
          return { ...trigger, on: await isOn(trigger), schedule: week && scheduleStateAt(week, wallMs) };
        }),
      );
      const { checks, scheduleUnknown } = wanted.length > 0 ? checkChosen(type, found) : checkListed(type, found);
      checks.forEach(tell);
      scheduleUnknownForAny ||= scheduleUnknown;
    }
  } catch (error) {
    tell(failed("detection", error));
    return;
  }
  if (scheduleUnknownForAny)
    tell(undetermined("schedule", say`The device does not tell when its events are armed.`, SCHEDULE_REMEDY));
}

function canonical(trigger: Trigger): Trigger {
  return { ...trigger, type: eventType(trigger.type).type };
}

/** A list may leave out what the device has: those are read by the id that they would have. */
async function unlisted(
  isapi: Isapi,
  type: string,
  channels: readonly Channel[],
  signal: AbortSignal,
): Promise<readonly Trigger[]> {
  const found: Trigger[] = [];
  for (const { number } of channels) {
    try {
      const trigger = await readTrigger(isapi, `${type}-${number}`, signal);
      if (trigger) found.push(canonical(trigger));
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      // A channel that lacks it: the others lack it, too.
      break;
    }
  }
  return found;
}

/** Reads a trigger's switch, up to a number of requests. */
function switchReader(
  isapi: Isapi,
  channels: readonly Channel[],
  signal: AbortSignal,
): (trigger: Trigger) => Promise<boolean | undefined> {
  const kinds = new Map(channels.map(({ number, kind }) => [number, kind]));
  let requests = 0;
  return async (trigger) => {
    if (requests >= MAX_SWITCH_REQUESTS) return undefined;
    requests += 1;
    return isSwitchedOn(isapi, trigger, kinds.get(trigger.channel ?? 0), signal);
  };
}
