/**
 * One change of a list, written so that it can end at any request: first what changes, then what is added, then what goes. Repeated, it
 * does what is left.
 */
import type { Clock } from "../lib/clock";
import { type ErrorCode, FatalError, type HikvisionError, isHikvisionError, RetryableError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import { isAs, keyOf, type ListName, type PlateData, type StoredPlate } from "./entry";
import type { ListPlan } from "./list-plan";
import { isAboutPlate, isFull, type ListStore } from "./list-store";

export interface ListChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** They are as they are wanted already. */
  readonly unchanged: readonly string[];
  readonly failed: readonly { readonly plate: string; readonly error: FailedPlate }[];
}

export interface FailedPlate {
  readonly code: ErrorCode;
  readonly message: Sentence;
}

export interface ListChangeOptions {
  readonly store: ListStore;
  readonly list: ListName;
  readonly plan: ListPlan;
  readonly clock: Pick<Clock, "elapsed">;
  readonly signal: AbortSignal;
  readonly progress: (done: number, all: number) => void;
  readonly mayEmpty: boolean;
}

interface Task {
  readonly kind: "added" | "changed" | "removed";
  readonly plate: string;
  /** As it has to be; of what goes undefined. */
  readonly data?: PlateData;
  readonly stored?: StoredPlate;
  error?: HikvisionError;
}

/** Of one change, in all. What is left then is told as failed. */
const MOST_MS = 60 * 60_000;
/** After so many refusals and nothing taken the camera is not asked for every further plate. */
const MOST_REFUSALS = 3;

export class ListChange {
  readonly #options: ListChangeOptions;
  readonly #adds: readonly Task[];
  readonly #changes: readonly Task[];
  readonly #removes: readonly Task[];
  readonly #began: number;
  #written = 0;

  constructor(options: ListChangeOptions) {
    const { plan, clock } = options;
    this.#options = options;
    this.#began = clock.elapsed();
    this.#adds = plan.adds.map((data) => ({ kind: "added", plate: data.plate, data }));
    this.#changes = plan.changes.map(({ stored, data }) => ({ kind: "changed", plate: stored.plate, data, stored }));
    this.#removes = plan.removes.map((stored) => ({ kind: "removed", plate: stored.plate, stored }));
  }

