/**
 * Unusual sounds (`audioexception`): which kind, by `AudioExceptionDetection/alarmType`, as two projects read it of real alerts. How loud it
 * was they do not agree on, so that stays in `raw`.
 */
import type { Fields } from "./fields";

export interface Sound {
  /** As the device spelled it. */
  kind: string;
}

export function readSound(alert: Fields): readonly { detail: Sound }[] {
  const kind = alert.in("audioexceptiondetection").known("alarmtype");
  return kind === undefined ? NONE : [{ detail: { kind } }];
}

const NONE: readonly { detail: Sound }[] = [];
