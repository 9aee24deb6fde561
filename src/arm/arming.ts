/** Arms and disarms what a device watches, many channels at once; tells what became of each, and puts back what was done if one fails. */
import type { DocumentChanges } from "../control/document-changes";
import type { WriteQueue } from "../control/write-queue";
import type { DeviceFacts } from "../isapi/device-facts";
import type { Isapi } from "../isapi/isapi";
import type { Clock } from "../lib/clock";
import { AbortedError, FatalError, type HikvisionError, isHikvisionError } from "../lib/errors";
import { enumerate, say, type Sentence } from "../lib/sentence";
import { LinkageRepair } from "../linkage/linkage-repair";
import type { DeviceTime } from "../time/device-time";
import { Blindness } from "./blindness";
import { CenterLinks } from "./center-links";
import { Detections } from "./detections";
import { ExclusiveFunctions } from "./exclusive-functions";
import { concernsAll, failureOf, placeName, reworded } from "./failures";
import { OneTouch } from "./one-touch";
import { TriggerLookup } from "./trigger-lookup";
import type { ArmCommand, ArmItem, ArmResult, ArmSwitch, ArmSwitches } from "./types";

export interface ArmingOptions {
  readonly isapi: Isapi;
  readonly facts: DeviceFacts;
  readonly time: DeviceTime;
  readonly clock: Clock;
  readonly changes: DocumentChanges;
  readonly writes: WriteQueue;
  /** See Device.beforeClose. */
  readonly beforeClose: (task: Promise<unknown>) => void;
}

/** A switch and what has become of it. */
interface Outcome {
  readonly of: ArmSwitch;
  readonly after: boolean | undefined;
  readonly error?: HikvisionError;
}

export class Arming {
  readonly #options: ArmingOptions;
  readonly #detections: Detections;
  readonly #links: CenterLinks;
  readonly #oneTouch: OneTouch;

  constructor(options: ArmingOptions) {
    this.#options = options;
    const { isapi, facts, changes, writes, clock } = options;
    const exclusive = new ExclusiveFunctions(isapi, clock);
    this.#detections = new Detections({ isapi, facts, changes, exclusive });
    this.#links = new CenterLinks({ isapi, facts, writes, linkage: new LinkageRepair(isapi, clock) });
    this.#oneTouch = new OneTouch({ isapi, facts, writes });
  }

  /**
   * All that the device has where channels or types are empty. With `rollback`, one item that fails is an error, and what was done is put
   * back; without, the items tell it. Throws in any case when the device cannot be talked to before something was done.
   */
  run(command: ArmCommand, signal: AbortSignal): Promise<ArmResult> {
    const run = command.what === "disturb" ? this.#runOneTouch(command, signal) : this.#run(command, signal);
    // What was done is put back, or at least completed, before the connections are closed.
    if (command.action !== "status") this.#options.beforeClose(run);
    return run;
  }

