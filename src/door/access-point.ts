/**
 * One door or one barrier: its commands one after the other, each sent once. A door is not idempotent, so a command whose answer
 * got lost is not repeated; another path or body is tried only after the device has refused, or says that it is still shut.
 */
import type { Clock } from "../lib/clock";
import {
  AbortedError,
  FatalError,
  type HikvisionError,
  isHikvisionError,
  isRetryable,
  RetryableError,
} from "../lib/errors";
import { Lru } from "../lib/lru";
import { type Lane, Semaphore } from "../lib/semaphore";
import { say } from "../lib/sentence";
import { wasNotSent } from "../http/transport-errors";
import type { Isapi } from "../isapi/isapi";
import { isRefusedPath } from "../isapi/unavailable";
import type { Outputs } from "../io/outputs";
import type { DoorList } from "./door-list";
import type { DoorStates, Reading } from "./door-state";
import { type DoorKind, type DoorMove, type DoorState, named } from "./door-words";
import { Relay, type Sent } from "./relay";
import { FORM_TYPE, type Way, WAYS } from "./ways";

/** What one device has shown of one kind, for all its doors or all its barriers. */
export interface KindMemory {
  way?: Way["name"] | "relay";
  /** How commands to a door are to be sent; undefined until one was seen to have an effect, or not to. */
  type?: "xml" | "form" | "unproven";
}

export interface AccessPointOptions {
  readonly kind: DoorKind;
  readonly number: number;
  /** Of the device, over deploys. */
  readonly key: string;
  readonly memory: KindMemory;
  readonly isapi: Isapi;
  readonly outputs: Outputs;
  readonly list: DoorList;
  readonly states: DoorStates;
  readonly clock: Clock;
  /** Ends what is held open: the device is about to be closed. */
  readonly stop: AbortSignal;
}

export interface MoveOptions {
  readonly signal: AbortSignal;
  /** Any relay will do, whatever the device calls it. */
  readonly anyRelay: boolean;
}

/** Held open for a time. */
interface Hold {
  /** Aborts when a later command has taken over. */
  readonly superseded: AbortController;
}

/** Barriers that this package has locked: kept while Node-RED runs. */
const locked = new Lru<string, true>(10_000);
/** A lock takes a moment, an arm some seconds. */
const LOOK_AGAIN_MS: Readonly<Record<DoorKind, readonly number[]>> = {
  door: [300, 700],
  barrier: [500, 1_000, 1_500],
};
/** Of one door. What ends a hold goes before what was asked later, and is never refused. */
const MOVES: Lane = { order: 1, longest: 20, full: tooMany };
const ENDS: Lane = { order: 0 };
const END_TRIES = 4;
const FIRST_PAUSE_MS = 1_000;

export class AccessPoint {
  readonly #options: AccessPointOptions;
  readonly #relay: Relay;
  readonly #queue = new Semaphore(1);
  #hold: Hold | undefined;

  constructor(options: AccessPointOptions) {
    this.#options = options;
    this.#relay = new Relay(options.outputs, options.kind, options.number);
  }

  /** As read. Throws when the device cannot be talked to. */
  async status(signal: AbortSignal): Promise<Reading> {
    const { kind, number, states } = this.#options;
    return this.#withLock(await states.read(kind, number, signal));
  }

