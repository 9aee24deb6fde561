/** A file into which a stream is recorded, whoever writes it: its name, its end, and what is told of it. */
import path from "node:path";
import { diskError, makeFolder } from "../lib/disk";
import type { HikvisionError } from "../lib/errors";
import { numbered } from "../lib/file-name";
import { OpenFile, stat } from "../lib/files";
import { say } from "../lib/sentence";

export interface RecordedFile {
  readonly path: string;
  /** The error that ended it; undefined when it was stopped, or the device ended the stream. Never rejects. */
  readonly ended: Promise<HikvisionError | undefined>;
  /** Ends the file properly. Resolves when that is done. Repeatable. */
  stop(): Promise<void>;
  /** Valid once it has ended. */
  facts(): Promise<FileFacts>;
}

export interface FileFacts {
  readonly path: string;
  /** Seconds. */
  readonly duration: number;
  readonly bytes: number;
}

export async function factsOf(file: string, seconds: number): Promise<FileFacts> {
  const bytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  return { path: file, duration: Math.round(seconds * 1000) / 1000, bytes };
}

/** Creates the file. A name that is taken gets a number, so that nothing is ever overwritten. */
export async function reserve({
  directory,
  name,
}: {
  readonly directory: string;
  /** Below the directory; may contain folders, which are created. */
  readonly name: string;
}): Promise<string> {
  const target = path.resolve(directory, name);
  const folder = path.dirname(target);
  try {
    await makeFolder(folder);
    for (let number = 1; ; number++) {
      const file = number === 1 ? target : numbered(target, number);
      try {
        await (await OpenFile.open(file, "wx")).close();
        return file;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  } catch (error) {
    throw diskError(say`The recording cannot be written to ${folder}`, error);
  }
}

/** The abort of a signal as a promise; `forget` removes the listener. */
export function abortOf(signal: AbortSignal): { readonly promise: Promise<undefined>; forget(): void } {
  let onAbort: () => void = () => undefined;
  const promise = new Promise<undefined>((resolve) => (onAbort = () => resolve(undefined)));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return { promise, forget: () => signal.removeEventListener("abort", onAbort) };
}
