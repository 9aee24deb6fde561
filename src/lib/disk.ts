/** Folders, and errors of the file system as sentences that say what to do. */
import path from "node:path";
import { FatalError } from "./errors";
import { mkdir, stat } from "./files";
import { say, type Sentence } from "./sentence";
import { table } from "./table";

const REASONS = table<Sentence>({
  ENOSPC: say`the disk is full. Make room for it`,
  EDQUOT: say`the disk quota is used up. Make room for it`,
  EACCES: say`Node-RED may not write there. Give it the right to, or choose another directory`,
  EPERM: say`Node-RED may not write there. Give it the right to, or choose another directory`,
  EROFS: say`the disk is read-only. Choose another directory`,
  ENOENT: say`there is no such directory. Create it, or choose another one`,
  ENOTDIR: say`a part of the path is a file. Choose another directory`,
  EEXIST: say`a file of that name is in the way. Choose another directory`,
  EISDIR: say`there is a directory of that name. Choose another name`,
  ENAMETOOLONG: say`the name is too long. Shorten it`,
  EMFILE: say`too many files are open. Do fewer things at once`,
  EIO: say`the disk does not work. Check it and its connection`,
  ETIMEDOUT: say`the disk does not answer. Check it and its connection`,
});

/**
 * Creates a folder with those above it. Node's own `recursive` never ends below a folder that takes none, such as `/proc`.
 * Throws the system's errors.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (await isFolder(folder)) return;
    const above = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === folder || (await isFolder(above))) throw error;
    await makeFolder(above);
    await makeFolder(folder);
  }
}

async function isFolder(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** @param what happens to which file: "/data/a.mp4 cannot be written". */
export function diskError(what: Sentence, reason: unknown): FatalError {
  const code = reason instanceof Error ? (reason as NodeJS.ErrnoException).code : undefined;
  const error = new FatalError(
    "disk",
    say`${what}: ${REASONS[code ?? ""] ?? say`the system says ${code ?? String(reason)}`}.`,
  );
  if (code === "ETIMEDOUT") silent.add(error);
  return error;
}

const silent = new WeakSet<Error>();

/** The disk did not answer, as a network drive that restarts: it may be back soon. */
export function isSilentDisk(error: unknown): boolean {
  return error instanceof Error && silent.has(error);
}
