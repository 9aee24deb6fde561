/**
 * The plates of one node, each once, over reconnects and restarts: from the event stream at once, and from the device's list what the
 * stream did not bring. Its memory is plain data that the owner saves and gives back at the next start.
 */
import type { Chance, Clock, Timer } from "../lib/clock";
import { isRetryable, type ErrorCode, type HikvisionError } from "../lib/errors";
import type { StreamState } from "../events/event-source";
import { Backoff } from "../lib/backoff";
import { copyEvent } from "../events/notification";
import type { DeviceEvent, Notification, Picture } from "../events/types";
import { isUnavailable } from "../isapi/unavailable";
import { say, type Sentence } from "../lib/sentence";
import { parseCaptureTime, captureTimeOf, type CaptureTime } from "./capture-time";
import { ListPolls } from "./list-polls";
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

/** What has been seen is some hundred kilobytes at most, too much to be written with each of a thousand plates in a row. */
const SAVE_APART_MS = 100;

/** Channels without a list of their own; more are forgotten, the oldest first. */
const MOST_UNPOLLED = 64;

interface FeedChannel {
  readonly seenPlates: SeenPlates;
  /** Undefined: its list is not read. */
  poller: PlatePoller | undefined;
  /** The stream has brought plates of it. */
  isStreamed: boolean;
}

export class PlateFeed {
  readonly #options: PlateFeedOptions;
  readonly #filter: PlateFilter;
  readonly #saved: Readonly<Record<string, unknown>>;
  readonly #stop = new AbortController();
  readonly #channels = new Map<number, FeedChannel>();
  readonly #polls: ListPolls;
  /** Plates of the stream for which {@link event} has not come yet. */
  readonly #pending = new WeakMap<Notification, Capture>();
  /** Orders the backfilled plates of all channels. */
  readonly #merge = new OrderedMerge<ListedPlate>((a, b) => a.cursor < b.cursor);
  readonly #warned = new Set<ErrorCode>();
  readonly #startedAt: number;
  #streamIsUp = false;
  /** Runs after a save: another one waits for its end. */
  #afterSave: Timer | undefined;
  #unsaved = false;

