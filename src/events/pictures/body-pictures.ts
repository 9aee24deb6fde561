/**
 * Which pictures of a pushed body belong to which of its alerts. The body is complete, so parts are matched in any order: by name or
 * id, then by place. Terminals push a picture in front of its event, cameras behind it.
 */
import type { Part } from "../../multipart/part-reader";
import type { AnnouncedPicture } from "../types";
import { pictureKeys } from "./picture-part";

/** A part of the body: a picture, or what an alert announces. */
export type BodyItem = { readonly picture: Part } | { readonly announced: readonly AnnouncedPicture[] };

interface AlertPlace {
  /** Its index among the items. */
  readonly at: number;
  /** Announced, and not there yet. */
  readonly open: AnnouncedPicture[];
  readonly parts: Part[];
}

/** The pictures of each alert, in the order of the alerts. */
export function picturesOfAlerts(items: readonly BodyItem[]): Part[][] {
  const alerts: AlertPlace[] = items.flatMap((item, at) =>
    "announced" in item ? { at, open: item.announced.filter(({ url }) => url === undefined), parts: [] } : [],
  );
  const unnamed = items.flatMap((item, at) =>
    "picture" in item && !giveByName(alerts, item.picture) ? { at, part: item.picture } : [],
  );
  const order = placeOrder(items);
  for (const { at, part } of unnamed) {
    const alert = byPlace(alerts, at, order);
    alert?.open.shift();
    alert?.parts.push(part);
  }
  return alerts.map(({ parts }) => parts);
}

function giveByName(alerts: readonly AlertPlace[], part: Part): boolean {
  const keys = pictureKeys(part);
  for (const { open, parts } of alerts) {
    const index = open.findIndex((announced) => announced.keys.some((key) => keys.includes(key)));
    if (index < 0) continue;
    open.splice(index, 1);
    parts.push(part);
    return true;
  }
  return false;
}

/** A body that begins with a picture and ends with an alert has its pictures in front of their alerts. */
function placeOrder(items: readonly BodyItem[]): "before" | "behind" {
  const [first, last] = [items[0], items.at(-1)];
  return first && last && "picture" in first && "announced" in last ? "before" : "behind";
}

/** The nearest alert on its side, one that misses a picture first; else the nearest on the other side. */
function byPlace(alerts: readonly AlertPlace[], at: number, order: "before" | "behind"): AlertPlace | undefined {
  const earlier = alerts.filter((alert) => alert.at < at).reverse();
  const later = alerts.filter((alert) => alert.at > at);
  const [own, other] = order === "behind" ? [runOf(earlier), later] : [later, earlier];
  const wants = (alert: AlertPlace): boolean => alert.open.length > 0;
  return (
    own.find(wants) ?? [...earlier, ...other].find(wants) ?? (order === "behind" ? earlier[0] : own[0]) ?? other[0]
  );
}

/** Alerts that follow each other without a picture between them: their pictures come in their order. */
function runOf(nearestFirst: readonly AlertPlace[]): AlertPlace[] {
  const run: AlertPlace[] = [];
  for (const alert of nearestFirst) {
    if (run[0] && alert.at !== run[0].at - 1) break;
    run.unshift(alert);
  }
  return run;
}
