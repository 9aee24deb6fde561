/**
 * The allow list and block list of entrance cameras, in their generations. None by default. Each takes only the keys that its own web
 * page sends, says OK to some things that it does not do, and takes an empty selection for everything.
 */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, readLeaf } from "../xml";

const ISAPI = 'version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"';
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const PLATE = /^[\p{L}\p{N}-]{1,16}$/u;

export interface ListedEntry {
  id: string;
  plate: string;
  list: "whiteList" | "blackList";
  card: string;
  name: string;
  from: string;
  until: string;
}

/** DS-TCG406-E: every key, no more and no fewer. */
const EVERY_KEY = [
  ..."id LicensePlate listType cardNo cardID plateType plateColor plateDescription remoteControllerCode plateNoSub".split(
    " ",
  ),
  ..."CRIndex area name certificateType certificateNumber operationType virtualParkingNum groupName".split(" "),
  ..."createTime effectiveTime operation".split(" "),
]
  .sort()
  .join();
const OLDER_KEYS = "LicensePlate listType createTime effectiveStartDate effectiveTime id".split(" ").sort().join();
const NUMBERED_KEYS = "id listType LicensePlate createTime effectiveTime operationType".split(" ").sort().join();

export class AccessListState {
  /** The entries of `of`, up to a number of them: there may be ten thousand. */
  readonly #index = { of: [] as ListedEntry[], count: 0, byPlate: new Map<string, ListedEntry>() };
  /** "today": every key; "guide": colour and kind, too; "older": days; "numbered": ids are numbers; "vcl": XML. */
  generation: "none" | "today" | "guide" | "older" | "numbered" | "vcl" = "none";
  entries: ListedEntry[] = [];
  /** The one that has the lists. */
  channel = 1;
  /** Of listType, where every key is wanted. */
  words: "new" | "old" = "new";
  /** Plates in one page, whatever is asked. */
  page = 100;
  /** Plates in one write; more are refused. */
  most = 100;
  /** Of several plates in one write only the first is stored, and OK said. */
  firstOnly = false;
  /** What becomes of a change. */
  modify: "works" | "refused" | "ignored" = "works";
  /** By what plates are removed; what else is sent has no effect. */
  removeBy: "licensePlate" | "id" | "CompoundCond" = "licensePlate";
  /** What does not name that: refused, or OK without effect. */
  otherwise: "refused" | "ignored" = "refused";
  capacity = Infinity;
  /** Does a search look at the position? */
  pages = true;
  /** The older address of the search. */
  searchBelow = false;
  /** VCL: how the list is read, and whether conditions are taken in a list. */
  read: "get" | "post" = "get";
  conditions: "list" | "bare" = "list";
  /** After each change. */
  onWrite: () => void = () => undefined;

  constructor(readonly device: VirtualDevice) {}

  add(plate: string, more: Partial<ListedEntry> = {}): this {
    const limits =
      this.generation === "vcl"
        ? { from: "0000-00-00T00:00:00", until: "0000-00-00T00:00:00" }
        : { from: "2000-01-01T00:00:00", until: "2099-12-31T23:59:59" };
    const id = this.generation === "numbered" ? String(this.highestId() + 1) : plate;
    this.entries.push({ id, plate, list: "whiteList", card: "", name: "", ...limits, ...more });
    return this;
  }

  highestId(): number {
    return this.entries.reduce((most, { id }) => Math.max(most, Number(id) || 0), 0);
  }

  /** "AB123CD", or "!AB123CD" where it is blocked. */
  get plates(): string[] {
    return this.entries.map(({ plate, list }) => (list === "whiteList" ? plate : `!${plate}`)).sort();
  }

  of(plate: string): ListedEntry | undefined {
    const index = this.#index;
    if (index.of !== this.entries || index.count > this.entries.length) {
      index.byPlate.clear();
      Object.assign(index, { of: this.entries, count: 0 });
    }
    for (const entry of this.entries.slice(index.count)) {
      if (!index.byPlate.has(entry.plate)) index.byPlate.set(entry.plate, entry);
      index.count += 1;
    }
    return index.byPlate.get(plate);
  }
}

