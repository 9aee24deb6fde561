/** What mixed target detection has captured (`CaptureResult`), by the sample of the vendor's ISAPI guide: each target under its own name. */
import type { Fields } from "./fields";
import { readBox, type Box } from "./regions";
import { targetsIn } from "./targets";

export interface CapturedObject {
  /** As in `targets`: "human", "vehicle" … */
  target: string;
  box?: Box;
}

const NAMES = ["human", "face", "vehicle", "nonmotor", "nonmotorvehicle"] as const;
/** More than stand in any picture. */
const MOST_OBJECTS = 100;

/** One item with all objects; none when the alert captures none. */
export function readObjects(alert: Fields): readonly { detail: CapturedObject[] }[] {
  const captures = alert.all("captureresult");
  if (captures.length === 0) return NONE;
  const detail = captures.flatMap(objectsOf).slice(0, MOST_OBJECTS);
  return detail.length === 0 ? NONE : [{ detail }];
}

const NONE: readonly { detail: CapturedObject[] }[] = [];

function objectsOf(capture: Fields): CapturedObject[] {
  return NAMES.flatMap((name) =>
    capture.all(name).map((sent) => {
      const box = readBox(sent.in("rect"));
      return { target: targetsIn(name)[0] ?? name, ...(box && { box }) };
    }),
  );
}
