/** Which notifications a node wants: by type, channel, target and region. An empty list wants everything. */
import { eventEntry } from "./event-types";
import type { Notification } from "./types";
import { targetsIn } from "./decode/targets";

export interface FilterSettings {
  /** Types in any spelling of the table, or one kind of a type: "AccessControllerEvent/denied". */
  readonly events?: readonly string[];
  /** Numbers (as text, too), `"device"` for the device itself. */
  readonly channels?: readonly (number | string)[];
  readonly targets?: readonly string[];
  /** Region ids as the device numbers them. */
  readonly regions?: readonly (number | string)[];
}

export class EventFilter {
  /** By type in lower case: the kinds that are wanted; undefined: all. */
  readonly #events = new Map<string, Set<string> | undefined>();
  readonly #channels: ReadonlySet<string>;
  readonly #targets: ReadonlySet<string>;
  readonly #regions: ReadonlySet<string>;

  constructor({ events = [], channels = [], targets = [], regions = [] }: FilterSettings = {}) {
    for (const name of events) this.#want(name);
    this.#channels = new Set(channels.map((channel) => String(channel).trim().toLowerCase()));
    this.#targets = new Set(targets.flatMap(targetsIn));
    this.#regions = new Set(regions.map((region) => String(region).trim()));
  }

  /** Only by type and channel. */
  acceptsSource({ type, channel }: Pick<Notification, "type" | "channel">): boolean {
    return this.mayAccept(type, channel);
  }

  /** False: none of this type and channel (undefined: not known which) is wanted. */
  mayAccept(type: string, channel: number | null | undefined): boolean {
    if (this.#events.size > 0 && !this.#events.has(type.toLowerCase())) return false;
    if (this.#channels.size === 0 || channel === undefined) return true;
    return this.#channels.has(channel === null ? "device" : String(channel));
  }

  /** By type and kind, channel, target and region. */
  accepts(notification: Pick<Notification, "type" | "channel" | "targets" | "regions" | "access">): boolean {
    return (
      this.acceptsSource(notification) &&
      this.#acceptsKind(notification) &&
      matches(this.#targets, notification.targets) &&
      (this.#regions.size === 0 || notification.regions.some(({ id }) => this.#regions.has(id)))
    );
  }

  #want(name: string): void {
    const { type, kind } = eventEntry(name);
    const key = type.type.toLowerCase();
    if (kind === undefined) {
      this.#events.set(key, undefined);
      return;
    }
    // The type alone wants every kind of it.
    if (this.#events.has(key) && this.#events.get(key) === undefined) return;
    const kinds = this.#events.get(key) ?? new Set();
    this.#events.set(key, kinds.add(kind.toLowerCase()));
  }

  #acceptsKind({ type, access }: Pick<Notification, "type" | "access">): boolean {
    if (this.#events.size === 0) return true;
    const kinds = this.#events.get(type.toLowerCase());
    return kinds === undefined || kinds.has((access?.kind ?? "other").toLowerCase());
  }
}

function matches(wanted: ReadonlySet<string>, values: readonly string[]): boolean {
  return wanted.size === 0 || values.some((value) => wanted.has(value));
}
