/** A camera's heat map of a range: how high its values go (`heatMap/pictureInfo`), and the picture itself. */
import { imageType } from "../events/pictures/picture-part";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { number, xml } from "../isapi/xml";
import { defined } from "../lib/defined";
import { RetryableError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import { formatWall } from "../time/timestamp";

export interface HeatMap {
  readonly picture: Buffer;
  readonly max?: number;
  readonly min?: number;
}

/** By the camera's wall clock, as if it were UTC. */
export interface WallRange {
  readonly wallStartMs: number;
  readonly wallEndMs: number;
}

type Way = Pick<Isapi, "post" | "bytes">;

const DAY_MS = 86_400_000;
/** People, not how long they stay ("duration"). */
const MODEL = "PDC";

/** Throws what {@link Isapi.bytes} throws, and `protocol` where something else than a picture comes. */
export async function readHeatMap(
  isapi: Way,
  channel: number,
  range: WallRange,
  signal?: AbortSignal,
): Promise<HeatMap> {
  const base = `/ISAPI/System/Video/inputs/channels/${channel}/heatMap`;
  const purpose = say`the heat map of channel ${channel}`;
  const values = await readValues(isapi, base, range, purpose, signal);
  const query = `starttime=${formatWall(range.wallStartMs)}&endtime=${lastSecond(range)}&statisticalModel=${MODEL}`;
  const { data } = await isapi.bytes(`${base}/picture?${query}`, { purpose, ...(signal && { signal }) });
  if (imageType(data) === undefined)
    throw new RetryableError("protocol", say`The device answered with something that is no picture.`);
  return { picture: data, ...values };
}

/** Not every camera tells them; the picture is worth more. */
async function readValues(
  isapi: Way,
  base: string,
  range: WallRange,
  purpose: Sentence,
  signal: AbortSignal | undefined,
): Promise<Pick<HeatMap, "max" | "min">> {
  const body = xml`<?xml version="1.0" encoding="UTF-8"?>
<HeatMapDataDescription><reportType>${reportType(range)}</reportType>
<timeSpanList><timeSpan><startTime>${formatWall(range.wallStartMs)}</startTime><endTime>${lastSecond(range)}</endTime></timeSpan></timeSpanList>
<statisticalModel>${MODEL}</statisticalModel></HeatMapDataDescription>`;
  try {
    const options = { purpose, retryBusy: true, lane: "read", ...(signal && { signal }) } as const;
    const document = await isapi.post(`${base}/pictureInfo`, body, options);
    const read = (...names: string[]): number | undefined =>
      names.map((name) => number(document?.value, name)).find((value) => value !== undefined);
    return defined({ max: read("MaxValue", "maxValue"), min: read("MinValue", "minValue") });
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return {};
  }
}

function lastSecond({ wallEndMs }: WallRange): string {
  return formatWall(wallEndMs - 1000);
}

function reportType({ wallStartMs, wallEndMs }: WallRange): string {
  const days = (wallEndMs - wallStartMs) / DAY_MS;
  if (days <= 1) return "daily";
  if (days <= 7) return "weekly";
  return days <= 31 ? "monthly" : "yearly";
}
