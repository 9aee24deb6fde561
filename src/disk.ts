/** What the file system refuses, in words that say what to do. */
import { FatalError } from "./errors";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full. Make room for it",
  EDQUOT: "the disk quota is used up. Make room for it",
  EACCES: "Node-RED may not write there. Give it the right to, or choose another directory",
  EPERM: "Node-RED may not write there. Give it the right to, or choose another directory",
  EROFS: "the disk is read-only. Choose another directory",
  ENOENT: "there is no such directory. Create it, or choose another one",
  ENOTDIR: "a part of the path is a file. Choose another directory",
  EEXIST: "a file of that name is in the way. Choose another directory",
  EISDIR: "there is a directory of that name. Choose another name",
  ENAMETOOLONG: "the name is too long. Shorten it",
  EMFILE: "too many files are open. Do fewer things at once",
  EIO: "the disk does not work. Check it and its connection",
};

/** @param what happens to which file: "/data/a.mp4 cannot be written". */
export function diskError(what: string, reason: unknown): FatalError {
  const code = reason instanceof Error ? (reason as NodeJS.ErrnoException).code : undefined;
  return new FatalError("disk", `${what}: ${REASONS[code ?? ""] ?? `the system says ${code ?? String(reason)}`}.`);
}
