/**
 * Downloads from one device: one after the other, whoever asks, and each file whole or not at all. Where it goes, how it is named and
 * what it becomes is decided here; the bytes are fetched by transfer.ts.
 */
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Chance, Clock } from "../../lib/clock";
import { AbortedError, codeOf, FatalError, isHikvisionError, type HikvisionError } from "../../lib/errors";
import { Semaphore } from "../../lib/semaphore";
import type { Isapi } from "../../isapi/isapi";
import type { Recording } from "../recording";
import type { Recordings } from "../recordings";
import type { DeviceTime } from "../../time/device-time";
import { fileName, numbered, nameStamp } from "../../lib/file-name";
import { say } from "../../lib/sentence";
import { containerOf, CONTENT_TYPES, ENDINGS, type Container } from "./container";
import { cut, join, remux } from "./mp4";
import { measureFile, PartFile, prepareFolder, sizeOf, type Filled } from "./part-file";
import { ProgressMeter, type Progress } from "./progress";
import { Transfer } from "./transfer";
import { RecordingResolver, type Span } from "./recording-resolver";

export interface DownloadsOptions {
  readonly isapi: Pick<Isapi, "stream" | "http">;
  readonly recordings: Pick<Recordings, "search" | "named">;
  readonly time: Pick<DeviceTime, "frame" | "now">;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** Where files go and what they become. */
export interface Delivery {
  /** "mp4" and "buffer" cut to what is wanted; "buffer" leaves no file. */
  readonly deliverAs: "file" | "mp4" | "buffer";
  /** Not for "buffer". */
  readonly directory: string;
  /** Template: {device}, {channel}, {start}, {end}, {name}. */
  readonly filename: string;
  readonly existing: "skip" | "overwrite" | "rename";
}

export interface Job extends Delivery {
  /** One file each. */
  readonly items: readonly Item[];
  readonly signal: AbortSignal;
  /** In the order of the items. Neither may throw. */
  readonly onFile: (index: number, outcome: Downloaded | Failed) => void;
  readonly onProgress: (progress: Progress) => void;
}

export interface Item {
  /** What the file holds: its times are what is wanted. */
  readonly recording: Recording;
  /** What has to be fetched for it, where that is more than one. */
  readonly sources?: readonly Recording[];
}

export interface Downloaded {
  /** Absent: `data` has it. */
  readonly path?: string;
  readonly data?: Buffer;
  /** The file's name alone. */
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly container: Container;
  readonly recording: Recording;
  /** It was there. */
  readonly skipped?: true;
}

export interface Failed {
  readonly recording: Recording;
  readonly error: HikvisionError;
}

/** A file that is not yet in its place. */
interface Made {
  readonly part: PartFile;
  readonly filled: Filled;
}

/** Mail and messengers refuse more. */
export const MOST_BUFFER_BYTES = 64 << 20;
/** A cut shorter than this is none: times of recordings are whole seconds. */
const LEAST_CUT_MS = 1_000;

export class Downloads {
  /** Turns what a flow gives into recordings. */
  readonly finder: RecordingResolver;
  readonly #options: DownloadsOptions;
  readonly #transfer: Transfer;
  readonly #queue = new Semaphore(1);

  constructor(options: DownloadsOptions) {
    this.#options = options;
    this.#transfer = new Transfer(options);
    this.finder = new RecordingResolver(options);
  }

