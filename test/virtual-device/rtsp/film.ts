/** What a device's RTSP server plays: pictures by number, as NAL units. Injected; a file in a loop is one of them. */

export interface FilmFrame {
  readonly key: boolean;
  /** Without parameter sets and delimiters. */
  readonly nals: readonly Buffer[];
}

export interface Film {
  readonly codec: "h264" | "h265";
  readonly framesPerSecond: number;
  /** SPS, PPS; of H.265 the VPS before them. */
  readonly sets: readonly Buffer[];
  frame(index: number): FilmFrame;
}

export interface Shown {
  readonly channel: number;
  readonly channelName: string;
  readonly stream: number;
  /** POSIX, of the device. */
  readonly zone: string;
  /** The moment of frame 0, ms since 1970. */
  readonly startMs: number;
  readonly live: boolean;
}

export type FilmSource = (shown: Shown) => Film;

/** NAL units of a byte stream (annex B). */
export function nalUnits(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let start = -1;
  for (let at = bytes.indexOf(START); at >= 0; at = bytes.indexOf(START, at + 3)) {
    if (start >= 0) units.push(trimmed(bytes.subarray(start, at)));
    start = at + 3;
  }
  if (start >= 0) units.push(trimmed(bytes.subarray(start)));
  return units.filter(({ length }) => length > 0);
}

/** An H.264 or H.265 byte stream, over and over, whatever channel it is. Its first picture is a key picture. */
export function loopedFilm(bytes: Buffer, codec: Film["codec"], framesPerSecond: number): FilmSource {
  const sets = new Map<number, Buffer>();
  const frames: { key: boolean; nals: Buffer[] }[] = [];
  let before: Buffer[] = [];
  for (const nal of nalUnits(bytes)) {
    const type = typeOf(codec, nal);
    const picture = codec === "h264" ? type >= 1 && type <= 5 : type < 32;
    const isSet = codec === "h264" ? type === 7 || type === 8 : type >= 32 && type <= 34;
    if (isSet) sets.set(type, nal);
    else if (picture) {
      // The first bit of a slice's head tells whether a picture begins.
      const begins = ((nal[codec === "h264" ? 1 : 2] ?? 0) & 0x80) !== 0;
      const key = codec === "h264" ? type === 5 : type >= 16 && type <= 21;
      if (begins) frames.push({ key, nals: [...before, nal] });
      else frames.at(-1)?.nals.push(nal);
      before = [];
    } else if (codec === "h264" ? type === 6 : type === 39) before.push(nal);
  }
  const film: Film = {
    codec,
    framesPerSecond,
    sets: [...sets.keys()].sort((a, b) => a - b).flatMap((type) => sets.get(type) ?? []),
    frame: (index) => frames[index % frames.length] ?? { key: false, nals: [] },
  };
  return () => film;
}

export function typeOf(codec: Film["codec"], nal: Buffer): number {
  return codec === "h264" ? (nal[0] ?? 0) & 0x1f : ((nal[0] ?? 0) >> 1) & 0x3f;
}

const START = Buffer.of(0, 0, 1);

function trimmed(unit: Buffer): Buffer {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end -= 1;
  return unit.subarray(0, end);
}
