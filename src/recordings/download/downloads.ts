/**
 * Downloads from one device, one after the other, each file completely or not at all. The way of a recording: recording-resolver.ts →
 * ../search.ts → transfer.ts → part-file.ts → container.ts and mp4.ts. Name, folder and format are decided here.
 */
import { readFile } from "node:fs/promises";
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
import { say } from "../../lib/sentence";
import { containerOf, CONTENT_TYPES, ENDINGS, type ContainerFormat } from "./container";
import { cut, join, remux } from "./mp4";
import { measureFile, PartFile, prepareFolder, sizeOf, type FileSummary } from "./part-file";
import { tooLarge } from "./transfer-limits";
import { ProgressMeter, type Progress } from "./progress";
import { Transfer, type TransferRequest } from "./transfer";
import { RecordingResolver } from "./recording-resolver";

/** What devices answer to an address that they no longer know. */
const REFUSED_ADDRESS: ReadonlySet<string> = new Set(["badRequest", "notFound"]);
/** The shortest range that a search takes. */
const SEARCHED_MS = 1_000;

export interface DownloadsOptions {
  readonly isapi: Pick<Isapi, "stream" | "http">;
  readonly recordings: Pick<Recordings, "search" | "findByName">;
  readonly time: Pick<DeviceTime, "frame" | "now">;
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
      const onBytes = (bytes: number, size: number | undefined): void => meter.at((received = bytes), size);
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
    onBytes: (bytes: number, size: number | undefined) => void,
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
      const { part, filled } = await this.#fetchAndConvert(item, job, stem, onBytes, created);
      const container = containerOf(filled.head);
      const { bytes, sha256 } = filled;
      const facts = { bytes, sha256, container, contentType: CONTENT_TYPES[container], recording };
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
    const fits = (size: number): boolean =>
      mp4 || sources || recording.bytes === null ? size > 0 : size === recording.bytes;
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

  /** Adds every part file that it creates to `created`. */
  async #fetchAndConvert(
    { recording, sources = [recording] }: Item,
    { deliverAs, signal }: DownloadJob,
    stem: string,
    onBytes: (bytes: number, size: number | undefined) => void,
    created: PartFile[],
  ): Promise<CompletedPart> {
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
    const fetched: CompletedPart[] = [];
    let before = 0;
    for (const source of sources) {
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
      const filled = await this.#queue.run(() => this.#fetchFresh(source, wanted, file), signal, FILES);
      before += filled.bytes;
      fetched.push({ part: file, filled });
    }
    const [only] = fetched;
    if (!only) throw new FatalError("notFound", say`There is nothing to download.`);
    if (asItIs) return only;
    if (fetched.length === 1 && !span && containerOf(only.filled.head) === "mp4") return only;
    try {
      return await this.#toMp4(fetched, span, part, signal);
    } catch (error) {
      // A buffer may hold the original where it cannot be converted.
      if (deliverAs === "buffer" && fetched.length === 1 && !span && codeOf(error) === "ffmpeg") return only;
      throw error;
    }
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
    fetched: readonly CompletedPart[],
    span: { from: number; seconds: number } | undefined,
    part: () => PartFile,
    signal: AbortSignal,
  ): Promise<CompletedPart> {
    const pieces: PartFile[] = [];
    for (const source of fetched) {
      const target = part();
      await remux(source.part.path, target.path, signal);
      await source.part.remove();
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
    return { part: whole, filled: await whole.measure(signal) };
  }

  #nameOf({ channel, name, startLocal, endLocal }: Recording, template: string): string {
    const stamp = (local: string): string => nameStamp(Date.parse(`${local.slice(0, 19)}Z`), 0);
    const device = this.#options.isapi.http.identity.name;
    const plain = template.replace(/\.(?:mp4|mpg|jpg)$/i, "");
    return fileName(plain, { device, channel, start: stamp(startLocal), end: stamp(endLocal), name }, "");
  }
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
  fits: (size: number) => boolean,
): Promise<string | undefined> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? file : numbered(file, number);
    const size = await sizeOf(name);
    if (size === undefined) return undefined;
    if (!taken.has(name) && fits(size)) return name;
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
