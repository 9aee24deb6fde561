/**
 * A file under a name of its own until it is whole: `.<name>.<token>.part`, in the folder where it will stay. It gets its final name in one
 * step or not at all, also when the process is killed. Whoever made it places or removes it.
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { link, mkdir, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { diskError } from "../../lib/disk";
import { say } from "../../lib/sentence";
import { HEAD_BYTES } from "./container";

/** Saves a third of the processor time of the default. */
const WRITE_BUFFER = 1 << 20;
/** One that nobody has written to for so long was left by a killed process. */
const ABANDONED_MS = 10 * 60_000;
const PART = /^\..+\.[0-9a-f]{12}\.part$/;
/** Those of this process. */
const own = new Set<string>();

export interface Filled {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** The first bytes. */
  readonly head: Buffer;
}

export interface FillOptions {
  readonly signal: AbortSignal;
  /** May throw: that ends the filling, and is what it rejects with. */
  readonly onChunk: (chunk: Buffer, bytes: number) => void;
}

export class PartFile {
  readonly path: string;

  /** @param near the final path, with or without its ending. Nothing is made on the disk yet. */
  constructor(near: string) {
    const token = randomBytes(6).toString("hex");
    this.path = path.join(path.dirname(near), `.${path.basename(near)}.${token}.part`);
    own.add(this.path);
  }

  /** Writes all of the body, in place of what was written before. Rejects with the body's error, or {@link diskError}. */
  async fill(body: Readable, { signal, onChunk }: FillOptions): Promise<Filled> {
    const hash = createHash("sha256");
    const file = createWriteStream(this.path, { highWaterMark: WRITE_BUFFER });
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

  /** Reads what another program has written here. */
  measure(signal: AbortSignal): Promise<Filled> {
    return measureFile(this.path, signal);
  }

  /** Gives it its final name. False: there is such a file, and it is not to be replaced. */
  async place(final: string, replace: boolean): Promise<boolean> {
    try {
      if (replace) await rename(this.path, final);
      else if (!(await this.#placeBeside(final))) return false;
    } catch (error) {
      throw diskError(say`${final} cannot be written`, error);
    }
    own.delete(this.path);
    return true;
  }

  /** Repeatable; after {@link place} there is nothing to remove. Never rejects. */
  async remove(): Promise<void> {
    own.delete(this.path);
    await rm(this.path, { force: true }).catch(() => undefined);
  }

  /** A link fails where there is such a file, without a moment in between. Not all file systems know links. */
  async #placeBeside(final: string): Promise<boolean> {
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

/** Makes the folder, and removes what a killed process has left there. */
export async function prepareFolder(folder: string, nowMs: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name);
      if (!PART.test(name) || own.has(file)) continue;
      const { mtimeMs } = await stat(file);
      if (nowMs - mtimeMs > ABANDONED_MS) await rm(file, { force: true });
    }
  } catch (error) {
    throw diskError(say`The folder ${folder} cannot be used`, error);
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

export async function measureFile(file: string, signal: AbortSignal): Promise<Filled> {
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
