/**
 * The allow list and the block list by which an entrance camera decides: read, searched, changed. Nothing on a list is removed before
 * what is to be there is, and after every change the list is read again: what a camera answers with OK it need not have done.
 */
import { Cached } from "../lib/cached";
import type { Clock } from "../lib/clock";
import { defined } from "../lib/defined";
import { FatalError } from "../lib/errors";
import { enumerate, say, type Sentence } from "../lib/sentence";
import type { DeviceTime } from "../time/device-time";
import { WriteQueue } from "../control/write-queue";
import { formatWall } from "../time/timestamp";
import { toWall } from "../time/zone";
import { AuditStore, type StoreOptions } from "./audit-store";
import { keyOf, type ListName, type PlateData, type PlateEntry, platesOf, type StoredPlate } from "./entry";
import { ListChange, type ListChanges } from "./list-change";
import { planOf } from "./list-plan";
import type { ListStore } from "./list-store";
import { VclStore } from "./vcl-store";

export const LIST_ACTIONS = ["list", "find", "add", "remove", "replace"] as const;

export interface ListCommand {
  /** From 1. */
  readonly channel: number;
  readonly list: ListName;
  readonly action: unknown;
  /** Of all actions but list: a text, `{ plate, from?, until?, name?, card? }`, or a list of them. */
  readonly plates: unknown;
  /** Only says what would be changed. */
  readonly dryRun?: boolean;
  /** A replacement may empty the list. */
  readonly confirm?: boolean;
}

export interface AccessListsOptions {
  readonly isapi: StoreOptions["isapi"];
  readonly time: Pick<DeviceTime, "now" | "zone">;
  readonly clock: Clock;
}

export type ListResult = readonly PlateEntry[] | ListChanges;

export class AccessLists {
  readonly #options: AccessListsOptions;
  readonly #queue = new WriteQueue();
  /** By channel; of VCL they are one. */
  readonly #stores = new Map<number, Cached<ListStore>>();

  constructor(options: AccessListsOptions) {
    this.#options = options;
  }

  /**
   * Throws `badRequest` before anything is sent for what is no command, and what the device itself says; a plate that it does not take
   * is in the result's `failed`.
   * @param progress called with how many plates are written, of how many
   */
  async run(
    command: ListCommand,
    signal: AbortSignal,
    progress: (done: number, all: number) => void = () => undefined,
  ): Promise<ListResult> {
    const action = LIST_ACTIONS.find((one) => one === command.action);
    if (action === undefined) throw noAction(command.action);
    const { channel, list } = command;
    if (action === "list") {
      const rows = await (await this.#store(channel, signal)).all(signal);
      return rows.flatMap((row) => entryOf(row, list));
    }
    // The camera's zone is only known once it has been asked.
    const zone = needsZone(command.plates) ? await this.#zone(signal) : this.#options.time.zone;
    const plates = platesOf(command.plates, zone);
    if (action === "find") return this.#find(channel, list, plates, signal);
    if (action === "replace" && plates.length === 0 && command.confirm !== true) throw wouldEmpty(list);
    return this.#queue.run(() => this.#change({ ...command, action }, plates, signal, progress), signal);
  }

  async #find(
    channel: number,
    list: ListName,
    plates: readonly PlateData[],
    signal: AbortSignal,
  ): Promise<readonly PlateEntry[]> {
    const rows = await rowsOf(await this.#store(channel, signal), plates, signal);
    const byKey = new Map<string, StoredPlate[]>();
    for (const row of rows) byKey.set(keyOf(row.plate), [...(byKey.get(keyOf(row.plate)) ?? []), row]);
    return plates.flatMap(({ plate }) => (byKey.get(keyOf(plate)) ?? []).flatMap((row) => entryOf(row, list)));
  }

  async #change(
    { channel, list, action, dryRun, confirm }: ListCommand & { readonly action: "add" | "remove" | "replace" },
    plates: readonly PlateData[],
    signal: AbortSignal,
    progress: (done: number, all: number) => void,
  ): Promise<ListChanges> {
    const store = await this.#store(channel, signal);
    const rows = action === "replace" ? await store.all(signal) : await rowsOf(store, plates, signal);
    const plan = planOf(action, list, plates, rows);
    const { unchanged, changes, adds, removes } = plan;
    if (action === "replace" && removes.length > 0 && confirm !== true)
      if (unchanged.length + changes.length + adds.length === 0) throw wouldEmpty(list);
    const { clock } = this.#options;
    const change = new ListChange({ store, list, plan, clock, signal, progress, mayEmpty: confirm === true });
    if (dryRun !== true)
      await change.write(() => (action === "replace" ? store.all(signal) : rowsOf(store, plates, signal)));
    return change.result;
  }

