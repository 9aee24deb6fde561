/**
 * Downloads from one device, one after the other, each file completely or not at all. The way of a recording: recording-resolver.ts →
 * ../search.ts → transfer.ts → part-file.ts → container.ts and mp4.ts. Name, folder and format are decided here.
 */
import { tmpdir } from "node:os";
import path from "node:path";
import type { Chance, Clock } from "../../lib/clock";
import { AbortedError, codeOf, FatalError, isHikvisionError, type HikvisionError } from "../../lib/errors";
import { tooManyWaiting } from "../../http/lanes";
import { type Lane, Semaphore } from "../../lib/semaphore";
import type { Isapi } from "../../isapi/isapi";
import { readPlaybackUri } from "../playback-uri";
import type { Recording } from "../recording";
import type { Recordings } from "../recordings";
import type { TimeRange } from "../time-range";
import type { DeviceTime } from "../../time/device-time";
import { fileName, numbered, nameStamp } from "../../lib/file-name";
import { readFile } from "../../lib/files";
import { say } from "../../lib/sentence";
import { MOST_EARLY_MS } from "../../rtsp/told-start";
import { containerOf, CONTENT_TYPES, ENDINGS, type ContainerFormat } from "./container";
import { cut, join, remux } from "./mp4";
import { measureFile, PartFile, prepareFolder, sizeOf, type FileSummary } from "./part-file";
import { tooLarge } from "./transfer-limits";
import { ProgressMeter, type Progress } from "./progress";
import { mp4Seconds } from "./mp4-length";
import type { PlaybackTransfer } from "./playback-transfer";
import { Transfer, type TransferRequest } from "./transfer";
import { RecordingResolver } from "./recording-resolver";

/** A device that refuses downloads is asked for one again after so long. */
const REFUSED_MS = 10 * 60_000;
/** Files of the same length in time: times of recordings are whole seconds. */
const SAME_LENGTH_MS = 5_000;
/** What devices answer to an address that they no longer know. */
const REFUSED_ADDRESS: ReadonlySet<string> = new Set(["badRequest", "notFound"]);
/** The shortest range that a search takes. */
const SEARCHED_MS = 1_000;

export interface DownloadsOptions {
  readonly isapi: Pick<Isapi, "stream" | "http">;
  readonly recordings: Pick<Recordings, "search" | "findByName">;
  readonly time: Pick<DeviceTime, "frame" | "now">;
  /** Takes the place of downloads where the device refuses them. */
  readonly playback?: Pick<PlaybackTransfer, "fetch">;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** Folder, name and format of the files. */
export interface Delivery {
  /** "mp4" and "buffer" are cut to the requested range; "buffer" leaves no file. */
  readonly deliverAs: "file" | "mp4" | "buffer";
  /** Not for "buffer". */
  readonly directory: string;
  /** Template: {device}, {channel}, {start}, {end}, {name}. */
  readonly filename: string;
  readonly existing: "skip" | "overwrite" | "rename";
}

export interface DownloadJob extends Delivery {
  /** One file each. */
  readonly items: readonly Item[];
  readonly signal: AbortSignal;
  /** In the order of the items. Neither may throw. */
  readonly onFile: (index: number, outcome: Downloaded | Failed) => void;
  readonly onProgress: (progress: Progress) => void;
}

export interface Item {
  /** Describes the file; its times are the requested range. */
  readonly recording: Recording;
  /** The recordings to transfer for it, where that is not `recording` alone. */
  readonly sources?: readonly Recording[];
}

export interface Downloaded {
  /** Absent: the content is in `data`. */
  readonly path?: string;
  readonly data?: Buffer;
  /** The name without its folder. */
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly container: ContainerFormat;
  readonly recording: Recording;
  /** It was played, because the device refuses downloads. */
  readonly via?: "rtsp";
  /** The file existed already. */
  readonly skipped?: true;
}

export interface Failed {
  readonly recording: Recording;
  readonly error: HikvisionError;
}

/** A complete file that does not have its final name yet. */
interface CompletedPart {
  readonly part: PartFile;
  readonly filled: FileSummary;
}

interface Fetched extends CompletedPart {
  /** Where it was played: what its pictures are of. */
  readonly played?: TimeRange;
}

/** Messages that wait for the files of others. */
const FILES: Lane = { order: 0, longest: 100, full: tooManyWaiting };
/** E-mail and messengers refuse more. */
export const MAX_BUFFER_BYTES = 64 << 20;
/** Less than this is not cut off: times of recordings are whole seconds. */
const MIN_CUT_MS = 1_000;

export class Downloads {
  /** Resolves what a flow asks for to recordings. */
  readonly resolver: RecordingResolver;
  readonly #options: DownloadsOptions;
  readonly #transfer: Transfer;
  readonly #queue = new Semaphore(1);
  /** Monotonic ms: until then the device is known to refuse downloads. */
  #refusedUntil = -Infinity;

