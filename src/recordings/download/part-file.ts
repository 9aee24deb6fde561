/**
 * A file under a temporary name until it is complete: `.<name>.<token>.part`, in its final folder. It gets its final name atomically or
 * not at all, also when the process is killed. Whoever created it places or removes it.
 */
import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { diskError, makeFolder } from "../../lib/disk";
import {
  createReadStream,
  createWriteStream,
  link,
  lstat,
  readdir,
  remove,
  rename,
  stat,
  unlink,
} from "../../lib/files";
import { say } from "../../lib/sentence";
import { HEAD_BYTES } from "./container";

/** Saves a third of the processor time of the default. */
const WRITE_BUFFER = 1 << 20;
/** A part file without a write for this long was left by a killed process. */
const ABANDONED_MS = 10 * 60_000;
const PART = /^\..+\.[0-9a-f]{12}\.part$/;
/** Part files of this process. */
const ownFiles = new Set<string>();

export interface FileSummary {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** The first bytes. */
  readonly head: Buffer;
}

export interface FillOptions {
  readonly signal: AbortSignal;
  /** May throw: that ends `fill`, which rejects with it. */
  readonly onChunk: (chunk: Buffer, bytes: number) => void;
}

export class PartFile {
  readonly path: string;

  /** @param near the final path, with or without its ending. Nothing is created on the disk yet. */
  constructor(near: string) {
    const token = randomBytes(6).toString("hex");
    this.path = path.join(path.dirname(near), `.${path.basename(near)}.${token}.part`);
    ownFiles.add(this.path);
  }

  /** Writes all of the body, in place of what was written before. Rejects with the body's error, or {@link diskError}. */
  async fill(body: Readable, { signal, onChunk }: FillOptions): Promise<FileSummary> {
    const hash = createHash("sha256");
    const file = createWriteStream(this.path, WRITE_BUFFER);
    let head: Buffer = Buffer.alloc(0);
    let bytes = 0;
    let failure: Error | undefined;
    file.once("error", (error: NodeJS.ErrnoException) => {
      if (error.syscall !== undefined) failure ??= diskError(say`${this.path} cannot be written`, error);
    });
    body.on("data", (chunk: Buffer) => {
      if (failure) return;
      hash.update(chunk);
      bytes += chunk.length;
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      try {
        onChunk(chunk, bytes);
      } catch (error) {
        failure = error as Error;
        body.destroy(failure);
      }
    });
    try {
      await pipeline(body, file, { signal });
    } catch (error) {
      throw failure ?? error;
    }
    return { bytes, sha256: hash.digest("hex"), head };
  }

  /** Reads the file that ffmpeg has written here. */
  measure(signal: AbortSignal): Promise<FileSummary> {
    return measureFile(this.path, signal);
  }

  /** Renames it to its final name. False: that file exists, and may not be replaced. */
  async place(final: string, replace: boolean): Promise<boolean> {
    try {
      if (replace) await rename(this.path, final);
      else if (!(await this.#placeNew(final))) return false;
    } catch (error) {
      throw diskError(say`${final} cannot be written`, error);
    }
    ownFiles.delete(this.path);
    return true;
  }

  /** May be called again, and after {@link place}. Never rejects. */
  async remove(): Promise<void> {
    ownFiles.delete(this.path);
    await remove(this.path).catch(() => undefined);
  }

  /** Linking fails atomically when the file exists. Not all file systems support links. */
  async #placeNew(final: string): Promise<boolean> {
    try {
      await link(this.path, final);
      await unlink(this.path);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST" || (await sizeOf(final)) !== undefined) return false;
      await rename(this.path, final);
      return true;
    }
  }
}

/** Creates the folder, and removes the part files that a killed process left there. */
export async function prepareFolder(folder: string, nowMs: number): Promise<void> {
  try {
    await makeFolder(folder);
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name);
      if (PART.test(name) && !ownFiles.has(file)) await removeAbandoned(file, nowMs);
    }
  } catch (error) {
    throw diskError(say`The folder ${folder} cannot be used`, error);
  }
}

/** What cannot be removed stays: a link to nothing, somebody else's file, one that another process has just placed. */
async function removeAbandoned(file: string, nowMs: number): Promise<void> {
  try {
    const { mtimeMs } = await lstat(file);
    if (nowMs - mtimeMs > ABANDONED_MS) await remove(file);
  } catch {
    // It is in nobody's way.
  }
}

/** Undefined: there is no such file. Throws {@link diskError}. */
export async function sizeOf(file: string): Promise<number | undefined> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw diskError(say`${file} cannot be looked at`, error);
  }
}

export async function measureFile(file: string, signal: AbortSignal): Promise<FileSummary> {
  const hash = createHash("sha256");
  let head: Buffer = Buffer.alloc(0);
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, {
      highWaterMark: WRITE_BUFFER,
      signal,
    }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
    }
  } catch (error) {
    throw signal.aborted ? error : diskError(say`${file} cannot be read`, error);
  }
  return { bytes, sha256: hash.digest("hex"), head };
}
