/** The state of a door or a barrier, as the device tells it. A command that the device has accepted says nothing about it. */
import type { Clock } from "../lib/clock";
import { say, type Sentence } from "../lib/sentence";
import type { CallOptions, Isapi } from "../isapi/isapi";
import { PathFallback } from "../isapi/path-fallback";
import { isUnavailable } from "../isapi/unavailable";
import { child, list, number, text } from "../isapi/xml";
import type { DoorList } from "./door-list";
import { type DoorKind, type DoorState, named } from "./door-words";
import { barrierGate } from "./ways";

export interface Reading {
  readonly state: DoorState;
  readonly notice?: Sentence;
}

const UNKNOWN: Reading = { state: "unknown" };
/** Controllers fill their lists up to so many entries, whatever number of doors they have (DS-K26xx). */
const PADDED = 128;
/** `doorStatus`. */
const HELD_CLOSED = 3;
const WITHIN_MS = 3_000;

export class DoorStates {
  readonly #isapi: Isapi;
  readonly #list: DoorList;
  readonly #doors: PathFallback<"terminal" | "station">;

  constructor(isapi: Isapi, list: DoorList, clock: Clock) {
    this.#isapi = isapi;
    this.#list = list;
    this.#doors = new PathFallback<"terminal" | "station">(["terminal", "station"], clock);
  }

  /** "unknown" where the device does not tell. Throws when it cannot be talked to. */
  async read(kind: DoorKind, number: number, signal?: AbortSignal): Promise<Reading> {
    const options: CallOptions = {
      purpose: say`the state of ${named(kind, number)}`,
      timeoutMs: WITHIN_MS,
      ...(signal && { signal }),
    };
    try {
      return kind === "barrier" ? await this.#barrier(number, options) : await this.#door(number, options);
    } catch (error) {
      if (isUnavailable(error)) return UNKNOWN;
      throw error;
    }
  }

  /** As {@link read}, after a command that the device has accepted: whatever goes wrong now is "unknown". */
  async readAfter(kind: DoorKind, number: number, signal?: AbortSignal): Promise<Reading> {
    try {
      return await this.read(kind, number, signal);
    } catch {
      return UNKNOWN;
    }
  }

  /** 0: no signal (the inputs for its position are often not wired). */
  async #barrier(barrier: number, options: CallOptions): Promise<Reading> {
    const { value } = await this.#isapi.get(`${barrierGate(barrier)}/barrierGateStatus`, options);
    const status = number(value, "barrierGateStatus") ?? number(value);
    return status === 1 ? { state: "closed" } : status === 2 ? { state: "open" } : UNKNOWN;
  }

  async #door(door: number, options: CallOptions): Promise<Reading> {
    const abilities = await this.#list.abilities(options.signal);
    if (abilities && door > abilities.doors) return UNKNOWN;
    return this.#doors.ask<Reading>({ of: "doors" }, async (family) => {
      if (family === "station")
        return stationState((await this.#isapi.get("/ISAPI/VideoIntercom/WorkStatus", options)).value, door);
      const answer = await this.#isapi.json(
        "GET",
        "/ISAPI/AccessControl/AcsWorkStatus?format=json",
        undefined,
        options,
      );
      return terminalState(child(answer, "AcsWorkStatus"), door, abilities?.doors);
    });
  }
}

/** `AcsWorkStatus` of terminals and controllers: lists, the first door first. */
export function terminalState(status: unknown, door: number, doors: number | undefined): Reading {
  const locks = child(status, "doorLockStatus");
  const [lock, mode] = [entry(locks, door), entry(child(status, "doorStatus"), door)];
  // Nothing but zeros behind the last door: without the number of doors only the first is sure to be one.
  if (doors === undefined && door > 1 && Array.isArray(locks) && locks.length >= PADDED) return UNKNOWN;
  if (mode === HELD_CLOSED) return { state: "locked" };
  switch (lock) {
    case 0:
      return { state: "closed" };
    case 1:
      return { state: "open" };
    case 2:
      return { state: "unknown", notice: say`The device reports a short circuit on the line of the lock.` };
    case 3:
      return { state: "unknown", notice: say`The device reports that the line of the lock is cut.` };
    case 4:
      return { state: "unknown", notice: say`The device reports a fault of the lock.` };
    default:
      return UNKNOWN;
  }
}

/** `WorkStatus` of door stations; their locks are often "offline" (DS-KV6124-E1 V3.9.0). */
function stationState(status: unknown, door: number): Reading {
  const nodes = list(status, "lockStatusList", "node");
  const lock = nodes.find((node) => number(node, "lockID") === door);
  const word = text(lock, "lockStatus")?.trim().toLowerCase() ?? "";
  if (/^(?:open|opened|unlock|unlocked)$/.test(word)) return { state: "open" };
  return /^(?:close|closed|lock|locked)$/.test(word) ? { state: "closed" } : UNKNOWN;
}

function entry(values: unknown, door: number): number | undefined {
  return Array.isArray(values) ? number((values as unknown[])[door - 1]) : undefined;
}
