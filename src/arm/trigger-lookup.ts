/** The triggers of a device: from its list, or one by one where it gives none (500 on some G2 cameras: JoeyGE0/hikvision_isapi). */
import { eventType } from "../events/event-types";
import { readTrigger, readTriggers, type Trigger } from "../isapi/event-triggers";
import type { Isapi } from "../isapi/isapi";
import { codeOf } from "../lib/errors";
import { concernsAll } from "./failures";
import type { ArmPlace } from "./types";

export class TriggerLookup {
  readonly #isapi: Pick<Isapi, "get">;
  readonly #signal: AbortSignal;
  #list: Promise<readonly Trigger[] | undefined> | undefined;

  /** For one command: what was read is not read again. */
  constructor(isapi: Pick<Isapi, "get">, signal: AbortSignal) {
    this.#isapi = isapi;
    this.#signal = signal;
  }

  /** With canonical types. Undefined: the device gives no list. Throws when it cannot be talked to. */
  list(): Promise<readonly Trigger[] | undefined> {
    return (this.#list ??= this.#read());
  }

  /** Undefined: there is none, or the device does not tell. */
  async of(place: ArmPlace): Promise<Trigger | undefined> {
    const listed = (await this.list())?.find((trigger) => isOf(trigger, place));
    if (listed) return listed;
    for (const id of idsOf(place)) {
      try {
        const trigger = await readTrigger(this.#isapi, id, this.#signal);
        if (trigger) return canonical(trigger);
      } catch (error) {
        if (concernsAll(error)) throw error;
      }
    }
    return undefined;
  }

  async #read(): Promise<readonly Trigger[] | undefined> {
    try {
      return (await readTriggers(this.#isapi, this.#signal)).map(canonical);
    } catch (error) {
      if (concernsAll(error) || codeOf(error) === "timeout") throw error;
      return undefined;
    }
  }
}

/** Where a trigger stands. Cameras write a channel beside a full disk, too; a PIR sensor is that of the camera. */
export function placeOf({ type, channel, input }: Trigger): ArmPlace {
  if (input !== undefined) return { channel: null, type, inputPort: input };
  if (type === "PIR") return { channel: channel ?? 1, type };
  return { channel: eventType(type).group === "device" ? null : (channel ?? null), type };
}

function isOf(trigger: Trigger, { channel, type, inputPort }: ArmPlace): boolean {
  const place = placeOf(trigger);
  return place.type === type && place.channel === channel && place.inputPort === inputPort;
}

function canonical(trigger: Trigger): Trigger {
  return { ...trigger, type: eventType(trigger.type).type };
}

function idsOf({ channel, type, inputPort }: ArmPlace): readonly string[] {
  if (inputPort !== undefined) return [`${type}-${inputPort}`];
  if (channel === null) return [type];
  if (type === "tamperdetection") return [`tamper-${channel}`, `${type}-${channel}`];
  return type === "PIR" ? ["PIR", `PIR-${channel}`] : [`${type}-${channel}`];
}
