/** "Notify Surveillance Center" of each trigger: without it an event reaches neither Node-RED nor any other program. */
import type { WriteQueue } from "../control/write-queue";
import { DETECTION_TYPES } from "../isapi/detection-paths";
import type { DeviceFacts } from "../isapi/device-facts";
import { isSent, type Trigger } from "../isapi/event-triggers";
import type { Isapi } from "../isapi/isapi";
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { LinkageMemory, LinkageRepair } from "../linkage/linkage-repair";
import { readTrigger } from "../isapi/event-triggers";
import { chosenChannels, isChosen, knownChannels, withMissing } from "./selection";
import { placeOf, type TriggerLookup } from "./trigger-lookup";
import type { ArmPlace, ArmSelection, ArmSwitch, ArmSwitches } from "./types";

export interface CenterLinksOptions {
  readonly isapi: Pick<Isapi, "get">;
  readonly facts: Pick<DeviceFacts, "channels">;
  readonly linkage: LinkageRepair;
  readonly writes: WriteQueue;
}

/** Nothing that puts back may wait for a node that is closed. */
const FREE = new AbortController().signal;

export class CenterLinks {
  readonly #options: CenterLinksOptions;

  constructor(options: CenterLinksOptions) {
    this.#options = options;
  }

  /** Reads all that are chosen. Throws when the device cannot be talked to. */
  async read(selection: ArmSelection, lookup: TriggerLookup, signal: AbortSignal): Promise<ArmSwitches> {
    const triggers = await this.#triggers(selection, lookup, signal);
    const example = triggers.find(isSent)?.id ?? (await lookup.list())?.find(isSent)?.id;
    const ids = triggers.map(({ id }) => id);
    const isAmbiguous = (id: string): boolean => ids.filter((one) => one === id).length > 1;
    const switches = triggers.filter(({ id }) => !isAmbiguous(id)).map((trigger) => this.#switch(trigger, example));
    const failures = triggers
      .filter(({ id }) => isAmbiguous(id))
      .map((trigger) => ({ place: placeOf(trigger), error: ambiguous() }));
    return withMissing("center", selection, { switches, failures });
  }

  async #triggers(selection: ArmSelection, lookup: TriggerLookup, signal: AbortSignal): Promise<readonly Trigger[]> {
    const listed = await lookup.list();
    const chosen = listed?.filter((trigger) => isChosen(selection, placeOf(trigger))) ?? [];
    const numbers = chosenChannels(selection, await knownChannels(this.#options.facts, signal));
    const types = selection.types.length > 0 ? selection.types : listed ? [] : DETECTION_TYPES;
    const unlisted: ArmPlace[] = types
      .filter((type) => chosen.every((trigger) => trigger.type !== type))
      .flatMap((type) => numbers.map((channel) => ({ channel, type })));
    const found: Trigger[] = [];
    for (const place of unlisted) {
      const trigger = await lookup.of(place);
      if (trigger) found.push(trigger);
    }
    return [...chosen, ...found];
  }

  #switch(trigger: Trigger, example: string | undefined): ArmSwitch {
    const { linkage, writes, isapi } = this.#options;
    const { id } = trigger;
    const memory: LinkageMemory = new Map();
    return {
      place: placeOf(trigger),
      on: isSent(trigger),
      set: async (on, queueSignal) => {
        await writes.run(() => linkage.set(id, on, memory, { example, signal: FREE }), queueSignal);
      },
      restore: async () => {
        const written = memory.get(id);
        if (written) await writes.run(() => linkage.restore(id, written, FREE));
      },
      state: async () => {
        const now = await readTrigger(isapi, id);
        return now && isSent(now);
      },
    };
  }
}

/** The path addresses one of several, not known which (objectsThrownDetection of a DS-7608NXI-I2 V4.62). */
function ambiguous(): FatalError {
  return new FatalError(
    "notSupported",
    say`The device has several events under one name here, so nothing is changed in them. Tick "Notify Surveillance Center" on its web page.`,
  );
}