  /** Which generation it is; asked again after a failure. */
  #store(channel: number, signal: AbortSignal): Promise<ListStore> {
    const known = this.#stores.get(channel);
    if (known) return known.get(signal);
    // Asked for all who wait: none of them ends it for the others.
    const store = new Cached(() => this.#probe(channel, new AbortController().signal), this.#options.clock, Infinity);
    this.#stores.set(channel, store);
    return store.get(signal);
  }

  async #probe(channel: number, signal: AbortSignal): Promise<ListStore> {
    const { isapi, clock } = this.#options;
    const options: StoreOptions = { isapi, clock, now: (until) => this.#now(until) };
    const audit = new AuditStore(options, channel);
    if (await audit.isThere(signal)) return audit;
    const vcl = new VclStore(options);
    if (await vcl.isThere(signal)) return vcl;
    throw new FatalError(
      "notSupported",
      say`Channel ${channel} of the device has no allow list and no block list for plates. Cameras for entrances have them; choose
        the camera itself, not its recorder.`,
    );
  }

  async #zone(signal: AbortSignal): Promise<DeviceTime["zone"]> {
    await this.#options.time.now(signal);
    return this.#options.time.zone;
  }

  async #now(signal?: AbortSignal): Promise<string> {
    const now = await this.#options.time.now(signal);
    return formatWall(toWall(this.#options.time.zone, now));
  }
}

async function rowsOf(
  store: ListStore,
  plates: readonly PlateData[],
  signal: AbortSignal,
): Promise<readonly StoredPlate[]> {
  if (plates.length > store.few) return store.all(signal);
  const found: StoredPlate[] = [];
  for (const { plate } of plates) found.push(...(await store.find(plate, signal)));
  return found;
}

function entryOf({ plate, list, from, until, name, card, raw }: StoredPlate, wanted: ListName): PlateEntry[] {
  return list === wanted ? [{ plate, list, ...defined({ from, until, name, card }), raw }] : [];
}

/** Are there times in it? Without them no question is spent on the zone. */
function needsZone(plates: unknown): boolean {
  const all: readonly unknown[] = Array.isArray(plates) ? (plates as unknown[]) : [plates];
  return all.some((one) => typeof one === "object" && one !== null && ("from" in one || "until" in one));
}

function noAction(action: unknown): FatalError {
  const given = typeof action === "string" && action !== "" ? action.slice(0, 30) : undefined;
  return new FatalError(
    "badRequest",
    given === undefined
      ? say`The message brings no action: set msg.action to ${enumerate(LIST_ACTIONS)}, or choose one in the node.`
      : say`"${given}" is no action: give ${enumerate(LIST_ACTIONS)}.`,
  );
}

function wouldEmpty(list: ListName): FatalError {
  return new FatalError(
    "badRequest",
    say`This would remove all plates of the device's ${listLabel(list)}. If that is wanted, tick it in the node or set msg.confirm to
      true.`,
  );
}

function listLabel(list: ListName): Sentence {
  return list === "allow" ? say`allow list` : say`block list`;
}
