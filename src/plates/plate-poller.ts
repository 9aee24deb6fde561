/**
 * Reads the plate list of one channel as often as it takes: after every gap, so that no plate is lost; at the poll interval where the
 * stream brings none; now and then where it does. Finds what is new, in order, each once; sending is its owner's.
 */
import type { Chance, Clock } from "../lib/clock";
import { isHikvisionError, RetryableError, type HikvisionError } from "../lib/errors";
import { Backoff } from "../lib/backoff";
import type { Picture } from "../events/types";
import { isNotOffered } from "../isapi/unavailable";
import { say } from "../lib/sentence";
import type { OrderedMerge } from "./ordered-merge";
import { SourceTracker, type Reading } from "./source-tracker";
import { cursorAt, earlier, wallOf } from "./cursor";
import type { SeenPlates } from "./seen-plates";
import type { Sight } from "./plate";
import type { ListedPlate, PlateList } from "./plate-list";

export interface PlatePollerOptions {
  readonly channel: number;
  readonly list: Pick<PlateList, "after" | "wallNow">;
  readonly ledger: SeenPlates;
  /** Shared by the channels, so that what is late leaves in order. */
  readonly convoy: OrderedMerge<ListedPlate>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly pollMs: number;
  readonly streamIsUp: boolean;
  /** Where the ledger is empty, this is where it begins: monotonic ms. */
  readonly startedAt: number;
  /** The pictures of a listed plate. Rejects when stopped. */
  readonly pictures: (plate: ListedPlate, signal: AbortSignal) => Promise<Picture[]>;
  /** A plate that only the list has; from now on the ledger knows it. `late`: it passed while nobody was looking. Must not throw. */
  readonly found: (plate: ListedPlate, pictures: Picture[], late: boolean) => void;
  /** The ledger has changed. Must not throw. */
  readonly changed: () => void;
  /** The list cannot be read, for a while or ever; once per reason. */
  readonly failed: (error: HikvisionError) => void;
}

/** Entries may come late by this much: two lanes, two readers. */
const OVERLAP_MS = 10_000;
/** Now and then further back: where the device's clock was set back an hour, new entries stand before old ones. */
const SWEEP_MS = 65 * 60_000;
const SWEEP_EVERY_MS = 10 * 60_000;
/** More than any two zones are apart: a cursor so far ahead of the device's clock is wrong, not just local. */
const DAY_MS = 25 * 3_600_000;
/** A plate stamped later than now by the device's own clock. */
const FUTURE_MS = 5_000;
const RETRY = { firstMs: 1_000, longestMs: 60_000 };
/** So many failures in a row, while the stream is there, are worth a word. */
const WORRYING = 5;

/** Plates to hold at a time. */
const MOST_AT_ONCE = 10_000;

/** A piece of the list. */
interface Stretch {
  readonly plates: readonly ListedPlate[];
  /** Where the next one begins. */
  readonly end: string;
  readonly more: boolean;
  /** The stream came or went meanwhile: it has to be read anew. */
  readonly disturbed: boolean;
}

export class PlatePoller {
  readonly #options: PlatePollerOptions;
  readonly #coverage: SourceTracker;
  readonly #retry: Backoff;
  readonly #life = new AbortController();
  /** Ends the pause between two readings. */
  #wake = new AbortController();
  #sweepAt = 0;
  #failures = 0;
  #told: string | undefined;
  #over = false;
  /** Plates that the device sent once more over the stream, until the list has been read: then they go in their turn. */
  #resent: { readonly cursor: string; readonly send: () => void }[] = [];

  constructor(options: PlatePollerOptions) {
    const { clock, pollMs, streamIsUp, ledger } = options;
    this.#options = options;
    this.#coverage = new SourceTracker({ clock, pollMs, up: streamIsUp, resumed: ledger.cursor !== undefined });
    this.#retry = new Backoff(RETRY, options.chance);
    void this.#run(this.#life.signal);
  }

  close(): void {
    this.#life.abort();
  }

  /** There is no list to read. */
  get isOver(): boolean {
    return this.#over;
  }

  /** The stream has brought a plate. */
  heard(): void {
    this.#coverage.heard();
  }

