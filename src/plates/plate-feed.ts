/**
 * The plates of one node: what the stream brings at once, what only the device's list has in its turn, each once, over reconnects and
 * restarts. Knows nothing of flows: what it has to remember goes out as plain data and comes back at the next start.
 */
import type { Chance, Clock } from "../lib/clock";
import { isRetryable, type ErrorCode, type HikvisionError } from "../lib/errors";
import type { StreamState } from "../events/event-source";
import { Backoff } from "../lib/backoff";
import { copyEvent } from "../events/notification";
import type { DeviceEvent, Notification, Picture } from "../events/types";
import { isUnavailable } from "../isapi/unavailable";
import { say, type Sentence } from "../lib/sentence";
import { parseCaptured, capturedIn, type Captured } from "./capture-time";
import { PlatePoller } from "./plate-poller";
import { OrderedMerge } from "./ordered-merge";
import { SeenPlates, type SavedSeenPlates } from "./seen-plates";
import { plateId, type Plate, type Sight } from "./plate";
import { PlateFilter, type PlateFilterSettings } from "./plate-filter";
import type { ListedPlate, PlateList } from "./plate-list";

export interface PlateFeedSettings extends PlateFilterSettings {
  /** Empty: all that the device has. */
  readonly channels: readonly number[];
  /** Between two looks at the list where the stream brings no plates. */
  readonly pollMs: number;
  /** Fetch what passed while nobody was looking? */
  readonly backfill: boolean;
  readonly pictures: boolean;
}

/** By channel number. */
export type SavedPlates = Readonly<Record<string, SavedSeenPlates>>;

export interface PlateFeedOptions {
  readonly settings: PlateFeedSettings;
  readonly list: Pick<PlateList, "after" | "wallNow" | "picture">;
  /** The channels of the device; may reject. */
  readonly channels: (signal: AbortSignal) => Promise<readonly { readonly number: number }[]>;
  /** What {@link PlateFeedOptions.save} was last given; anything else is a first start, and begins with now. */
  readonly saved: unknown;
  readonly save: (plates: SavedPlates) => void;
  /** Gets a plate to keep. Calls `handedOver` when the flow has it for certain; never, if the flow stopped before. Must not throw. */
  readonly send: (plate: Plate, handedOver: () => void) => void;
  readonly warn: (sentence: Sentence) => void;
  readonly clock: Clock;
  readonly chance: Chance;
}

const RETRY = { firstMs: 1_000, longestMs: 60_000 };

interface Channel {
  readonly ledger: SeenPlates;
  readonly watch: PlatePoller;
}

export class PlateFeed {
  readonly #options: PlateFeedOptions;
  readonly #filter: PlateFilter;
  readonly #saved: Readonly<Record<string, unknown>>;
  readonly #life = new AbortController();
  readonly #channels = new Map<number, Channel>();
  /** Plates of the stream that {@link event} will bring with their pictures. */
  readonly #awaited = new WeakMap<Notification, Sight>();
  /** Of the channels' backlogs. */
  readonly #convoy = new OrderedMerge<ListedPlate>((a, b) => a.cursor < b.cursor);
  readonly #told = new Set<ErrorCode>();
  readonly #startedAt: number;
  #streamIsUp = false;

  constructor(options: PlateFeedOptions) {
    const { saved } = options;
    this.#options = options;
    this.#startedAt = options.clock.elapsed();
    this.#filter = new PlateFilter(options.settings);
    this.#saved = typeof saved === "object" && saved !== null ? (saved as Record<string, unknown>) : {};
  }

  start(state: StreamState): void {
    this.#streamIsUp = state.phase === "online";
    const { channels } = this.#options.settings;
    for (const channel of channels) this.#channel(channel);
    if (channels.length === 0) void this.#discover(this.#life.signal);
    this.state(state);
  }

