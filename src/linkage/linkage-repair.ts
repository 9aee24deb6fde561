/**
 * Makes events be sent: adds "Notify Surveillance Center" to triggers that lack it, after showing what would change, and takes it back.
 * Edits the device's own text (center-entry.ts), one trigger at a time, and reads back what the device made of it.
 */
import { createHash } from "node:crypto";
import type { Clock } from "../lib/clock";
import { isSent, readTrigger, readTriggers, TRIGGERS, type Trigger } from "../isapi/event-triggers";
import { codeOf, FatalError, isHikvisionError, RetryableError, type ErrorCode } from "../lib/errors";
import { eventType } from "../events/event-types";
import type { Isapi } from "../isapi/isapi";
import { PathFallback } from "../isapi/path-fallback";
import { isRefusedPath, isUnavailable } from "../isapi/unavailable";
import { say, type Sentence } from "../lib/sentence";
import { fingerprint, hasCenter, shapeIn, withCenter, withoutCenter, type EntryShape } from "./notify-center-xml";

/** What would change in one trigger. */
export interface LinkageChange extends Pick<Trigger, "id" | "type" | "channel"> {
  readonly path: string;
  /** The device's text, now and then: bytes as latin1. */
  readonly before: string;
  readonly after: string;
  /** What comes in, as a person reads it. */
  readonly added: string;
  /** Names exactly this change: what was shown is what is written, or nothing. */
  readonly mark: string;
}

export interface LinkagePlan {
  readonly changes: readonly LinkageChange[];
  /** Triggers that cannot be changed, or not looked into. */
  readonly refused: readonly (Pick<Trigger, "id" | "type" | "channel"> & Refusal)[];
}

interface Refusal {
  readonly code: ErrorCode;
  readonly error: Sentence;
}

/**
 * added: it is sent now; there: it was sent already; undone: the bytes are back; takenOut: somebody else changed the trigger meanwhile, so only
 * our entry went; gone: nothing of ours is there.
 */
export type LinkageState = "added" | "there" | "undone" | "takenOut" | "gone";
export type LinkageResult = { readonly id: string } & ({ readonly state: LinkageState } | Refusal);

/** What was written into a trigger, to be taken back. */
export interface LinkageWritten extends Pick<Trigger, "type" | "channel"> {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Keeps {@link LinkageWritten} by the trigger's id, for as long as the caller likes. */
export type LinkageMemory = Map<string, LinkageWritten>;

const PURPOSE = say`the linkage of its events`;
const MOST_BYTES = 256 * 1024;
const notificationsPath = (id: string): string => `${wholePath(id)}/notifications`;
const wholePath = (id: string): string => `${TRIGGERS}/${encodeURIComponent(id)}`;

export class LinkageRepair {
  readonly #isapi: Pick<Isapi, "bytes" | "get" | "put">;
  readonly #paths: PathFallback<(id: string) => string>;

  constructor(isapi: Pick<Isapi, "bytes" | "get" | "put">, clock: Pick<Clock, "elapsed">) {
    this.#isapi = isapi;
    this.#paths = new PathFallback([notificationsPath, wholePath], clock);
  }

