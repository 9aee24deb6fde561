/** The checks of one event type: is it supported, switched on, sent to Node-RED, and armed? */
import { eventType } from "../events/event-types";
import { isSent, type Trigger } from "../isapi/event-triggers";
import { translatableName, say, type Sentence } from "../lib/sentence";
import type { ScheduleState } from "./schedules";
import { faulty, passed, undetermined, type CheckScope, type Check } from "./check";

/** A trigger, and what the device reports about it. */
export interface TriggerState extends Trigger {
  /** undefined: not known. */
  readonly on: boolean | undefined;
  /** undefined: not known. */
  readonly schedule: ScheduleState | undefined;
}

export interface EventChecks {
  readonly checks: readonly Check[];
  /** The device does not report the schedule of an event that could arrive. */
  readonly scheduleUnknown: boolean;
}

/** The type was chosen: every finding is reported. */
export function checkChosen(type: string, found: readonly TriggerState[]): EventChecks {
  if (found.length === 0) return { checks: [notListed(type)], scheduleUnknown: false };
  const off = found.filter(({ on }) => on === false);
  if (off.length === found.length) return { checks: [switchedOff(type, off)], scheduleUnknown: false };
  const on = found.filter((one) => one.on === true);
  const unknownSwitch = found.filter((one) => one.on === undefined);
  const rest = found.filter((one) => one.on !== false);
  const unsent = rest.filter((one) => !isSent(one));
  // One channel that is sent is enough; of the others only those known to be on are reported as missing.
  const missed = unsent.length === rest.length ? unsent : unsent.filter((one) => one.on === true);
  const checks = [
    ...(on.length > 0 ? [switchedOn(type, on, off)] : []),
    ...(unknownSwitch.length > 0 ? [switchUnknown(type, unknownSwitch)] : []),
    ...linkage(type, missed, rest.filter(isSent)),
    ...schedules(type, rest),
  ];
  return { checks, scheduleUnknown: rest.some(({ schedule }) => schedule === undefined) };
}

/** No type was chosen: only what is switched on but cannot arrive, or what arrives. */
export function checkListed(type: string, found: readonly TriggerState[]): EventChecks {
  const on = found.filter((one) => one.on === true);
  const sent = found.filter((one) => one.on !== false && isSent(one));
  const missed = on.filter((one) => !isSent(one));
  const unarmed = on.filter(({ schedule }) => schedule === "never" || schedule === "later");
  return {
    checks: [...linkage(type, missed, missed.length > 0 ? [] : sent), ...schedules(type, unarmed)],
    scheduleUnknown:
      [...on, ...sent].some(({ schedule }) => schedule === undefined) && eventType(type).group !== "device",
  };
}

function switchedOn(type: string, on: readonly TriggerState[], off: readonly TriggerState[]): Check {
  const offChannels = channelsOf(type, off);
  const what = subject(type, on);
  const text =
    offChannels.length === 0
      ? say`${what} is switched on.`
      : say`${what} is switched on; on channel ${inRuns(offChannels)} it is off.`;
  return passed("detection", text, about(type, on));
}

function switchedOff(type: string, off: readonly TriggerState[]): Check {
  const remedy = say`Switch it on in the device, under Configuration, Event, and draw its area or line.`;
  return faulty("detection", say`${subject(type, off)} is switched off.`, remedy, about(type, off));
}

function switchUnknown(type: string, found: readonly TriggerState[]): Check {
  const text = say`The device does not tell whether ${subject(type, found)} is switched on.`;
  return undetermined(
    "detection",
    text,
    say`See on the device's page, under Configuration, Event.`,
    about(type, found),
  );
}

function linkage(type: string, missed: readonly TriggerState[], sent: readonly TriggerState[]): readonly Check[] {
  const remedy = say`Tick "Notify Surveillance Center" under its linkage method in the device.`;
  const silent = (): Check => ({
    ...faulty("linkage", say`${subject(type, missed)} is not sent to Node-RED.`, remedy, about(type, missed)),
    triggers: missed.map(({ id }) => id),
  });
  return [
    ...(missed.length > 0 ? [silent()] : []),
    ...(sent.length > 0
      ? [passed("linkage", say`${subject(type, sent)} is sent to Node-RED.`, about(type, sent))]
      : []),
  ];
}

/** One check for all channels in the same state; unknown ones are reported once for all events. */
function schedules(type: string, found: readonly TriggerState[]): readonly Check[] {
  return SCHEDULE_STATES.flatMap((state) => {
    const same = found.filter(({ schedule }) => schedule === state);
    return same.length === 0 ? [] : [schedule(type, same, state)];
  });
}

const SCHEDULE_STATES: readonly ScheduleState[] = ["always", "now", "later", "never"];

function schedule(type: string, found: readonly TriggerState[], state: ScheduleState): Check {
  const [what, where] = [subject(type, found), about(type, found)];
  switch (state) {
    case "always":
      return passed("schedule", say`${what} is armed at all times.`, where);
    case "now":
      return passed("schedule", say`${what} is armed at this time; at others it is not.`, where);
    case "later":
      // May be intended.
      return undetermined(
        "schedule",
        say`${what} is not armed at this time, only at others.`,
        say`If events should come now, widen its arming schedule in the device, and see that the device's clock is right.`,
        where,
      );
    case "never":
      return faulty(
        "schedule",
        say`${what} is never armed: its arming schedule is empty.`,
        say`Draw the times at which events should come into its arming schedule in the device.`,
        where,
      );
  }
}

/** Some devices list only some of their events; basic and smart ones they list. */
function notListed(type: string): Check {
  const { label, group } = eventType(type);
  const text = say`${translatableName(label)} is not among the events that the device lists.`;
  if (group !== "basic" && group !== "smart")
    return undetermined("supported", text, say`Check on the device's page whether it has it.`, { event: type });
  const remedy = say`Check whether this model has it, and whether another smart mode keeps it off.`;
  return faulty("supported", text, remedy, { event: type, code: "notSupported" });
}

/** "Motion on channel 1–4, 7", "Alarm input 2"; the name alone for events of the device itself. */
function subject(type: string, triggers: readonly Trigger[]): Sentence {
  const label = translatableName(eventType(type).label);
  const inputs = triggers.flatMap(({ input }) => input ?? []);
  if (inputs.length > 0) return say`${label} ${inRuns(inputs)}`;
  const channels = channelsOf(type, triggers);
  return channels.length === 0 ? label : say`${label} on channel ${inRuns(channels)}`;
}

/** Ascending numbers; three or more in a row as a range. */
function inRuns(numbers: readonly number[]): string {
  const runs: number[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run?.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}–${run.at(-1)}` : run.join(", "))).join(", ");
}

function about(type: string, triggers: readonly Trigger[]): CheckScope {
  const channels = channelsOf(type, triggers);
  return { event: type, ...(channels.length > 0 && { channels }) };
}

/** Cameras write a channel beside a full disk, too. */
function channelsOf(type: string, triggers: readonly Trigger[]): readonly number[] {
  if (eventType(type).group === "device") return [];
  return [...new Set(triggers.flatMap(({ channel }) => channel ?? []))].sort((a, b) => a - b);
}
