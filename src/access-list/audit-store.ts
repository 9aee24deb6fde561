/**
 * The plate list of today's cameras: `licensePlateAuditData` (DS-TCG405-E, DS-TCG406-E, 7-series). Read as XML, written as JSON. Which
 * keys an entry needs, and by which a plate is removed, differs by firmware: polimex/polimex-rfid (captures of DS-TCG406-E V5.5.0) and
 * captures of the web pages of others. What was taken once is used from then on.
 */
import type { Clock } from "../lib/clock";
import { FatalError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import type { CallOptions, Isapi } from "../isapi/isapi";
import { isNotOffered, isRefusedPath } from "../isapi/unavailable";
import { child, list as nodesOf, number, raw, text, xml, type XmlDocument, type XmlNode } from "../isapi/xml";
import { keyOf, type ListName, type PlateData, storedTime, type StoredPlate } from "./entry";
import { allPages, type ChangedPlate, isFull, type ListStore, type Page } from "./list-store";

/** Sizes from 30 to 500 are in use. */
const PAGE = 100;
/** A body of some 30 KB. */
const PER_WRITE = 50;
const TIMEOUT_MS = 20_000;
const ENDLESS = "2099-12-31T23:59:59";

type Words = Readonly<Record<ListName, string>>;
const TODAY: Words = { allow: "allowList", block: "blockList" };
const OLD: Words = { allow: "whiteList", block: "blackList" };

interface Written {
  readonly data: PlateData;
  readonly list: ListName;
  readonly operation: "add" | "modify";
  /** Undefined of a new plate. */
  readonly id: string | undefined;
  /** A number that no entry has. */
  readonly freeId: () => Promise<number>;
  readonly now: string;
}

type Form = (written: Written) => Promise<Readonly<Record<string, unknown>>>;

/** The likeliest first. Every key of the first has to be there, the unused ones empty. */
const FORMS: readonly [Form, ...Form[]] = [
  (written) => Promise.resolve(everyKey(written, TODAY)),
  (written) => Promise.resolve(everyKey(written, OLD)),
  // "Vehicle Access Control Management": colour and kind are required.
  (written) => Promise.resolve({ ...everyKey(written, TODAY), plateColor: "blue", plateType: "92TypeCivil" }),
  // Days only.
  ({ data, list, id, now }) =>
    Promise.resolve({
      LicensePlate: data.plate,
      listType: OLD[list],
      createTime: data.from ?? now,
      effectiveStartDate: (data.from ?? now).slice(0, 10),
      effectiveTime: (data.until ?? ENDLESS).slice(0, 10),
      id: id ?? "",
    }),
  // YS-46-G0: numbered.
  async ({ data, list, operation, id, freeId, now }) => ({
    id: id ?? String(await freeId()),
    listType: OLD[list],
    LicensePlate: data.plate,
    createTime: data.from ?? now,
    effectiveTime: data.until ?? ENDLESS,
    operationType: operation,
  }),
];

function everyKey({ data, list, operation, id, now }: Written, words: Words): Readonly<Record<string, unknown>> {
  const { plate, from, until, name = "", card = "" } = data;
  return {
    id: id ?? plate,
    LicensePlate: plate,
    listType: words[list],
    cardNo: card,
    cardID: card,
    plateType: "",
    plateColor: "",
    plateDescription: "",
    remoteControllerCode: "",
    plateNoSub: "",
    CRIndex: "",
    area: "",
    name,
    certificateType: "",
    certificateNumber: "",
    operationType: operation,
    virtualParkingNum: "",
    groupName: "",
    createTime: from ?? now,
    effectiveTime: until ?? ENDLESS,
    operation: operation === "add" ? "new" : "modify",
  };
}

interface RemoveForm {
  readonly most: number;
  readonly body: (plates: readonly StoredPlate[]) => Readonly<Record<string, unknown>>;
}

/** Each says that not everything is meant: an empty list with deleteAllEnabled removes all plates. */
const REMOVE_FORMS: readonly [RemoveForm, ...RemoveForm[]] = [
  { most: PER_WRITE, body: (plates) => ({ licensePlate: plates.map(({ plate }) => plate), deleteAllEnabled: false }) },
  {
    most: PER_WRITE,
    body: (plates) => ({ id: plates.map(({ id, plate }) => id ?? plate), deleteAllEnabled: false }),
  },
  {
    most: 1,
    body: ([first]) => ({ deleteAllEnabled: false, CompoundCond: { plateColor: "", licensePlate: first?.plate } }),
  },
];

export interface StoreOptions {
  readonly isapi: Pick<Isapi, "json" | "get" | "post" | "put" | "delete" | "bytes">;
  readonly clock: Clock;
  /** By the camera's clock: "2026-03-01T12:00:00". */
  readonly now: (signal?: AbortSignal) => Promise<string>;
}

export class AuditStore implements ListStore {
  readonly most = PER_WRITE;
  readonly few = 20;
  readonly #options: StoreOptions;
  readonly #channel: number;
  readonly #purpose: Sentence;
  #form: number | undefined;
  #removeForm = 0;
  #searchPath = 0;
  /** The highest that was seen or given. */
  #highestId: number | undefined;

  constructor(options: StoreOptions, channel: number) {
    this.#options = options;
    this.#channel = channel;
    this.#purpose = say`the plate lists of channel ${channel}`;
  }

  /** Does the camera have it? Throws when it cannot be talked to. */
  async isThere(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#search(0, 1, undefined, signal);
      return true;
    } catch (error) {
      if (isRefusedPath(error)) return false;
      throw error;
    }
  }

  async all(signal: AbortSignal): Promise<readonly StoredPlate[]> {
    const rows = await allPages((position) => this.#search(position, PAGE, undefined, signal), this.#options.clock);
    this.#highestId = Math.max(0, ...rows.map(({ id }) => numericId(id)));
    return rows;
  }

  /** Some cameras find what begins alike, too. */
  async find(plate: string, signal: AbortSignal): Promise<readonly StoredPlate[]> {
    const rows = await allPages((position) => this.#search(position, PAGE, plate, signal), this.#options.clock);
    return rows.filter((row) => keyOf(row.plate) === keyOf(plate));
  }

  add(plates: readonly PlateData[], list: ListName, signal?: AbortSignal): Promise<void> {
    return this.#write(
      plates.map((data) => ({ data, list, operation: "add", id: undefined })),
      signal,
    );
  }

  change(plates: readonly ChangedPlate[], list: ListName, signal?: AbortSignal): Promise<void> {
    return this.#write(
      plates.map(({ stored, data }) => ({ data, list, operation: "modify", id: stored.id })),
      signal,
    );
  }

  async remove(plates: readonly StoredPlate[], signal?: AbortSignal): Promise<void> {
    if (plates.length === 0) return;
    for (;;) {
      const { most, body } = REMOVE_FORMS[this.#removeForm] ?? REMOVE_FORMS[0];
      try {
        for (let at = 0; at < plates.length; at += most)
          await this.#json("DelLicensePlateAuditData", body(plates.slice(at, at + most)), signal);
        return;
      } catch (error) {
        if (!isNotOffered(error) || !this.removeOtherwise()) throw error;
      }
    }
  }

  removeOtherwise(): boolean {
    const next = this.#removeForm + 1;
    this.#removeForm = next < REMOVE_FORMS.length ? next : 0;
    return next < REMOVE_FORMS.length;
  }

  async #write(
    plates: readonly Pick<Written, "data" | "list" | "operation" | "id">[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const now = await this.#options.now(signal);
    const freeId = async (): Promise<number> => {
      if (this.#highestId === undefined) await this.all(signal ?? new AbortController().signal);
      return (this.#highestId = (this.#highestId ?? 0) + 1);
    };
    const send = async (form: number): Promise<void> => {
      const make = FORMS[form] ?? FORMS[0];
      const entries: object[] = [];
      for (const plate of plates) entries.push(await make({ ...plate, freeId, now }));
      await this.#json("licensePlateAuditData/record", { LicensePlateInfoList: entries }, signal);
      this.#form = form;
    };
    if (this.#form !== undefined) return send(this.#form);
    let first: unknown;
    for (const form of FORMS.keys()) {
      try {
        await send(form);
        return;
      } catch (error) {
        if (!isNotOffered(error) || isFull(error)) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  async #json(path: string, body: object, signal: AbortSignal | undefined): Promise<void> {
    await this.#options.isapi.json("PUT", `${this.#base}/${path}?format=json`, body, {
      purpose: this.#purpose,
      timeoutMs: TIMEOUT_MS,
      // The same again does no harm.
      retryBusy: true,
      ...(signal && { signal }),
    });
  }

  async #search(position: number, most: number, plate: string | undefined, signal: AbortSignal): Promise<Page> {
    const wanted = plate === undefined ? "" : xml`<LicensePlate>${plate}</LicensePlate>`;
    const body = xml`<?xml version="1.0" encoding="UTF-8"?>
<LPListAuditSearchDescription><searchID>0</searchID><maxResults>${most}</maxResults><searchResultPosition>${position}</searchResultPosition>${raw(wanted)}</LPListAuditSearchDescription>`;
    const options: CallOptions = {
      purpose: this.#purpose,
      lane: "read",
      retryBusy: true,
      timeoutMs: TIMEOUT_MS,
      signal,
    };
    const paths = ["searchLPListAudit", "licensePlateAuditData/searchLPListAudit"];
    const post = async (index: number): Promise<Page> => {
      const answer = await this.#options.isapi.post(`${this.#base}/${paths[index] ?? ""}`, body, options);
      if (answer?.root !== "LPListAuditSearchResult") throw noList();
      this.#searchPath = index;
      return pageOf(answer);
    };
    try {
      return await post(this.#searchPath);
    } catch (error) {
      if (!isRefusedPath(error)) throw error;
      return await post(1 - this.#searchPath).catch(() => {
        throw error;
      });
    }
  }

  get #base(): string {
    return `/ISAPI/Traffic/channels/${this.#channel}`;
  }
}

/** The counts stand inside the list when it has rows, beside it when it is empty. */
function pageOf({ value }: XmlDocument): Page {
  const inside = child(value, "LicensePlateInfoList");
  const rows = nodesOf(value, "LicensePlateInfoList", "LicensePlateInfo");
  return {
    rows: rows.flatMap((row) => rowOf(row) ?? []),
    count: number(inside, "numOfMatches") ?? number(value, "numOfMatches"),
    total: number(inside, "totalMatches") ?? number(value, "totalMatches"),
  };
}

function rowOf(row: XmlNode): StoredPlate | undefined {
  const plate = text(row, "LicensePlate")?.trim();
  if (plate === undefined || plate === "") return undefined;
  const from = storedTime(text(row, "effectiveStartDate") ?? text(row, "createTime"), "from");
  const until = storedTime(text(row, "effectiveTime"), "until");
  const name = Object.hasOwn(row, "name") ? (text(row, "name") ?? "") : undefined;
  const card = text(row, "cardNo") ?? text(row, "cardID");
  return {
    plate,
    list: listOf(text(row, "type") ?? text(row, "listType")),
    id: text(row, "id"),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(name !== undefined && { name }),
    ...(card !== undefined && { card }),
    raw: { ...row },
  };
}

/** On the wire whiteList and blackList, also where allowList and blockList are written; further kinds exist. */
function listOf(type: string | undefined): StoredPlate["list"] {
  if (/white|allow/i.test(type ?? "")) return "allow";
  return /black|block/i.test(type ?? "") ? "block" : "other";
}

function numericId(id: string | undefined): number {
  const value = /^\d{1,9}$/.test(id ?? "") ? Number(id) : 0;
  return Number.isSafeInteger(value) ? value : 0;
}

function noList(): FatalError {
  return new FatalError("notSupported", say`The device answered with something that is no plate list.`);
}
