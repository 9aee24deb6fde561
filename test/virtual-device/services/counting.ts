/** People counting and heat maps of a camera, with what firmware takes and leaves. None by default. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, readLeaf } from "../xml";

export interface Crossing {
  readonly channel?: number;
  /** When, ms since 1970. */
  readonly atMs: number;
  readonly enter?: number;
  readonly exit?: number;
  readonly pass?: number;
}

export class Counting {
  readonly crossings: Crossing[] = [];
  fitted = false;
  /** What a request may name; else it is no valid content. */
  takesQuarters = true;
  takesStatisticType = true;
  method: "POST" | "GET" = "POST";
  /** It wants a slash behind the path, and a root with a small letter. */
  old = false;
  /** Rows without a count are left out. */
  sparse = false;
  /** Times straight in the row. */
  flat = false;
  /** The first row of the next day comes, too. */
  oneMore = false;
  /** The hour that is repeated in the night of the change is told twice. */
  twice = false;
  /** Row sizes whatever is asked, min. */
  size: number | undefined;
  passes = false;
  resets = 0;
  heatMap: Buffer | undefined;
  /** Of pictureInfo; undefined: refused. */
  heatValues: { max: number; min: number } | undefined;
  /** An error document, with status 200. */
  heatError = false;

  fit(): this {
    this.fitted = true;
    return this;
  }
}

export const countingOf = perDevice(() => new Counting());

const DAY_MS = 86_400_000;

function search(exchange: Exchange, method: "POST" | "GET", slash: boolean): void {
  const state = countingOf(exchange.device);
  if (!state.fitted) {
    exchange.status("notSupport");
    return;
  }
  if (method !== state.method) {
    exchange.status("methodNotAllowed");
    return;
  }
  if (slash !== state.old) {
    exchange.status("badXmlContent");
    return;
  }
  const body = exchange.xmlBody(state.old ? "countingStatisticsDescription" : "CountingStatisticsDescription");
  if (body === undefined) return;
  const [start, end] = [readLeaf(body, "startTime") ?? "", readLeaf(body, "endTime") ?? ""];
  const [type, interval] = [readLeaf(body, "statisticType"), readLeaf(body, "MinTimeInterval")];
  const wanted =
    readLeaf(body, "reportType") === "daily" &&
    /^\d{4}-\d\d-\d\dT00:00:00$/.test(start) &&
    end === start.replace("T00:00:00", "T23:59:59") &&
    (type === undefined || (type === "all" && state.takesStatisticType)) &&
    (interval === undefined || (interval === "quarter" && state.takesQuarters));
  if (!wanted) {
    exchange.status("badXmlContent");
    return;
  }
  const size = (state.size ?? (interval === undefined ? 60 : 15)) * 60_000;
  const day = Date.parse(`${start}Z`);
  const rows = rowsOf(exchange.device, Number(exchange.param("channel")), day, size);
  exchange.xml(
    element(
      "CountingStatisticsResult",
      leaf("responseStatus", true) +
        leaf("responseStatusStrg", rows.length === 0 ? "NO MATCHES" : "OK") +
        leaf("numOfMatches", rows.length) +
        element("matchList", rows.map((row) => rowXml(state, row)).join("")),
      'version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"',
    ),
  );
}

interface Row {
  readonly start: string;
  readonly end: string;
  readonly enter: number;
  readonly exit: number;
  readonly pass: number;
}

/** By the digits of the device's own clock. */
function rowsOf(device: VirtualDevice, channel: number, day: number, size: number): Row[] {
  const state = countingOf(device);
  const text = (wall: number): string => new Date(wall).toISOString().slice(0, 19);
  const rows: Row[] = [];
  for (let wall = day; wall < day + DAY_MS + (state.oneMore ? size : 0); wall += size) {
    const here = state.crossings.filter(({ channel: of = 1, atMs }) => {
      const shown = Date.parse(`${device.time.stamp(atMs).slice(0, 19)}Z`);
      return of === channel && shown >= wall && shown < wall + size;
    });
    const offsets = [...new Set(here.map(({ atMs }) => device.time.offsetAt(atMs)))].sort((a, b) => b - a);
    const groups = state.twice && offsets.length > 1 ? offsets : [undefined];
    for (const offset of groups) {
      const own = here.filter(({ atMs }) => offset === undefined || device.time.offsetAt(atMs) === offset);
      if (own.length === 0 && state.sparse) continue;
      const total = (of: (one: Crossing) => number | undefined): number =>
        own.reduce((sum, one) => sum + (of(one) ?? 0), 0);
      rows.push({
        start: text(wall),
        end: text(wall + size - 1000),
        enter: total(({ enter }) => enter),
        exit: total(({ exit }) => exit),
        pass: total(({ pass }) => pass),
      });
    }
  }
  return rows;
}

function rowXml({ flat, passes }: Counting, { start, end, enter, exit, pass }: Row): string {
  const times = leaf("startTime", start) + leaf("endTime", end);
  return element(
    "matchElement",
    (flat ? times : element("timeSpan", times)) +
      leaf("enterCount", enter) +
      leaf("exitCount", exit) +
      (passes ? leaf("peoplePassingCount", pass) : ""),
  );
}

function reset(exchange: Exchange): void {
  const state = countingOf(exchange.device);
  if (!state.fitted) {
    exchange.status("notSupport");
    return;
  }
  if (exchange.body.length > 0) {
    exchange.status("badXmlContent");
    return;
  }
  state.resets += 1;
  exchange.status("ok");
}

function heatMapInfo(exchange: Exchange): void {
  const { heatValues, heatMap } = countingOf(exchange.device);
  if (!heatMap || !heatValues) {
    exchange.status("notSupport");
    return;
  }
  const body = exchange.xmlBody("HeatMapDataDescription");
  if (body === undefined) return;
  const { max, min } = heatValues;
  exchange.xml(element("HeatMapDataResult", leaf("MaxValue", max) + leaf("MinValue", min), 'version="2.0"'));
}

function heatMapPicture(exchange: Exchange): void {
  const { heatMap, heatError } = countingOf(exchange.device);
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
  const right =
    time.test(exchange.query.get("starttime") ?? "") &&
    time.test(exchange.query.get("endtime") ?? "") &&
    exchange.query.get("statisticalModel") === "PDC";
  if (!heatMap) exchange.status("notSupport");
  else if (!right) exchange.status("badParameters");
  else if (heatError) exchange.xml(element("HeatMapError", leaf("error", "no data")));
  else exchange.send(200, "image/jpeg", heatMap);
}

const BASE = "/ISAPI/System/Video/inputs/channels/:channel";

export const counting: readonly Route[] = [
  route("POST", `${BASE}/counting/search`, (exchange) => search(exchange, "POST", false)),
  route("GET", `${BASE}/counting/search`, (exchange) => search(exchange, "GET", false)),
  route("GET", `${BASE}/counting/search/`, (exchange) => search(exchange, "GET", true)),
  route("PUT", `${BASE}/counting/resetCount`, reset),
  route("POST", `${BASE}/heatMap/pictureInfo`, heatMapInfo),
  route("GET", `${BASE}/heatMap/picture`, heatMapPicture),
];
