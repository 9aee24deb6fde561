/** People counting (`PeopleCounting`): totals since midnight (`realTime`) or of a period (`timeRange`). */
import type { Fields } from "./fields";

export interface Counting {
  enter?: number;
  exit?: number;
  pass?: number;
  /** `realTime`, `timeRange`: as the device spelled it. */
  method?: string;
}

/** None when the alert counts no people. */
export function readCounting(alert: Fields): { detail: Counting }[] {
  const counted = alert.in("peoplecounting");
  if (counted.isEmpty) return [];
  const enter = counted.number("enter");
  const exit = counted.number("exit");
  const pass = counted.number("pass");
  const method = counted.known("statisticalmethods", "statisticalmethod");
  if (enter === undefined && exit === undefined && pass === undefined) return [];
  const detail = {
    ...(enter !== undefined && { enter }),
    ...(exit !== undefined && { exit }),
    ...(pass !== undefined && { pass }),
    ...(method !== undefined && { method }),
  };
  return [{ detail }];
}
