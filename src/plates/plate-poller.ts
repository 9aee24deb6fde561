/**
 * Polls the plate list of one channel: after every gap, so that no plate is lost; at the poll interval where the stream brings none;
 * once a minute where it does. Finds new plates, in order, each once; its owner sends them.
 */
import type { Chance, Clock } from "../lib/clock";
import { isHikvisionError, RetryableError, type HikvisionError } from "../lib/errors";
import { Backoff } from "../lib/backoff";
import type { Picture } from "../events/types";
import { isNotOffered } from "../isapi/unavailable";
import { say } from "../lib/sentence";
import { Slice } from "../lib/slices";
import type { OrderedMerge } from "./ordered-merge";
import { SourceTracker, type ListRead } from "./source-tracker";
import { cursorAt, earlier, wallOf } from "./cursor";
import type { SeenPlates } from "./seen-plates";
import type { Capture } from "./plate";
import type { ListedPlate, PlateList } from "./plate-list";

export interface PlatePollerOptions {
  readonly channel: number;
  readonly list: Pick<PlateList, "after" | "wallNow">;
  readonly seenPlates: SeenPlates;
  /** Shared by the channels, so that backfilled plates are sent in order. */
  readonly merge: OrderedMerge<ListedPlate>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly pollMs: number;
  readonly streamIsUp: boolean;
  /** Where a first start begins: monotonic ms. */
  readonly startedAt: number;
  /** The pictures of a listed plate. Rejects when stopped. */
  readonly pictures: (plate: ListedPlate, signal: AbortSignal) => Promise<Picture[]>;
  /** A plate that only the list has; to be added to `seenPlates`, sent or skipped. `backfilled`: it passed during a gap. Must not throw. */
  readonly found: (plate: ListedPlate, pictures: Picture[], backfilled: boolean) => void;
  /** `seenPlates` has changed. Must not throw. */
  readonly changed: () => void;
  /** The list cannot be read, for a while or ever; once per reason. */
  readonly failed: (error: HikvisionError) => void;
}

/** Entries may be listed this late: two lanes, two readers. */
const OVERLAP_MS = 10_000;
/** Every ten minutes further back: after the device's clock was set back an hour, new entries are listed before old ones. */
const SWEEP_MS = 65 * 60_000;
const SWEEP_EVERY_MS = 10 * 60_000;
/** More than any two time zones are apart: a cursor so far ahead of the device's clock is wrong. */
const DAY_MS = 25 * 3_600_000;
/** A plate stamped later than now by the device's own clock. */
const FUTURE_MS = 5_000;
const RETRY = { firstMs: 1_000, longestMs: 60_000 };
/** Failures in a row, while the stream is up, before `failed` is called. */
const FAILURES_TO_REPORT = 5;

/** Plates with their pictures that wait for the list; more are sent at once, the oldest first. */
const MOST_RESENT = 64;
/** Plates to hold at a time. */
const MOST_AT_ONCE = 10_000;

/** Some pages of the list. */
interface ListBatch {
  readonly plates: readonly ListedPlate[];
  /** Where the next one begins. */
  readonly end: string;
  readonly more: boolean;
  /** The stream came up or went down meanwhile: it has to be read again. */
  readonly interrupted: boolean;
}

export class PlatePoller {
  readonly #options: PlatePollerOptions;
  readonly #tracker: SourceTracker;
  readonly #retry: Backoff;
  readonly #stop = new AbortController();
  /** Ends the pause between two reads. */
  #wake = new AbortController();
  #sweepAt = 0;
  #failures = 0;
  #reported: string | undefined;
  #ended = false;
  /** Plates that the device sent again over the stream; sent in order once the list has been read. */
  #resent: { readonly cursor: string; readonly send: () => void }[] = [];

