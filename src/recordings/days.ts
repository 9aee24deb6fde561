/** Which days of a month have recordings: `/ISAPI/ContentMgmt/record/tracks/<ID>/dailyDistribution`, one request per month. */
import type { Isapi } from "../isapi/isapi";
import { boolean, list, number, text, xml } from "../isapi/xml";
import { say } from "../lib/sentence";

export interface RecordedDay {
  /** 1 … 31, of the device's own calendar. */
  readonly day: number;
  /** "time", "event" …, as the device says. */
  readonly recordType?: string;
}

export interface Month {
  readonly channel: number;
  readonly year: number;
  /** 1 … 12. */
  readonly month: number;
}

/** In order. Throws what {@link Isapi.post} throws, `notSupported` where the device has no such calendar. */
export async function readDays(
  isapi: Pick<Isapi, "post">,
  { channel, year, month }: Month,
  signal?: AbortSignal,
): Promise<readonly RecordedDay[]> {
  const path = `/ISAPI/ContentMgmt/record/tracks/${channel * 100 + 1}/dailyDistribution`;
  const body = xml`<?xml version="1.0" encoding="UTF-8"?>
<trackDailyParam><year>${year}</year><monthOfYear>${month}</monthOfYear></trackDailyParam>`;
  const purpose = say`the calendar of recordings of channel ${channel}`;
  const document = await isapi.post(path, body, { purpose, retryBusy: true, ...(signal && { signal }) });
  const days = list(document?.value, "dayList", "day").flatMap((node): readonly RecordedDay[] => {
    const day = number(node, "dayOfMonth") ?? number(node, "id");
    if (day === undefined || boolean(node, "record") !== true) return [];
    // Some list 31 days of every month.
    if (!Number.isInteger(day) || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return [];
    const recordType = text(node, "recordType");
    return [{ day, ...(recordType !== undefined && { recordType }) }];
  });
  return days.sort((a, b) => a.day - b.day);
}
