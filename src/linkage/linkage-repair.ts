/**
 * Adds "Notify Surveillance Center" to triggers that lack it, so that their events are sent: plan, apply, undo. Edits the device's own
 * XML (notify-center-xml.ts), one trigger at a time, and reads back what the device stored.
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
import {
  bareWithoutCenter,
  fingerprint,
  hasCenter,
  shapeIn,
  withCenter,
  withoutCenter,
  type EntryShape,
} from "./notify-center-xml";

/** What would change in one trigger. */
export interface LinkageChange extends Pick<Trigger, "id" | "type" | "channel"> {
  readonly path: string;
  /** The device's XML, before and after: bytes as latin1. */
  readonly before: string;
  readonly after: string;
  /** What is added, for display. */
  readonly added: string;
  /** SHA-256 of path, before and after: only the change that was shown is written. */
  readonly digest: string;
}

export interface LinkagePlan {
  readonly changes: readonly LinkageChange[];
  /** Triggers that cannot be read or changed. */
  readonly refused: readonly (Pick<Trigger, "id" | "type" | "channel"> & LinkageRefusal)[];
}

interface LinkageRefusal {
  readonly code: ErrorCode;
  readonly error: Sentence;
}

/**
 * added: it is sent now; there: it was sent already; undone: the bytes are restored; takenOut: the trigger was changed meanwhile, so only
 * our entry was removed; gone: our entry is not there.
 */