  /** Sends the command, then reads the state. */
  async move(move: DoorMove, options: MoveOptions): Promise<Reading> {
    const { kind } = this.#options;
    await this.#checkWords([move], options.signal);
    const { sent, reading } = await this.#queue.run(
      async () => {
        // A door would stay open in its mode for passing: that ends first.
        if (kind === "door" && move === "close" && this.#hold && !this.#byHeldRelay)
          await this.#release(this.#hold, "resume", options);
        const sent = await this.#send(move, undefined, options, false);
        // A door that is open already stays so until its time is over.
        if (kind === "barrier" || move !== "open") this.#supersede();
        this.#remember(move);
        return { sent, reading: await this.#effectOfType(move, options) };
      },
      options.signal,
      MOVES,
    );
    await sent.over;
    return this.#reported(move, reading ?? (await this.#readUntil(expected(move), options.signal)));
  }

  /**
   * Open for `ms`, then as before: at once when a signal aborts. A later command takes over; the state is then what it left.
   * Throws `notSupported`, with nothing sent, where the device knows no way back.
   */
  async openFor(ms: number, options: MoveOptions, opened: () => void): Promise<Reading> {
    const { kind, clock, stop, list } = this.#options;
    const { signal } = options;
    const back: DoorMove = kind === "door" ? "resume" : "close";
    await this.#checkWords([back], signal);
    const { moves } = (kind === "door" && (await list.abilities(signal))) || {};
    const start: DoorMove = kind === "door" && moves?.has("holdOpen") !== false ? "holdOpen" : "open";
    const { hold, over } = await this.#queue.run(
      async () => {
        const { over } = await this.#start(start, ms, options);
        this.#supersede();
        const hold: Hold = { superseded: new AbortController() };
        this.#hold = hold;
        await this.#effectOfType(start, options).catch(() => undefined);
        return { hold, over };
      },
      signal,
      MOVES,
    );
    over?.catch(() => undefined);
    opened();
    await clock.wait(ms, signal, hold.superseded.signal, stop).catch(() => undefined);
    if (this.#byHeldRelay) {
      await over;
      if (this.#hold === hold) this.#hold = undefined;
    } else await this.#end(hold, back, options);
    if (signal.aborted || stop.aborted) throw new AbortedError();
    return this.#reported("close", await this.#readUntil("closed", signal));
  }

  /** The first half of {@link openFor}: a door of which nobody knows whether it stays open is told not to. */
  async #start(start: DoorMove, ms: number, options: MoveOptions): Promise<Sent> {
    try {
      return await this.#send(start, ms, options, false);
    } catch (error) {
      const unclear = isHikvisionError(error) && error.cause.unclear === true;
      if ((unclear || options.signal.aborted) && start === "holdOpen" && !this.#hold)
        await this.#send("resume", undefined, withoutSignal(options), true).catch(() => undefined);
      throw error;
    }
  }

  /** Unless a later command has taken over. What ends a hold of a door is repeated: it can only shut it. */
  async #end(hold: Hold, back: DoorMove, options: MoveOptions): Promise<void> {
    const { kind, number, stop, clock } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#queue.run(() => this.#release(hold, back, options), undefined, ENDS);
        return;
      } catch (error) {
        const again = kind === "door" ? isRetryable(error) : isHikvisionError(error) && error.code === "busy";
        if (!again || attempt === END_TRIES || stop.aborted) {
          if (this.#hold === hold) this.#hold = undefined;
          throw worded(
            error,
            kind === "door"
              ? say`Door ${number} may still be open: it could not be put back.`
              : say`Barrier ${number} may still be open: closing it failed.`,
          );
        }
        await clock.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1), stop).catch(() => undefined);
      }
    }
  }

  async #release(hold: Hold, back: DoorMove, options: MoveOptions): Promise<void> {
    if (this.#hold !== hold) return;
    await this.#send(back, undefined, withoutSignal(options), true);
    this.#supersede();
  }

  /** The end of a pulse is the end of what it held open. */
  get #byHeldRelay(): boolean {
    return this.#options.kind === "door" && this.#options.memory.way === "relay";
  }

  #supersede(): void {
    this.#hold?.superseded.abort();
    this.#hold = undefined;
  }

  /** Throws `notSupported` for a word that the device does not list, `notFound` for a door that it does not have. */
  async #checkWords(moves: readonly DoorMove[], signal: AbortSignal): Promise<void> {
    const { kind, number, list, isapi } = this.#options;
    // Every device knows open, and nobody waits at a door for a list.
    if (kind === "barrier" || moves.every((move) => move === "open")) return;
    const abilities = await list.abilities(signal);
    if (!abilities) return;
    if (number > abilities.doors)
      throw new FatalError(
        "notFound",
        say`There is no door ${number}: the device has doors 1 to ${abilities.doors}.`,
      ).at(isapi.http.identity);
    const missing = moves.find((move) => abilities.moves?.has(move) === false);
    if (missing !== undefined)
      throw new FatalError(
        "notSupported",
        say`The device does not know "${missing}" for its doors. Nothing was sent.`,
      ).at(isapi.http.identity);
  }

  /** By the way that has worked, else by one after the other until one is not refused. */
  async #send(move: DoorMove, ms: number | undefined, options: MoveOptions, urgent: boolean): Promise<Sent> {
    const { kind, number, memory, isapi } = this.#options;
    const known = memory.way;
    const refusals: HikvisionError[] = [];
    for (const way of this.#ways()) {
      try {
        const sent =
          way === "relay" ? await this.#byRelay(move, ms, options) : await this.#byPath(way, move, options, urgent);
        memory.way = way === "relay" ? way : way.name;
        return sent;
      } catch (error) {
        if (!isHikvisionError(error)) throw error;
        if (!isRefusedPath(error)) throw lost(error, kind, number);
        refusals.push(error);
      }
    }
    // A path that is not there says less than one that does not take the value; the last one explains what else could be done.
    const telling = refusals.find(({ code }) => known !== undefined || code === "badRequest" || code === "forbidden");
    throw (telling ?? refusals.at(-1) ?? new FatalError("notSupported", say`There is no path for this.`)).at(
      isapi.http.identity,
    );
  }

  /** What has worked first. */
  #ways(): readonly (Way | "relay")[] {
    const { kind, memory } = this.#options;
    const all = [...WAYS[kind], "relay" as const];
    const works = (way: Way | "relay"): boolean => (way === "relay" ? way : way.name) === memory.way;
    return [...all.filter(works), ...all.filter((way) => !works(way))];
  }

  async #byPath(way: Way, move: DoorMove, { signal }: MoveOptions, urgent: boolean): Promise<Sent> {
    const { kind, number, memory, isapi } = this.#options;
    const request = way.request(number, move);
    if (!request)
      throw new FatalError("notSupported", say`The device has no "${move}" for ${named(kind, number)}.`).at(
        isapi.http.identity,
      );
    await isapi.put(request.path, request.body, {
      purpose: say`the command to ${named(kind, number)}`,
      signal,
      urgent,
      ...(way.mayNeedForm && memory.type === "form" && { contentType: FORM_TYPE }),
    });
    return {};
  }

  async #byRelay(move: DoorMove, ms: number | undefined, { signal, anyRelay }: MoveOptions): Promise<Sent> {
    const { kind, number, list, isapi } = this.#options;
    if (!anyRelay && !(await list.isLock(number, signal)))
      throw new FatalError(
        "notSupported",
        say`The device has no command for ${named(kind, number)}, and does not call its relay ${number} an electric lock.
          Where a relay opens a barrier, choose "barrier" in the node.`,
      ).at(isapi.http.identity);
    // Anything else would let go of what is locked, or end early what is open.
    const isLocked = kind === "barrier" && locked.get(this.#key) === true;
    if ((isLocked && (move === "open" || move === "close")) || (kind === "door" && move === "open" && this.#hold))
      return {};
    return this.#relay.send(move, ms, signal);
  }

  /**
   * Some devices say OK to a command to a door and do nothing unless it is sent as a form. So the first one that should have opened it is
   * looked after, and sent once more as a form while the door still says that it is shut. Undefined: nothing was read.
   */
  async #effectOfType(move: DoorMove, options: MoveOptions): Promise<Reading | undefined> {
    const { memory } = this.#options;
    if (memory.way !== "remoteControl" || memory.type !== undefined || expected(move) !== "open") return undefined;
    const before = await this.#readUntil("open", options.signal);
    if (before.state === "open") memory.type = "xml";
    if (before.state !== "closed" || options.signal.aborted) return before;
    memory.type = "form";
    try {
      await this.#send(move, undefined, options, false);
    } catch (error) {
      memory.type = "unproven";
      // As the device had accepted the first, that is what is told.
      if (isHikvisionError(error) && error.cause.unclear === true) throw error;
      return before;
    }
    const after = await this.#readUntil("open", options.signal);
    if (after.state !== "open") memory.type = "unproven";
    return after;
  }

  /** The state, asked again for a moment where it is known and not yet what is expected. */
  async #readUntil(wanted: DoorState | undefined, signal: AbortSignal): Promise<Reading> {
    const { kind, number, states, clock, memory } = this.#options;
    if (memory.way === "relay") return { state: "unknown" };
    const read = (): Promise<Reading> => states.readAfter(kind, number, signal);
    let reading = await read();
    for (const pauseMs of LOOK_AGAIN_MS[kind]) {
      const settled = reading.state === "unknown" || reading.state === "locked" || reading.state === wanted;
      if (wanted === undefined || settled || memory.type === "unproven" || signal.aborted) break;
      await clock.wait(pauseMs, signal).catch(() => undefined);
      reading = await read();
    }
    return reading;
  }

  /** What is told of the state after a command. */
  #reported(move: DoorMove, read: Reading): Reading {
    const { kind, number, memory } = this.#options;
    const reading = this.#withLock(read);
    if (reading.notice) return reading;
    const opens = move === "open" || move === "holdOpen";
    if (reading.state === "locked" && opens)
      return {
        ...reading,
        notice:
          kind === "barrier"
            ? say`The barrier is locked: open has no effect until it is unlocked.`
            : say`The door is held closed: open may have no effect until it is resumed.`,
      };
    if (move === "lock" && memory.way === "itc")
      return { ...reading, notice: say`This device has no command to unlock: unlock the barrier on its web page.` };
    if (move === "close" && reading.state === "open")
      return {
        ...reading,
        notice: say`The device has accepted the command, but says that ${named(kind, number)} is still open.`,
      };
    if (opens && reading.state === "closed")
      return {
        ...reading,
        notice: say`The device has accepted the command, but says that ${named(kind, number)} is still shut.`,
      };
    return reading;
  }

  /** A barrier that stands open was unlocked by somebody else. */
  #withLock(reading: Reading): Reading {
    if (this.#options.kind !== "barrier" || !locked.get(this.#key)) return reading;
    if (reading.state !== "open") return { ...reading, state: "locked" };
    locked.delete(this.#key);
    return reading;
  }

  #remember(move: DoorMove): void {
    if (move === "lock") locked.set(this.#key, true);
    if (move === "unlock") locked.delete(this.#key);
  }

  get #key(): string {
    return `${this.#options.key} ${this.#options.number}`;
  }
}

