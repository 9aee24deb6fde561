/** Records into a file until it is killed. Says when it has begun. Arguments: the RTSP address, the file. */
import path from "node:path";
import { systemClock } from "../../src/lib/clock";
import { StreamFile } from "../../src/record/stream-file";

const [url = "", file = ""] = process.argv.slice(2);
const options = {
  url,
  directory: path.dirname(file),
  name: path.basename(file),
  container: "mp4",
  audio: "copy",
} as const;
void StreamFile.open({ ...options, clock: systemClock }, new AbortController().signal).then(() => console.log("begun"));