export const accessListsOf = perDevice((device) => new AccessListState(device));

const isAudit = ({ generation }: AccessListState): boolean => generation !== "none" && generation !== "vcl";

function search(below: boolean): (exchange: Exchange) => void {
  return (exchange) => {
    const state = accessListsOf(exchange.device);
    if (!isAudit(state) || state.searchBelow !== below || exchange.param("channel") !== String(state.channel)) {
      exchange.status("notSupport");
      return;
    }
    const body = exchange.xmlBody("LPListAuditSearchDescription");
    if (body === undefined) return;
    const [most, position] = [readLeaf(body, "maxResults"), readLeaf(body, "searchResultPosition")].map(Number);
    if (readLeaf(body, "searchID") === undefined || !(most! >= 1) || !(position! >= 0)) {
      exchange.status("badXmlContent");
      return;
    }
    const plate = readLeaf(body, "LicensePlate");
    const found = state.entries.filter((entry) => plate === undefined || entry.plate.startsWith(plate));
    const start = state.pages ? position! : 0;
    const rows = found.slice(start, start + Math.min(most!, state.page));
    const more = start + rows.length < found.length;
    const counts =
      leaf("numOfMatches", rows.length) + leaf("totalMatches", found.length) + leaf("searchResultPosition", start);
    const word = rows.length === 0 ? "NO MATCHES" : more ? "MORE" : "OK";
    const head = leaf("searchID", "0") + leaf("responseStatus", true) + leaf("responseStatusStrg", word);
    const offset = exchange.device.time.stamp().slice(19);
    const inner = rows.map((row) => rowXml(state, row, offset)).join("");
    exchange.xml(
      element(
        "LPListAuditSearchResult",
        rows.length > 0
          ? head + element("LicensePlateInfoList", counts + inner)
          : head + counts + "<LicensePlateInfoList></LicensePlateInfoList>",
        ISAPI,
      ),
    );
  };
}

/** With the camera's offset, though it takes none; without what is empty. */
function rowXml(
  { generation }: AccessListState,
  { id, plate, list, card, from, until }: ListedEntry,
  offset: string,
): string {
  const zoned = (text: string): string => (DAY.test(text) ? text : text + offset);
  return element(
    "LicensePlateInfo",
    leaf("id", id) +
      leaf("LicensePlate", plate) +
      leaf("type", list) +
      (card === "" ? "" : leaf("cardNo", card)) +
      leaf("effectiveTime", zoned(until)) +
      (generation === "older" ? leaf("effectiveStartDate", from.slice(0, 10)) : "") +
      leaf("createTime", zoned(from)),
  );
}

type Json = Readonly<Record<string, unknown>>;

function jsonBody(exchange: Exchange): Json | undefined {
  try {
    if (/^application\/json\b/.test(exchange.recorded.contentType ?? "") && exchange.query.get("format") === "json")
      return JSON.parse(exchange.body.toString("utf8")) as Json;
  } catch {
    // refused below
  }
  exchange.status("badParameters");
  return undefined;
}

function record(exchange: Exchange): void {
  const state = accessListsOf(exchange.device);
  if (!isAudit(state) || exchange.param("channel") !== String(state.channel)) {
    exchange.status("notSupport");
    return;
  }
  const sent = jsonBody(exchange)?.["LicensePlateInfoList"];
  if (sent === undefined && exchange.response.writableEnded) return;
  const all = Array.isArray(sent) ? (sent as Readonly<Record<string, string>>[]) : [];
  if (all.length === 0 || all.length > state.most) {
    exchange.status("badParameters");
    return;
  }
  for (const entry of state.firstOnly ? all.slice(0, 1) : all) {
    const problem = write(state, entry);
    if (problem) {
      exchange.status(problem);
      return;
    }
    state.onWrite();
  }
  exchange.status("ok");
}

