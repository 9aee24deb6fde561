/**
 * Joins events with their pictures. An event that announces none leaves at once. Parts belong to the event before them:
 * it waits for them until all are there, the next event comes, or time is up. Pictures at a URL are fetched beside the
 * stream; meanwhile only events of the same type, channel and input wait behind it, so that an end never overtakes its start.
 */
import { systemClock, type Clock, type Timer } from "../../lib/clock";
import { isHikvisionError } from "../../lib/errors";
import { say } from "../../lib/sentence";
import type { AnnouncedPicture, DeviceEvent, Notification, Picture } from "../types";
import type { Part } from "../../multipart/part-reader";
import { PictureStatistics } from "./statistics";
import { isPicture } from "./picture-part";
import { PictureSlots, type Missing } from "./slots";

/** Fetches the picture at `announced.url`. May reject; bounds its own size. */
export type FetchPicture = (announced: AnnouncedPicture, signal: AbortSignal) => Promise<Picture>;

export interface AssemblerOptions {
  /** Called synchronously where nothing has to be waited for. Must not throw. */
  readonly onEvent: (event: DeviceEvent) => void;
  /** Without it, pictures at a URL are reported as not fetched. */
  readonly fetchPicture?: FetchPicture;
  readonly clock?: Clock;
}

/** Longer than a fetch with one retry takes. */
const FETCH_WAIT_MS = 30_000;
/** Events that may wait for downloads at once; then the oldest leaves with what it has. */
const MAX_WAITING = 64;

/** An event and its siblings (several plates in one alert), which share its pictures. */
interface Waiting {
  /** Type, channel and input: what must stay in order, and has habits of its own. */
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
  readonly #habits = new PictureStatistics();
  /** In the order in which they came. */
  #waiting: Waiting[] = [];
  /** The one whose parts come now. */
  #current: Waiting | undefined;
  /** The last event, and how many parts have followed it. */
  #last = { key: "", announced: undefined as readonly AnnouncedPicture[] | undefined, parts: 0 };

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** @param following binary parts that are known to follow, as in a body that was read to its end; announced or not. */
  notification(notification: Notification, receivedAt: number, following = 0): void {
    if (this.#joinSiblings(notification, receivedAt)) return;
    this.#endParts(OVERTAKEN);
    const { type, announced } = notification;
    const key = `${type}/${String(notification.channel)}/${String(notification.inputPort)}`;
    this.#last = { key, announced, parts: 0 };
    const slots = new PictureSlots(announced, Math.max(following, this.#habits.expected(key)));
    const waiting: Waiting = {
      key,
      announced,
      events: [{ notification, receivedAt }],
      slots,
      fetching: undefined,
      timer: undefined,
    };
    if (slots.isComplete && !this.#waiting.some((other) => other.key === key)) this.#emit(waiting);
    else this.#wait(waiting);
  }

  /** A part that is no alert. Anything but a picture is ignored. */
  picture(part: Part): void {
    if (!isPicture(part)) return;
    this.#last.parts += 1;
    const waiting = this.#current;
    if (!waiting) {
      if (this.#last.key !== "") this.#habits.surprised(this.#last.key, this.#last.parts);
      return;
    }
    waiting.slots.add(part);
    if (waiting.slots.wantsPart) {
      waiting.timer?.restart();
    } else {
      this.#habits.kept(waiting.key);
      this.#partsEnded(waiting);
    }
  }

  /** No more parts will come: the stream, or the body, is over. Downloads go on. */
  flush(): void {
    this.#endParts(CUT_OFF);
  }

  /** Drops what waits and stops all downloads. */
  close(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#current = undefined;
    for (const { timer, fetching } of waiting) {
      timer?.cancel();
      fetching?.abort();
    }
  }

  #joinSiblings(notification: Notification, receivedAt: number): boolean {
    const { announced } = notification;
    if (announced.length === 0 || announced !== this.#last.announced) return false;
    const waiting = this.#waiting.find((one) => one.announced === announced);
    waiting?.events.push({ notification, receivedAt });
    return waiting !== undefined;
  }

  #wait(waiting: Waiting): void {
    this.#waiting.push(waiting);
    const { toFetch } = waiting.slots;
    if (toFetch.length > 0) {
      const fetching = (waiting.fetching = new AbortController());
      for (const announced of toFetch) void this.#fetch(waiting, announced, fetching.signal);
    }
    if (waiting.slots.wantsPart) {
      this.#current = waiting;
      const patienceMs = this.#habits.patienceMs(waiting.key, waiting.announced.length > 0);
      waiting.timer = this.#clock.after(patienceMs, () => this.#blame(LATE));
    } else {
      this.#awaitDownloads(waiting);
    }
    if (this.#waiting.length > MAX_WAITING) this.#waiting[0]?.slots.giveUp(CROWDED);
    this.#release();
  }

  #awaitDownloads(waiting: Waiting): void {
    waiting.timer?.cancel();
    waiting.timer = this.#clock.after(FETCH_WAIT_MS, () => {
      waiting.slots.giveUp(LATE);
      this.#release();
    });
  }

  async #fetch(waiting: Waiting, announced: AnnouncedPicture, signal: AbortSignal): Promise<void> {
    let result: Picture | Missing;
    try {
      const { fetchPicture } = this.#options;
      result = fetchPicture ? await fetchPicture(announced, signal) : NOT_FETCHED;
    } catch (error) {
      result = isHikvisionError(error)
        ? { code: error.code, message: error.sentence }
        : { code: "protocol", message: say`The picture could not be fetched: ${String(error)}.` };
    }
    waiting.slots.fetched(announced, result);
    this.#release();
  }

  /** The device itself did not send what it announced: it may do so again. */
  #blame(reason: Missing): void {
    if (this.#current) this.#habits.disappointed(this.#current.key, this.#last.parts);
    this.#endParts(reason);
  }

  #endParts(reason: Missing): void {
    const waiting = this.#current;
    if (!waiting) return;
    waiting.slots.giveUpParts(reason);
    this.#partsEnded(waiting);
  }

  #partsEnded(waiting: Waiting): void {
    this.#current = undefined;
    this.#awaitDownloads(waiting);
    this.#release();
  }

  /** Lets go whatever is complete and has nothing of its own kind before it. */
  #release(): void {
    const held = new Set<string>();
    const free: Waiting[] = [];
    this.#waiting = this.#waiting.filter((waiting) => {
      if (waiting.slots.isComplete && !held.has(waiting.key)) {
        free.push(waiting);
        return false;
      }
      held.add(waiting.key);
      return true;
    });
    for (const waiting of free) this.#emit(waiting);
  }

  #emit({ events, slots, timer, fetching }: Waiting): void {
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

const OVERTAKEN: Missing = {
  code: "notFound",
  message: say`The device announced this picture, but sent the next event instead.`,
};
const CUT_OFF: Missing = {
  code: "offline",
  message: say`The connection ended before the device had sent this picture.`,
};
const LATE: Missing = {
  code: "timeout",
  message: say`The device announced this picture, but it did not come in time.`,
};
const CROWDED: Missing = {
  code: "busy",
  message: say`Too many events wait for their pictures; this one left without.`,
};
const NOT_FETCHED: Missing = { code: "notSupported", message: say`Pictures at a URL are not fetched here.` };
