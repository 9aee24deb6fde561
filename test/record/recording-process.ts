/** A process of its own that records until it is killed; prints a line when it has started. Arguments: the RTSP URL, the file. */
import path from "node:path";
import { systemChance, systemClock } from "../../src/lib/clock";
import { Mp4File } from "../../src/record/mp4-file";
import { StreamFile } from "../../src/record/stream-file";

const [url = "", file = ""] = process.argv.slice(2);
const options = { url, directory: path.dirname(file), name: path.basename(file), clock: systemClock };
const { signal } = new AbortController();
const container = path.extname(file);
const started: Promise<unknown> =
  container === ".mkv"
    ? StreamFile.open({ ...options, container: "mkv", audio: "copy" }, signal)
    : Mp4File.open({ ...options, foreignAudio: "leave out", chance: systemChance }, signal);
void started.then(() => console.log("started"));