function tooMany(waiting: number): RetryableError {
  return new RetryableError(
    "busy",
    say`${waiting} commands wait for this door or barrier already, so this one was not added.`,
  );
}

function expected(move: DoorMove): DoorState | undefined {
  if (move === "open" || move === "holdOpen") return "open";
  return move === "close" ? "closed" : undefined;
}

/** What ends a hold goes out also when the node is closed. */
function withoutSignal({ anyRelay }: MoveOptions): MoveOptions {
  return { anyRelay, signal: new AbortController().signal };
}

/** The same error, and that nobody knows what the device has done, where that is so. */
function lost(error: HikvisionError, kind: DoorKind, number: number): HikvisionError {
  if (!(error instanceof RetryableError) || wasNotSent(error)) return error;
  if (!["offline", "timeout", "protocol"].includes(error.code)) return error;
  const where = named(kind, number);
  const told = new RetryableError(
    error.code,
    say`Nobody knows whether ${where} has got the command, so it was not sent again: look before you repeat it. ${error.sentence}`,
    { ...error.cause, unclear: true },
  );
  return Object.assign(told, { unclear: true as const });
}

function worded(error: unknown, sentence: ReturnType<typeof say>): unknown {
  if (!isHikvisionError(error) || error.code === "aborted") return error;
  const whole = say`${sentence} ${error.sentence}`;
  if (error instanceof RetryableError) {
    const told = new RetryableError(error.code, whole, error.cause);
    return error.cause.unclear ? Object.assign(told, { unclear: true as const }) : told;
  }
  return error instanceof FatalError ? new FatalError(error.code, whole, error.cause) : error;
}
