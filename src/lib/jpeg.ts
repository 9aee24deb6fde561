/** Is a JPEG there to its end? Cameras cut pictures off while they are busy, and some add bytes behind the end mark. */

const START = Buffer.from([0xff, 0xd8, 0xff]);
const END = Buffer.from([0xff, 0xd9]);
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
/** Bounds of what is looked at, so that no bytes hold Node-RED up: a picture of 16 MiB has some 60 000 marks in its coded data. */
const MOST_PADDING = 1 << 20;
const MOST_MARKS = 200_000;
const MOST_SEGMENTS = 10_000;

export function isJpeg(data: Buffer): boolean {
  return data.subarray(0, START.length).equals(START);
}

/** The end mark is at the end, before padding, or where the segments lead; one inside a thumbnail does not count. */
export function isWholeJpeg(data: Buffer): boolean {
  if (!isJpeg(data)) return false;
  let end = data.length;
  const least = Math.max(0, end - MOST_PADDING);
  while (end > least && data[end - 1] === 0) end -= 1;
  return data.subarray(end - END.length, end).equals(END) || endsBySegments(data);
}

/** Goes from marker to marker (ITU-T T.81, B.1.1), past what is coded between a scan's head and the next marker. */
function endsBySegments(data: Buffer): boolean {
  let segments = 0;
  for (let at = 2; at + 3 < data.length && data[at] === 0xff && ++segments <= MOST_SEGMENTS;) {
    const marker = data[at + 1];
    if (marker === END_OF_IMAGE) return true;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    at += 2 + data.readUInt16BE(at + 2);
    if (marker === START_OF_SCAN) at = nextMarker(data, at);
  }
  return false;
}

/** In coded data 0xFF is followed by 0, or by the number of a restart mark. */
function nextMarker(data: Buffer, from: number): number {
  let marks = 0;
  for (let at = data.indexOf(0xff, from); at >= 0 && ++marks <= MOST_MARKS; at = data.indexOf(0xff, at + 1)) {
    const next = data[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return data.length;
}