  /** And it has been sent. */
  delivered(sight: Sight): void {
    if (!this.#coverage.hasGap) this.#options.ledger.follow(sight);
  }

  /** The stream has brought a plate that was missed before: `send` is called in its turn. */
  resent(sight: Sight, send: () => void): void {
    if (this.#over || !this.#coverage.hasGap) send();
    else this.#resent.push({ cursor: cursorAt(sight.captured.wallMs), send });
  }

  streamUp(): void {
    this.#coverage.streamUp();
    this.#wake.abort();
  }

  streamDown(): void {
    this.#coverage.streamDown();
    this.#wake.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const restMs = this.#coverage.patienceMs() || (await this.#turn(signal));
      if (restMs === undefined) return;
      await this.#options.clock.wait(restMs, AbortSignal.any([signal, this.#wake.signal])).catch(() => undefined);
    }
  }

  /** One reading; the ms until the next, undefined when there is nothing to read. Never throws. */
  async #turn(signal: AbortSignal): Promise<number | undefined> {
    try {
      if (!(await this.#read(signal))) return 0;
      this.#retry.reset();
      this.#failures = 0;
      return this.#coverage.intervalMs();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
      return this.#over ? undefined : this.#retry.next();
    }
  }

  #fail(error: unknown): void {
    const ours = isHikvisionError(error)
      ? error
      : new RetryableError("protocol", say`This should not happen: ${String(error)}.`);
    this.#failures += 1;
    this.#over = isNotOffered(ours);
    this.#sendResent();
    const worth = this.#over || (this.#coverage.streamIsUp && this.#failures >= WORRYING);
    if (!worth || this.#told === ours.code) return;
    this.#told = ours.code;
    this.#options.failed(ours);
  }

  /** False: the stream came or went meanwhile, and that changes what is late. */
  async #read(signal: AbortSignal): Promise<boolean> {
    const { ledger, list, clock } = this.#options;
    const reading = this.#coverage.beginReading();
    const startedAt = clock.elapsed();
    const sweep = reading.late || startedAt >= this.#sweepAt;
    const astray =
      sweep && ledger.cursor !== undefined && wallOf(ledger.cursor) - (await list.wallNow(signal)) > DAY_MS;
    if (ledger.cursor === undefined || astray) await this.#begin(astray ? startedAt : this.#options.startedAt, signal);
    if (!(await this.#catchUp(sweep ? SWEEP_MS : OVERLAP_MS, reading, signal))) return false;
    this.#coverage.endReading(reading);
    if (sweep) this.#sweepAt = startedAt + SWEEP_EVERY_MS;
    this.#sendResent();
    this.#options.changed();
    return true;
  }

  /**
   * What was listed before the start (monotonic ms) is history; and all of it, if the list counts in another zone than the clock. The
   * cursor is the newest of it, not the present: the list may be behind the clock, too.
   */
  async #begin(startedAt: number, signal: AbortSignal): Promise<void> {
    const { list, ledger, clock } = this.#options;
    const nowMs = await list.wallNow(signal);
    const listed: ListedPlate[] = [];
    let end = cursorAt(nowMs - DAY_MS);
    for (let cursor = end; ; cursor = end) {
      const page = await this.#page(cursor, signal);
      listed.push(...page);
      end = page.at(-1)?.cursor ?? end;
      if (end <= cursor) break;
    }
    const foreign = end > cursorAt(nowMs + FUTURE_MS);
    const present = foreign ? end : cursorAt(nowMs - (clock.elapsed() - startedAt));
    const history = listed.filter(({ cursor }) => cursor <= present);
    for (const { sight } of history) if (!ledger.knows(sight)) ledger.settle(sight);
    ledger.startAt(history.at(-1)?.cursor ?? cursorAt(nowMs - DAY_MS));
    this.#options.changed();
  }

  /** Takes what the list has from before the cursor on. False: disturbed. */
  async #catchUp(overlapMs: number, reading: Reading, signal: AbortSignal): Promise<boolean> {
    const { ledger, convoy } = this.#options;
    const start = ledger.cursor ?? "";
    const usual = earlier(start, OVERLAP_MS);
    let stretch: Stretch = { plates: [], end: ledger.from(start, overlapMs), more: true, disturbed: false };
    const read = async (): Promise<readonly ListedPlate[]> => {
      const found = await this.#stretch(stretch.end, start, signal);
      const news = found.plates.some(({ sight }) => !ledger.knows(sight));
      const disturbed = news && !(await this.#undisturbed(this.#coverage.graceMs(reading), signal));
      stretch = { ...found, disturbed };
      return disturbed ? [] : found.plates;
    };
    const deal = (plate: ListedPlate): Promise<void> => this.#deal(plate, reading.late || plate.cursor < usual, signal);
    while (stretch.more && !stretch.disturbed) {
      if (reading.late) await convoy.join(read, deal);
      else for (const plate of await read()) await deal(plate);
    }
    return !stretch.disturbed;
  }

  /** Page after page, up to the end or to what one should hold at a time. */
  async #stretch(from: string, start: string, signal: AbortSignal): Promise<Omit<Stretch, "disturbed">> {
    const { ledger } = this.#options;
    const plates: ListedPlate[] = [];
    let end = from;
    while (plates.length < MOST_AT_ONCE) {
      const page = await this.#page(end, signal);
      const news = page.some(({ sight }) => !ledger.knows(sight));
      plates.push(...page);
      const last = page.at(-1)?.cursor ?? end;
      // The newest comes again and again; a page that ends before the start is a full one of what is known.
      if (last <= end || (!news && last >= start)) return { plates, end, more: false };
      end = last;
    }
    return { plates, end, more: true };
  }

  /** Without what was listed while the device's clock was far ahead: it would be the newest for ever. */
  async #page(cursor: string, signal: AbortSignal): Promise<readonly ListedPlate[]> {
    const { channel, list } = this.#options;
    const page = await list.after(channel, cursor, signal);
    const latest = cursorAt((await list.wallNow(signal)) + DAY_MS);
    return page.filter((plate) => plate.cursor <= latest);
  }

  async #undisturbed(ms: number, signal: AbortSignal): Promise<boolean> {
    const { signal: wake } = this.#wake;
    await this.#options.clock.wait(ms, AbortSignal.any([signal, wake])).catch(() => undefined);
    signal.throwIfAborted();
    return !wake.aborted;
  }

  async #deal(plate: ListedPlate, late: boolean, signal: AbortSignal): Promise<void> {
    const { ledger, pictures, found } = this.#options;
    const fetched = ledger.knows(plate.sight) ? [] : await pictures(plate, signal);
    signal.throwIfAborted();
    // Once more: meanwhile the stream may have brought it.
    if (!ledger.knows(plate.sight)) {
      this.#sendResent(plate.cursor);
      found(plate, fetched, this.#coverage.onlyListed(late));
    }
    ledger.advance(plate.cursor);
  }

  /** Those before a place in the list, or all. */
  #sendResent(before?: string): void {
    const due = this.#resent.filter(({ cursor }) => before === undefined || cursor <= before);
    if (due.length === 0) return;
    this.#resent = this.#resent.filter((one) => !due.includes(one));
    for (const { send } of due.sort((a, b) => (a.cursor < b.cursor ? -1 : 1))) send();
  }
}
