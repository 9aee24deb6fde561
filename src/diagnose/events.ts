/** Why an event does not come though the stream is open: not there, not switched on, not sent to anybody, or not armed now. */
import { eventType } from "../events/event-types";
import type { Channel } from "../isapi/channels";
import { readTrigger, readTriggers, type Trigger } from "../isapi/event-triggers";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { say } from "../lib/sentence";
import { armingAt, readWeeks, type Week } from "./schedules";
import { failed, unanswered, unknown, type Check } from "./check";
import { isSwitchedOn } from "./detection";
import { judge, judgeWanted } from "./event-checks";

/** A recorder with 32 cameras has hundreds of switches; more than these are not asked for. */
const MOST_QUESTIONS = 96;
const SCHEDULE_REMEDY = say`If an event that is switched on and sent does not come, look at its arming schedule in the device.`;

export interface EventQuestions {
  /** Canonical types; empty: all that the device has and that are switched on. */
  readonly wanted: readonly string[];
  readonly channels: readonly Channel[];
  /** What the device's clock shows, its digits read as if they were UTC, ms; undefined: it does not tell. */
  readonly wallMs: number | undefined;
}

export async function checkEvents(
  isapi: Isapi,
  { wanted, channels, wallMs }: EventQuestions,
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
  const ask = switches(isapi, channels, signal);
  const types = wanted.length > 0 ? wanted : [...new Set(triggers.map(({ type }) => type))];
  let untold = false;
  try {
    for (const type of types) {
      const listed = triggers.filter((trigger) => trigger.type === type);
      const mine = listed.length > 0 ? listed : await unlisted(isapi, type, channels, signal);
      const weeks = mine.length > 0 ? await readWeeks(isapi, type, signal) : new Map<number, Week>();
      const found = await Promise.all(
        mine.map(async (trigger) => {
          const week = weeks.get(trigger.channel ?? 0);
          return { ...trigger, on: await ask(trigger), armed: week && armingAt(week, wallMs) };
        }),
      );
      const { checks, armingUnknown } = wanted.length > 0 ? judgeWanted(type, found) : judge(type, found);
      checks.forEach(tell);
      untold ||= armingUnknown;
    }
  } catch (error) {
    tell(failed("detection", error));
    return;
  }
  if (untold) tell(unknown("schedule", say`The device does not tell when its events are armed.`, SCHEDULE_REMEDY));
}

function canonical(trigger: Trigger): Trigger {
  return { ...trigger, type: eventType(trigger.type).type };
}

/** A list may leave out what the device has: it is asked for by the name that it would have. */
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
      // What the first has not, the others have not.
      break;
    }
  }
  return found;
}

/** Asks for a trigger's switch, as long as there are not too many of them. */
function switches(
  isapi: Isapi,
  channels: readonly Channel[],
  signal: AbortSignal,
): (trigger: Trigger) => Promise<boolean | undefined> {
  const kinds = new Map(channels.map(({ number, kind }) => [number, kind]));
  let questions = 0;
  return async (trigger) => {
    if (questions >= MOST_QUESTIONS) return undefined;
    questions += 1;
    return isSwitchedOn(isapi, trigger, kinds.get(trigger.channel ?? 0), signal);
  };
}