  constructor(options: DownloadsOptions) {
    this.#options = options;
    this.#transfer = new Transfer(options);
    this.resolver = new RecordingResolver(options);
  }

  /** Rejects with the first failure after all items were tried; at once when aborted. */
  async run(job: DownloadJob): Promise<void> {
    const { items, signal, onFile, onProgress } = job;
    const { clock } = this.#options;
    const folder = folderOf(job);
    await prepareFolder(folder, clock.now());
    const sizes = items.map(({ recording, sources = [recording] }) => sum(sources.map(({ bytes }) => bytes)));
    const meter = new ProgressMeter({ sizes, clock, emit: onProgress });
    /** Paths used in this job. */
    const taken = new Set<string>();
    let first: HikvisionError | undefined;
    for (const [index, item] of items.entries()) {
      let received = 0;
      const onBytes: OnBytes = (bytes, size, share) => meter.at((received = bytes), size, share);
      try {
        const outcome = await this.#download(item, job, folder, taken, onBytes);
        meter.next(outcome.skipped ? outcome.bytes : received);
        onFile(index, outcome);
      } catch (error) {
        if (signal.aborted || codeOf(error) === "aborted") throw new AbortedError();
        if (!isHikvisionError(error)) throw error;
        first ??= error;
        meter.next(0);
        onFile(index, { recording: item.recording, error });
      }
    }
    meter.end();
    if (first) throw first;
  }