  async #runOneTouch(command: ArmCommand, signal: AbortSignal): Promise<ArmResult> {
    const outcome = await this.#oneTouch.run(command, signal);
    return { what: command.what, armed: armedOf(outcome.items), ...outcome };
  }

  async #run(command: ArmCommand, signal: AbortSignal): Promise<ArmResult> {
    const { what, action } = command;
    const triggers = new TriggerLookup(this.#options.isapi, signal);
    const detections =
      what === "detection" ? await this.#detections.read(command, triggers, signal) : { switches: [], failures: [] };
    const found: ArmSwitches = what === "center" ? await this.#links.read(command, triggers, signal) : detections;
    const [failure] = found.failures;
    if (found.switches.length === 0 && !failure) throw nothingFound();
    if (failure && isEnd(found, command)) throw failureOf(failure.place, action, failure.error);

    const outcomes =
      action === "status"
        ? found.switches.map((of): Outcome => ({ of, after: of.on }))
        : await this.#switchAll(found.switches, command, signal);
    const blindness = new Blindness({ isapi: this.#options.isapi, time: this.#options.time, triggers, signal });
    const unseeing = new Map<ArmSwitch, Sentence | undefined>(detections.switches.map((one) => [one, one.unseeing]));
    const items = await Promise.all(
      outcomes.map(async ({ of, after, error }): Promise<ArmItem> => {
        const blind = after && unseeing.has(of) ? await blindness.of(of.place, unseeing.get(of)) : [];
        return {
          ...of.place,
          before: of.on,
          ...(after !== undefined && { after }),
          changed: after !== undefined && after !== of.on,
          ...(blind.length > 0 && { blind }),
          ...(error && { error }),
        };
      }),
    );
    const failed = found.failures.map(({ place, error }): ArmItem => ({ ...place, changed: false, error }));
    const all = [...items, ...failed].sort(byPlace);
    return { what, armed: armedOf(all), items: all };
  }

  /** One after the other. What has its state already is not written. */
  async #switchAll(
    switches: readonly ArmSwitch[],
    { action, rollback }: ArmCommand,
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    const on = action === "on";
    const outcomes: Outcome[] = [];
    const touched: ArmSwitch[] = [];
    let ending: HikvisionError | undefined;
    for (const of of switches) {
      if (of.on === on) {
        outcomes.push({ of, after: on });
        continue;
      }
      if (ending) {
        outcomes.push({ of, after: of.on, error: ending });
        continue;
      }
      try {
        if (signal.aborted) throw new AbortedError();
        touched.push(of);
        await of.set(on, signal);
        outcomes.push({ of, after: on });
      } catch (error) {
        if (rollback || signal.aborted || !isHikvisionError(error))
          throw rollback ? await this.#putBack(touched, of, action, error) : error;
        if (concernsAll(error)) ending = error;
        outcomes.push({ of, after: await stateOf(of), error });
      }
    }
    return outcomes;
  }

  /** The failure to be told, after what was done was put back: with nobody's signal, since a closed node leaves nothing behind. */
  async #putBack(
    touched: readonly ArmSwitch[],
    failed: ArmSwitch,
    action: ArmCommand["action"],
    reason: unknown,
  ): Promise<unknown> {
    const left: ArmSwitch[] = [];
    let unreachable = false;
    for (const one of touched.toReversed()) {
      const error: unknown = unreachable ? undefined : await restored(one);
      unreachable ||= error !== undefined && concernsAll(error);
      // Of the one that failed: it never got there, or the device does not let it be read.
      if (unreachable || (error !== undefined && one !== failed)) left.push(one);
    }
    if (!isHikvisionError(reason)) return reason;
    const told = reason.code === "aborted" ? reason : failureOf(failed.place, action, reason);
    if (left.length > 0)
      return reworded(
        told,
        say`${told.sentence} This could not be put back: ${enumerate(left.map(({ place }) => placeName(place)))}.`,
      );
    return touched.length > 1 ? reworded(told, say`${told.sentence} What was done before has been put back.`) : told;
  }
}

/** Is a failure at reading the end of the command? */
function isEnd({ switches, failures }: ArmSwitches, { action, rollback }: ArmCommand): boolean {
  const silent = failures.every(({ error }) => error.code === "timeout");
  if (switches.length === 0) return rollback || action === "status" || silent;
  return rollback && action !== "status";
}

/** Why it could not be put back; undefined: it is. */
async function restored(of: ArmSwitch): Promise<unknown> {
  try {
    await of.restore();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Undefined: not known any more. */
async function stateOf(of: ArmSwitch): Promise<boolean | undefined> {
  return of.state().catch(() => undefined);
}

function armedOf(items: readonly ArmItem[]): ArmResult["armed"] {
  const states = new Set(items.map(({ after }) => after));
  const [state] = states;
  return states.size === 1 && state !== undefined ? state : "mixed";
}

/** By channel, the device itself last; the order of types stays. */
function byPlace(one: ArmItem, other: ArmItem): number {
  return (one.channel ?? Infinity) === (other.channel ?? Infinity)
    ? 0
    : (one.channel ?? Infinity) - (other.channel ?? Infinity);
}

function nothingFound(): FatalError {
  return new FatalError(
    "notSupported",
    say`The device has nothing here that could be armed. Check channels and events in this node's settings.`,
  );
}
