/** A process of its own that records until it is killed; prints a line when it has started. Arguments: the RTSP URL, the file. */
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
void StreamFile.open({ ...options, clock: systemClock }, new AbortController().signal).then(() =>
  console.log("started"),
);