  async #download(
    item: Item,
    job: DownloadJob,
    folder: string,
    taken: Set<string>,
    onBytes: OnBytes,
  ): Promise<Downloaded> {
    const { recording } = item;
    const name = this.#nameOf(recording, job.filename);
    const stem = path.join(folder, job.deliverAs === "buffer" ? path.basename(name) : name);
    if (path.dirname(stem) !== folder) await prepareFolder(path.dirname(stem), this.#options.clock.now());
    const there =
      job.existing === "skip" && job.deliverAs !== "buffer"
        ? await this.#existingFile(item, job, stem, taken)
        : undefined;
    if (there) return there;
    const created: PartFile[] = [];
    try {
      const { part, filled, played } = await this.#fetchAndConvert(item, job, stem, onBytes, created);
      const container = containerOf(filled.head);
      const { bytes, sha256 } = filled;
      const facts = {
        bytes,
        sha256,
        container,
        contentType: CONTENT_TYPES[container],
        recording: played ? await this.#asPlayed(recording, played, job.signal) : recording,
        ...(played && { via: "rtsp" as const }),
      };
      if (job.deliverAs === "buffer") {
        if (bytes > MAX_BUFFER_BYTES) throw tooLarge(bytes, MAX_BUFFER_BYTES);
        return { ...facts, filename: path.basename(stem) + ENDINGS[container], data: await readFile(part.path) };
      }
      const final = await place(part, stem + ENDINGS[container], job.existing === "overwrite", taken);
      return { path: final, filename: path.basename(final), ...facts };
    } finally {
      await Promise.all(created.map((part) => part.remove()));
    }
  }

  /** The file that exists under this name or a numbered one, unless this job has used it. One of another size is somebody else's. */
  async #existingFile(
    { recording, sources }: Item,
    { deliverAs, signal }: DownloadJob,
    stem: string,
    taken: Set<string>,
  ): Promise<Downloaded | undefined> {
    const mp4 = deliverAs === "mp4" && recording.kind === "video";
    const endings = mp4 ? [".mp4"] : recording.kind === "picture" ? [".jpg"] : [".mpg", ".mp4", ".dat"];
    const fits = async (size: number, file: string): Promise<boolean> => {
      if (mp4 || sources || recording.bytes === null || size === recording.bytes) return size > 0;
      return (
        path.extname(file) === ".mp4" && recording.kind === "video" && (await this.#isAsLong(file, recording, signal))
      );
    };
    for (const ending of endings) {
      const file = await existing(stem + ending, taken, fits);
      if (file === undefined) continue;
      taken.add(file);
      const { bytes, sha256, head } = await measureFile(file, signal);
      const container = containerOf(head);
      const contentType = CONTENT_TYPES[container];
      return {
        path: file,
        filename: path.basename(file),
        contentType,
        bytes,
        sha256,
        container,
        recording,
        skipped: true,
      };
    }
    return undefined;
  }

  /** Is this file, which was played, as long as the recording? Its size tells nothing. */
  async #isAsLong(file: string, recording: Recording, signal: AbortSignal): Promise<boolean> {
    const seconds = await mp4Seconds(file);
    if (seconds === undefined) return false;
    const { startMs, endMs } = await this.resolver.fileRange(recording, recording, signal);
    const moreMs = seconds * 1000 - (endMs - startMs);
    return moreMs >= -SAME_LENGTH_MS && moreMs <= MOST_EARLY_MS + SAME_LENGTH_MS;
  }

