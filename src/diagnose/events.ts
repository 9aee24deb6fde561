/** Why an event does not come though the stream is open: not there, not switched on, or not sent to anybody. */
import { eventType } from "../events/event-types";
import type { Channel } from "../isapi/channels";
import { isSent, readTriggers, type Trigger } from "../isapi/event-triggers";
import type { Isapi } from "../isapi/isapi";
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
      "Whether the arming schedule covers the present time, and whether the user may get events, the device does not tell.",
      'If an event that is switched on and sent does not come, look at its arming schedule, and give the user the right "Remote: Notify Surveillance Center".',
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
  const { label } = eventType(type);
  if (found.length === 0) return [absent(type, label)];
  const on = found.filter((trigger) => trigger.on !== false);
  if (on.length === 0) {
    if (!chosen) return [];
    const remedy = "Switch it on in the device, under Configuration, Event, and draw its area or line.";
    return [bad("detection", `${label} is switched off${places(found)}.`, remedy)];
  }
  const checks: Check[] = [];
  const sure = on.filter((trigger) => trigger.on === true);
  if (sure.length > 0 && chosen) checks.push(good("detection", `${label} is switched on${places(sure)}.`));
  const silent = (on.some(isSent) ? sure : on).filter((trigger) => !isSent(trigger));
  if (silent.length > 0 && (chosen || sure.length > 0)) {
    const remedy = 'Tick "Notify Surveillance Center" under its linkage method in the device.';
    checks.push(bad("linkage", `${label}${places(silent)} is not sent to Node-RED.`, remedy));
  } else if (silent.length === 0)
    checks.push(good("linkage", `${label} is sent to Node-RED${places(on.filter(isSent))}.`));
  return checks;
}

/** Some devices list only a part of what they can do; basic and smart events they list. */
function absent(type: string, label: string): Check {
  const { group } = eventType(type);
  const text = `${label} is not among the events that the device lists.`;
  return group === "basic" || group === "smart"
    ? bad(
        "supported",
        text,
        "Check whether this model has it, and whether another smart mode keeps it off.",
        "notSupported",
      )
    : unknown("supported", text, "Check on the device's page whether it has it.");
}

/** " on channel 1, 3"; nothing for the device itself. */
function places(triggers: readonly Trigger[]): string {
  const channels = [...new Set(triggers.flatMap(({ channel }) => channel ?? []))].sort((a, b) => a - b);
  return channels.length === 0 ? "" : ` on channel ${channels.join(", ")}`;
}
