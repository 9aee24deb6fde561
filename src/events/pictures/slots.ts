/** The pictures that one event waits for: which part or download belongs to which, and what is missing in the end. */
import { say } from "../../lib/sentence";
import type { AnnouncedPicture, Picture } from "../types";
import { roleOf } from "../decode/announced-pictures";
import type { Part } from "../../multipart/part-reader";
import { pictureKeys, pictureNames, pictureType } from "./picture-part";

/** Why a picture did not come. */
export type MissingReason = NonNullable<Picture["error"]>;

/** All pictures of one event. Larger is no picture of an event, but memory. */
const MAX_BYTES = 64 << 20;

interface Slot {
  readonly announced: AnnouncedPicture;
  /** Not announced, but this device usually sends it: no error when it does not come. */
  readonly expected: boolean;
  picture: Picture | undefined;
}

export class PictureSlots {
  readonly #slots: Slot[];
  #bytes = 0;

  /** @param expected how many binary parts may follow beside those announced. */
  constructor(announced: readonly AnnouncedPicture[], expected: number) {
    this.#slots = announced.map((picture) => ({ announced: picture, expected: false, picture: undefined }));
    for (let index = 0; index < expected; index++) {
      const name = `picture${this.#slots.length + 1}`;
      this.#slots.push({ announced: { name, keys: [] }, expected: true, picture: undefined });
    }
  }

  /** Of the pictures that came. */
  get bytes(): number {
    return this.#bytes;
  }

  get isComplete(): boolean {
    return this.#slots.every(({ picture }) => picture !== undefined);
  }

  /** Does it still wait for a part of the stream? */
  get wantsPart(): boolean {
    return this.#open().length > 0;
  }

  /** Does it still wait for a part that was announced? */
  get wantsAnnounced(): boolean {
    return this.#open().some(({ expected }) => !expected);
  }

  /** Those that lie at a URL. */
  get toFetch(): readonly AnnouncedPicture[] {
    return this.#slots.flatMap(({ announced }) => (announced.url === undefined ? [] : announced));
  }

  /** In the order announced. */
  get pictures(): Picture[] {
    return this.#slots.flatMap(({ picture }) => picture ?? []);
  }

  /** Takes a part: by its name, else as the first that has none, else as the first that is missing. */
  add(part: Part): void {
    const open = this.#open();
    const keys = pictureKeys(part);
    const named = open.find(({ announced }) => announced.keys.some((key) => keys.includes(key)));
    const slot = named ?? open.find(({ announced }) => announced.keys.length === 0) ?? open[0];
    if (!slot) return;
    const name = named ? slot.announced.name : (pictureNames(part)[0] ?? slot.announced.name);
    const role = (named && slot.announced.role) ?? roleOf(keys.join(" "));
    const contentType = pictureType(part);
    this.#fill(slot, { name, contentType, data: part.body, ...(role !== undefined && { role }) });
  }

  /** The download of an announced picture has ended. */
  fetched(announced: AnnouncedPicture, picture: Picture | MissingReason): void {
    const slot = this.#slots.find((one) => one.announced === announced && one.picture === undefined);
    if (!slot) return;
    if ("code" in picture) slot.picture = missing(announced, picture);
    else this.#fill(slot, picture);
  }

  /** Gives up on all parts that are still to come. */
  giveUpParts(reason: MissingReason): void {
    for (const slot of this.#open()) {
      if (slot.expected) this.#slots.splice(this.#slots.indexOf(slot), 1);
      else slot.picture = missing(slot.announced, reason);
    }
  }

  /** Lets go of the pictures that came, and gives up on the others. */
  drop(reason: MissingReason): void {
    for (const slot of this.#slots) {
      const { picture } = slot;
      if (picture?.data) slot.picture = { ...picture, data: null, error: { ...reason } };
    }
    this.#bytes = 0;
    this.giveUp(reason);
  }

  /** Gives up on everything that is still to come. */
  giveUp(reason: MissingReason): void {
    this.giveUpParts(reason);
    for (const slot of this.#slots) slot.picture ??= missing(slot.announced, reason);
  }

  #fill(slot: Slot, picture: Picture): void {
    const bytes = this.#bytes + (picture.data?.length ?? 0);
    if (bytes <= MAX_BYTES) {
      this.#bytes = bytes;
      slot.picture = picture;
    } else {
      const message = say`The pictures of this event are too large.`;
      slot.picture = { ...picture, data: null, error: { code: "protocol", message } };
    }
  }

  #open(): Slot[] {
    return this.#slots.filter(({ announced, picture }) => picture === undefined && announced.url === undefined);
  }
}

function missing({ name, role, url }: AnnouncedPicture, error: MissingReason): Picture {
  return {
    name,
    contentType: "",
    data: null,
    ...(role !== undefined && { role }),
    ...(url !== undefined && { url }),
    error: { ...error },
  };
}