  /** With the times of what is in the file, where that is less than was asked for. */
  async #asPlayed(recording: Recording, { startMs, endMs }: TimeRange, signal: AbortSignal): Promise<Recording> {
    const asked = { startMs: Date.parse(recording.start), endMs: Date.parse(recording.end) };
    const isWhole = startMs - asked.startMs < MIN_CUT_MS && asked.endMs - endMs < MIN_CUT_MS;
    if (isWhole) return recording;
    const times = { startMs: Math.max(asked.startMs, startMs), endMs: Math.min(asked.endMs, endMs) };
    return { ...recording, ...(await this.resolver.timesOf(times, recording.channel, signal)) };
  }

  /** Adds every part file that it creates to `created`. */
  async #fetchAndConvert(
    { recording, sources = [recording] }: Item,
    { deliverAs, signal }: DownloadJob,
    stem: string,
    onBytes: OnBytes,
    created: PartFile[],
  ): Promise<Fetched> {
    const part = (): PartFile => {
      const fresh = new PartFile(stem);
      created.push(fresh);
      return fresh;
    };
    const whole = sum(sources.map(({ bytes }) => bytes)) ?? undefined;
    const asItIs = deliverAs === "file" || recording.kind === "picture";
    const file = asItIs
      ? undefined
      : await this.resolver.fileRange(sources[0] ?? recording, sources.at(-1) ?? recording, signal);
    const span = file && cutOf(recording, file);
    const fetched: Fetched[] = [];
    let before = 0;
    for (const [index, source] of sources.entries()) {
      const file = part();
      const wanted = {
        playbackUri: source.playbackUri,
        purpose: say`the recording ${source.name}`,
        signal,
        grows: source.open === true,
        // What is cut out of a file may be small where the file is not.
        maxBytes: deliverAs === "buffer" && !span ? MAX_BUFFER_BYTES - before : undefined,
        onBytes: (bytes: number, size: number | undefined) =>
          onBytes(before + bytes, sources.length === 1 ? size : whole),
      };
      const play = {
        maxBytes: deliverAs === "buffer" ? MAX_BUFFER_BYTES - before : undefined,
        range: asItIs ? undefined : { startMs: Date.parse(recording.start), endMs: Date.parse(recording.end) },
        onProgress: (bytes: number, share: number) =>
          onBytes(before + bytes, undefined, (index + share) / sources.length),
      };
      const one = await this.#queue.run(() => this.#fetchOrPlay(source, wanted, play, file), signal, FILES);
      before += one.filled.bytes;
      fetched.push({ part: file, ...one });
    }
    const [only] = fetched;
    if (!only) throw new FatalError("notFound", say`There is nothing to download.`);
    if (asItIs) return only;
    const last = fetched.at(-1);
    const played = only.played && last?.played && { startMs: only.played.startMs, endMs: last.played.endMs };
    // What was played is no more than was asked for, but begins with a key picture.
    const cutting = file && played ? cutOf(recording, played) : span;
    if (fetched.length === 1 && !cutting && containerOf(only.filled.head) === "mp4" && !played) return only;
    try {
      return { ...(await this.#toMp4(fetched, cutting, part, signal)), ...(played && { played }) };
    } catch (error) {
      if (fetched.length > 1 || codeOf(error) !== "ffmpeg") throw error;
      // What was played is MP4 already. A buffer may hold the original where it cannot be converted.
      if (played || (deliverAs === "buffer" && !span)) return only;
      throw error;
    }
  }

  /** Played where the device refuses downloads, and is known to. */
  async #fetchOrPlay(
    source: Recording,
    wanted: TransferRequest,
    { range, maxBytes, onProgress }: PlayOptions,
    file: PartFile,
  ): Promise<Omit<Fetched, "part">> {
    const { playback, clock } = this.#options;
    const canPlay = playback && source.kind === "video";
    const { signal, purpose } = wanted;
    if (!canPlay || clock.elapsed() >= this.#refusedUntil) {
      try {
        return { filled: await this.#fetchFresh(source, wanted, file) };
      } catch (error) {
        if (!canPlay || !isRefusedDownload(error, source)) throw error;
        if (codeOf(error) === "notSupported") this.#refusedUntil = clock.elapsed() + REFUSED_MS;
      }
    }
    const whole = await this.resolver.fileRange(source, source, signal);
    const part = range ? clippedTo(whole, range) : whole;
    const request = { source, range: part, purpose, signal, maxBytes, onProgress };
    const { filled, range: played } = await playback.fetch(request, file);
    return { filled, played };
  }

  /** Addresses grow stale: one that is refused is searched for again, and the new one is tried. */
  async #fetchFresh(source: Recording, wanted: TransferRequest, file: PartFile): Promise<FileSummary> {
    try {
      return await this.#transfer.fetch(wanted, file);
    } catch (error) {
      if (!REFUSED_ADDRESS.has(codeOf(error) ?? "")) throw error;
      const again = await this.#addressOf(source, wanted.signal);
      if (again === undefined || again === source.playbackUri) throw error;
      return this.#transfer.fetch({ ...wanted, playbackUri: again }, file);
    }
  }

  /** As the device writes it now; undefined: it does not have it any more, or cannot be asked. */
  async #addressOf(source: Recording, signal: AbortSignal): Promise<string | undefined> {
    const { channel, kind, name } = source;
    const file = readPlaybackUri(source.playbackUri);
    const frame = await this.#options.time.frame({ channel, signal });
    const startMs = frame.moment(file?.start ?? "") ?? Date.parse(source.start);
    const [start, end] = [new Date(startMs), new Date(startMs + SEARCHED_MS)];
    const recordType = kind === "picture" ? "picture" : "all";
    const found = await this.#options.recordings.search({ channel, start, end, recordType, signal }).catch(() => []);
    const same = found.filter((one) => one.track === source.track);
    return (same.find((one) => one.name === name) ?? same.find((one) => Date.parse(one.start) === startMs))
      ?.playbackUri;
  }

  async #toMp4(
    fetched: readonly Fetched[],
    span: { from: number; seconds: number } | undefined,
    part: () => PartFile,
    signal: AbortSignal,
  ): Promise<CompletedPart> {
    const pieces: PartFile[] = [];
    for (const source of fetched) {
      const target = part();
      await remux(source.part.path, target.path, signal);
      // One alone is handed on as it is where the rest fails.
      if (fetched.length > 1) await source.part.remove();
      pieces.push(target);
    }
    let whole = pieces[0] ?? part();
    if (pieces.length > 1) {
      whole = part();
      await join(
        pieces.map((piece) => piece.path),
        whole.path,
        part().path,
        signal,
      );
    }
    if (span) {
      const target = part();
      await cut(whole.path, target.path, span, signal);
      whole = target;
    }
    const filled = await whole.measure(signal);
    for (const source of fetched) await source.part.remove();
    return { part: whole, filled };
  }

  #nameOf({ channel, name, startLocal, endLocal }: Recording, template: string): string {
    const stamp = (local: string): string => nameStamp(Date.parse(`${local.slice(0, 19)}Z`), 0);
    const device = this.#options.isapi.http.identity.name;
    const plain = template.replace(/\.(?:mp4|mpg|jpg)$/i, "");
    return fileName(plain, { device, channel, start: stamp(startLocal), end: stamp(endLocal), name }, "");
  }
}

