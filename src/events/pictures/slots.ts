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

  /** @param following how many binary parts are known or expected to follow, announced or not. */
  constructor(announced: readonly AnnouncedPicture[], following: number) {
    this.#slots = announced.map((picture) => ({ announced: picture, expected: false, picture: undefined }));
    for (let binary = this.#open().length; binary < following; binary++) {
      const name = `picture${this.#slots.length + 1}`;
      this.#slots.push({ announced: { name, keys: [] }, expected: true, picture: undefined });
    }
  }

  get isComplete(): boolean {
    return this.#slots.every(({ picture }) => picture !== undefined);
  }

  /** Does it still wait for a part of the stream? */
  get wantsPart(): boolean {
    return this.#open().length > 0;
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
    this.#bytes += part.body.length;
    const fits = this.#bytes <= MAX_BYTES;
    slot.picture = { name, contentType, data: fits ? part.body : null, ...(role !== undefined && { role }) };
    if (!fits) slot.picture.error = { code: "protocol", message: say`The pictures of this event are too large.` };
  }

  /** The download of an announced picture has ended. */
  fetched(announced: AnnouncedPicture, picture: Picture | MissingReason): void {
    const slot = this.#slots.find((one) => one.announced === announced && one.picture === undefined);
    if (slot) slot.picture = "code" in picture ? missing(announced, picture) : picture;
  }

  /** Gives up on all parts that are still to come. */
  giveUpParts(reason: MissingReason): void {
    for (const slot of this.#open()) {
      if (slot.expected) this.#slots.splice(this.#slots.indexOf(slot), 1);
      else slot.picture = missing(slot.announced, reason);
    }
  }

  /** Gives up on everything that is still to come. */
  giveUp(reason: MissingReason): void {
    this.giveUpParts(reason);
    for (const slot of this.#slots) slot.picture ??= missing(slot.announced, reason);
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