  close(): void {
    this.#life.abort();
    for (const { watch } of this.#channels.values()) watch.close();
  }

  state({ phase }: StreamState): void {
    this.#streamIsUp = phase === "online";
    for (const { watch } of this.#channels.values()) {
      if (phase === "online") watch.streamUp();
      else if (phase === "offline") watch.streamDown();
    }
  }

  /** The stream has brought a notification; {@link event} follows, perhaps later. */
  heard(notification: Notification): void {
    const { anpr } = notification;
    if (!anpr || this.#life.signal.aborted) return;
    const channel = channelOf(notification);
    if (!this.#wants(channel)) return;
    const { ledger, watch } = this.#channel(channel);
    const captured = capturedIn(notification) ?? this.#now();
    const sight: Sight = { plate: anpr.plate, captured, lane: anpr.lane };
    watch.heard();
    if (ledger.knows(sight)) return;
    ledger.await(sight);
    this.#awaited.set(notification, sight);
  }

  /** `shared`: the event belongs to others, too. */
  event(event: DeviceEvent, shared: boolean): void {
    const sight = this.#awaited.get(event.notification);
    if (!sight || this.#life.signal.aborted) return;
    const { ledger, watch } = this.#channel(channelOf(event.notification));
    const late = event.notification.replayed === true;
    const send = (): void => {
      const plate = this.#live(shared ? copyEvent(event) : event, sight, late);
      this.#send(plate, () => {
        ledger.settle(sight);
        if (!late) watch.delivered(sight);
      });
    };
    if (late) watch.resent(sight, send);
    else send();
  }

  /** Undefined: the node does not want it. */
  #live({ notification, receivedAt, pictures }: DeviceEvent, sight: Sight, backfilled: boolean): Plate | undefined {
    const { anpr: reading, time = new Date(receivedAt).toISOString(), raw } = notification;
    const channel = channelOf(notification);
    if (!reading || !this.#filter.accepts(channel, reading, sight)) return undefined;
    const id = plateId(channel, sight);
    return { id, channel, reading, time, receivedAt, source: "stream", backfilled, pictures, raw };
  }

  #listed(listed: ListedPlate, pictures: Picture[], backfilled: boolean): Plate | undefined {
    const { channel, sight, reading, time, raw } = listed;
    const { clock, settings } = this.#options;
    if (backfilled && !settings.backfill) return undefined;
    if (!this.#filter.accepts(channel, reading, sight)) return undefined;
    const id = plateId(channel, sight);
    return { id, channel, reading, time, receivedAt: clock.now(), source: "list", backfilled, pictures, raw };
  }

  /** `settle` makes it a plate that has been dealt with. What is under way when the flow stops has not, and comes again from the list. */
  #send(plate: Plate | undefined, settle: () => void): void {
    const handedOver = (): void => {
      if (this.#life.signal.aborted) return;
      settle();
      this.#save();
    };
    if (plate) this.#options.send(plate, handedOver);
    else handedOver();
  }

  #wants(channel: number): boolean {
    const { channels } = this.#options.settings;
    return channels.length === 0 || channels.includes(channel);
  }

  #channel(channel: number): Channel {
    const known = this.#channels.get(channel);
    if (known) return known;
    const { settings, list, clock, chance } = this.#options;
    const saved = this.#saved[channel] as SavedSeenPlates | undefined;
    const ledger = SeenPlates.restore(settings.backfill ? saved : { seen: saved?.seen });
    const watch = new PlatePoller({
      channel,
      list,
      ledger,
      convoy: this.#convoy,
      clock,
      chance,
      pollMs: settings.pollMs,
      streamIsUp: this.#streamIsUp,
      startedAt: this.#startedAt,
      pictures: (plate, signal) => this.#pictures(plate, signal),
      found: (plate, pictures, late) => {
        ledger.await(plate.sight);
        this.#send(this.#listed(plate, pictures, late), () => ledger.settle(plate.sight));
      },
      changed: () => this.#save(),
      failed: (error) => this.#listFailed(error),
    });
    const made = { ledger, watch };
    this.#channels.set(channel, made);
    return made;
  }

  async #pictures({ pictureName }: ListedPlate, signal: AbortSignal): Promise<Picture[]> {
    const { list, settings } = this.#options;
    return settings.pictures && pictureName !== undefined ? [await list.picture(pictureName, signal)] : [];
  }

  /** Watches every channel that the device says it has. */
  async #discover(signal: AbortSignal): Promise<void> {
    const { channels, clock, chance } = this.#options;
    const retry = new Backoff(RETRY, chance);
    while (!signal.aborted) {
      try {
        for (const { number } of await channels(signal)) if (!this.#life.signal.aborted) this.#channel(number);
        return;
      } catch (error) {
        // Not reachable: the device node says so. Channels that plates come from are watched all the same.
        if (isUnavailable(error)) return;
        await clock.wait(retry.next(), signal).catch(() => undefined);
      }
    }
  }

  /** Many channels have no list, and that is no news; that none has one is. */
  #listFailed(error: HikvisionError): void {
    const isOver = [...this.#channels.values()].every(({ watch }) => watch.isOver);
    if (!this.#options.settings.backfill || this.#told.has(error.code) || (!isOver && !isRetryable(error))) return;
    this.#told.add(error.code);
    this.#options.warn(say`Plates that pass while the connection is lost cannot be fetched. ${error.sentence}`);
  }

  #save(): void {
    if (this.#life.signal.aborted) return;
    const ledgers = [...this.#channels].map(([channel, { ledger }]) => [String(channel), ledger.save()] as const);
    this.#options.save({ ...(this.#saved as SavedPlates), ...Object.fromEntries(ledgers) });
  }

  #now(): Captured {
    return parseCaptured(new Date(this.#options.clock.now()).toISOString()) ?? { wallMs: 0, offsetMs: undefined };
  }
}

/** A camera with one lens may leave it out. */
function channelOf({ channel }: Notification): number {
  return channel ?? 1;
}
