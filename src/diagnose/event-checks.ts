/** The words for what was found about one kind of event: is it there, switched on, sent to Node-RED, and armed? */
import { eventType } from "../events/event-types";
import { isSent, type Trigger } from "../isapi/event-triggers";
import { translatableName, say, type Sentence } from "../lib/sentence";
import type { Arming } from "./schedules";
import { problem, good, unknown, type About, type Check } from "./check";

/** A trigger, and what the device says about it. */
export interface EventState extends Trigger {
  /** undefined: not known. */
  readonly on: boolean | undefined;
  /** undefined: not known. */
  readonly armed: Arming | undefined;
}

export interface EventCheck {
  readonly checks: readonly Check[];
  /** The device keeps to itself when something is armed that could come. */
  readonly armingUnknown: boolean;
}

/** A person wants it: everything about it is told. */
export function judgeWanted(type: string, found: readonly EventState[]): EventCheck {
  if (found.length === 0) return { checks: [absent(type)], armingUnknown: false };
  const off = found.filter(({ on }) => on === false);
  if (off.length === found.length) return { checks: [switchedOff(type, off)], armingUnknown: false };
  const on = found.filter((one) => one.on === true);
  const unclear = found.filter((one) => one.on === undefined);
  const rest = found.filter((one) => one.on !== false);
  const silent = rest.filter((one) => !isSent(one));
  // A channel that is sent shows that the person's events can come; of the others only those known to be on are missed.
  const missed = silent.length === rest.length ? silent : silent.filter((one) => one.on === true);
  const checks = [
    ...(on.length > 0 ? [switchedOn(type, on, off)] : []),
    ...(unclear.length > 0 ? [switchUnknown(type, unclear)] : []),
    ...linkage(type, missed, rest.filter(isSent)),
    ...schedules(type, rest),
  ];
  return { checks, armingUnknown: rest.some(({ armed }) => armed === undefined) };
}

/** Nobody said what is wanted: only what is switched on and yet cannot come, or what comes. */
export function judge(type: string, found: readonly EventState[]): EventCheck {
  const on = found.filter((one) => one.on === true);
  const sent = found.filter((one) => one.on !== false && isSent(one));
  const missed = on.filter((one) => !isSent(one));
  const unarmed = on.filter(({ armed }) => armed === "never" || armed === "later");
  return {
    checks: [...linkage(type, missed, missed.length > 0 ? [] : sent), ...schedules(type, unarmed)],
    armingUnknown: [...on, ...sent].some(({ armed }) => armed === undefined) && eventType(type).group !== "device",
  };
}

function switchedOn(type: string, on: readonly EventState[], off: readonly EventState[]): Check {
  const elsewhere = channelsOf(type, off);
  const what = told(type, on);
  const text =
    elsewhere.length === 0
      ? say`${what} is switched on.`
      : say`${what} is switched on; on channel ${inRuns(elsewhere)} it is off.`;
  return good("detection", text, about(type, on));
}

function switchedOff(type: string, off: readonly EventState[]): Check {
  const remedy = say`Switch it on in the device, under Configuration, Event, and draw its area or line.`;
  return problem("detection", say`${told(type, off)} is switched off.`, remedy, about(type, off));
}

function switchUnknown(type: string, found: readonly EventState[]): Check {
  const text = say`The device does not tell whether ${told(type, found)} is switched on.`;
  return unknown("detection", text, say`See on the device's page, under Configuration, Event.`, about(type, found));
}

function linkage(type: string, missed: readonly EventState[], sent: readonly EventState[]): readonly Check[] {
  const remedy = say`Tick "Notify Surveillance Center" under its linkage method in the device.`;
  const silent = (): Check => ({
    ...problem("linkage", say`${told(type, missed)} is not sent to Node-RED.`, remedy, about(type, missed)),
    triggers: missed.map(({ id }) => id),
  });
  return [
    ...(missed.length > 0 ? [silent()] : []),
    ...(sent.length > 0 ? [good("linkage", say`${told(type, sent)} is sent to Node-RED.`, about(type, sent))] : []),
  ];
}

/** One finding for all channels that are in the same state; what is not known is told once for all events. */
function schedules(type: string, found: readonly EventState[]): readonly Check[] {
  return ARMINGS.flatMap((arming) => {
    const same = found.filter(({ armed }) => armed === arming);
    return same.length === 0 ? [] : [schedule(type, same, arming)];
  });
}

const ARMINGS: readonly Arming[] = ["always", "now", "later", "never"];

function schedule(type: string, found: readonly EventState[], arming: Arming): Check {
  const [what, where] = [told(type, found), about(type, found)];
  switch (arming) {
    case "always":
      return good("schedule", say`${what} is armed at all times.`, where);
    case "now":
      return good("schedule", say`${what} is armed at this time; at others it is not.`, where);
    case "later":
      // May well be what its owner wants.
      return unknown(
        "schedule",
        say`${what} is not armed at this time, only at others.`,
        say`If events should come now, widen its arming schedule in the device, and see that the device's clock is right.`,
        where,
      );
    case "never":
      return problem(
        "schedule",
        say`${what} is never armed: its arming schedule is empty.`,
        say`Draw the times at which events should come into its arming schedule in the device.`,
        where,
      );
  }
}

/** Some devices list only a part of what they can do; basic and smart events they list. */
function absent(type: string): Check {
  const { label, group } = eventType(type);
  const text = say`${translatableName(label)} is not among the events that the device lists.`;
  if (group !== "basic" && group !== "smart")
    return unknown("supported", text, say`Check on the device's page whether it has it.`, { event: type });
  const remedy = say`Check whether this model has it, and whether another smart mode keeps it off.`;
  return problem("supported", text, remedy, { event: type, code: "notSupported" });
}

/** "Motion on channel 1–4, 7", "Alarm input 2"; the name alone for what belongs to the device itself. */
function told(type: string, triggers: readonly Trigger[]): Sentence {
  const label = translatableName(eventType(type).label);
  const inputs = triggers.flatMap(({ input }) => input ?? []);
  if (inputs.length > 0) return say`${label} ${inRuns(inputs)}`;
  const channels = channelsOf(type, triggers);
  return channels.length === 0 ? label : say`${label} on channel ${inRuns(channels)}`;
}

/** Ascending numbers; three and more in a row by their first and last. */
function inRuns(numbers: readonly number[]): string {
  const runs: number[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run?.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}–${run.at(-1)}` : run.join(", "))).join(", ");
}

function about(type: string, triggers: readonly Trigger[]): About {
  const channels = channelsOf(type, triggers);
  return { event: type, ...(channels.length > 0 && { channels }) };
}

/** Cameras write a channel beside a full disk, too. */
function channelsOf(type: string, triggers: readonly Trigger[]): readonly number[] {
  if (eventType(type).group === "device") return [];
  return [...new Set(triggers.flatMap(({ channel }) => channel ?? []))].sort((a, b) => a - b);
}
