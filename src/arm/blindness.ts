/** Why nothing can come of a detection that is on: it looks at nothing, its schedule keeps it asleep, or nothing is linked to it. */
import { readWeeks, scheduleStateAt, type WeekSchedule } from "../diagnose/schedules";
import type { Isapi } from "../isapi/isapi";
import type { DeviceTime } from "../time/device-time";
import { toWall } from "../time/zone";
import { say, type Sentence } from "../lib/sentence";
import { concernsAll } from "./failures";
import type { TriggerLookup } from "./trigger-lookup";
import type { ArmPlace } from "./types";

export interface BlindnessOptions {
  readonly isapi: Pick<Isapi, "get">;
  readonly time: Pick<DeviceTime, "now" | "zone">;
  readonly triggers: TriggerLookup;
  readonly signal: AbortSignal;
}

/** For one command: schedules, clock and triggers are read once. */
export class Blindness {
  readonly #options: BlindnessOptions;
  readonly #weeks = new Map<string, Promise<ReadonlyMap<number, WeekSchedule>>>();
  #wallMs: Promise<number | undefined> | undefined;

  constructor(options: BlindnessOptions) {
    this.#options = options;
  }

  /** Of a detection that is on. `unseeing`: what its own document says. Never throws: what the device does not tell is no reason. */
  async of(place: ArmPlace, unseeing: Sentence | undefined): Promise<readonly Sentence[]> {
    const asked = await Promise.all([orNothing(this.#schedule(place)), orNothing(this.#linkage(place))]);
    return [unseeing, ...asked].filter((sentence) => sentence !== undefined);
  }

  async #schedule({ channel, type }: ArmPlace): Promise<Sentence | undefined> {
    if (channel === null) return undefined;
    const { isapi, signal } = this.#options;
    const weeks = this.#weeks.get(type) ?? readWeeks(isapi, type, signal);
    this.#weeks.set(type, weeks);
    const week = (await weeks).get(channel);
    if (!week) return undefined;
    switch (scheduleStateAt(week, await (this.#wallMs ??= this.#readWall()))) {
      case "never":
        return say`Its arming schedule is empty: it never reports anything.`;
      case "later":
        return say`By its arming schedule it is asleep at this time.`;
      default:
        return undefined;
    }
  }

  async #linkage(place: ArmPlace): Promise<Sentence | undefined> {
    const trigger = await this.#options.triggers.of(place);
    return trigger?.methods.length === 0
      ? say`No linkage method is ticked for it: the device does nothing when it happens.`
      : undefined;
  }

  /** Undefined: its clock cannot be read. */
  async #readWall(): Promise<number | undefined> {
    const { time, signal } = this.#options;
    try {
      const now = await time.now(signal);
      return toWall(time.zone, now);
    } catch (error) {
      if (concernsAll(error)) throw error;
      return undefined;
    }
  }
}

function orNothing(sentence: Promise<Sentence | undefined>): Promise<Sentence | undefined> {
  return sentence.catch(() => undefined);
}
