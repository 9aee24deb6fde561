/**
 * Joins events with their pictures. An event that announces none is emitted at once. Parts belong to the event before them:
 * it is kept until all are there, the next event comes, or time is up. Pictures at a URL are fetched in parallel; meanwhile
 * only events of the same type, channel and input wait behind it, so that an end never overtakes its start.
 */
import type { Clock } from "../../lib/clock";
import { isHikvisionError } from "../../lib/errors";
import { say } from "../../lib/sentence";
import type { AnnouncedPicture, DeviceEvent, Notification, Picture } from "../types";
import type { Part } from "../../multipart/part-reader";
import { eventKey, type EventKind, EventKinds } from "./event-kinds";
import { deviceMemory, type PictureMemory } from "./memory";
import { PendingEvent } from "./pending-event";
import { isPicture } from "./picture-part";
import { PictureSlots, type MissingReason } from "./slots";
import { GUESS_WAIT_MS, PictureStatistics } from "./statistics";

/** Fetches the picture at `announced.url`. May reject; bounds its own size. */
export type FetchPicture = (announced: AnnouncedPicture, signal: AbortSignal) => Promise<Picture>;

export interface AssemblerOptions {
  /** Called synchronously where nothing has to be waited for. Must not throw. */
  readonly onEvent: (event: DeviceEvent) => void;
  /** Without it, pictures at a URL are reported as not fetched. */
  readonly fetchPicture?: FetchPicture;
  readonly clock: Clock;
  /** Default: that of a device, below the one for all. */
  readonly memory?: PictureMemory;
}

/** For all that one event waits for, from its arrival; longer than a fetch with one retry takes. */
const FETCH_WAIT_MS = 30_000;
/** For its parts, while the bytes of one are coming in. */
const ARRIVING_WAIT_MS = 15_000;
/** Events that may wait for downloads at once; then the oldest is emitted with what it has. */
const MAX_PENDING = 64;

