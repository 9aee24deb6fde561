/** hikvision-record's saved properties. */
import { channel, directory, DURATION, type Fields, filename, stream } from "../shared/fields";

const inFile = { where: ["file"], action: ["start", "msg"] } as const;

export const fields = {
  channel,
  stream,
  where: { value: "device", options: ["device", "file"] },
  action: { value: "start", options: ["start", "stop", "msg"] },
  /** Empty: until stopped. */
  duration: { value: "", literal: "num", rule: DURATION, optional: true, override: true },
  directory: { ...directory, when: inFile },
  filename: { ...filename, when: inFile },
  container: { value: "mp4", options: ["mp4", "mkv"] },
} as const satisfies Fields;
