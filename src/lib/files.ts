/** The file system as src/ uses it: each question in its turn, and answered in time or not at all. See {@link DiskTurns}. */
import * as fs from "node:fs";
import * as disk from "node:fs/promises";
import path from "node:path";
import { systemClock } from "./clock";
import { DiskTurns, type TurnOptions } from "./disk-turns";

const turns = new DiskTurns(systemClock);

/** Network drives are mounted at the top, or one below it. */
function placeOf(file: string): string {
  return path.resolve(file).split(path.sep, 3).join(path.sep);
}

const inTurn = <T>(file: string, task: () => Promise<T>): Promise<T> => turns.run(placeOf(file), task);

export const link = (from: string, to: string): Promise<void> => inTurn(to, () => disk.link(from, to));
export const lstat = (file: string): Promise<fs.Stats> => inTurn(file, () => disk.lstat(file));
export const mkdir = (folder: string): Promise<void> => inTurn(folder, () => disk.mkdir(folder));
export const readdir = (folder: string): Promise<string[]> => inTurn(folder, () => disk.readdir(folder));
export const readFile = (file: string): Promise<Buffer> => inTurn(file, () => disk.readFile(file));
export const rename = (from: string, to: string): Promise<void> => inTurn(to, () => disk.rename(from, to));
export const stat = (file: string): Promise<fs.Stats> => inTurn(file, () => disk.stat(file));
export const unlink = (file: string): Promise<void> => inTurn(file, () => disk.unlink(file));
export const writeFile = (file: string, text: string): Promise<void> => inTurn(file, () => disk.writeFile(file, text));
/** No error where there is none. */
export const remove = (file: string): Promise<void> => inTurn(file, () => disk.rm(file, { force: true }));

/** An open file. Whoever opened it closes it. */
export class OpenFile {
  readonly #place: string;
  readonly #handle: disk.FileHandle;

  private constructor(place: string, handle: disk.FileHandle) {
    this.#place = place;
    this.#handle = handle;
  }

  static async open(file: string, flags?: string): Promise<OpenFile> {
    const place = placeOf(file);
    const handle = await turns.run(place, () => disk.open(file, flags), {
      late: (opened) => void letGo(opened, flags === "wx" ? file : undefined),
    });
    return new OpenFile(place, handle);
  }

  /** All of it, behind what was written before. */
  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await turns.run(this.#place, () => this.#handle.write(bytes, at));
      at += bytesWritten;
    }
  }

  /** The last bytes, `most` or fewer. */
  async tail(most: number): Promise<Buffer> {
    const { size } = await turns.run(this.#place, () => this.#handle.stat());
    const bytes = Buffer.alloc(Math.min(size, most));
    const { bytesRead } = await turns.run(this.#place, () =>
      this.#handle.read(bytes, 0, bytes.length, size - bytes.length),
    );
    return bytes.subarray(0, bytesRead);
  }

  close(): Promise<void> {
    return turns.run(this.#place, () => this.#handle.close(), { always: true });
  }
}

/** A file that was opened too late. One that was created by that is nobody's. */
async function letGo(opened: disk.FileHandle, created: string | undefined): Promise<void> {
  try {
    await opened.close();
    if (created !== undefined) await remove(created);
  } catch {
    // The drive is gone again.
  }
}

export function createWriteStream(file: string, highWaterMark: number): fs.WriteStream {
  return fs.createWriteStream(file, { highWaterMark, fs: inTurns(file) });
}

export function createReadStream(file: string, options: { highWaterMark: number; signal: AbortSignal }): fs.ReadStream {
  return fs.createReadStream(file, { ...options, fs: inTurns(file) });
}

type Done = (error: NodeJS.ErrnoException | null, ...results: unknown[]) => void;

/** What the streams of Node.js call. */
function inTurns(file: string) {
  const place = placeOf(file);
  const queued =
    (call: (...all: never[]) => void, options: TurnOptions<unknown[]> = {}) =>
    (...all: unknown[]): void => {
      const done = all.pop() as Done;
      const asked = (): Promise<unknown[]> =>
        new Promise((resolve, reject) => {
          const answered: Done = (error, ...results) => (error ? reject(error) : resolve(results));
          (call as (...given: unknown[]) => void)(...all, answered);
        });
      turns.run(place, asked, options).then(
        (results) => done(null, ...results),
        (error: unknown) => done(error as NodeJS.ErrnoException),
      );
    };
  return {
    open: queued(fs.open, { late: ([fd]) => fs.close(fd as number, () => undefined) }),
    close: queued(fs.close, { always: true }),
    read: queued(fs.read),
    write: queued(fs.write),
    writev: queued(fs.writev),
  };
}
