/** An event that waits for its pictures, with its siblings (several plates in one alert), which share them. */
import type { Timer } from "../../lib/clock";
import { say } from "../../lib/sentence";
import type { AnnouncedPicture, DeviceEvent, Notification, Picture } from "../types";
import type { PictureHolder } from "./memory";
import type { MissingReason, PictureSlots } from "./slots";

/** Copies of the pictures of one alert for its siblings, bytes in all. */
const MOST_COPIED_BYTES = 32 << 20;

export interface PendingEventOptions {
  /** Of `eventKey`: what must stay in order. */
  readonly key: string;
  /** Monotonic, ms. */
  readonly startedAt: number;
  readonly notification: Notification;
  readonly receivedAt: number;
  readonly slots: PictureSlots;
  /** It had to let go of its pictures, and waits for nothing any more. */
  readonly dropped: (event: PendingEvent) => void;
}

export class PendingEvent implements PictureHolder {
  readonly key: string;
  readonly startedAt: number;
  readonly announced: readonly AnnouncedPicture[];
  readonly slots: PictureSlots;
  /** Only where something is downloaded: most events need none, and aborting costs more than reading them. */
  fetching: AbortController | undefined;
  timer: Timer | undefined;
  readonly #dropped: (event: PendingEvent) => void;
  readonly #messages: { readonly notification: Notification; readonly receivedAt: number }[];

  constructor({ key, startedAt, notification, receivedAt, slots, dropped }: PendingEventOptions) {
    this.key = key;
    this.startedAt = startedAt;
    this.announced = notification.announced;
    this.slots = slots;
    this.#dropped = dropped;
    this.#messages = [{ notification, receivedAt }];
  }

  addSibling(notification: Notification, receivedAt: number): void {
    this.#messages.push({ notification, receivedAt });
  }

  dropPictures(): void {
    this.slots.drop(NO_MEMORY);
    this.#dropped(this);
  }

  /** Ends its timer and its downloads. */
  stop(): void {
    this.timer?.cancel();
    this.fetching?.abort();
  }

  /** Each message gets pictures of its own; the last takes the original bytes. */
  emit(onEvent: (event: DeviceEvent) => void): void {
    const { pictures } = this.slots;
    const last = this.#messages.length - 1;
    let copied = 0;
    this.#messages.forEach(({ notification, receivedAt }, index) => {
      if (index < last) copied += this.slots.bytes;
      const copy = copied <= MOST_COPIED_BYTES ? copyOf : withoutData;
      onEvent({ notification, receivedAt, pictures: index === last ? pictures : pictures.map(copy) });
    });
  }
}

function copyOf(picture: Picture): Picture {
  return { ...picture, data: picture.data && Buffer.from(picture.data) };
}

function withoutData(picture: Picture): Picture {
  return picture.data === null ? { ...picture } : { ...picture, data: null, error: { ...NO_MEMORY } };
}

const NO_MEMORY: MissingReason = {
  code: "busy",
  message: say`Too many pictures were waiting in memory, so this one was dropped.`,
};
