/** Films whose pictures say which moment they are of. */
import { keyPicture, parameterSets, samePicture, type Format } from "../../scripts/demo/film/h264";
import { MACROBLOCK_BYTES } from "../../scripts/demo/film/macroblocks";
import { nalUnits, type Film, type FilmSource } from "../virtual-device";

const FORMAT: Format = { width: 64, height: 64, framesPerSecond: 5 };
const SETS = nalUnits(parameterSets(FORMAT));
/** Samples are not coded: 0 … 15 would need to be escaped. */
const DARKEST = 20;
const STEP = 3;

/**
 * For ffmpeg: each key picture has the grey of its second, and the pictures up to the next are the same. In front of each stands its moment,
 * for those who do not decode. `keySeconds`: between two key pictures.
 */
export function momentFilm(keySeconds: number): FilmSource {
  return ({ startMs }) => {
    const group = keySeconds * FORMAT.framesPerSecond;
    const film: Film = {
      codec: "h264",
      framesPerSecond: FORMAT.framesPerSecond,
      sets: SETS,
      frame(index) {
        const ms = startMs + (index * 1000) / FORMAT.framesPerSecond;
        const place = index % group;
        const coded = place === 0 ? keyPicture(samples(ms)) : samePicture(FORMAT, place % 16);
        return { key: place === 0, nals: [label(ms), nalUnits(coded).at(-1) ?? Buffer.alloc(0)] };
      },
    };
    return film;
  };
}

/** Brightness, 0 … 255, of the picture of a moment with a key picture each `keySeconds` after `startMs`. */
export function greyAt(ms: number, keySeconds: number, startMs: number): number {
  const key = startMs + Math.floor((ms - startMs) / (keySeconds * 1000)) * keySeconds * 1000;
  return ((luma(key) - 16) * 255) / 219;
}

/** Of the last picture in a byte stream. */
export function labelOf(bytes: Buffer): number | undefined {
  const labels = nalUnits(bytes).filter((nal) => (nal[0] ?? 0) === SEI);
  const last = labels.at(-1)?.toString("latin1");
  const digits = /moment=(\d+)/.exec(last ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Supplemental enhancement information (ITU-T H.264, D.1): user data of 16 bytes of a name, and text. */
const SEI = 6;

function label(ms: number): Buffer {
  const text = Buffer.from(`moment-film-namemoment=${Math.round(ms)}`);
  return Buffer.concat([Buffer.of(SEI, 5, text.length), text, Buffer.of(0x80)]);
}

function luma(ms: number): number {
  return DARKEST + (Math.floor(ms / 1000) % 64) * STEP;
}

function samples(ms: number): Buffer {
  const square = Buffer.alloc(MACROBLOCK_BYTES, 128).fill(luma(ms), 0, 256);
  return Buffer.concat(Array.from({ length: (FORMAT.width / 16) * (FORMAT.height / 16) }, () => square));
}
