/**
 * People counting (`PeopleCounting`): totals since midnight (`realTime`) or of a period (`timeRange`); captures of both, each with
 * children counted apart.
 */
import type { Fields } from "./fields";

export interface Counting {
  enter?: number;
  exit?: number;
  pass?: number;
  /** `realTime`, `timeRange`: as the device spelled it. */
  method?: string;
  /** Of `timeRange`: the period, as the device stamped it. */
  start?: string;
  end?: string;
  children?: { enter?: number; exit?: number };
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
  const range = counted.in("timerange");
  const start = range.word("starttime");
  const end = range.word("endtime");
  const children = childrenOf(alert.in("childcounting"));
  const detail = {
    ...(enter !== undefined && { enter }),
    ...(exit !== undefined && { exit }),
    ...(pass !== undefined && { pass }),
    ...(method !== undefined && { method }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(children && { children }),
  };
  return [{ detail }];
}

function childrenOf(counted: Fields): Counting["children"] {
  const enter = counted.number("enter");
  const exit = counted.number("exit");
  if (enter === undefined && exit === undefined) return undefined;
  return { ...(enter !== undefined && { enter }), ...(exit !== undefined && { exit }) };
}
