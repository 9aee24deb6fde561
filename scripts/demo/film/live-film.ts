/** The drawn scenes as films for RTSP: live, and of what was recorded. The same pictures as in {@link filmOf}, made when they are sent. */
import { BoundedCache } from "../bounded-cache";
import { drawScene } from "../pictures";
import { formatLocal, parseZone } from "../../../test/virtual-device/posix-zone";
import { nalUnits, type Film, type FilmSource } from "../../../test/virtual-device";
import { keyPicture, parameterSets, samePicture, type Format } from "./h264";
import { macroblocks } from "./macroblocks";

const FORMAT: Format = { width: 320, height: 176, framesPerSecond: 12 };
/** A new picture, and the same again twice: four pictures a second move well enough. */
const GROUP_FRAMES = 3;
const SETS = nalUnits(parameterSets(FORMAT));
const SAME = Array.from({ length: GROUP_FRAMES }, (_, index) => pictureOf(samePicture(FORMAT, index)));

/** By channel and moment: who watches the same sees the same. */
const keys = new BoundedCache<Buffer>(64);

/** H.264 for every stream, whatever the device says that it is set to. */
export const drawnFilms: FilmSource = ({ channel, channelName, zone, startMs }) => {
  const parsed = parseZone(zone);
  const film: Film = {
    codec: "h264",
    framesPerSecond: FORMAT.framesPerSecond,
    sets: SETS,
    frame(index) {
      const place = index % GROUP_FRAMES;
      if (place > 0) return { key: false, nals: [SAME[place] ?? Buffer.alloc(0)] };
      const ms = startMs + Math.floor((index * 1000) / FORMAT.framesPerSecond);
      const utcMs = ms - (ms % 250);
      const key = keys.get(`${channel} ${channelName} ${zone} ${utcMs}`, () => {
        const local = formatLocal(parsed, utcMs);
        const stamp = `${local.slice(0, 19)}.${String(utcMs % 1000).padStart(3, "0")}${local.slice(19)}`;
        const { width, height } = FORMAT;
        return pictureOf(keyPicture(macroblocks(drawScene({ width, height, channel, channelName, stamp }))));
      });
      return { key: true, nals: [key] };
    },
  };
  return film;
};

/** Without the delimiter. */
function pictureOf(bytes: Buffer): Buffer {
  return nalUnits(bytes).at(-1) ?? Buffer.alloc(0);
}
