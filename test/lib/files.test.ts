import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import * as disk from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createReadStream, createWriteStream, OpenFile, readFile, remove, stat } from "../../src/lib/files";

describe("files", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-files-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => path.join(folder, name);

  // To open a pipe that nobody reads holds a thread, as a network drive does that is gone.
  (process.platform === "win32" ? it.skip : it)(
    "leave Node-RED's own and those of other places alone while a drive does not answer",
    async () => {
      const pipes = Array.from({ length: 6 }, (_, index) => at(`pipe${index}`));
      execFileSync("mkfifo", pipes);
      const opening = pipes.map((pipe) => OpenFile.open(pipe, "w"));
      const readers: number[] = [];
      try {
        assert.ok((await disk.readFile(__filename)).length > 0);
        assert.ok((await readFile(__filename)).length > 0);
      } finally {
        for (const pipe of pipes) readers.push(openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK));
      }
      for (const opened of await Promise.all(opening)) await opened.close();
      readers.forEach(closeSync);
    },
  );

  it("are written in pieces, one behind the other, and read from their end", async () => {
    const file = await OpenFile.open(at("a"), "w+");
    await file.write(Buffer.from("first "));
    await file.write(Buffer.from("second"));
    assert.equal((await file.tail(6)).toString(), "second");
    assert.equal((await file.tail(1000)).toString(), "first second");
    await file.close();
    assert.equal((await readFile(at("a"))).toString(), "first second");
    assert.equal((await stat(at("a"))).size, 12);
  });

  it("are written and read as streams, and tell the system's error", async () => {
    const stream = createWriteStream(at("a"), 1 << 16);
    const parts = Array.from({ length: 100 }, (_, index) => Buffer.alloc(10_000, index));
    for (const part of parts) stream.write(part);
    await new Promise<void>((resolve) => stream.end(resolve));
    const read: Buffer[] = [];
    const { signal } = new AbortController();
    for await (const part of createReadStream(at("a"), { highWaterMark: 1 << 16, signal })) read.push(part as Buffer);
    assert.ok(Buffer.concat(read).equals(Buffer.concat(parts)));
    const failing = createWriteStream(at("none/a"), 1 << 16);
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => failing.once("error", resolve));
    assert.deepEqual([error.code, error.syscall], ["ENOENT", "open"]);
  });

  it("are removed where they are, and where they are not that is fine", async () => {
    await disk.writeFile(at("a"), "");
    await remove(at("a"));
    await remove(at("a"));
    await assert.rejects(stat(at("a")), { code: "ENOENT" });
  });
});
