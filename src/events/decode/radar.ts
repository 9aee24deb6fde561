/** Radar (`MultiRadarTargetEvent`), from an alert that node-red-contrib-hikvision-ultimate shows in its README. */
import type { Fields } from "./fields";
import { targetsIn } from "./targets";

export interface Radar {
  /** As in `targets`: "human", "vehicle" … */
  target?: string;
  /** Degrees. */
  angle?: number;
  /** As the device says it. */
  distance?: number;
  /** As the device says it, with its sign. */
  speed?: number;
}

/** Of the first target that is still there; the others are in `raw`. */
export function readRadar(alert: Fields): readonly { detail: Radar }[] {
  const targets = alert.all("multiradartargeteventlist", "multiradartargetevent");
  if (targets.length === 0) return NONE;
  const there = targets.find((one) => one.flag("istargetdisappear") !== true) ?? targets[0];
  const detail = there && radarOf(there);
  return detail && Object.keys(detail).length > 0 ? [{ detail }] : NONE;
}

const NONE: readonly { detail: Radar }[] = [];

function radarOf(sent: Fields): Radar {
  const place = sent.in("coordinate");
  const target = targetsIn(sent.word("targettype"))[0];
  const angle = place.number("angle");
  const distance = place.number("distance");
  const speed = sent.number("speed");
  return {
    ...(target !== undefined && { target }),
    ...(angle !== undefined && { angle }),
    ...(distance !== undefined && { distance }),
    ...(speed !== undefined && { speed }),
  };
}
