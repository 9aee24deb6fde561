/** The container format of a file, by its first bytes: Content-Type and file name of devices are unreliable. */

/** "imkh": an MPEG program stream with Hikvision's header; "ps": without that header. */
export type ContainerFormat = "imkh" | "mp4" | "ps" | "jpeg" | "unknown";

/** Bytes needed to recognise the format. */
export const HEAD_BYTES = 12;

export function containerOf(head: Buffer): ContainerFormat {
  if (head.subarray(0, 4).toString("latin1") === "IMKH") return "imkh";
  if (head.subarray(4, 8).toString("latin1") === "ftyp") return "mp4";
  if (head.subarray(0, 4).equals(PACK)) return "ps";
  return head.subarray(0, 3).equals(JPEG) ? "jpeg" : "unknown";
}

const PACK = Buffer.from([0, 0, 1, 0xba]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

/** File name extensions, with the dot. */
export const ENDINGS: Readonly<Record<ContainerFormat, string>> = {
  imkh: ".mpg",
  ps: ".mpg",
  mp4: ".mp4",
  jpeg: ".jpg",
  unknown: ".dat",
};

export const CONTENT_TYPES: Readonly<Record<ContainerFormat, string>> = {
  imkh: "video/mpeg",
  ps: "video/mpeg",
  mp4: "video/mp4",
  jpeg: "image/jpeg",
  unknown: "application/octet-stream",
};