export class Assembler {
  readonly #options: AssemblerOptions;
  readonly #clock: Clock;
  readonly #memory: PictureMemory;
  readonly #kinds: EventKinds;
  readonly #statistics = new PictureStatistics();
  #isArriving: () => boolean = () => false;
  /** In the order in which they came. */
  #pending: PendingEvent[] = [];
  /** The one whose parts come now. */
  #current: PendingEvent | undefined;
  #last: LastEvent = noEvent();

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#memory = options.memory ?? deviceMemory();
    this.#kinds = new EventKinds(options.clock);
  }

  /** A stream has begun. `isArriving`: are the bytes of a picture coming in at this moment? */
  connected(isArriving: () => boolean): void {
    this.#isArriving = isArriving;
  }

  /** An event of a stream: its pictures may follow. */
  notification(notification: Notification, receivedAt: number): void {
    if (this.#joinSiblings(notification, receivedAt)) return;
    this.ignore();
    const { announced } = notification;
    const key = eventKey(notification);
    const kind = this.#kinds.kindOf(key, notification);
    const binary = binaryCount(announced);
    this.#last = { kind, announced, binary, parts: 0 };
    const expected = kind === undefined ? 0 : this.#statistics.expected(kind);
    if (announced.length === 0 && expected === 0 && !this.#isWaiting(key)) {
      this.#options.onEvent({ notification, receivedAt, pictures: [] });
      return;
    }
    const slots = new PictureSlots(announced, expected);
    const pending = this.#event(key, notification, receivedAt, slots);
    if (!this.#emitAtOnce(pending)) this.#wait(pending);
  }

  /** An event that nobody gets: the parts that follow are not those of the event before. */
  ignore(): void {
    this.#endLast();
    this.#endParts(NEXT_EVENT_CAME);
  }

  /** The messages of one alert in a body that was read to its end, and all the parts that belong to it. */
  complete(messages: readonly Notification[], receivedAt: number, parts: readonly Part[]): void {
    const [first, ...siblings] = messages;
    if (!first) return;
    const slots = new PictureSlots(first.announced, Math.max(0, parts.length - binaryCount(first.announced)));
    for (const part of parts) slots.add(part);
    slots.giveUpParts(NOT_IN_BODY);
    const pending = this.#event(eventKey(first), first, receivedAt, slots);
    for (const sibling of siblings) pending.addSibling(sibling, receivedAt);
    if (this.#emitAtOnce(pending)) return;
    this.#wait(pending);
    if (slots.bytes > 0) this.#memory.hold(pending, slots.bytes);
  }

  /** Does an event wait for parts? */
  get expectsPart(): boolean {
    return this.#current !== undefined;
  }

  /** A part that is no alert. Anything but a picture is ignored. */
  picture(part: Part): void {
    if (!isPicture(part)) return;
    this.#last.parts += 1;
    const pending = this.#current;
    if (!pending) return;
    const { wantsAnnounced } = pending.slots;
    this.#take(pending, () => pending.slots.add(part));
    if (this.#current !== pending) return; // it had to leave without
    if (!pending.slots.wantsPart) this.#partsEnded(pending);
    else if (wantsAnnounced && !pending.slots.wantsAnnounced) this.#limitParts(pending, GUESS_WAIT_MS);
  }

  /** No more parts will come: the stream is over. Downloads go on. */
  flush(): void {
    this.#endLast(true);
    this.#endParts(CONNECTION_ENDED);
  }

  /** Drops pending events and stops all downloads. */
  close(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#current = undefined;
    this.#last = noEvent();
    for (const event of pending) {
      event.stop();
      this.#memory.release(event);
    }
  }

  #event(key: string, notification: Notification, receivedAt: number, slots: PictureSlots): PendingEvent {
    const startedAt = this.#clock.elapsed();
    return new PendingEvent({ key, startedAt, notification, receivedAt, slots, dropped: this.#dropped });
  }

  /** False: it has to wait. */
  #emitAtOnce(event: PendingEvent): boolean {
    if (!event.slots.isComplete || this.#isWaiting(event.key)) return false;
    event.emit(this.#options.onEvent);
    return true;
  }

  /** Does another event of this key wait? */
  #isWaiting(key: string): boolean {
    return this.#pending.length > 0 && this.#pending.some((event) => event.key === key);
  }

  #joinSiblings(notification: Notification, receivedAt: number): boolean {
    const { announced } = notification;
    if (announced !== this.#last.announced) return false;
    const pending = this.#pending.find((one) => one.announced === announced);
    pending?.addSibling(notification, receivedAt);
    return pending !== undefined;
  }

  #wait(pending: PendingEvent): void {
    this.#pending.push(pending);
    const { toFetch } = pending.slots;
    if (toFetch.length > 0) {
      const fetching = (pending.fetching = new AbortController());
      for (const announced of toFetch) void this.#fetch(pending, announced, fetching.signal);
    }
    if (pending.slots.wantsPart) {
      this.#current = pending;
      const { kind } = this.#last;
      this.#limitParts(pending, pending.slots.wantsAnnounced ? this.#statistics.waitMs(kind) : GUESS_WAIT_MS);
    } else {
      this.#awaitDownloads(pending);
    }
    if (this.#pending.length > MAX_PENDING) this.#pending[0]?.slots.giveUp(TOO_MANY_PENDING);
    this.#release();
  }

  /** Ends the wait for its parts after `ms`, from now on. */
  #limitParts(pending: PendingEvent, ms: number): void {
    pending.timer?.cancel();
    pending.timer = this.#clock.after(ms, () => {
      const leftMs = pending.startedAt + ARRIVING_WAIT_MS - this.#clock.elapsed();
      if (leftMs > 0 && this.#isArriving()) this.#limitParts(pending, Math.min(leftMs, GUESS_WAIT_MS));
      else this.#endParts(TIMED_OUT);
    });
  }

  #awaitDownloads(pending: PendingEvent): void {
    pending.timer?.cancel();
    const leftMs = pending.startedAt + FETCH_WAIT_MS - this.#clock.elapsed();
    pending.timer = this.#clock.after(leftMs, () => {
      pending.slots.giveUp(TIMED_OUT);
      this.#release();
    });
  }

  async #fetch(pending: PendingEvent, announced: AnnouncedPicture, signal: AbortSignal): Promise<void> {
    let result: Picture | MissingReason;
    try {
      const { fetchPicture } = this.#options;
      result = fetchPicture ? await fetchPicture(announced, signal) : NOT_FETCHED;
    } catch (error) {
      result = isHikvisionError(error)
        ? { code: error.code, message: error.sentence }
        : { code: "protocol", message: say`The picture could not be fetched: ${String(error)}.` };
    }
    if (signal.aborted) return;
    this.#take(pending, () => pending.slots.fetched(announced, result));
    this.#release();
  }

  /** Lets the event have a picture, and counts its bytes. */
  #take(pending: PendingEvent, fill: () => void): void {
    const before = pending.slots.bytes;
    fill();
    const more = pending.slots.bytes - before;
    if (more > 0) this.#memory.hold(pending, more);
  }

  /** Too much memory is in use: it leaves as soon as those before it have left. */
  readonly #dropped = (pending: PendingEvent): void => {
    if (this.#current === pending) this.#current = undefined;
    this.#release();
  };

  /** What has followed the last event is known now; not where the connection broke before all was there. */
  #endLast(cut = false): void {
    const { kind, binary, parts } = this.#last;
    this.#last = noEvent();
    if (kind !== undefined && !(cut && parts <= binary)) this.#statistics.followed(kind, binary, parts);
  }

  #endParts(reason: MissingReason): void {
    const pending = this.#current;
    if (!pending) return;
    pending.slots.giveUpParts(reason);
    this.#partsEnded(pending);
  }

  #partsEnded(pending: PendingEvent): void {
    this.#current = undefined;
    this.#awaitDownloads(pending);
    this.#release();
  }

  /** Emits what is complete and has nothing of its own key before it. */
  #release(): void {
    const blockedKeys = new Set<string>();
    const ready: PendingEvent[] = [];
    this.#pending = this.#pending.filter((pending) => {
      if (pending.slots.isComplete && !blockedKeys.has(pending.key)) {
        ready.push(pending);
        return false;
      }
      blockedKeys.add(pending.key);
      return true;
    });
    for (const pending of ready) {
      pending.stop();
      this.#memory.release(pending);
      pending.emit(this.#options.onEvent);
    }
  }
}

