/**
 * Joins events with their pictures. An event that announces none is emitted at once. Parts belong to the event before them:
 * it is kept until all are there, the next event comes, or time is up. Pictures at a URL are fetched in parallel; meanwhile
 * only events of the same type, channel and input wait behind it, so that an end never overtakes its start.
 */
import type { Clock, Timer } from "../../lib/clock";
import { isHikvisionError } from "../../lib/errors";
import { say } from "../../lib/sentence";
import type { AnnouncedPicture, DeviceEvent, Notification, Picture } from "../types";
import type { Part } from "../../multipart/part-reader";
import { PictureStatistics } from "./statistics";
import { isPicture } from "./picture-part";
import { PictureSlots, type MissingReason } from "./slots";

/** Fetches the picture at `announced.url`. May reject; bounds its own size. */
export type FetchPicture = (announced: AnnouncedPicture, signal: AbortSignal) => Promise<Picture>;

export interface AssemblerOptions {
  /** Called synchronously where nothing has to be waited for. Must not throw. */
  readonly onEvent: (event: DeviceEvent) => void;
  /** Without it, pictures at a URL are reported as not fetched. */
  readonly fetchPicture?: FetchPicture;
  readonly clock: Clock;
}

/** Longer than a fetch with one retry takes. */
const FETCH_WAIT_MS = 30_000;
/** Events that may wait for downloads at once; then the oldest is emitted with what it has. */
const MAX_PENDING = 64;

/** An event and its siblings (several plates in one alert), which share its pictures. */
interface PendingEvent {
  /** Type, channel and input: what must stay in order, and has statistics of its own. */
  readonly key: string;
  readonly announced: readonly AnnouncedPicture[];
  readonly events: { notification: Notification; receivedAt: number }[];
  readonly slots: PictureSlots;
  /** Only where something is downloaded: most events need none, and aborting costs more than reading them. */
  fetching: AbortController | undefined;
  timer: Timer | undefined;
}

export class Assembler {
  readonly #options: AssemblerOptions;
  readonly #clock: Clock;
  readonly #statistics = new PictureStatistics();
  /** In the order in which they came. */
  #pending: PendingEvent[] = [];
  /** The one whose parts come now. */
  #current: PendingEvent | undefined;
  /** The last event, and how many parts have followed it. */
  #last = { key: "", announced: undefined as readonly AnnouncedPicture[] | undefined, parts: 0 };

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  /** @param following binary parts that are known to follow, as in a body that was read to its end; announced or not. */
  notification(notification: Notification, receivedAt: number, following = 0): void {
    if (this.#joinSiblings(notification, receivedAt)) return;
    this.#endParts(NEXT_EVENT_CAME);
    const { type, announced } = notification;
    const key = `${type}/${String(notification.channel)}/${String(notification.inputPort)}`;
    this.#last = { key, announced, parts: 0 };
    const slots = new PictureSlots(announced, Math.max(following, this.#statistics.expected(key)));
    const pending: PendingEvent = {
      key,
      announced,
      events: [{ notification, receivedAt }],
      slots,
      fetching: undefined,
      timer: undefined,
    };
    if (slots.isComplete && !this.#pending.some((other) => other.key === key)) this.#emit(pending);
    else this.#wait(pending);
  }

  /** A part that is no alert. Anything but a picture is ignored. */
  picture(part: Part): void {
    if (!isPicture(part)) return;
    this.#last.parts += 1;
    const pending = this.#current;
    if (!pending) {
      if (this.#last.key !== "") this.#statistics.moreCame(this.#last.key, this.#last.parts);
      return;
    }
    pending.slots.add(part);
    if (pending.slots.wantsPart) {
      pending.timer?.restart();
    } else {
      this.#statistics.allCame(pending.key);
      this.#partsEnded(pending);
    }
  }

  /** No more parts will come: the stream, or the body, is over. Downloads go on. */
  flush(): void {
    this.#endParts(CONNECTION_ENDED);
  }

  /** Drops pending events and stops all downloads. */
  close(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#current = undefined;
    for (const { timer, fetching } of pending) {
      timer?.cancel();
      fetching?.abort();
    }
  }

  #joinSiblings(notification: Notification, receivedAt: number): boolean {
    const { announced } = notification;
    if (announced.length === 0 || announced !== this.#last.announced) return false;
    const pending = this.#pending.find((one) => one.announced === announced);
    pending?.events.push({ notification, receivedAt });
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
      const waitMs = this.#statistics.waitMs(pending.key, pending.announced.length > 0);
      pending.timer = this.#clock.after(waitMs, () => this.#partsTimedOut());
    } else {
      this.#awaitDownloads(pending);
    }
    if (this.#pending.length > MAX_PENDING) this.#pending[0]?.slots.giveUp(TOO_MANY_PENDING);
    this.#release();
  }

  #awaitDownloads(pending: PendingEvent): void {
    pending.timer?.cancel();
    pending.timer = this.#clock.after(FETCH_WAIT_MS, () => {
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
    pending.slots.fetched(announced, result);
    this.#release();
  }

  /** The device did not send what it announced: it may do so again. */
  #partsTimedOut(): void {
    if (this.#current) this.#statistics.fewerCame(this.#current.key, this.#last.parts);
    this.#endParts(TIMED_OUT);
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

  /** Emits what is complete and has nothing of its own kind before it. */
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
    for (const pending of ready) this.#emit(pending);
  }

  #emit({ events, slots, timer, fetching }: PendingEvent): void {
    timer?.cancel();
    fetching?.abort();
    events.forEach(({ notification, receivedAt }, index) => {
      const pictures = index === events.length - 1 ? slots.pictures : slots.pictures.map(copyPicture);
      this.#options.onEvent({ notification, receivedAt, pictures });
    });
  }
}

function copyPicture(picture: Picture): Picture {
  return { ...picture, data: picture.data && Buffer.from(picture.data) };
}

const NEXT_EVENT_CAME: MissingReason = {
  code: "notFound",
  message: say`The device announced this picture, but sent the next event instead.`,
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