  constructor(options: PlatePollerOptions) {
    const { clock, pollMs, streamIsUp, seenPlates } = options;
    this.#options = options;
    this.#tracker = new SourceTracker({
      clock,
      pollMs,
      streamIsUp,
      resumed: seenPlates.cursor !== undefined,
    });
    this.#retry = new Backoff(RETRY, options.chance);
    void this.#run(this.#stop.signal);
  }

  close(): void {
    this.#stop.abort();
  }

  /** The device has no list for this channel. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** The stream has brought a plate. */
  streamBroughtPlate(): void {
    this.#tracker.streamBroughtPlate();
  }

  /** A plate of the stream has been handled. */
  streamPlateDone(capture: Capture): void {
    if (!this.#tracker.hasGap) this.#options.seenPlates.followStream(capture);
  }

  /** The stream has brought a plate that was missed before: `send` is called in order with the list's. */
  resent(capture: Capture, send: () => void): void {
    if (this.#ended || !this.#tracker.hasGap) send();
    else this.#resent.push({ cursor: cursorAt(capture.capturedAt.wallMs), send });
    if (this.#resent.length > MOST_RESENT) this.#resent.shift()?.send();
  }

  streamUp(): void {
    this.#tracker.streamUp();
    this.#wake.abort();
  }

  streamDown(): void {
    this.#tracker.streamDown();
    this.#wake.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const restMs = this.#tracker.waitForStreamMs() || (await this.#readOrRetry(signal));
      if (restMs === undefined) return;
      await this.#options.clock.wait(restMs, signal, this.#wake.signal).catch(() => undefined);
    }
  }

  /** One read; gives the ms until the next, undefined when there is no list. Never throws. */
  async #readOrRetry(signal: AbortSignal): Promise<number | undefined> {
    try {
      if (!(await this.#read(signal))) return 0;
      this.#retry.reset();
      this.#failures = 0;
      return this.#tracker.intervalMs();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
      return this.#ended ? undefined : this.#retry.next();
    }
  }

  #fail(error: unknown): void {
    const ours = isHikvisionError(error)
      ? error
      : new RetryableError("protocol", say`This should not happen: ${String(error)}.`);
    this.#failures += 1;
    this.#ended = isNotOffered(ours);
    this.#sendResent();
    const isWorthReporting = this.#ended || (this.#tracker.streamIsUp && this.#failures >= FAILURES_TO_REPORT);
    if (!isWorthReporting || this.#reported === ours.code) return;
    this.#reported = ours.code;
    this.#options.failed(ours);
  }

  /** False: the stream came up or went down meanwhile, and that changes what is backfilled. */
  async #read(signal: AbortSignal): Promise<boolean> {
    const { seenPlates, list, clock } = this.#options;
    const listRead = this.#tracker.beginRead();
    const startedAt = clock.elapsed();
    const sweep = listRead.backfilled || startedAt >= this.#sweepAt;
    const offTrack =
      sweep && seenPlates.cursor !== undefined && wallOf(seenPlates.cursor) - (await list.wallNow(signal)) > DAY_MS;
    if (seenPlates.cursor === undefined || offTrack)
      await this.#begin(offTrack ? startedAt : this.#options.startedAt, signal);
    if (!(await this.#catchUp(sweep ? SWEEP_MS : OVERLAP_MS, listRead, signal))) return false;
    this.#tracker.endRead(listRead);
    if (sweep) this.#sweepAt = startedAt + SWEEP_EVERY_MS;
    this.#sendResent();
    this.#options.changed();
    return true;
  }

  /**
   * Marks as seen what was listed before the start (monotonic ms); all of it, if the list is in another zone than the clock. The cursor is
   * the newest of it, not the current time: the list may be behind the clock, too.
   */
  async #begin(startedAt: number, signal: AbortSignal): Promise<void> {
    const { list, seenPlates, clock } = this.#options;
    const nowMs = await list.wallNow(signal);
    const startMs = nowMs - (clock.elapsed() - startedAt);
    let listed: readonly ListedPlate[] = [];
    let end = cursorAt(nowMs - DAY_MS);
    for (let cursor = end; ; cursor = end) {
      const page = await this.#page(cursor, signal);
      // Of more only the newest count: no more are remembered.
      listed = listed.concat(page).slice(-MOST_AT_ONCE);
      end = page.at(-1)?.cursor ?? end;
      if (end <= cursor) break;
    }
    const isOtherZone = end > cursorAt(nowMs + FUTURE_MS);
    const historyEnd = isOtherZone ? end : cursorAt(startMs);
    const history = listed.filter(({ cursor }) => cursor <= historyEnd);
    const slice = new Slice();
    for (const { capture } of history) {
      if (!seenPlates.isHandled(capture)) seenPlates.markSkipped(capture);
      if (slice.isOver) await slice.next();
      signal.throwIfAborted();
    }
    seenPlates.startAt(history.at(-1)?.cursor ?? cursorAt(nowMs - DAY_MS));
    this.#options.changed();
  }

  /** Emits what the list has from before the cursor on. False: interrupted. */
  async #catchUp(overlapMs: number, listRead: ListRead, signal: AbortSignal): Promise<boolean> {
    const { seenPlates, merge } = this.#options;
    const start = seenPlates.cursor ?? "";
    const overlapStart = earlier(start, OVERLAP_MS);
    let batch: ListBatch = { plates: [], end: seenPlates.readFrom(start, overlapMs), more: true, interrupted: false };
    const read = async (): Promise<readonly ListedPlate[]> => {
      const found = await this.#readBatch(batch.end, start, signal);
      const news = found.plates.some(({ capture }) => !seenPlates.isHandled(capture));
      const interrupted = news && !(await this.#waitUninterrupted(this.#tracker.graceMs(listRead), signal));
      batch = { ...found, interrupted };
      return interrupted ? [] : found.plates;
    };
    const emit = (plate: ListedPlate): Promise<void> =>
      this.#emit(plate, listRead.backfilled || plate.cursor < overlapStart, signal);
    while (batch.more && !batch.interrupted) {
      if (listRead.backfilled) await merge.add(read, emit);
      else await emitAll(await read(), emit);
    }
    return !batch.interrupted;
  }

  /** Reads page after page, to the end or to the most plates held at a time. */
  async #readBatch(from: string, start: string, signal: AbortSignal): Promise<Omit<ListBatch, "interrupted">> {
    const { seenPlates } = this.#options;
    let plates: readonly ListedPlate[] = [];
    let end = from;
    while (plates.length < MOST_AT_ONCE) {
      const page = await this.#page(end, signal);
      const news = page.some(({ capture }) => !seenPlates.isHandled(capture));
      plates = plates.concat(page);
      const last = page.at(-1)?.cursor ?? end;
      // The newest plate is repeated at the end of the list; a page that ends before the start holds only known plates, but is full.
      if (last <= end || (!news && last >= start)) return { plates, end, more: false };
      end = last;
    }
    return { plates, end, more: true };
  }

  /** Without what was listed while the device's clock was far ahead: it would always be the newest. */
  async #page(cursor: string, signal: AbortSignal): Promise<readonly ListedPlate[]> {
    const { channel, list } = this.#options;
    const page = await list.after(channel, cursor, signal);
    const latest = cursorAt((await list.wallNow(signal)) + DAY_MS);
    return page.filter((plate) => plate.cursor <= latest);
  }

  async #waitUninterrupted(ms: number, signal: AbortSignal): Promise<boolean> {
    const { signal: wake } = this.#wake;
    await this.#options.clock.wait(ms, signal, wake).catch(() => undefined);
    signal.throwIfAborted();
    return !wake.aborted;
  }

  async #emit(plate: ListedPlate, backfilled: boolean, signal: AbortSignal): Promise<void> {
    const { seenPlates, pictures, found } = this.#options;
    const fetched = seenPlates.isHandled(plate.capture) ? [] : await pictures(plate, signal);
    signal.throwIfAborted();
    // Checked again: the stream may have brought it meanwhile.
    if (!seenPlates.isHandled(plate.capture)) {
      this.#sendResent(plate.cursor);
      found(plate, fetched, this.#tracker.noteListOnly(backfilled));
    }
    seenPlates.advance(plate.cursor);
  }

  /** Those up to a cursor, or all. */
  #sendResent(before?: string): void {
    const due = this.#resent.filter(({ cursor }) => before === undefined || cursor <= before);
    if (due.length === 0) return;
    this.#resent = this.#resent.filter((one) => !due.includes(one));
    for (const { send } of due.sort((a, b) => (a.cursor < b.cursor ? -1 : 1))) send();
  }
}

async function emitAll(plates: readonly ListedPlate[], emit: (plate: ListedPlate) => Promise<void>): Promise<void> {
  const slice = new Slice();
  for (const plate of plates) {
    await emit(plate);
    if (slice.isOver) await slice.next();
  }
}