/** The last event of the stream: its kind, what it announced, and how many parts have followed it. */
interface LastEvent {
  readonly kind: EventKind | undefined;
  readonly announced: readonly AnnouncedPicture[] | undefined;
  readonly binary: number;
  parts: number;
}

function binaryCount(announced: readonly AnnouncedPicture[]): number {
  return announced.reduce((count, { url }) => (url === undefined ? count + 1 : count), 0);
}

function noEvent(): LastEvent {
  return { kind: undefined, announced: undefined, binary: 0, parts: 0 };
}

const NEXT_EVENT_CAME: MissingReason = {
  code: "notFound",
  message: say`The device announced this picture, but sent the next event instead.`,
};
const NOT_IN_BODY: MissingReason = {
  code: "notFound",
  message: say`The device announced this picture, but did not send it with the event.`,
};
const CONNECTION_ENDED: MissingReason = {
  code: "offline",
  message: say`The connection ended before the device had sent this picture.`,
};
const TIMED_OUT: MissingReason = {
  code: "timeout",
  message: say`The device announced this picture, but it did not come in time.`,
};
const TOO_MANY_PENDING: MissingReason = {
  code: "busy",
  message: say`Too many events wait for their pictures; this one was sent without.`,
};
const NOT_FETCHED: MissingReason = { code: "notSupported", message: say`Pictures at a URL are not fetched here.` };
