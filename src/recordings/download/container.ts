/** What kind of file a device has sent, by its first bytes: its Content-Type and the name it gives say nothing. */

/** "imkh": Hikvision's program stream, which players need a moment for; "ps": one without that head. */
export type Container = "imkh" | "mp4" | "ps" | "jpeg" | "unknown";

/** Bytes needed to tell. */
export const HEAD_BYTES = 12;

export function containerOf(head: Buffer): Container {
  if (head.subarray(0, 4).toString("latin1") === "IMKH") return "imkh";
  if (head.subarray(4, 8).toString("latin1") === "ftyp") return "mp4";
  if (head.subarray(0, 4).equals(PACK)) return "ps";
  return head.subarray(0, 3).equals(JPEG) ? "jpeg" : "unknown";
}

const PACK = Buffer.from([0, 0, 1, 0xba]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

/** With its dot. */
export const ENDINGS: Readonly<Record<Container, string>> = {
  imkh: ".mpg",
  ps: ".mpg",
  mp4: ".mp4",
  jpeg: ".jpg",
  unknown: ".dat",
};

export const CONTENT_TYPES: Readonly<Record<Container, string>> = {
  imkh: "video/mpeg",
  ps: "video/mpeg",
  mp4: "video/mp4",
  jpeg: "image/jpeg",
  unknown: "application/octet-stream",
};
