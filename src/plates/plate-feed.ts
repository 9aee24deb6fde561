/**
 * The plates of one node, each once, over reconnects and restarts: from the event stream at once, and from the device's list what the
 * stream did not bring. Its memory is plain data that the owner saves and gives back at the next start.
 */
import type { Chance, Clock } from "../lib/clock";
import { isRetryable, type ErrorCode, type HikvisionError } from "../lib/errors";
import type { StreamState } from "../events/event-source";
import { Backoff } from "../lib/backoff";
import { copyEvent } from "../events/notification";
import type { DeviceEvent, Notification, Picture } from "../events/types";
import { isUnavailable } from "../isapi/unavailable";
import { say, type Sentence } from "../lib/sentence";
import { parseCaptureTime, captureTimeOf, type CaptureTime } from "./capture-time";
import { PlatePoller } from "./plate-poller";
import { OrderedMerge } from "./ordered-merge";
import { SeenPlates, type SavedSeenPlates } from "./seen-plates";
import { plateId, type Plate, type Capture } from "./plate";
import { PlateFilter, type PlateFilterSettings } from "./plate-filter";
import type { ListedPlate, PlateList } from "./plate-list";

export interface PlateFeedSettings extends PlateFilterSettings {
  /** Empty: all that the device has. */
  readonly channels: readonly number[];
  /** Between two reads of the list where the stream brings no plates. */
  readonly pollMs: number;
  /** Fetch what passed during a gap? */
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
  /** What {@link PlateFeedOptions.save} was last given; anything else is a first start, which begins now. */
  readonly saved: unknown;
  readonly save: (plates: SavedPlates) => void;
  /** Gets a plate to keep. Calls `handedOver` when the flow has it for certain; never, if the flow stopped before. Must not throw. */
  readonly send: (plate: Plate, handedOver: () => void) => void;
  readonly warn: (sentence: Sentence) => void;
  readonly clock: Clock;
  readonly chance: Chance;
}

const RETRY = { firstMs: 1_000, longestMs: 60_000 };

interface FeedChannel {
  readonly seenPlates: SeenPlates;
  readonly poller: PlatePoller;
}

