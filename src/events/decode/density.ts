/**
 * People density (`personDensityDetection`; the guide writes PERSON_DENSITY_DETECTION): alarm and periodic report in one
 * shape, told apart by `dataSource`: trigger (level changed), timing and PDC (periodic), PQA (quantity), DSA (dwell time).
 */
import type { Fields } from "./fields";
import { regionOf, type Region } from "./regions";

export interface Density {
  level?: number;
  people?: number;
  frames?: number;
  /** `trigger`, `timing`, `PDC`, `PQA`, `DSA`: as the device spelled it. */
  source?: string;
  regionId?: string;
  regionName?: string;
}

/** One per target sent; none when the alert is about something else. */
export function readDensity(alert: Fields): { detail: Density; regions?: Region[] }[] {
  return alert.all("persondensityresult").flatMap((result) => result.all("target").map(readTarget));
}

function readTarget(target: Fields): { detail: Density; regions?: Region[] } {
  const nested = target.in("targetinfo");
  const info = nested.isEmpty ? target : nested;
  const rule = info.in("pqa", "dsa");
  const regionId = info.word("regionid") ?? target.word("regionid");
  const level = info.number("densitylevel");
  const people = info.number("personcnt") ?? rule.number("alarmcount");
  const frames = info.number("framespeoplecounting_number");
  const source = info.known("datasource");
  const regionName = info.text("regionname");
  return {
    detail: {
      ...(level !== undefined && { level }),
      ...(people !== undefined && { people }),
      ...(frames !== undefined && { frames }),
      ...(source !== undefined && { source }),
      ...(regionId !== undefined && { regionId }),
      ...(regionName !== undefined && { regionName }),
    },
    ...(regionId !== undefined && {
      regions: [regionOf(regionId, [...rule.all("region"), ...info.all("region")])],
    }),
  };
}
