/** Small JPEGs without drawing: grey ones of any size, with comments to tell them apart or to make them larger. */
import { encode } from "jpeg-js";

const QUALITY = 74;
const BLOCK = 8;
/** A block without coefficients in each of the three components, four times: 4 × 14 bits of the standard Huffman tables. */
const FOUR_BLOCKS = Buffer.from([0x28, 0x00, 0xa0, 0x02, 0x80, 0x0a, 0x00]);
const BITS_PER_BLOCK = 14;
const cache = new Map<string, Buffer>();

/** As jpeg-js encodes it, without its second or two for a large one: all blocks are the same. */
export function greyJpeg(width: number, height: number): Buffer {
  const key = `${width}x${height}`;
  let jpeg = cache.get(key);
  if (jpeg === undefined) {
    const blocks = Math.ceil(width / BLOCK) * Math.ceil(height / BLOCK);
    jpeg = Buffer.concat([greyHead(width, height), sameBlocks(blocks), Buffer.from([0xff, 0xd9])]);
    cache.set(key, jpeg);
  }
  return jpeg;
}

/** All up to the coded blocks. */
function greyHead(width: number, height: number): Buffer {
  const { data } = encode({ width: BLOCK, height: BLOCK, data: Buffer.alloc(BLOCK * BLOCK * 4, 128) }, QUALITY);
  const frame = data.indexOf(Buffer.from([0xff, 0xc0]));
  const scan = data.indexOf(Buffer.from([0xff, 0xda]));
  data.writeUInt16BE(height, frame + 5);
  data.writeUInt16BE(width, frame + 7);
  return data.subarray(0, scan + 2 + data.readUInt16BE(scan + 2));
}

/** The last byte is filled up with ones. */
function sameBlocks(count: number): Buffer {
  const bits = count * BITS_PER_BLOCK;
  const bytes = Buffer.alloc(Math.ceil(bits / 8), FOUR_BLOCKS);
  const left = bytes.length * 8 - bits;
  const last = bytes.length - 1;
  bytes[last] = ((bytes[last] ?? 0) & ~((1 << left) - 1)) | ((1 << left) - 1);
  return bytes;
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