export class PlateFeed {
  readonly #options: PlateFeedOptions;
  readonly #filter: PlateFilter;
  readonly #saved: Readonly<Record<string, unknown>>;
  readonly #stop = new AbortController();
  readonly #channels = new Map<number, FeedChannel>();
  /** Plates of the stream for which {@link event} has not come yet. */
  readonly #pending = new WeakMap<Notification, Capture>();
  /** Orders the backfilled plates of all channels. */
  readonly #merge = new OrderedMerge<ListedPlate>((a, b) => a.cursor < b.cursor);
  readonly #warned = new Set<ErrorCode>();
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
    if (channels.length === 0) void this.#addAllChannels(this.#stop.signal);
    this.state(state);
  }

  close(): void {
    this.#stop.abort();
    for (const { poller } of this.#channels.values()) poller.close();
  }

  state({ phase }: StreamState): void {
    this.#streamIsUp = phase === "online";
    for (const { poller } of this.#channels.values()) {
      if (phase === "online") poller.streamUp();
      else if (phase === "offline") poller.streamDown();
    }
  }

  /** The stream has brought a notification; {@link event} follows, perhaps later. */
  notification(notification: Notification): void {
    const { anpr } = notification;
    if (!anpr || this.#stop.signal.aborted) return;
    const channel = channelOf(notification);
    if (!this.#isChosen(channel)) return;
    const { seenPlates, poller } = this.#channel(channel);
    const capturedAt = captureTimeOf(notification) ?? this.#now();
    const capture: Capture = { plate: anpr.plate, capturedAt, lane: anpr.lane };
    poller.streamBroughtPlate();
    if (seenPlates.has(capture)) return;
    seenPlates.markPending(capture);
    this.#pending.set(notification, capture);
  }

  /** `shared`: others have the same event object. */
  event(event: DeviceEvent, shared: boolean): void {
    const capture = this.#pending.get(event.notification);
    if (!capture || this.#stop.signal.aborted) return;
    const { seenPlates, poller } = this.#channel(channelOf(event.notification));
    const backfilled = event.notification.replayed === true;
    const send = (): void => {
      const plate = this.#streamPlate(shared ? copyEvent(event) : event, capture, backfilled);
      this.#send(plate, () => {
        seenPlates.markDone(capture);
        if (!backfilled) poller.streamPlateSent(capture);
      });
    };
    if (backfilled) poller.resent(capture, send);
    else send();
  }

  /** Undefined: filtered out. */
  #streamPlate(
    { notification, receivedAt, pictures }: DeviceEvent,
    capture: Capture,
    backfilled: boolean,
  ): Plate | undefined {
    const { anpr: reading, time = new Date(receivedAt).toISOString(), raw } = notification;
    const channel = channelOf(notification);
    if (!reading || !this.#filter.accepts(channel, reading, capture)) return undefined;
    const id = plateId(channel, capture);
    return { id, channel, reading, time, receivedAt, source: "stream", backfilled, pictures, raw };
  }

  #listedPlate(listed: ListedPlate, pictures: Picture[], backfilled: boolean): Plate | undefined {
    const { channel, capture, reading, time, raw } = listed;
    const { clock, settings } = this.#options;
    if (backfilled && !settings.backfill) return undefined;
    if (!this.#filter.accepts(channel, reading, capture)) return undefined;
    const id = plateId(channel, capture);
    return { id, channel, reading, time, receivedAt: clock.now(), source: "list", backfilled, pictures, raw };
  }

  /** `markDone` runs when the flow has the plate. One still on its way when the flow stops comes again from the list. */
  #send(plate: Plate | undefined, markDone: () => void): void {
    const handedOver = (): void => {
      if (this.#stop.signal.aborted) return;
      markDone();
      this.#save();
    };
    if (plate) this.#options.send(plate, handedOver);
    else handedOver();
  }

  #isChosen(channel: number): boolean {
    const { channels } = this.#options.settings;
    return channels.length === 0 || channels.includes(channel);
  }

  #channel(channel: number): FeedChannel {
    const known = this.#channels.get(channel);
    if (known) return known;
    const { settings, list, clock, chance } = this.#options;
    const saved = this.#saved[channel] as SavedSeenPlates | undefined;
    const seenPlates = SeenPlates.restore(settings.backfill ? saved : { seen: saved?.seen });
    const poller = new PlatePoller({
      channel,
      list,
      seenPlates,
      merge: this.#merge,
      clock,
      chance,
      pollMs: settings.pollMs,
      streamIsUp: this.#streamIsUp,
      startedAt: this.#startedAt,
      pictures: (plate, signal) => this.#pictures(plate, signal),
      found: (plate, pictures, backfilled) => {
        seenPlates.markPending(plate.capture);
        this.#send(this.#listedPlate(plate, pictures, backfilled), () => seenPlates.markDone(plate.capture));
      },
      changed: () => this.#save(),
      failed: (error) => this.#listFailed(error),
    });
    const made = { seenPlates, poller };
    this.#channels.set(channel, made);
    return made;
  }

  async #pictures({ pictureName }: ListedPlate, signal: AbortSignal): Promise<Picture[]> {
    const { list, settings } = this.#options;
    return settings.pictures && pictureName !== undefined ? [await list.picture(pictureName, signal)] : [];
  }

  /** Adds every channel that the device lists. */
  async #addAllChannels(signal: AbortSignal): Promise<void> {
    const { channels, clock, chance } = this.#options;
    const retry = new Backoff(RETRY, chance);
    while (!signal.aborted) {
      try {
        for (const { number } of await channels(signal)) if (!this.#stop.signal.aborted) this.#channel(number);
        return;
      } catch (error) {
        // Not reachable: the device node reports that. Channels that plates come from are added anyway.
        if (isUnavailable(error)) return;
        await clock.wait(retry.next(), signal).catch(() => undefined);
      }
    }
  }

  /** Many channels have no list; a warning only when none has one. */
  #listFailed(error: HikvisionError): void {
    const noList = [...this.#channels.values()].every(({ poller }) => poller.hasEnded);
    if (!this.#options.settings.backfill || this.#warned.has(error.code) || (!noList && !isRetryable(error))) return;
    this.#warned.add(error.code);
    this.#options.warn(say`Plates that pass while the connection is lost cannot be fetched. ${error.sentence}`);
  }

  #save(): void {
    if (this.#stop.signal.aborted) return;
    const savedChannels = [...this.#channels].map(
      ([channel, { seenPlates }]) => [String(channel), seenPlates.save()] as const,
    );
    this.#options.save({ ...(this.#saved as SavedPlates), ...Object.fromEntries(savedChannels) });
  }

  #now(): CaptureTime {
    return parseCaptureTime(new Date(this.#options.clock.now()).toISOString()) ?? { wallMs: 0, offsetMs: undefined };
  }
}

/** A camera with one lens may leave the channel out. */
function channelOf({ channel }: Notification): number {
  return channel ?? 1;
}