export type LinkageState = "added" | "there" | "undone" | "takenOut" | "gone";
export type LinkageResult = { readonly id: string } & ({ readonly state: LinkageState } | LinkageRefusal);

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

  /** Changes nothing. What is sent already is left out. Throws when the device is not reachable. */
  async plan(ids: readonly string[], signal: AbortSignal): Promise<LinkagePlan> {
    const triggers = await readTriggers(this.#isapi, signal);
    const shape = await this.#shape(triggers, signal);
    const changes: LinkageChange[] = [];
    const refused: LinkagePlan["refused"][number][] = [];
    for (const id of new Set(ids)) {
      const listed = triggers.filter((one) => one.id === id);
      if (listed.length > 0 && listed.every(isSent)) continue;
      const change = await orRefusal(async () => {
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
   * Writes what was shown: `shown` has the digest of each trigger's change. A trigger that fails is reported, and the others go on; throws
   * when the device is not reachable. `tell` must not throw.
   */
  async apply(
    shown: ReadonlyMap<string, string>,
    memory: LinkageMemory,
    tell: (result: LinkageResult) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const triggers = await readTriggers(this.#isapi, signal);
    const shape = await this.#shape(triggers, signal);
    for (const [id, digest] of shown) {
      const done = await orRefusal(async () => {
        const change = await this.#change(await this.#trigger(id, triggers, signal), shape, signal);
        if (!change) return { state: "there" } as const;
        if (change.digest !== digest) throw changedSince();
        await this.#add(change, shape, memory, signal);
        return { state: "added" } as const;
      });
      tell({ id, ...done });
    }
  }

  /** Restores what was there. What succeeds is removed from `memory`. Otherwise as {@link apply}. */
  async undo(
    ids: readonly string[],
    memory: LinkageMemory,
    tell: (result: LinkageResult) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (const id of new Set(ids)) {
      const written = memory.get(id);
      const done = await orRefusal(
        async () => ({ state: written ? await this.#undo(written, signal) : "gone" }) as const,
      );
      if ("state" in done) memory.delete(id);
      tell({ id, ...done });
    }
  }

  /**
   * Adds or takes out the entry of one trigger, whoever made it, and reads back. False: it was so already, and nothing was written.
   * `memory` gets what was written, also where the outcome is an error. `example`: a trigger that has the entry.
   */
  async set(
    id: string,
    on: boolean,
    memory: LinkageMemory,
    { example, signal }: { readonly example?: string | undefined; readonly signal: AbortSignal },
  ): Promise<boolean> {
    if (on) {
      const shape = example === undefined ? undefined : await this.#shapeOf(example, signal);
      const change = await this.#change({ id, type: "", channel: undefined }, shape, signal);
      if (change) await this.#add(change, shape, memory, signal);
      return change !== undefined;
    }
    const [path, before] = await this.#find(id, signal);
    if (!hasCenter(before)) return false;
    const after = withoutCenter(before);
    memory.set(id, { type: "", channel: undefined, path, before, after });
    const kept = await this.#takeOut(id, path, after, signal);
    memory.set(id, { type: "", channel: undefined, path, before, after: kept });
    if (hasCenter(kept)) throw notSaved();
    if (fingerprint(kept, "others") !== fingerprint(before, "others")) throw otherChange();
    return true;
  }

  /** Puts back what {@link set} has written; other changes that were made meanwhile stay. */
  async restore(id: string, { path, before, after }: LinkageWritten, signal: AbortSignal): Promise<void> {
    const now = await this.#read(path, signal);
    if (fingerprint(now, "all") === fingerprint(before, "all")) return;
    const ours = fingerprint(now, "all") === fingerprint(after, "all");
    if (hasCenter(before)) {
      const wanted = ours ? before : withCenter(now, shapeIn(before))?.after;
      if (wanted !== undefined) await this.#put(path, wanted, signal);
    } else await this.#takeOut(id, path, ours ? before : withoutCenter(now), signal);
    if (hasCenter(await this.#read(path, signal)) !== hasCenter(before)) throw notSaved();
  }

  /** Writes a document that lacks the entry, in the form that the device takes; gives what it stored. */
  async #takeOut(id: string, path: string, document: string, signal: AbortSignal): Promise<string> {
    const whole = wholePath(id);
    try {
      await this.#put(path, document, signal);
    } catch (error) {
      if (path === whole || !isRefusedPath(error)) throw error;
      await this.#put(whole, withoutCenter(await this.#read(whole, signal)), signal);
    }
    const stored = await this.#read(path, signal);
    if (!hasCenter(stored)) return stored;
    await this.#put(whole, bareWithoutCenter(await this.#read(whole, signal)), signal);
    return this.#read(path, signal);
  }

  /** Of all that are listed, or one that the list leaves out. */
  async #trigger(id: string, triggers: readonly Trigger[], signal: AbortSignal): Promise<Trigger> {
    const [listed, ...others] = triggers.filter((one) => one.id === id);
    if (others.length > 0) throw ambiguous();
    const trigger = listed ?? (await readTrigger(this.#isapi, id, signal));
    if (!trigger) throw changedSince();
    return trigger;
  }

  /** Undefined: it is sent already. */
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
    const digest = createHash("sha256").update(`${path}\n${before}\n${after}`).digest("hex");
    return {
      id,
      type: eventType(type).type,
      channel,
      path,
      before,
      after,
      added: Buffer.from(added, "latin1").toString("utf8"),
      digest,
    };
  }

  /** Some firmware shows the notifications alone, but accepts them only with the whole trigger. */
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
    // Noted first: a device may store it and then fail to answer.
    const written = { type, channel, path, before, after };
    memory.set(id, written);
    await this.#put(path, after, signal);
    const now = await this.#read(path, signal);
    memory.set(id, { ...written, after: now });
    if (!hasCenter(now)) throw notSaved();
    if (fingerprint(now, "others") !== fingerprint(before, "others")) throw otherChange();
  }

  async #undo({ path, before, after }: LinkageWritten, signal: AbortSignal): Promise<LinkageState> {
    const now = await this.#read(path, signal);
    if (fingerprint(now, "all") === fingerprint(before, "all")) return "gone";
    if (fingerprint(now, "all") === fingerprint(after, "all")) {
      await this.#put(path, before, signal);
      if (fingerprint(await this.#read(path, signal), "all") !== fingerprint(before, "all")) throw notSaved();
      return "undone";
    }
    if (!hasCenter(now)) return "gone";
    await this.#put(path, withoutCenter(now), signal);
    if (hasCenter(await this.#read(path, signal))) throw notSaved();
    return "takenOut";
  }

  /** How this device writes the entry, by the first trigger that has it. */
  async #shape(triggers: readonly Trigger[], signal: AbortSignal): Promise<EntryShape | undefined> {
    const example = triggers.find(isSent);
    return example && this.#shapeOf(example.id, signal);
  }

  async #shapeOf(id: string, signal: AbortSignal): Promise<EntryShape | undefined> {
    const read = await orRefusal(() => this.#find(id, signal));
    return "code" in read ? undefined : shapeIn(read[1]);
  }

  /** The path that shows a trigger's notifications, and its text. */
  #find(id: string, signal: AbortSignal): Promise<readonly [path: string, document: string]> {
    return this.#paths.ask({ of: id }, async (pathOf) => {
      const document = await this.#read(pathOf(id), signal);
      hasCenter(document); // throws when it is not such a list
      return [pathOf(id), document];
    });
  }

  async #read(path: string, signal: AbortSignal): Promise<string> {
    const { data } = await this.#isapi.bytes(path, { purpose: PURPOSE, maxBytes: MOST_BYTES, signal });
    return data.toString("latin1");
  }

  /** Idempotent, so a busy device is asked again. */
  async #put(path: string, document: string, signal: AbortSignal): Promise<void> {
    await this.#isapi.put(path, Buffer.from(document, "latin1"), { purpose: PURPOSE, retryBusy: true, signal });
  }
}

/** The refusal of one trigger; rethrows what would fail for all. */
async function orRefusal<T>(ask: () => Promise<T>): Promise<T | LinkageRefusal> {
  try {
    return await ask();
  } catch (error) {
    if (!isHikvisionError(error)) throw error;
    if (!isUnavailable(error) && codeOf(error) !== "busy" && codeOf(error) !== "timeout") throw error;
    return { code: error.code, error: error.sentence };
  }
}

/** The path addresses one of several, not known which (objectsThrownDetection of a DS-7608NXI-I2 V4.62). */
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

function notSaved(): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device accepted the change, but did not keep it. Make it on the device's web page, under the event's linkage method.`,
  );
}

function otherChange(): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device accepted the change, but changed something else as well. Undo it, and make the change on the device's web page.`,
  );
}