  /** Rejects with the first failure when all items had their turn; at once when stopped. */
  async run(job: Job): Promise<void> {
    const { items, signal, onFile, onProgress } = job;
    const { clock } = this.#options;
    const folder = folderOf(job);
    await prepareFolder(folder, clock.now());
    const sizes = items.map(({ recording, sources = [recording] }) => sum(sources.map(({ bytes }) => bytes)));
    const meter = new ProgressMeter({ sizes, clock, emit: onProgress });
    /** Names given in this job. */
    const taken = new Set<string>();
    let first: HikvisionError | undefined;
    for (const [index, item] of items.entries()) {
      let received = 0;
      const onBytes = (bytes: number, size: number | undefined): void => meter.at((received = bytes), size);
      try {
        const outcome = await this.#one(item, job, folder, taken, onBytes);
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

  async #one(
    item: Item,
    job: Job,
    folder: string,
    taken: Set<string>,
    onBytes: (bytes: number, size: number | undefined) => void,
  ): Promise<Downloaded> {
    const { recording } = item;
    const stem = path.join(folder, this.#nameOf(recording, job.filename));
    const there =
      job.existing === "skip" && job.deliverAs !== "buffer" ? await this.#there(item, job, stem, taken) : undefined;
    if (there) return there;
    const made: PartFile[] = [];
    try {
      const { part, filled } = await this.#make(item, job, stem, onBytes, made);
      const container = containerOf(filled.head);
      const { bytes, sha256 } = filled;
      const facts = { bytes, sha256, container, contentType: CONTENT_TYPES[container], recording };
      if (job.deliverAs === "buffer") {
        if (bytes > MOST_BUFFER_BYTES) throw tooLarge(bytes);
        return { ...facts, filename: path.basename(stem) + ENDINGS[container], data: await readFile(part.path) };
      }
      const final = await place(part, stem + ENDINGS[container], job.existing !== "rename", taken);
      return { path: final, filename: path.basename(final), ...facts };
    } finally {
      await Promise.all(made.map((part) => part.remove()));
    }
  }

  /** What is there already under a name that this job has not given to another, if its size fits. */
  async #there(
    { recording, sources }: Item,
    { deliverAs, signal }: Job,
    stem: string,
    taken: Set<string>,
  ): Promise<Downloaded | undefined> {
    const mp4 = deliverAs === "mp4" && recording.kind === "video";
    const endings = mp4 ? [".mp4"] : recording.kind === "picture" ? [".jpg"] : [".mpg", ".mp4", ".dat"];
    for (const ending of endings) {
      const file = free(stem + ending, taken);
      const size = await sizeOf(file);
      const fits = mp4 || sources || recording.bytes === null ? (size ?? 0) > 0 : size === recording.bytes;
      if (size === undefined || !fits) continue;
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

  /** All that is made on the way is noted in `made`. */
  async #make(
    { recording, sources = [recording] }: Item,
    { deliverAs, signal }: Job,
    stem: string,
    onBytes: (bytes: number, size: number | undefined) => void,
    made: PartFile[],
  ): Promise<Made> {
    const part = (): PartFile => {
      const fresh = new PartFile(stem);
      made.push(fresh);
      return fresh;
    };
    const whole = sum(sources.map(({ bytes }) => bytes)) ?? undefined;
    const fetched: Made[] = [];
    let before = 0;
    for (const source of sources) {
      const file = part();
      const wanted = {
        playbackUri: source.playbackUri,
        purpose: say`the recording ${source.name}`,
        signal,
        onBytes: (bytes: number, size: number | undefined) =>
          onBytes(before + bytes, sources.length === 1 ? size : whole),
      };
      const filled = await this.#queue.run(() => this.#transfer.fetch(wanted, file), signal);
      before += filled.bytes;
      fetched.push({ part: file, filled });
    }
    const [only] = fetched;
    if (!only) throw new FatalError("notFound", say`There is nothing to download.`);
    if (deliverAs === "file" || recording.kind === "picture") return only;

    const file = await this.finder.fileSpan(sources[0] ?? recording, sources.at(-1) ?? recording, signal);
    const span = cutOf(recording, file);
    if (fetched.length === 1 && !span && containerOf(only.filled.head) === "mp4") return only;
    try {
      return await this.#mp4(fetched, span, part, signal);
    } catch (error) {
      // A message takes what the device sent, where nothing else can be made of it.
      if (deliverAs === "buffer" && fetched.length === 1 && !span && codeOf(error) === "ffmpeg") return only;
      throw error;
    }
  }

  async #mp4(
    fetched: readonly Made[],
    span: { from: number; seconds: number } | undefined,
    part: () => PartFile,
    signal: AbortSignal,
  ): Promise<Made> {
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

/** What of a file is wanted; undefined: all of it. */
function cutOf({ start, end }: Recording, file: Span): { from: number; seconds: number } | undefined {
  const fromMs = Math.max(0, Date.parse(start) - file.startMs);
  const restMs = file.endMs - Date.parse(end);
  if (fromMs < LEAST_CUT_MS && restMs < LEAST_CUT_MS) return undefined;
  return { from: fromMs / 1000, seconds: (Date.parse(end) - file.startMs - fromMs) / 1000 };
}

/** The first of "a.mp4", "a_2.mp4" … that this job has not given away. */
function free(file: string, taken: ReadonlySet<string>): string {
  let name = file;
  for (let number = 2; taken.has(name); number++) name = numbered(file, number);
  return name;
}

/** Its final path. Two files of one job never have the same. */
async function place(part: PartFile, file: string, replace: boolean, taken: Set<string>): Promise<string> {
  for (;;) {
    const name = free(file, taken);
    taken.add(name);
    if (await part.place(name, replace)) return name;
  }
}

/** Null: one of them is not known. */
function sum(sizes: readonly (number | null)[]): number | null {
  return sizes.reduce((all, size) => (all === null || size === null ? null : all + size), 0);
}

function tooLarge(bytes: number): FatalError {
  return new FatalError(
    "badRequest",
    say`The recording has ${Math.ceil(bytes / (1 << 20))} MiB, and a message may hold ${MOST_BUFFER_BYTES >> 20}. Choose a shorter range, or deliver it as a file.`,
  );
}
