/** The smallest film: two grey pictures of 64 × 64 in H.264 (Constrained Baseline), by x264, over and over at ten a second. */
import { loopedFilm, type FilmSource } from "./film";

const STILL = Buffer.from(
  "000000016742c00ad90426c044000003000400000300083c4899200000000168cb83cb20" +
    "00000165888405bc98a000207b2727275d75d75d75d75d75d78000000001419a380af846",
  "hex",
);

export const stillFilm: FilmSource = loopedFilm(STILL, "h264", 10);
