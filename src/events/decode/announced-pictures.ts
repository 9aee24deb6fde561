/**
 * Which pictures an alert announces: as binary parts that follow it, or at URLs. Vendor's rule (ISAPI developer guide):
 * `pId` is a part's name, `contentID` its Content-ID, `fileName` its filename.
 */
import { Fields } from "./fields";
import type { AnnouncedPicture } from "../types";
import type { AlertWalk } from "./alert-walk";

/** More than any device sends (the guide: up to 6); a larger number is ignored. */
const MAX_PICTURES = 16;

type Found = Pick<AlertWalk, "pictures" | "pictureInfos" | "pictureCount" | "picturesAtUrl">;

/** @param found by the walk through the alert: pictures are announced at its top, or in the event's own object. */
export function readAnnouncedPictures(alert: Fields, found: Found): AnnouncedPicture[] {
  if (found.pictures.length === 0 && found.pictureInfos.length === 0 && found.pictureCount === 0) return [];
  const digest = wantsDigest(alert);
  const atUrl: PictureEntry[] = found.pictures.flatMap(({ field, url }) =>
    url === undefined ? [] : { field, url, keys: [] },
  );
  const listed = found.pictureInfos.map((info) => pictureInfo(new Fields(info)));
  const byUrl = found.picturesAtUrl || atUrl.length > 0;
  const binary: readonly PictureEntry[] = byUrl ? [] : found.pictures;
  const entries = [...atUrl, ...(listed.length > 0 ? listed : binary)];
  if (!byUrl) {
    const count = Math.min(found.pictureCount, MAX_PICTURES);
    while (entries.length < count) entries.push({ field: "", keys: [] });
  }
  return entries.slice(0, MAX_PICTURES).map((entry, index) => announce(entry, index, digest));
}

/** What an alert says of one picture. */
interface PictureEntry {
  readonly field: string;
  readonly url?: string;
  readonly keys: readonly string[];
}

function pictureInfo(info: Fields): PictureEntry {
  const url = info.word("pictureurl", "picurl", "url");
  const keys = [info.word("filename"), info.word("pid"), info.word("type")].flatMap((key) => key ?? []);
  return { field: info.word("type", "filename") ?? "", keys, ...(url !== undefined && { url }) };
}

function announce({ field, url, keys }: PictureEntry, index: number, digest: boolean | undefined): AnnouncedPicture {
  const name = url === undefined ? keys[0] : undefined;
  const described = name ?? field.replace(/ur[li]$/i, "");
  const role = roleOf(`${described} ${field}`);
  return {
    name: described === "" ? `picture${index + 1}` : described,
    ...(role !== undefined && { role }),
    ...(url !== undefined && { url }),
    keys: keys.map(pictureKey),
    ...(url !== undefined && digest !== undefined && { digest }),
  };
}

/** A name as it is compared: letter case, angle brackets and the file's ending do not count. */
export function pictureKey(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/^<|>$/g, "")
    .replace(/\.(jpe?g|png|bmp|gif)$/, "");
}

/** What a picture shows, by its name: `licensePlatePicture.jpg`, `bkgUrl`, `humanImage`. */
export function roleOf(name: string): string | undefined {
  return ROLES.find(([pattern]) => pattern.test(name))?.[1];
}

const ROLES: readonly (readonly [RegExp, string])[] = [
  [/background|bkg/i, "background"],
  [/plate/i, "plate"],
  [/vehicle/i, "vehicle"],
  [/face/i, "face"],
  [/human|person/i, "human"],
  [/thermal/i, "thermal"],
  [/visible/i, "visible"],
  [/detection|scene/i, "scene"],
];

function wantsDigest(alert: Fields): boolean | undefined {
  const certification = alert.word("urlcertificationtype")?.toLowerCase();
  if (certification === undefined) return undefined;
  return certification === "digest";
}
