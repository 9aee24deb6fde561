/** Single documents of real devices. They lie beside the project and are no part of it: without them their tests are left out. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { rootElement } from "../../src/isapi/xml-editor";
import { Dump } from "../virtual-device/dump";

const FOLDER = path.join(__dirname, "../../../shared/fixtures");

export const hasFixtures = existsSync(FOLDER);
/** For the title of what is left out without them. */
export const whyNoFixtures = hasFixtures ? "" : " (left out: the folder with the recorded documents is not here)";

export interface RecordedDocument {
  /** Where it is from, for the message of a failed test. */
  readonly file: string;
  readonly bytes: Buffer;
}

/** Every whole XML document: the files, and the answers in the dumps of whole devices. */
export function documents(): RecordedDocument[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).sort();
  const single = files
    .filter((file) => file.endsWith(".xml"))
    .map((file) => ({ file, bytes: readFileSync(path.join(FOLDER, file)) }));
  const dumped = files
    .filter((file) => /hikvision_next.devices.*\.json$/.test(file))
    .flatMap((file) => {
      const dump = Dump.read(path.join(FOLDER, file));
      return dump.paths.flatMap((asked) => {
        const answer = dump.answer("GET", asked);
        return answer?.contentType === "application/xml"
          ? [{ file: `${file} ${asked}`, bytes: Buffer.from(answer.body) }]
          : [];
      });
    });
  return [...single, ...dumped].filter(({ bytes }) => rootElement(bytes.toString("latin1")) !== undefined);
}
