/** The events of the one table to tick, by their words in the viewer's language. Words: catalogue of hikvision-event-in. */
import { EVENT_GROUPS, EVENT_TYPES, eventLabelKey, eventType } from "../../src/events/event-types";
import { Checklist, type Entry } from "./checklist";
import { red } from "./red";
import { lookUp, t } from "./translate";

const WORDS = "@hikflow/node-red-hikvision/event-in:hikvision-event-in.";
/** Heartbeats never become messages, and "still going on" speaks for another type. */
const NOT_OFFERED = new Set(["heartBeat", "duration"]);

/** Fills `place`. A type that is not in the table can be added by the device's word for it. */
export function eventTicks(place: JQuery, chosen: readonly string[], changed?: () => void): Checklist {
  return new Checklist(place, {
    name: word("label.events"),
    entries: EVENT_GROUPS.flatMap((group) =>
      EVENT_TYPES.filter((entry) => entry.group === group && !NOT_OFFERED.has(entry.type)).map(({ type }) =>
        entry(type),
      ),
    ),
    chosen,
    everything: word("all.events"),
    add: {
      hint: word("add.event"),
      entry: (text) => (/^[\w.-]{1,64}$/.test(text) ? entry(eventType(text).type) : undefined),
    },
    ...(changed && { changed }),
  });
}

/** The viewer's word for a type; for one that no catalogue has, the device's own. */
export function eventLabel(type: string): string {
  return lookUp(WORDS + eventLabelKey(type)) ?? eventType(type).label;
}

/** "Motion, Line crossing +3": a choice in few words. */
export function eventsInWords(types: readonly string[]): string {
  if (types.length === 0) return word("all.events");
  const shown = types.slice(0, 2).map(eventLabel).join(", ");
  return types.length > 2 ? `${shown} +${types.length - 2}` : shown;
}

function word(key: string): string {
  return red()._(WORDS + key);
}

function entry(type: string): Entry {
  return { value: type, label: eventLabel(type), detail: type, group: t(`eventGroup.${eventType(type).group}`) };
}