/** `size`: of the whole; `share`: of its time, 0 … 1, where bytes say nothing. */
type OnBytes = (bytes: number, size: number | undefined, share?: number) => void;

interface PlayOptions {
  /** What is wanted; undefined: all of it. */
  readonly range: TimeRange | undefined;
  readonly maxBytes: number | undefined;
  readonly onProgress: (bytes: number, share: number) => void;
}

/** It does no downloads at all, or none of an address without a name. */
function isRefusedDownload(error: unknown, { playbackUri }: Recording): boolean {
  const code = codeOf(error) ?? "";
  if (code === "notSupported") return true;
  return REFUSED_ADDRESS.has(code) && readPlaybackUri(playbackUri)?.name === undefined;
}

function clippedTo(whole: TimeRange, range: TimeRange): TimeRange {
  const startMs = Math.max(whole.startMs, range.startMs);
  return { startMs, endMs: Math.max(startMs, Math.min(whole.endMs, range.endMs)) };
}

function folderOf({ deliverAs, directory }: Delivery): string {
  if (deliverAs === "buffer") return tmpdir();
  if (directory.trim() !== "") return path.resolve(directory);
  throw new FatalError(
    "badRequest",
    say`No folder is chosen. Enter one in this node's settings, such as /data/recordings.`,
  );
}

/** The part of a file to keep; undefined: all of it. */
function cutOf({ start, end }: Recording, file: TimeRange): { from: number; seconds: number } | undefined {
  const fromMs = Math.max(0, Date.parse(start) - file.startMs);
  const restMs = file.endMs - Date.parse(end);
  if (fromMs < MIN_CUT_MS && restMs < MIN_CUT_MS) return undefined;
  return { from: fromMs / 1000, seconds: (Date.parse(end) - file.startMs - fromMs) / 1000 };
}

/** The first of "a.mp4", "a_2.mp4" … that this job has not used. */
function free(file: string, taken: ReadonlySet<string>): string {
  let name = file;
  for (let number = 2; taken.has(name); number++) name = numbered(file, number);
  return name;
}

/** The first of "a.mpg", "a_2.mpg" … whose size fits, as far as they go on. */
async function existing(
  file: string,
  taken: ReadonlySet<string>,
  fits: (size: number, file: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? file : numbered(file, number);
    const size = await sizeOf(name);
    if (size === undefined) return undefined;
    if (!taken.has(name) && (await fits(size, name))) return name;
  }
}

/** Returns the final path. Two files of one job never have the same. */
async function place(part: PartFile, file: string, replace: boolean, taken: Set<string>): Promise<string> {
  for (;;) {
    const name = free(file, taken);
    taken.add(name);
    if (await part.place(name, replace)) return name;
  }
}

/** Null: one of them is unknown. */
function sum(sizes: readonly (number | null)[]): number | null {
  return sizes.reduce((all, size) => (all === null || size === null ? null : all + size), 0);
}
