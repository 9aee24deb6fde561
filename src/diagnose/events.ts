/** Why an event does not come though the stream is open: not there, not switched on, or not sent to anybody. */
import { eventType } from "../events/event-types";
import type { Channel } from "../isapi/channels";
import { isSent, readTriggers, type Trigger } from "../isapi/event-triggers";
import type { Isapi } from "../isapi/isapi";
import { enumerated, named, say, type Sentence } from "../words";
import { bad, failed, good, unanswered, unknown, type Check } from "./check";
import { isSwitchedOn } from "./detection";

/** A recorder with 32 cameras has hundreds of switches; more than these are not asked for. */
const MOST_QUESTIONS = 96;

interface Found extends Trigger {
  /** undefined: not known. */
  readonly on: boolean | undefined;
}

/** `wanted`: canonical types; empty: all that the device has and that are switched on. */
export async function checkEvents(
  isapi: Isapi,
  wanted: readonly string[],
  channels: readonly Channel[],
  signal: AbortSignal,
  tell: (check: Check) => void,
): Promise<void> {
  let triggers: readonly Trigger[];
  try {
    triggers = (await readTriggers(isapi, signal)).map((one) => ({ ...one, type: eventType(one.type).type }));
  } catch (error) {
    tell(unanswered("linkage", error));
    return;
  }
  const ask = switches(isapi, channels, signal);
  const types = wanted.length > 0 ? wanted : [...new Set(triggers.map(({ type }) => type))];
  try {
    for (const type of types) {
      const mine = triggers.filter((trigger) => trigger.type === type);
      const found = await Promise.all(mine.map(async (trigger) => ({ ...trigger, on: await ask(trigger) })));
      for (const check of judge(type, found, wanted.length > 0)) tell(check);
    }
  } catch (error) {
    tell(failed("detection", error));
    return;
  }
  tell(
    unknown(
      "schedule",
      say`Whether the arming schedule covers the present time, and whether the user may get events, the device does not tell.`,
      say`If an event that is switched on and sent does not come, look at its arming schedule, and give the user the right "Remote: Notify Surveillance Center".`,
    ),
  );
}

/** Asks for a trigger's switch, as long as there are not too many of them. */
function switches(
  isapi: Isapi,
  channels: readonly Channel[],
  signal: AbortSignal,
): (trigger: Trigger) => Promise<boolean | undefined> {
  const kinds = new Map(channels.map(({ number, kind }) => [number, kind]));
  let questions = 0;
  return async ({ type, channel }) => {
    if (channel === undefined || questions >= MOST_QUESTIONS) return undefined;
    questions += 1;
    return isSwitchedOn(isapi, type, channel, kinds.get(channel), signal);
  };
}

/** `chosen`: a person wants it, so that its absence is a fault. */
function judge(type: string, found: readonly Found[], chosen: boolean): readonly Check[] {
  if (found.length === 0) return [absent(type)];
  const on = found.filter((trigger) => trigger.on !== false);
  if (on.length === 0) {
    if (!chosen) return [];
    const remedy = say`Switch it on in the device, under Configuration, Event, and draw its area or line.`;
    return [bad("detection", say`${subject(type, found)} is switched off.`, remedy)];
  }
  const checks: Check[] = [];
  const sure = on.filter((trigger) => trigger.on === true);
  if (sure.length > 0 && chosen) checks.push(good("detection", say`${subject(type, sure)} is switched on.`));
  const silent = (on.some(isSent) ? sure : on).filter((trigger) => !isSent(trigger));
  if (silent.length > 0 && (chosen || sure.length > 0)) {
    const remedy = say`Tick "Notify Surveillance Center" under its linkage method in the device.`;
    checks.push(bad("linkage", say`${subject(type, silent)} is not sent to Node-RED.`, remedy));
  } else if (silent.length === 0)
    checks.push(good("linkage", say`${subject(type, on.filter(isSent))} is sent to Node-RED.`));
  return checks;
}

/** Some devices list only a part of what they can do; basic and smart events they list. */
function absent(type: string): Check {
  const { group, label } = eventType(type);
  const text = say`${named(label)} is not among the events that the device lists.`;
  return group === "basic" || group === "smart"
    ? bad(
        "supported",
        text,
        say`Check whether this model has it, and whether another smart mode keeps it off.`,
        "notSupported",
      )
    : unknown("supported", text, say`Check on the device's page whether it has it.`);
}

/** "Motion on channel 1, 3"; without a channel for the device itself. */
function subject(type: string, triggers: readonly Trigger[]): Sentence {
  const label = named(eventType(type).label);
  const channels = [...new Set(triggers.flatMap(({ channel }) => channel ?? []))].sort((a, b) => a - b);
  return channels.length === 0 ? label : say`${label} on channel ${enumerated(channels)}`;
}