  constructor(options: PlateFeedOptions) {
    const { saved } = options;
    this.#options = options;
    this.#startedAt = options.clock.elapsed();
    this.#filter = new PlateFilter(options.settings);
    this.#polls = new ListPolls({
      chosen: options.settings.channels,
      start: (channel) => this.#poll(channel),
      running: () => this.#pollers.filter(({ hasEnded }) => !hasEnded).length,
    });
    this.#saved = typeof saved === "object" && saved !== null ? (saved as Record<string, unknown>) : {};
  }

  start(state: StreamState): void {
    this.#streamIsUp = state.phase === "online";
    this.#polls.start();
    if (this.#options.settings.channels.length === 0) void this.#learnChannels(this.#stop.signal);
    this.state(state);
  }

  close(): void {
    this.#afterSave?.cancel();
    if (this.#unsaved) this.#write();
    this.#stop.abort();
    for (const poller of this.#pollers) poller.close();
  }

  state({ phase }: StreamState): void {
    this.#streamIsUp = phase === "online";
    for (const poller of this.#pollers) {
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
    const feedChannel = this.#channel(channel);
    const { seenPlates, poller } = feedChannel;
    const capturedAt = captureTimeOf(notification) ?? this.#now();
    const stampedAt = parseCaptureTime(notification.time);
    const capture: Capture = { plate: anpr.plate, capturedAt, lane: anpr.lane, stampedAt };
    feedChannel.isStreamed = true;
    poller?.streamBroughtPlate();
    this.#polls.seen(channel);
    if (seenPlates.has(capture)) return;
    // Decided now: while this one waits for its pictures, another notification of the same car may be the one that is wanted.
    if (this.#filter.accepts(channel, anpr, capture)) {
      seenPlates.markPending(capture);
      this.#pending.set(notification, capture);
    } else {
      seenPlates.markSkipped(capture);
      if (notification.replayed !== true) poller?.streamPlateDone(capture);
      this.#save();
    }
  }

  /** `shared`: others have the same event object. */
  event(event: DeviceEvent, shared: boolean): void {
    const capture = this.#pending.get(event.notification);
    if (!capture || this.#stop.signal.aborted) return;
    const { seenPlates, poller } = this.#channel(channelOf(event.notification));
    const backfilled = event.notification.replayed === true;
    const send = (): void => {
      this.#send(this.#streamPlate(shared ? copyEvent(event) : event, capture, backfilled), () => {
        seenPlates.markDone(capture);
        if (!backfilled) poller?.streamPlateDone(capture);
      });
    };
    if (backfilled && poller) poller.resent(capture, send);
    else send();
  }

  #streamPlate(
    { notification, receivedAt, pictures }: DeviceEvent,
    capture: Capture,
    backfilled: boolean,
  ): Plate | undefined {
    const { anpr: reading, time = new Date(receivedAt).toISOString(), raw } = notification;
    const channel = channelOf(notification);
    if (!reading) return undefined;
    const id = plateId(channel, capture);
    return { id, channel, reading, time, receivedAt, source: "stream", backfilled, pictures, raw };
  }

  /** Undefined: filtered out. */
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
    if (!plate) return;
    this.#options.send(plate, () => {
      if (this.#stop.signal.aborted) return;
      markDone();
      this.#save();
    });
  }

  #isChosen(channel: number): boolean {
    const { channels } = this.#options.settings;
    return channels.length === 0 || channels.includes(channel);
  }

  get #pollers(): PlatePoller[] {
    return [...this.#channels.values()].flatMap(({ poller }) => poller ?? []);
  }

  #channel(channel: number): FeedChannel {
    const known = this.#channels.get(channel);
    if (known) return known;
    this.#forgetUnpolled();
    const saved = this.#saved[channel] as SavedSeenPlates | undefined;
    const { backfill } = this.#options.settings;
    const seenPlates = SeenPlates.restore(backfill ? saved : { seen: saved?.seen, skipped: saved?.skipped });
    const made: FeedChannel = { seenPlates, poller: undefined, isStreamed: false };
    this.#channels.set(channel, made);
    return made;
  }

  /** Makes room for one more channel. */
  #forgetUnpolled(): void {
    const unpolled = [...this.#channels].filter(([, { poller }]) => poller === undefined);
    for (const [channel] of unpolled.slice(0, Math.max(0, unpolled.length + 1 - MOST_UNPOLLED)))
      this.#channels.delete(channel);
  }

  #poll(channel: number): void {
    const feedChannel = this.#channel(channel);
    const { seenPlates, isStreamed } = feedChannel;
    const { settings, list, clock, chance } = this.#options;
    feedChannel.poller = new PlatePoller({
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
      found: (listed, pictures, backfilled) => {
        const plate = this.#listedPlate(listed, pictures, backfilled);
        if (plate) {
          seenPlates.markPending(listed.capture);
          this.#send(plate, () => seenPlates.markDone(listed.capture));
        } else seenPlates.markSkipped(listed.capture);
      },
      changed: () => this.#save(),
      failed: (error) => this.#listFailed(error),
    });
    if (isStreamed) feedChannel.poller.streamBroughtPlate();
  }

  async #pictures({ pictureName, reading }: ListedPlate, signal: AbortSignal): Promise<Picture[]> {
    const { list, settings } = this.#options;
    if (!settings.pictures || pictureName === undefined || !this.#filter.mayAccept(reading)) return [];
    return [await list.picture(pictureName, signal)];
  }

  /** Asks the device for its channels until it answers. */
  async #learnChannels(signal: AbortSignal): Promise<void> {
    const { channels, clock, chance } = this.#options;
    const retry = new Backoff(RETRY, chance);
    while (!signal.aborted) {
      try {
        const listed = await channels(signal);
        if (!this.#stop.signal.aborted) this.#polls.listed(listed.map(({ number }) => number));
        return;
      } catch (error) {
        if (isUnavailable(error)) {
          this.#polls.unlisted();
          return;
        }
        // Not reachable: the device node reports that.
        await clock.wait(retry.next(), signal).catch(() => undefined);
      }
    }
  }

  /** Many channels have no list; a warning only when none has one. */
  #listFailed(error: HikvisionError): void {
    this.#polls.next();
    const noList = this.#pollers.every(({ hasEnded }) => hasEnded);
    if (!this.#options.settings.backfill || this.#warned.has(error.code) || (!noList && !isRetryable(error))) return;
    this.#warned.add(error.code);
    this.#options.warn(say`Plates that pass while the connection is lost cannot be fetched. ${error.sentence}`);
  }

  #save(): void {
    if (this.#stop.signal.aborted) return;
    this.#unsaved = true;
    if (this.#afterSave) return;
    this.#write();
    this.#afterSave = this.#options.clock.after(SAVE_APART_MS, () => {
      this.#afterSave = undefined;
      if (this.#unsaved) this.#save();
    });
  }

  #write(): void {
    this.#unsaved = false;
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