/** One entry; undefined: stored. */
function write(
  state: AccessListState,
  entry: Readonly<Record<string, string>>,
): "badParameters" | "overLimit" | undefined {
  const { LicensePlate: plate = "", listType = "", id = "" } = entry;
  const list = listOf(state, listType);
  if (!PLATE.test(plate) || list === undefined || !hasItsKeys(state, entry)) return "badParameters";
  const present = state.of(plate);
  const modifying = entry["operationType"] === "modify" || (state.generation === "older" && id !== "");
  const { generation } = state;
  const stored = {
    plate,
    list,
    card: entry["cardNo"] ?? "",
    name: entry["name"] ?? "",
    from: generation === "older" ? (entry["effectiveStartDate"] ?? "") : (entry["createTime"] ?? ""),
    until: entry["effectiveTime"] ?? "",
  };
  if (modifying) {
    if (!present || state.modify === "refused") return "badParameters";
    if (state.modify === "works") Object.assign(present, stored);
    return undefined;
  }
  if (present) return "badParameters";
  if (generation === "numbered" && Number(id) !== state.highestId() + 1) return "badParameters";
  if (state.entries.length >= state.capacity) return "overLimit";
  state.entries.push({ id: generation === "numbered" ? id : plate, ...stored });
  return undefined;
}

function listOf({ generation, words }: AccessListState, listType: string): ListedEntry["list"] | undefined {
  const isNew = (generation === "today" || generation === "guide") && words === "new";
  const [allow, block] = isNew ? ["allowList", "blockList"] : ["whiteList", "blackList"];
  if (listType === allow) return "whiteList";
  return listType === block ? "blackList" : undefined;
}

function hasItsKeys({ generation }: AccessListState, entry: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(entry).sort().join();
  const { createTime = "", effectiveTime = "", effectiveStartDate = "" } = entry;
  if (!TIME.test(createTime)) return false;
  if (generation === "older") return keys === OLDER_KEYS && DAY.test(effectiveTime) && DAY.test(effectiveStartDate);
  if (!TIME.test(effectiveTime)) return false;
  if (generation === "numbered") return keys === NUMBERED_KEYS && /^\d+$/.test(entry["id"] ?? "");
  if (keys !== EVERY_KEY) return false;
  return generation === "guide" ? entry["plateColor"] !== "" && entry["plateType"] !== "" : entry["plateColor"] === "";
}

function remove(exchange: Exchange): void {
  const state = accessListsOf(exchange.device);
  if (!isAudit(state) || exchange.param("channel") !== String(state.channel)) {
    exchange.status("notSupport");
    return;
  }
  const body = jsonBody(exchange);
  if (!body) return;
  const selection = [body["id"], body["licensePlate"]].find((one) => Array.isArray(one)) as string[] | undefined;
  if (body["deleteAllEnabled"] === true || selection?.length === 0 || body["deleteAllEnabled"] === undefined) {
    state.entries = [];
    exchange.status("ok");
    return;
  }
  const by = body[state.removeBy];
  if (by === undefined || (selection?.length ?? 0) > state.most) {
    exchange.status(state.otherwise === "refused" ? "badParameters" : "ok");
    return;
  }
  const wanted =
    state.removeBy === "CompoundCond" ? [(by as Readonly<Record<string, string>>)["licensePlate"]] : (by as string[]);
  const key = state.removeBy === "id" ? "id" : "plate";
  const meant = new Set(state.firstOnly ? wanted.slice(0, 1) : wanted);
  state.entries = state.entries.filter((entry) => !meant.has(entry[key]));
  state.onWrite();
  exchange.status("ok");
}

function withVcl(exchange: Exchange, use: (state: AccessListState) => void): void {
  const state = accessListsOf(exchange.device);
  if (state.generation === "vcl") use(state);
  else exchange.status("notSupport");
}

const vclRow = ({ plate, list, card, from, until }: ListedEntry, index: number): string =>
  element(
    "singleVCLData",
    leaf("id", index) +
      leaf("runNum", index) +
      leaf("listType", list === "whiteList" ? 0 : 1) +
      leaf("plateNum", plate) +
      leaf("cardNo", card) +
      leaf("startTime", `${from}Z`) +
      leaf("endTime", `${until}Z`),
  );

