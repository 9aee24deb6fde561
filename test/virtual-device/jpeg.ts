/** Small JPEGs without drawing: grey ones of any size, with comments to tell them apart or to make them larger. */
import { encode } from "jpeg-js";

const QUALITY = 74;
const cache = new Map<string, Buffer>();

export function greyJpeg(width: number, height: number): Buffer {
  const key = `${width}x${height}`;
  let jpeg = cache.get(key);
  if (jpeg === undefined) {
    jpeg = encode({ width, height, data: Buffer.alloc(width * height * 4, 128) }, QUALITY).data;
    cache.set(key, jpeg);
  }
  return jpeg;
}

/** @param text up to 65533 bytes of UTF-8 */
export function withComment(jpeg: Buffer, text: string): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), comment(Buffer.from(text)), jpeg.subarray(2)]);
}

/** The same picture, made exactly so many bytes long by comments. For benchmarks. */
export function padJpeg(jpeg: Buffer, bytes: number): Buffer {
  const comments: Buffer[] = [];
  let missing = bytes - jpeg.length;
  if (missing < 4 && missing !== 0) throw new Error(`A picture of ${jpeg.length} bytes cannot become ${bytes}.`);
  while (missing > 0) {
    // A comment is at most 65537 bytes with its marker, and at least 4.
    const size = missing <= 65_537 ? missing : Math.min(65_537, missing - 4);
    comments.push(comment(Buffer.alloc(size - 4, 0x56)));
    missing -= size;
  }
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}

/** COM segment: marker, length including itself, text. */
function comment(text: Buffer): Buffer {
  const head = Buffer.of(0xff, 0xfe, 0, 0);
  head.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([head, text]);
}
