/** The events of the one table to tick, by their words in the viewer's language. Words: catalogue of hikvision-event-in. */
import { ACCESS_KINDS, EVENT_GROUPS, EVENT_TYPES, eventEntry, eventLabelKey, eventType } from "../../src";
import { Checklist, type Entry } from "./checklist";
import type { Choices } from "./choices";
import { red } from "./red";
import { lookUp, t } from "./translate";

const WORDS = "@hikflow/node-red-hikvision/event-in:hikvision-event-in.";
/** Heartbeats never become messages, and "still going on" speaks for another type. */
const NOT_OFFERED = new Set(["heartBeat", "duration"]);

interface EventTicksOptions {
  readonly changed?: () => void;
  /** Offers what is told apart within a type, too: "AccessControllerEvent/denied". */
  readonly kinds?: boolean;
  /** The types that the device says it can report: they come first. */
  readonly supported?: Choices;
}

/** Fills `place`. A type that is not in the table can be added by the device's word for it. */
export function eventTicks(
  place: JQuery,
  chosen: readonly string[],
  { changed, kinds = false, supported }: EventTicksOptions = {},
): Checklist {
  const entries = EVENT_GROUPS.flatMap((group) =>
    EVENT_TYPES.filter((entry) => entry.group === group && !NOT_OFFERED.has(entry.type)).flatMap(({ type }) =>
      kinds ? entriesOf(type) : [entry(type)],
    ),
  );
  const list = new Checklist(place, {
    name: word("label.events"),
    entries,
    chosen,
    everything: word("all.events"),
    add: {
      hint: word("add.event"),
      entry: (text) => (/^[\w.-]{1,64}$/.test(text) ? entry(eventType(text).type) : undefined),
    },
    ...(changed && { changed }),
  });
  supported?.watch(() => {
    const { state } = supported;
    if (state.phase === "ready") list.show(deviceFirst(entries, new Set(state.items.map(({ value }) => value))));
    else if (state.phase === "unset") list.show(entries);
  });
  return list;
}

/** What a device can report, in a group of its own; many devices do not list all, so the others stay. */
function deviceFirst(entries: readonly Entry[], supported: ReadonlySet<string>): Entry[] {
  const isHere = ({ value }: Entry): boolean => supported.has(eventEntry(value).type.type);
  const here = entries.filter(isHere);
  const group = t("eventGroup.here");
  return [...here.map((entry) => ({ ...entry, group })), ...entries.filter((one) => !isHere(one))];
}

/** The viewer's word for a type; for one that no catalogue has, the device's own. */
export function eventLabel(name: string): string {
  const { type, kind } = eventEntry(name);
  const label = lookUp(WORDS + eventLabelKey(type.type)) ?? type.label;
  return kind === undefined ? label : `${label}: ${lookUp(`${WORDS}access.${kind}`) ?? kind}`;
}

/** The viewer's word for a target; for one that no catalogue has, the device's own. */
export function targetLabel(target: string): string {
  return lookUp(`${WORDS}target.${target}`) ?? target;
}

/** "Motion, Line crossing +3": a choice in few words. */
export function eventsText(types: readonly string[]): string {
  if (types.length === 0) return word("all.events");
  const shown = types.slice(0, 2).map(eventLabel).join(", ");
  return types.length > 2 ? `${shown} +${types.length - 2}` : shown;
}

function word(key: string): string {
  return red()._(WORDS + key);
}

function entry(name: string): Entry {
  const { group } = eventEntry(name).type;
  return { value: name, label: eventLabel(name), detail: name, group: t(`eventGroup.${group}`) };
}

/** A type, and what is told apart within it. */
function entriesOf(type: string): Entry[] {
  const kinds = type === "AccessControllerEvent" ? ACCESS_KINDS.map((kind) => `${type}/${kind}`) : [];
  return [type, ...kinds].map(entry);
}