const VCL_LISTS: ReadonlyMap<string, ListedEntry["list"]> = new Map([
  ["0", "whiteList"],
  ["1", "blackList"],
]);

function vclRead(exchange: Exchange): void {
  withVcl(exchange, (state) => {
    if (state.read === "post") exchange.status("methodNotAllowed");
    else exchange.xml(element("VCLData", element("VCLDataList", state.entries.map(vclRow).join("")), ISAPI));
  });
}

function vclPage(exchange: Exchange): void {
  withVcl(exchange, (state) => {
    const body = exchange.xmlBody("VCLGetCond");
    if (body === undefined) return;
    const [most, start] = [readLeaf(body, "getVCLNum"), readLeaf(body, "startOffSet")].map(Number);
    const rows = state.entries.slice(start, start! + Math.min(most!, state.page)).map(vclRow);
    exchange.xml(
      element("VCLGetList", leaf("totalNum", state.entries.length) + element("VCLDataList", rows.join("")), ISAPI),
    );
  });
}

function vclWrite(exchange: Exchange): void {
  withVcl(exchange, (state) => {
    const body = exchange.xmlBody("SetVCLData");
    if (body === undefined) return;
    const entries = body.match(/<singleVCLData>.*?<\/singleVCLData>/gs) ?? [];
    if (entries.length === 0 || entries.length > state.most) {
      exchange.status("badParameters");
      return;
    }
    for (const one of entries) {
      const read = (name: string): string => readLeaf(one, name) ?? "";
      const [plate, from, until] = [read("plateNum"), read("startTime"), read("endTime")];
      const list = VCL_LISTS.get(read("listType"));
      if (!PLATE.test(plate) || !list || !from.endsWith("Z") || !until.endsWith("Z")) {
        exchange.status("badParameters");
        return;
      }
      const stored = {
        id: plate,
        plate,
        list,
        card: read("cardNo"),
        name: "",
        from: from.slice(0, -1),
        until: until.slice(0, -1),
      };
      const present = state.of(plate);
      if (present) Object.assign(present, stored);
      else if (state.entries.length >= state.capacity) {
        exchange.status("overLimit");
        return;
      } else state.entries.push(stored);
      state.onWrite();
    }
    exchange.status("ok");
  });
}

function vclRemove(exchange: Exchange): void {
  withVcl(exchange, (state) => {
    const body = exchange.xmlBody(state.conditions === "list" ? "VCLDelConditions" : "VCLDelCond");
    if (body === undefined) return;
    const conditions = body.match(/<VCLDelCond>.*?<\/VCLDelCond>/gs) ?? [body];
    if (conditions.some((one) => readLeaf(one, "delVCLCond") !== "1" || (readLeaf(one, "plateNum") ?? "") === "")) {
      exchange.status("badParameters");
      return;
    }
    const meant = new Set(conditions.map((one) => readLeaf(one, "plateNum")));
    state.entries = state.entries.filter(({ plate }) => !meant.has(plate));
    state.onWrite();
    exchange.status("ok");
  });
}

const AUDIT = "/ISAPI/Traffic/channels/:channel";
const VCL = "/ISAPI/ITC/Entrance/VCL";

export const accessLists: readonly Route[] = [
  route("POST", `${AUDIT}/searchLPListAudit`, search(false)),
  route("POST", `${AUDIT}/licensePlateAuditData/searchLPListAudit`, search(true)),
  route("PUT", `${AUDIT}/licensePlateAuditData/record`, record),
  route("PUT", `${AUDIT}/DelLicensePlateAuditData`, remove),
  route("GET", `${VCL}/capabilities`, (exchange) =>
    withVcl(exchange, () => exchange.xml(element("VCLCap", leaf("maxVCLNum", 2000), ISAPI))),
  ),
  route("GET", VCL, vclRead),
  route("POST", VCL, vclPage),
  route("PUT", VCL, vclWrite),
  route("DELETE", VCL, vclRemove),
];
