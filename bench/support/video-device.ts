/** A recorder whose channels all send a film of 2 Mbit/s made by ffmpeg; each picture carries the moment it was sent. */
import { execFileSync } from "node:child_process";
import { loopedFilm, startVirtualDevice, type FilmSource } from "../../test/virtual-device";
import { serve } from "./child";
import type { VideoDevice } from "./protocol";

const FRAMES_PER_SECOND = 25;
/** H.264, 1280 × 720, a key picture a second. */
const ENCODER = [
  "-c:v",
  "libx264",
  "-preset",
  "veryfast",
  "-profile:v",
  "high",
  "-bf",
  "0",
  "-g",
  "25",
  "-sc_threshold",
  "0",
];
const RATE = ["-b:v", "2M", "-minrate", "2M", "-maxrate", "2M", "-bufsize", "1M", "-nal-hrd", "cbr"];

function film(): FilmSource {
  const input = [
    "-f",
    "lavfi",
    "-i",
    `testsrc2=size=1280x720:rate=${FRAMES_PER_SECOND}`,
    "-t",
    "8",
    "-pix_fmt",
    "yuv420p",
  ];
  const bytes = execFileSync("ffmpeg", ["-v", "error", ...input, ...ENCODER, ...RATE, "-f", "h264", "pipe:1"], {
    maxBuffer: 1 << 26,
  });
  const source = loopedFilm(bytes, "h264", FRAMES_PER_SECOND);
  return (shown) => {
    const looped = source(shown);
    return {
      ...looped,
      frame(index) {
        const { key, nals } = looped.frame(index);
        // Unregistered user data, as cameras send their own.
        const stamp = `HIKFLOW-BENCH-AT${(Number(process.hrtime.bigint()) / 1e6).toFixed(3).padStart(20, "0")}`;
        return {
          key,
          nals: [Buffer.concat([Buffer.of(6, 5, stamp.length), Buffer.from(stamp), Buffer.of(0x80)]), ...nals],
        };
      },
    };
  };
}

const device: VideoDevice = {
  async device(channels) {
    const names = Array.from({ length: channels }, (_, index) => `Channel ${index + 1}`);
    const { host, port, username, password } = await startVirtualDevice({
      model: "nvr",
      heartbeat: null,
      channels: names,
      films: film(),
    });
    return { host, port, username, password };
  },
};

serve(device);
