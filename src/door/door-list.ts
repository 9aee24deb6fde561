/** Which doors and barriers a device has, as far as it says: entrance cameras often refuse every question about theirs. */
import type { Clock } from "../lib/clock";
import { Cached } from "../lib/cached";
import { defined } from "../lib/defined";
import { say } from "../lib/sentence";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { list, number, text, type XmlDocument } from "../isapi/xml";
import { OUTPUT_PATHS } from "../io/output-list";
import { type DoorKind, type DoorMove, MOST_DOORS } from "./door-words";
import { barrierGate, DOOR_WORDS } from "./ways";

export interface ListedDoor {
  readonly kind: DoorKind;
  readonly number: number;
  /** The device's own, of a door or a relay. */
  readonly name?: string;
}

export interface DoorAbilities {
  /** Doors are 1 to this. A second one may be there without a lock. */
  readonly doors: number;
  /** Undefined where the device does not list its words. */
  readonly moves: ReadonlySet<DoorMove> | undefined;
}

interface Relay {
  readonly number: number;
  readonly name?: string;
  /** The device calls it an electric lock. */
  readonly lock: boolean;
}

const KEEP_MS = 10 * 60_000;
const ENTRANCE = "/ISAPI/ITC/Entrance/capabilities";
const MOST_BARRIERS = 8;
/** One request each. */
const MOST_NAMES = 8;

export class DoorList {
  readonly #isapi: Isapi;
  readonly #barriers: Cached<number>;
  readonly #abilities: Cached<DoorAbilities | undefined>;
  readonly #relays: Cached<readonly Relay[]>;

  constructor(isapi: Isapi, clock: Clock) {
    this.#isapi = isapi;
    this.#barriers = new Cached(() => this.#countBarriers(), clock, KEEP_MS);
    this.#abilities = new Cached(() => this.#readAbilities(), clock, KEEP_MS);
    this.#relays = new Cached(() => this.#readRelays(), clock, KEEP_MS);
  }

  /** Barriers are 1 to this; 0 where the device tells of none, which does not mean that it has none. Throws when it cannot be talked to. */
  barriers(signal?: AbortSignal): Promise<number> {
    return this.#barriers.get(signal);
  }

  /** Undefined: it does not tell of doors. */
  abilities(signal?: AbortSignal): Promise<DoorAbilities | undefined> {
    return this.#abilities.get(signal);
  }

  /** Does the device call this relay an electric lock? */
  async isLock(relay: number, signal?: AbortSignal): Promise<boolean> {
    return (await this.#relays.get(signal)).some((one) => one.number === relay && one.lock);
  }

  /** What "auto" means here; undefined where the device does not tell. */
  async kind(signal?: AbortSignal): Promise<DoorKind | undefined> {
    const [barriers, doors] = await Promise.all([this.barriers(signal), this.abilities(signal)]);
    if (barriers > 0) return "barrier";
    if (doors) return "door";
    return (await this.#relays.get(signal)).some(({ lock }) => lock) ? "door" : undefined;
  }

  /** For a form. Relays stand in for what has no path of its own: for doors the electric locks, for barriers any. */
  async list(kind: DoorKind | "auto", signal?: AbortSignal): Promise<readonly ListedDoor[]> {
    const wanted = kind === "auto" ? ((await this.kind(signal)) ?? "barrier") : kind;
    if (wanted === "barrier") {
      const barriers = numbered("barrier", await this.barriers(signal));
      return barriers.length > 0 || kind === "auto"
        ? barriers
        : this.#asDoors("barrier", await this.#relays.get(signal));
    }
    const { doors = 0 } = (await this.abilities(signal)) ?? {};
    if (doors === 0)
      return this.#asDoors(
        "door",
        (await this.#relays.get(signal)).filter(({ lock }) => lock),
      );
    return Promise.all(
      numbered("door", doors).map(async (door) => ({
        ...door,
        ...defined({ name: await this.#nameOf(door, signal) }),
      })),
    );
  }

  #asDoors(kind: DoorKind, relays: readonly Relay[]): readonly ListedDoor[] {
    return relays.map(({ number: relay, name }) => ({ kind, number: relay, ...defined({ name }) }));
  }

  /** Its settings hold passwords, too: only the name is taken. */
  async #nameOf({ number: door }: ListedDoor, signal?: AbortSignal): Promise<string | undefined> {
    if (door > MOST_NAMES) return undefined;
    const answer = await this.#ask(`/ISAPI/AccessControl/Door/param/${door}`, signal).catch(() => undefined);
    return answer && text(answer.value, "doorName");
  }

  async #countBarriers(): Promise<number> {
    const [gate, status, entrance] = await Promise.all([
      this.#ask(`${barrierGate(1)}/capabilities`),
      this.#ask(`${barrierGate(1)}/barrierGateStatus`),
      this.#ask(ENTRANCE),
    ]);
    const counted = entrance && (number(entrance.value, "supportBarrierGateNum") ?? 1);
    return Math.min(Math.max(gate || status ? 1 : 0, counted ?? 0), MOST_BARRIERS);
  }

  async #readAbilities(): Promise<DoorAbilities | undefined> {
    const answer = await this.#ask("/ISAPI/AccessControl/RemoteControl/door/capabilities");
    if (!answer) return undefined;
    const words = text(answer.value, "cmd", "@_opt")?.split(",");
    const known = Object.entries(DOOR_WORDS) as [DoorMove, string][];
    const offered = words && known.filter(([, word]) => words.some((one) => one.trim() === word));
    const most = number(answer.value, "doorNo", "@_max") ?? 1;
    return {
      doors: Math.min(Math.max(1, Math.floor(most)), MOST_DOORS),
      moves: offered && new Set(offered.map(([move]) => move)),
    };
  }

  async #readRelays(): Promise<readonly Relay[]> {
    const answer = await this.#ask(OUTPUT_PATHS[0]);
    return list(answer?.value, "IOOutputPort").flatMap((port) => {
      const relay = number(port, "id");
      if (relay === undefined || !Number.isInteger(relay) || relay < 1 || relay > MOST_DOORS) return [];
      const lock = text(port, "IOUseType")?.trim().toLowerCase() === "electriclock";
      return [{ number: relay, lock, ...defined({ name: text(port, "name") }) }];
    });
  }

  /** Undefined: the device does not tell. */
  async #ask(path: string, signal?: AbortSignal): Promise<XmlDocument | undefined> {
    try {
      return await this.#isapi.get(path, { purpose: say`the list of doors and barriers`, ...(signal && { signal }) });
    } catch (error) {
      if (isUnavailable(error)) return undefined;
      throw error;
    }
  }
}

function numbered(kind: DoorKind, count: number): readonly ListedDoor[] {
  return Array.from({ length: count }, (_, index) => ({ kind, number: index + 1 }));
}