  /** What is done, or before {@link write} what would be. */
  get result(): ListChanges {
    const { plan } = this.#options;
    const done = (tasks: readonly Task[]): string[] => [
      ...new Set(tasks.filter(({ error }) => !error).map(({ plate }) => plate)),
    ];
    const failed = [...this.#changes, ...this.#adds, ...this.#removes].flatMap(({ plate, error }) =>
      error ? [{ plate, error }] : [],
    );
    return {
      added: done(this.#adds),
      changed: done(this.#changes),
      removed: done(this.#removes),
      unchanged: plan.unchanged,
      failed: [...plan.failed, ...failed].map(({ plate, error }) => ({
        plate,
        error: { code: error.code, message: error.sentence },
      })),
    };
  }

  /**
   * Throws what is not about single plates; then a part is done.
   * @param read the rows of the plates that it is about, from the camera
   */
  async write(read: () => Promise<readonly StoredPlate[]>): Promise<void> {
    const { store, list, signal } = this.#options;
    if (this.#all.length === 0) return;
    await this.#inTurn(this.#changes, (tasks) =>
      store.change(
        tasks.flatMap(({ stored, data }) => (stored && data ? [{ stored, data }] : [])),
        list,
        signal,
      ),
    );
    const add = (tasks: readonly Task[]): Promise<void> => store.add(dataOf(tasks), list, signal);
    await this.#inTurn(this.#adds, add);
    if (await this.#mayRemove()) await this.#inTurn(this.#removes, (tasks) => store.remove(rowsOf(tasks), signal));
    else for (const task of this.#removes) task.error = wouldEmpty();
    // There may be room now.
    const left = this.#adds.filter(({ error }) => isFull(error));
    if (left.length > 0 && this.#removes.length > 0) await this.#inTurn(left, add);
    await this.#check(read);
  }

  get #all(): readonly Task[] {
    return [...this.#changes, ...this.#adds, ...this.#removes];
  }

  /** The first alone, since it finds out what the camera takes; then many at once; one by one where those are refused. */
  async #inTurn(tasks: readonly Task[], send: (tasks: readonly Task[]) => Promise<void>): Promise<void> {
    const { progress } = this.#options;
    let taken = 0;
    let refused = 0;
    const once = async (some: readonly Task[]): Promise<void> => {
      try {
        await send(some);
        taken += some.length;
        for (const task of some) delete task.error;
      } catch (error) {
        if (!isHikvisionError(error) || !isAboutPlate(error)) throw error;
        refused += 1;
        for (const task of some) task.error = error;
      }
    };
    for (let at = 0; at < tasks.length;) {
      const some = tasks.slice(at, at + (at === 0 ? 1 : this.#options.store.most));
      at += some.length;
      const end = this.#late() ?? (taken === 0 && refused >= MOST_REFUSALS ? tasks[0]?.error : undefined);
      if (end) {
        for (const task of tasks.slice(at - some.length)) task.error = end;
        return;
      }
      await once(some);
      const error = some.length > 1 ? some[0]?.error : undefined;
      if (error && !isFull(error))
        for (const task of some) {
          if (taken === 0 && refused >= MOST_REFUSALS) break;
          await once([task]);
        }
      const full = some.find((task) => isFull(task.error))?.error;
      if (full) {
        for (const task of tasks.slice(at)) task.error = full;
        return;
      }
      progress((this.#written += some.length), this.#all.length);
    }
  }

  #late(): HikvisionError | undefined {
    if (this.#options.clock.elapsed() - this.#began <= MOST_MS) return undefined;
    return new RetryableError(
      "timeout",
      say`The change took more than ${MOST_MS / 60_000} minutes and was left off. Send it again: it does what is left.`,
    );
  }

  /** Not where that would empty the list because nothing of what is wanted could be added. */
  async #mayRemove(): Promise<boolean> {
    const { plan, mayEmpty, store, list, signal } = this.#options;
    if (mayEmpty || this.#adds.length === 0 || plan.unchanged.length + plan.changes.length > 0) return true;
    if (this.#removes.length === 0) return true;
    const added = this.#adds.find(({ error }) => !error);
    return added !== undefined && (await store.find(added.plate, signal)).some((row) => row.list === list);
  }

  /** What the camera does not hold as it is wanted is written once more, alone and in another way; then it has failed. */
  async #check(read: () => Promise<readonly StoredPlate[]>): Promise<void> {
    const wrong = this.#wrongIn(await read());
    if (wrong.length === 0) return;
    let tried = 0;
    for (const [task, rows] of wrong) {
      const late = this.#late();
      if (late) task.error = late;
      else if (await this.#again(task, rows)) tried += 1;
    }
    if (tried === 0) return;
    for (const [task] of this.#wrongIn(await read())) task.error ??= notDone(task);
  }

  /** Those that are as they have to be have no error: whatever was answered. */
  #wrongIn(rows: readonly StoredPlate[]): readonly (readonly [Task, readonly StoredPlate[]])[] {
    const { list } = this.#options;
    const byKey = new Map<string, StoredPlate[]>();
    for (const row of rows) {
      const key = keyOf(row.plate);
      const known = byKey.get(key);
      if (known) known.push(row);
      else byKey.set(key, [row]);
    }
    return this.#all.flatMap((task) => {
      const present = byKey.get(keyOf(task.plate)) ?? [];
      const { data } = task;
      const right = data ? present.some((row) => isAs(row, data, list)) : present.every((row) => row.list !== list);
      if (right) delete task.error;
      return right ? [] : [[task, present] as const];
    });
  }

  /** False: nothing was tried. */
  async #again(task: Task, present: readonly StoredPlate[]): Promise<boolean> {
    const { store, list, signal } = this.#options;
    const { data, error } = task;
    if (!data) {
      if (error) return false;
      await this.#removeOtherwise(task, present);
      return true;
    }
    const row = present.find((one) => one.list === list) ?? present[0];
    if (!row && error) return false;
    // Cameras remove by plate, so the row of another list would go, too; one of a list that is not known could not be put back.
    if (row && (row.list === "other" || present.some((one) => one.list !== row.list))) {
      task.error ??= notDone(task);
      return false;
    }
    try {
      if (row) await this.#replaceOne(row, data);
      else await store.add([data], list, signal);
      delete task.error;
    } catch (reason) {
      if (!isHikvisionError(reason) || !isAboutPlate(reason)) throw reason;
      task.error = reason;
    }
    return true;
  }

  /** Where a camera does not change what is there. Not to be interrupted in between; what was there comes back if the new is refused. */
  async #replaceOne(row: StoredPlate, data: PlateData): Promise<void> {
    const { store, list, signal } = this.#options;
    signal.throwIfAborted();
    await this.#removed([row], () => true);
    try {
      await store.add([data], list);
    } catch (error) {
      await store.add([row], row.list === "block" ? "block" : "allow").catch((reason: unknown) => {
        throw new RetryableError(
          "protocol",
          say`The plate ${row.plate} was removed, could not be added as wanted, and could not be put back. Add it again.`,
          isHikvisionError(reason) ? reason.cause : {},
        );
      });
      throw error;
    }
  }

  async #removeOtherwise(task: Task, present: readonly StoredPlate[]): Promise<void> {
    const { list } = this.#options;
    try {
      await this.#removed(
        present.filter((row) => row.list === list),
        (row) => row.list === list,
      );
    } catch (error) {
      if (!isHikvisionError(error) || !isAboutPlate(error)) throw error;
      task.error = error;
    }
  }

  /** In one way after the other, the last first, until the camera does not list it any more. */
  async #removed(rows: readonly StoredPlate[], isMeant: (row: StoredPlate) => boolean): Promise<void> {
    const { store } = this.#options;
    const { signal } = new AbortController();
    const [first] = rows;
    if (!first) return;
    for (let more = true; more; more = store.removeOtherwise()) {
      await store.remove(rows);
      if (!(await store.find(first.plate, signal)).some(isMeant)) return;
    }
  }
}

function dataOf(tasks: readonly Task[]): readonly PlateData[] {
  return tasks.flatMap(({ data }) => data ?? []);
}

function rowsOf(tasks: readonly Task[]): readonly StoredPlate[] {
  return tasks.flatMap(({ stored }) => stored ?? []);
}

function notDone({ kind }: Task): HikvisionError {
  return new RetryableError(
    "protocol",
    kind === "removed"
      ? say`The device said that it removed the plate, and still lists it.`
      : say`The device said that it took the plate, and does not list it that way.`,
  );
}

function wouldEmpty(): HikvisionError {
  return new FatalError(
    "badRequest",
    say`It was not removed: none of the new plates could be added, and the list would be empty.`,
  );
}
