/** People counting (`PeopleCounting`): totals since midnight (`realTime`) or of a period (`timeRange`). */
import type { Fields } from "./fields";
import type { Counting } from "../notification";

/** Undefined when the alert counts nobody. */
export function readCounting(alert: Fields): Counting | undefined {
  const counted = alert.in("peoplecounting");
  const enter = counted.number("enter");
  const exit = counted.number("exit");
  const pass = counted.number("pass");
  const method = counted.word("statisticalmethods", "statisticalmethod");
  if (enter === undefined && exit === undefined && pass === undefined) return undefined;
  return {
    ...(enter !== undefined && { enter }),
    ...(exit !== undefined && { exit }),
    ...(pass !== undefined && { pass }),
    ...(method !== undefined && { method }),
  };
}