  /** Changes nothing. What is sent already is left out. Throws when the device cannot be talked to. */
  async plan(ids: readonly string[], signal: AbortSignal): Promise<LinkagePlan> {
    const triggers = await readTriggers(this.#isapi, signal);
    const shape = await this.#shape(triggers, signal);
    const changes: LinkageChange[] = [];
    const refused: LinkagePlan["refused"][number][] = [];
    for (const id of new Set(ids)) {
      const listed = triggers.filter((one) => one.id === id);
      if (listed.length > 0 && listed.every(isSent)) continue;
      const change = await withoutGivingUp(async () => {
        return this.#change(await this.#trigger(id, triggers, signal), shape, signal);
      });
      if (!change) continue;
      if ("path" in change) changes.push(change);
      else {
        const { type = id.replace(/-\d+$/, ""), channel } = listed[0] ?? {};
        refused.push({ id, type: eventType(type).type, channel, ...change });
      }
    }
    return { changes, refused };
  }

  /**
   * Writes what was shown: `shown` has the mark of each trigger's change. A trigger that fails is told, and the others go on; throws when
   * the device cannot be talked to. `tell` must not throw.
   */
  async apply(
    shown: ReadonlyMap<string, string>,
    memory: LinkageMemory,
    tell: (result: LinkageResult) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const triggers = await readTriggers(this.#isapi, signal);
    const shape = await this.#shape(triggers, signal);
    for (const [id, mark] of shown) {
      const done = await withoutGivingUp(async () => {
        const change = await this.#change(await this.#trigger(id, triggers, signal), shape, signal);
        if (!change) return { state: "there" } as const;
        if (change.mark !== mark) throw changedSince();
        await this.#add(change, shape, memory, signal);
        return { state: "added" } as const;
      });
      tell({ id, ...done });
    }
  }

  /** Puts back what stood there. What succeeds is forgotten. Otherwise as {@link apply}. */
  async undo(
    ids: readonly string[],
    memory: LinkageMemory,
    tell: (result: LinkageResult) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (const id of new Set(ids)) {
      const written = memory.get(id);
      const done = await withoutGivingUp(
        async () => ({ state: written ? await this.#takeBack(written, signal) : "gone" }) as const,
      );
      if ("state" in done) memory.delete(id);
      tell({ id, ...done });
    }
  }

  /** Of all that are listed, or one that the list leaves out. */
  async #trigger(id: string, triggers: readonly Trigger[], signal: AbortSignal): Promise<Trigger> {
    const [listed, ...others] = triggers.filter((one) => one.id === id);
    if (others.length > 0) throw ambiguous();
    const trigger = listed ?? (await readTrigger(this.#isapi, id, signal));
    if (!trigger) throw changedSince();
    return trigger;
  }

  /** Undefined: it is sent by now. */
  async #change(
    { id, type, channel }: Pick<Trigger, "id" | "type" | "channel">,
    shape: EntryShape | undefined,
    signal: AbortSignal,
    only?: string,
  ): Promise<LinkageChange | undefined> {
    const [path, before] = only === undefined ? await this.#find(id, signal) : [only, await this.#read(only, signal)];
    const addition = withCenter(before, shape);
    if (!addition) return undefined;
    const { after, added } = addition;
    const mark = createHash("sha256").update(`${path}\n${before}\n${after}`).digest("hex");
    return {
      id,
      type: eventType(type).type,
      channel,
      path,
      before,
      after,
      added: Buffer.from(added, "latin1").toString("utf8"),
      mark,
    };
  }

  /** Some firmware shows the notifications by themselves, but takes them only with the whole trigger. */
  async #add(
    change: LinkageChange,
    shape: EntryShape | undefined,
    memory: LinkageMemory,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#write(change, memory, signal);
    } catch (error) {
      const whole = wholePath(change.id);
      if (change.path === whole || !isRefusedPath(error)) throw error;
      const other = await this.#change(change, shape, signal, whole);
      if (other) await this.#write(other, memory, signal);
    }
  }

  async #write(
    { id, type, channel, path, before, after }: LinkageChange,
    memory: LinkageMemory,
    signal: AbortSignal,
  ): Promise<void> {
    // Noted first: a device that takes it and then fails to answer has it all the same.
    const written = { type, channel, path, before, after };
    memory.set(id, written);
    await this.#put(path, after, signal);
    const now = await this.#read(path, signal);
    memory.set(id, { ...written, after: now });
    if (!hasCenter(now)) throw notKept();
    if (fingerprint(now, "others") !== fingerprint(before, "others")) throw moreThanAsked();
  }

  async #takeBack({ path, before, after }: LinkageWritten, signal: AbortSignal): Promise<LinkageState> {
    const now = await this.#read(path, signal);
    if (fingerprint(now, "all") === fingerprint(before, "all")) return "gone";
    if (fingerprint(now, "all") === fingerprint(after, "all")) {
      await this.#put(path, before, signal);
      if (fingerprint(await this.#read(path, signal), "all") !== fingerprint(before, "all")) throw notKept();
      return "undone";
    }
    if (!hasCenter(now)) return "gone";
    await this.#put(path, withoutCenter(now), signal);
    if (hasCenter(await this.#read(path, signal))) throw notKept();
    return "takenOut";
  }

  /** How this device writes the entry, by the first trigger that has it. */
  async #shape(triggers: readonly Trigger[], signal: AbortSignal): Promise<EntryShape | undefined> {
    const example = triggers.find(isSent);
    if (!example) return undefined;
    const read = await withoutGivingUp(() => this.#find(example.id, signal));
    return "code" in read ? undefined : shapeIn(read[1]);
  }

  /** The path that shows a trigger's notifications, and its text. */
  #find(id: string, signal: AbortSignal): Promise<readonly [path: string, document: string]> {
    return this.#paths.ask({ of: id }, async (pathOf) => {
      const document = await this.#read(pathOf(id), signal);
      hasCenter(document); // refuses what is no such list
      return [pathOf(id), document];
    });
  }

  async #read(path: string, signal: AbortSignal): Promise<string> {
    const { data } = await this.#isapi.bytes(path, { purpose: PURPOSE, maxBytes: MOST_BYTES, signal });
    return data.toString("latin1");
  }

  /** Saying it twice is saying it once, so a busy device is asked again. */
  async #put(path: string, document: string, signal: AbortSignal): Promise<void> {
    await this.#isapi.put(path, Buffer.from(document, "latin1"), { purpose: PURPOSE, retryBusy: true, signal });
  }
}

/** What one trigger is refused with; throws what the others would be refused with, too. */
async function withoutGivingUp<T>(ask: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await ask();
  } catch (error) {
    if (!isHikvisionError(error)) throw error;
    if (!isUnavailable(error) && codeOf(error) !== "busy" && codeOf(error) !== "timeout") throw error;
    return { code: error.code, error: error.sentence };
  }
}

/** A path leads to one of them, and nobody knows which (objectsThrownDetection of a DS-7608NXI-I2 V4.62). */
function ambiguous(): FatalError {
  return new FatalError(
    "notSupported",
    say`The device has several events under one name here, so nothing is changed in them. Tick "Notify Surveillance Center" on its web page.`,
  );
}

function changedSince(): RetryableError {
  return new RetryableError(
    "busy",
    say`The device's settings have changed since they were shown. Nothing was written; look at them again.`,
  );
}

function notKept(): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device said that all is well, but did not keep the change. Make it on its web page, under the event's linkage method.`,
  );
}

function moreThanAsked(): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device took it, but changed something else there as well. Undo it, and do it on the device's web page.`,
  );
}
