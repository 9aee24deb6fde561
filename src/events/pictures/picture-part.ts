/** Pictures among the parts of a stream: told by their bytes, because some come as `application/octet-stream`. */
import { pictureKey } from "../decode/announced-pictures";
import type { Part } from "../../multipart/part-reader";

/** The image type that the first bytes show. */
export function imageType(body: Buffer): string | undefined {
  if (body[0] === 0xff && body[1] === 0xd8) return "image/jpeg";
  if (body[0] === 0x89 && body[1] === 0x50 && body[2] === 0x4e && body[3] === 0x47) return "image/png";
  if (body[0] === 0x47 && body[1] === 0x49 && body[2] === 0x46 && body[3] === 0x38) return "image/gif";
  if (body[0] === 0x42 && body[1] === 0x4d && body.length > 14) return "image/bmp";
  return undefined;
}

/** By its bytes; else whatever is called an image, or is called nothing in particular and is no text. */
export function isPicture({ headers, body }: Part): boolean {
  if (body.length === 0) return false;
  if (imageType(body) !== undefined) return true;
  const said = headers["content-type"] ?? "";
  return /^\s*image\//i.test(said) || (/octet-stream/i.test(said) && !isText(body));
}

function isText(body: Buffer): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\x01-\x08\x0b\x0c\x0e-\x1f]/.test(body.toString("latin1", 0, 256));
}

/** By its bytes, else as the device says; `image/pjpeg` is a name of `image/jpeg`. */
export function pictureType(part: Part): string {
  const said = (part.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  return imageType(part.body) ?? (said === undefined || said === "" ? "application/octet-stream" : said);
}

/** What the part calls itself, as sent: filename, name, Content-ID. */
export function pictureNames(part: Part): string[] {
  const disposition = part.headers["content-disposition"] ?? "";
  return [parameter(disposition, "filename"), parameter(disposition, "name"), part.headers["content-id"]].flatMap(
    (name) => (name === undefined || name.trim() === "" ? [] : name.trim()),
  );
}

/** The same, as they are compared with what was announced. */
export function pictureKeys(part: Part): string[] {
  return pictureNames(part).map(pictureKey);
}

function parameter(header: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|[;\\s])${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, "i").exec(header);
  return found?.[1] ?? found?.[2];
}
