/** The plate list of older entrance cameras: `VCL` (iDS-TCM203-A), XML. Known from polimex/polimex-rfid, vendor demos and others. */
import { say, type Sentence } from "../lib/sentence";
import type { CallOptions, Method } from "../isapi/isapi";
import { isRefusedPath } from "../isapi/unavailable";
import { number, raw, text, xml, type XmlNode } from "../isapi/xml";
import type { StoreOptions } from "./audit-store";
import { keyOf, type ListName, type PlateData, storedTime, type StoredPlate } from "./entry";
import { allPages, type ChangedPlate, type ListStore, type Page } from "./list-store";
import { entriesIn, vclRows } from "./vcl-document";

const PATH = "/ISAPI/ITC/Entrance/VCL";
const ROOT = raw('version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"');
const PROLOG = raw('<?xml version="1.0" encoding="UTF-8"?>\n');
const PAGE = 50;
const PER_WRITE = 20;
const TIMEOUT_MS = 20_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** In place of a time where neither start nor end is limited; with one of them the other is a far one. */
const NO_TIME = "0000-00-00T00:00:00Z";
const FAR = { from: "2000-01-01T00:00:00", until: "2037-12-31T23:59:59" } as const;
const NUMBERS: Readonly<Record<ListName, number>> = { allow: 0, block: 1 };

export class VclStore implements ListStore {
  readonly most = PER_WRITE;
  /** It knows no search. */
  readonly few = 0;
  readonly #options: StoreOptions;
  readonly #purpose: Sentence = say`the plate lists of the entrance`;
  /** Is it read with a question of its own, page by page? */
  #paged = false;
  /** Are the conditions of a removal put into a list? */
  #listed = true;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  async isThere(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#options.isapi.get(`${PATH}/capabilities`, { purpose: this.#purpose, signal });
      return true;
    } catch (error) {
      if (isRefusedPath(error)) return false;
      throw error;
    }
  }

  async all(signal: AbortSignal): Promise<readonly StoredPlate[]> {
    if (!this.#paged) {
      try {
        const { data } = await this.#options.isapi.bytes(PATH, { ...this.#reading(signal), maxBytes: MAX_BYTES });
        return (await vclRows(data, signal)).flatMap((row) => rowOf(row) ?? []);
      } catch (error) {
        if (!isRefusedPath(error)) throw error;
      }
    }
    const rows = await allPages((position) => this.#page(position, signal), this.#options.clock);
    this.#paged = true;
    return rows;
  }

  async find(plate: string, signal: AbortSignal): Promise<readonly StoredPlate[]> {
    return (await this.all(signal)).filter((row) => keyOf(row.plate) === keyOf(plate));
  }

  async add(plates: readonly PlateData[], list: ListName, signal?: AbortSignal): Promise<void> {
    const entries = plates.map((data) => entryXml(data, list)).join("");
    await this.#send(
      "PUT",
      xml`${PROLOG}<SetVCLData ${ROOT}><VCLDataList>${raw(entries)}</VCLDataList></SetVCLData>`,
      signal,
    );
  }

  /** The plate is the key. */
  change(plates: readonly ChangedPlate[], list: ListName, signal?: AbortSignal): Promise<void> {
    return this.add(
      plates.map(({ data }) => data),
      list,
      signal,
    );
  }

  async remove(plates: readonly StoredPlate[], signal?: AbortSignal): Promise<void> {
    if (plates.length === 0) return;
    const conditions = plates.map(({ plate, card = "" }) => conditionXml(plate, card));
    const all = xml`${PROLOG}<VCLDelConditions ${ROOT}>${raw(conditions.join(""))}</VCLDelConditions>`;
    if (this.#listed) {
      try {
        await this.#send("DELETE", all, signal);
        return;
      } catch (error) {
        if (!isRefusedPath(error)) throw error;
        this.#listed = false;
      }
    }
    for (const condition of conditions) await this.#send("DELETE", xml`${PROLOG}${raw(condition)}`, signal);
  }

  removeOtherwise(): boolean {
    this.#listed = !this.#listed;
    return !this.#listed;
  }

  async #page(position: number, signal: AbortSignal): Promise<Page> {
    const body = xml`${PROLOG}<VCLGetCond ${ROOT}><getVCLNum>${PAGE}</getVCLNum><startOffSet>${position}</startOffSet><getVCLCond>0</getVCLCond></VCLGetCond>`;
    const answer = await this.#options.isapi.post(PATH, body, this.#reading(signal));
    const value = answer?.value;
    const rows = entriesIn(value).flatMap((row) => rowOf(row) ?? []);
    const total = number(value, "totalNum") ?? (rows.length < PAGE ? position + rows.length : undefined);
    return { rows, total };
  }

  async #send(method: Extract<Method, "PUT" | "DELETE">, body: string, signal: AbortSignal | undefined): Promise<void> {
    const options = {
      purpose: this.#purpose,
      timeoutMs: TIMEOUT_MS,
      retryBusy: true,
      ...(signal && { signal }),
    };
    const { isapi } = this.#options;
    await (method === "PUT" ? isapi.put(PATH, body, options) : isapi.delete(PATH, { ...options, body }));
  }

  #reading(signal: AbortSignal): CallOptions {
    return { purpose: this.#purpose, lane: "read", retryBusy: true, timeoutMs: TIMEOUT_MS, signal };
  }
}

function entryXml({ plate, from, until, card = "" }: PlateData, list: ListName): string {
  const limited = from !== undefined || until !== undefined;
  // Its Z is no zone: cameras that write it mean their own clock.
  const start = limited ? `${from ?? FAR.from}Z` : NO_TIME;
  const end = limited ? `${until ?? FAR.until}Z` : NO_TIME;
  return xml`<singleVCLData><id>0</id><runNum>0</runNum><listType>${NUMBERS[list]}</listType><plateNum>${plate}</plateNum><cardNo>${card}</cardNo><startTime>${start}</startTime><endTime>${end}</endTime></singleVCLData>`;
}

function conditionXml(plate: string, card: string): string {
  return xml`<VCLDelCond><delVCLCond>1</delVCLCond><plateNum>${plate}</plateNum><plateColor>0</plateColor><plateType>0</plateType><cardNo>${card}</cardNo></VCLDelCond>`;
}

function rowOf(row: XmlNode): StoredPlate | undefined {
  const plate = text(row, "plateNum")?.trim();
  if (plate === undefined || plate === "") return undefined;
  const from = storedTime(text(row, "startTime"), "from");
  const until = storedTime(text(row, "endTime"), "until");
  const card = text(row, "cardNo");
  const type = text(row, "listType");
  return {
    plate,
    list: type === "0" ? "allow" : type === "1" ? "block" : "other",
    id: text(row, "id"),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(card !== undefined && { card }),
    raw: { ...row },
  };
}
