/**
 * The white light of one channel. What a command changes (mode, brightness, day/night switch) is kept as it was before the first of
 * several, and put back after the time, at a stop, at redeploy and close; without a time, only at a stop.
 */
import type { DocumentChanges } from "../control/document-changes";
import type { WriteQueue } from "../control/write-queue";
import type { Clock } from "../lib/clock";
import { AbortedError, FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { Isapi } from "../isapi/isapi";
import { isNotOffered } from "../isapi/unavailable";
import {
  FILTER,
  hasLevel,
  isShining,
  levelIn,
  type Leaves,
  type LightSettings,
  type LightState,
  MODE,
  nightly,
  present,
  type SettingsDocument,
  shining,
  stateOf,
} from "./light-settings";
import { isLeft, putBack } from "./put-back";
import { withSignals } from "../lib/signals";

/** One document as it was. */
interface KeptDocument {
  readonly path: string;
  readonly leaves: Leaves;
  readonly bytes: Buffer;
}

/** In the order in which they are put back. */
export type KeptLight = readonly KeptDocument[];

/** How the lights were, over deploys. */
export interface KeptLights {
  get(channel: number): KeptLight | undefined;
  set(channel: number, kept: KeptLight | undefined): void;
}

export interface WhiteLightOptions {
  readonly isapi: Pick<Isapi, "put">;
  readonly settings: LightSettings;
  readonly changes: DocumentChanges;
  readonly writes: WriteQueue;
  readonly clock: Clock;
  readonly kept: KeptLights;
  /** Aborts when the device is about to be closed. */
  readonly closing: AbortSignal;
}

export interface Lit {
  /** Absent where the camera does not let it be set. */
  readonly brightness?: number;
  /** How long it was on, where a time was given. */
  readonly seconds?: number;
}

/** One command that has the light. */
interface Owner {
  readonly ended: AbortController;
  readonly brightness: number | undefined;
  /** It is about to put back what it found: its time is given, and its node or the device is being closed. */
  readonly isOver: () => boolean;
}

const WRITE_TIMEOUT_MS = 10_000;

export class WhiteLight {
  readonly #channel: number;
  readonly #options: WhiteLightOptions;
  #owner: Owner | undefined;
  /** Counts the stops: a command that began before one does not go on. */
  #stops = 0;
  #stopping: Promise<unknown> | undefined;

  constructor(channel: number, options: WhiteLightOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  /**
   * On, for `ms` or until a stop; resolves when it is over, without `ms` when it is on. A later command takes the light over and
   * ends the earlier. Throws without having changed anything, or saying what may be left changed.
   */
  on(brightness: number, ms: number | undefined, signal: AbortSignal, switchedOn: () => void): Promise<Lit> {
    const { closing } = this.#options;
    const isOver = (): boolean => ms !== undefined && (signal.aborted || closing.aborted);
    return withSignals([signal, closing], (ended) => this.#on(brightness, ms, { ended, isOver }, switchedOn));
  }

  async #on(
    brightness: number,
    ms: number | undefined,
    { ended, isOver }: { readonly ended: AbortSignal; readonly isOver: () => boolean },
    switchedOn: () => void,
  ): Promise<Lit> {
    const { clock } = this.#options;
    const owner = await this.#begin(brightness, ended, isOver);
    const level = owner?.brightness;
    const lit = { ...(level !== undefined && { brightness: level }) };
    if (ms === undefined) return lit;
    if (!owner) return { ...lit, seconds: 0 };
    switchedOn();
    const begun = clock.elapsed();
    await clock.wait(ms, ended, owner.ended.signal).catch(() => undefined);
    const seconds = Math.round((clock.elapsed() - begun) / 100) / 10;
    await putBack((urgent) => this.#end(owner, urgent), { ...this.#options, hurry: ended, left: this.#left });
    if (ended.aborted) throw new AbortedError();
    return { ...lit, seconds };
  }

  /** As it was before the first command, at once. False: no command has changed it. */
  async stop(): Promise<boolean> {
    this.#stops += 1;
    const kept = this.#options.kept.get(this.#channel);
    if (!kept) return false;
    const owner = this.#owner;
    const stopping = this.#restore(kept, true);
    this.#stopping = stopping.catch(() => undefined);
    await stopping.catch((error: unknown) => {
      throw isLeft(this.#left, error);
    });
    this.#options.kept.set(this.#channel, undefined);
    if (this.#owner === owner) this.#owner = undefined;
    owner?.ended.abort();
    return true;
  }

  /** Undefined where the camera has none. */
  async state(signal: AbortSignal): Promise<LightState | undefined> {
    const { settings } = this.#options;
    try {
      const light = await settings.light(this.#channel, signal);
      return stateOf(light, await settings.filter(this.#channel, signal));
    } catch (error) {
      if (isNotOffered(error)) return undefined;
      throw error;
    }
  }

  /** Undefined: there was a stop meanwhile, and it is as before. */
  #begin(brightness: number, ended: AbortSignal, isOver: Owner["isOver"]): Promise<Owner | undefined> {
    const stops = this.#stops;
    const goesOn = (): boolean => {
      if (ended.aborted) throw new AbortedError();
      return stops === this.#stops;
    };
    return this.#options.writes.run(async () => {
      await this.#stopping;
      return goesOn() ? this.#switchOn(brightness, goesOn, isOver) : undefined;
    }, ended);
  }

  /** Holds the queue of writes. Nothing is cut off on the way: a write that was may have been done. */
  async #switchOn(brightness: number, goesOn: () => boolean, isOver: Owner["isOver"]): Promise<Owner | undefined> {
    const { settings, kept } = this.#options;
    const light = await settings.light(this.#channel);
    const white = await settings.white(light);
    const filter = await settings.filter(this.#channel);
    let before: KeptLight = [
      keptOf(light, shining(light, white, brightness)),
      ...(filter ? [keptOf(filter, nightly)] : []),
    ];
    if (!goesOn()) return undefined;
    // What somebody has changed since then is no longer that of an earlier command.
    const earlier = isShining(light, white, filter) ? kept.get(this.#channel) : undefined;
    if (!earlier) kept.set(this.#channel, before);
    const keepToo = (found: Leaves): void => {
      const [first, ...others] = before;
      const more = first && [{ ...first, leaves: new Map([...first.leaves, ...found]) }, ...others];
      if (more && kept.get(this.#channel) === before) kept.set(this.#channel, more);
      before = more ?? before;
    };
    // A stop, or the end of an earlier command, has put back what there was before; this one may have changed it after that.
    const undo = async (): Promise<void> => {
      const isOff = stopped(goesOn) || this.#owner?.isOver() === true;
      try {
        await this.#restore(isOff && earlier ? earlier : before, true);
      } catch (error) {
        throw isLeft(this.#left, error);
      }
      if (!earlier) kept.set(this.#channel, undefined);
    };
    try {
      if (filter) await this.#change(filter, nightly, FILTER);
      const level = goesOn() ? await this.#shine(light, white, brightness, keepToo) : undefined;
      if (goesOn()) {
        this.#owner?.ended.abort();
        return (this.#owner = { ended: new AbortController(), brightness: level, isOver });
      }
    } catch (error) {
      await undo();
      throw error;
    }
    await undo();
    return undefined;
  }

  /** Gives the brightness as the camera took it. */
  async #shine(
    light: SettingsDocument,
    white: string,
    brightness: number,
    keepToo: (found: Leaves) => void,
  ): Promise<number | undefined> {
    const after = await this.#change(light, shining(light, white, brightness), MODE);
    if (hasLevel(light)) return levelIn(after);
    // Some tell the brightness only while it is set by hand.
    const now = await this.#options.settings.light(this.#channel);
    if (!hasLevel(now)) return undefined;
    const wanted = shining(now, white, brightness);
    keepToo(new Map([...present(now, wanted)].filter(([name]) => !shining(light, white, brightness).has(name))));
    return levelIn(await this.#change(now, wanted, MODE));
  }

  /** Throws where the camera says OK and keeps `needed` as it is. */
  async #change({ path }: SettingsDocument, values: Leaves, needed: string): Promise<Readonly<Record<string, string>>> {
    const { after, refused } = await this.#options.changes.change({ path, values, queued: false });
    if (!refused.includes(needed)) return after;
    throw new FatalError(
      "badRequest",
      say`The camera said OK and left "${needed}" at "${(after[needed] ?? "").slice(0, 40)}". A schedule of the picture settings
        (image parameters switch) may hold it: see its web page. Everything is as before.`,
    );
  }

  /** In turn, unless it is urgent: nothing where a later command has the light, or a stop has put it back. */
  async #end(owner: Owner, urgent: boolean): Promise<void> {
    const { kept } = this.#options;
    const before = kept.get(this.#channel);
    if (this.#owner !== owner || !before) return;
    await this.#restore(before, urgent);
    if (this.#owner !== owner) return;
    kept.set(this.#channel, undefined);
    this.#owner = undefined;
  }

  /** All of them, whatever becomes of one. Throws the first failure. */
  async #restore(kept: KeptLight, urgent: boolean): Promise<void> {
    const failures: unknown[] = [];
    for (const one of kept) await this.#restoreOne(one, urgent).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async #restoreOne({ path, leaves, bytes }: KeptDocument, urgent: boolean): Promise<void> {
    const { changes, isapi } = this.#options;
    try {
      const { refused } = await changes.change({ path, values: leaves, queued: false, urgent });
      if (refused.length === 0) return;
    } catch (error) {
      if (!isNotOffered(error)) throw error;
    }
    // A value that goes together with others, such as a schedule, which the camera leaves out in another mode.
    await isapi.put(path, bytes, { urgent, retryBusy: true, timeoutMs: WRITE_TIMEOUT_MS });
  }

  get #left() {
    return say`The white light of channel ${this.#channel} may be left on.`;
  }
}

function keptOf(document: SettingsDocument, leaves: Leaves): KeptDocument {
  return { path: document.path, bytes: document.bytes, leaves: present(document, leaves) };
}

function stopped(goesOn: () => boolean): boolean {
  try {
    return !goesOn();
  } catch {
    return false;
  }
}
