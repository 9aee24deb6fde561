/** The doors and barriers of one device: list, open, close, lock, read. */
import { setMaxListeners } from "node:events";
import type { Clock } from "../lib/clock";
import { FatalError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import type { Isapi } from "../isapi/isapi";
import { isRefusedPath } from "../isapi/unavailable";
import type { Outputs } from "../io/outputs";
import { AccessPoint, type KindMemory, type MoveOptions } from "./access-point";
import { DoorList, type ListedDoor } from "./door-list";
import { DoorStates, type Reading } from "./door-state";
import {
  checkKind,
  doorAction,
  type DoorAction,
  type DoorKind,
  doorNumber,
  type DoorState,
  kindFor,
} from "./door-words";

export interface DoorCommand {
  /** "auto": a barrier where the device has one, else a door. */
  readonly kind: DoorKind | "auto";
  /** From 1, also as text. */
  readonly number: unknown;
  readonly action: unknown;
  /** Of "open": shut again after so many seconds. */
  readonly seconds?: number | undefined;
}

export interface DoorResult {
  readonly done: DoorAction;
  readonly kind: DoorKind;
  readonly number: number;
  readonly state: DoorState;
  readonly notice?: Sentence;
}

export interface DoorsOptions {
  readonly isapi: Isapi;
  readonly outputs: Outputs;
  readonly clock: Clock;
  /** Tells this device from all others, over deploys. */
  readonly key: string;
  /** See Device.beforeClose. */
  readonly beforeClose: (task: Promise<unknown>) => void;
}

export class Doors {
  readonly #options: DoorsOptions;
  readonly #list: DoorList;
  readonly #states: DoorStates;
  readonly #memories: Readonly<Record<DoorKind, KindMemory>> = { door: {}, barrier: {} };
  readonly #points = new Map<string, AccessPoint>();
  readonly #stop = new AbortController();
  /** What "auto" has come to: kept, so that nobody waits at a gate for questions. Forgotten when it is refused. */
  #auto: DoorKind | undefined;

  constructor(options: DoorsOptions) {
    // Everything that is held open listens to it.
    setMaxListeners(0, this.#stop.signal);
    this.#options = options;
    this.#list = new DoorList(options.isapi, options.clock);
    this.#states = new DoorStates(options.isapi, this.#list, options.clock);
  }

  /** What the device tells of; of "auto" one kind only. Cached for ten minutes. Throws when it cannot be talked to. */
  list(kind: DoorKind | "auto" = "auto", signal?: AbortSignal): Promise<readonly ListedDoor[]> {
    return this.#list.list(kind, signal);
  }

  /**
   * Does it once and tells the state that was read afterwards. An error with `unclear` says that nobody knows whether it was done.
   * @param opened called when a door with `seconds` has been opened; the promise resolves when it is shut again
   */
  async run(command: DoorCommand, signal: AbortSignal, opened: () => void = () => undefined): Promise<DoorResult> {
    const action = doorAction(command.action);
    const number = doorNumber(command.number);
    const options: MoveOptions = { signal, anyRelay: command.kind === "barrier" };
    const once = async (kind: DoorKind): Promise<DoorResult> => {
      checkKind(action, kind);
      const reading = await this.#once(this.#point(kind, number), action, command.seconds, options, opened);
      return { done: action, kind, number, ...reading };
    };
    if (command.kind !== "auto") return once(command.kind);
    const kind = this.#auto ?? (await this.#kindOf(action, signal));
    try {
      const result = await (kind === undefined ? triedOn(once) : once(kind));
      this.#auto = result.kind;
      return result;
    } catch (error) {
      if (isRefusedPath(error)) this.#auto = undefined;
      throw error;
    }
  }

  /** Ends what is held open, before close. Repeatable. */
  stop(): void {
    this.#stop.abort();
  }

  #once(
    point: AccessPoint,
    action: DoorAction,
    seconds: number | undefined,
    options: MoveOptions,
    opened: () => void,
  ): Promise<Reading> {
    if (action === "status") return point.status(options.signal);
    if (action !== "open" || seconds === undefined) return point.move(action, options);
    const held = point.openFor(seconds * 1000, options, opened);
    this.#options.beforeClose(held);
    return held;
  }

  /** Of "auto"; undefined: only trying can tell. */
  async #kindOf(action: DoorAction, signal: AbortSignal): Promise<DoorKind | undefined> {
    const kind = await this.#list.kind(signal);
    if (kind !== undefined) return kind;
    if (action === "status")
      throw new FatalError(
        "notSupported",
        say`The device does not tell of any door or barrier. Choose in the node which of them it is.`,
      ).at(this.#options.isapi.http.identity);
    return kindFor(action);
  }

  #point(kind: DoorKind, number: number): AccessPoint {
    const name = `${kind} ${number}`;
    const known = this.#points.get(name);
    if (known) return known;
    const { isapi, outputs, clock, key } = this.#options;
    const point = new AccessPoint({
      ...{ kind, number, key, isapi, outputs, clock },
      memory: this.#memories[kind],
      list: this.#list,
      states: this.#states,
      stop: this.#stop.signal,
    });
    this.#points.set(name, point);
    return point;
  }
}

/** For a device that does not tell what it has: what it refuses has moved nothing. */
async function triedOn(once: (kind: DoorKind) => Promise<DoorResult>): Promise<DoorResult> {
  try {
    return await once("barrier");
  } catch (error) {
    if (!isRefusedPath(error)) throw error;
    return once("door").catch((second: unknown) => {
      throw isRefusedPath(second) ? error : second;
    });
  }
}
