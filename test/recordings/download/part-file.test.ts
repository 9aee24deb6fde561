import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { containerOf } from "../../../src/recordings/download/container";
import { PartFile, prepareFolder } from "../../../src/recordings/download/part-file";

const signal = new AbortController().signal;
const onChunk = (): void => undefined;

describe("a file that is not yet whole", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-part-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function part(text: string): Promise<PartFile> {
    const file = new PartFile(path.join(folder, "a.mpg"));
    await file.fill(Readable.from([Buffer.from(text)]), { signal, onChunk });
    return file;
  }
  const final = (): string => path.join(folder, "a.mpg");

  it("is hidden beside its final name, which it gets in one step", async () => {
    const file = await part("new");
    assert.match(readdirSync(folder).join(), /^\.a\.mpg\.[0-9a-f]{12}\.part$/);
    assert.equal(await file.place(final(), true), true);
    assert.deepEqual(readdirSync(folder), ["a.mpg"]);
  });

  it("replaces a file only where that is wanted", async () => {
    writeFileSync(final(), "old");
    const file = await part("new");
    assert.equal(await file.place(final(), false), false);
    assert.equal(readFileSync(final(), "utf8"), "old");
    assert.equal(await file.place(final(), true), true);
    assert.equal(readFileSync(final(), "utf8"), "new");
  });

  it("holds nothing of a first filling after the second", async () => {
    const file = await part("a long first try");
    const filled = await file.fill(Readable.from([Buffer.from("short")]), { signal, onChunk });
    assert.equal(filled.bytes, 5);
    assert.equal(filled.sha256, "f9b0078b5df596d2ea19010c001bbd009e651de2c57e8fb7e355f31eb9d3f739");
    assert.deepEqual(await file.measure(signal), filled);
  });

  it("is removed when a killed process has left it, but not while anybody may be writing", async () => {
    const old = new Date(Date.now() - 11 * 60_000);
    const own = await part("mine");
    utimesSync(own.path, old, old);
    for (const name of [".x.mp4.0123456789ab.part", "keep.part", ".x.mp4.part"]) {
      writeFileSync(path.join(folder, name), "");
      utimesSync(path.join(folder, name), old, old);
    }
    writeFileSync(path.join(folder, ".y.mp4.0123456789ab.part"), "");
    await prepareFolder(folder, Date.now());
    const left = readdirSync(folder).sort();
    assert.deepEqual(left, [path.basename(own.path), ".x.mp4.part", ".y.mp4.0123456789ab.part", "keep.part"].sort());
    await own.remove();
  });
});

describe("a container", () => {
  for (const [hex, container] of [
    ["494d4b4801010000", "imkh"],
    ["00000020667479706d703432", "mp4"],
    ["000001ba44", "ps"],
    ["ffd8ffe0", "jpeg"],
    ["", "unknown"],
    ["494d4b", "unknown"],
  ] as const) {
    it(`is ${container} where a file begins with ${hex || "nothing"}`, () =>
      assert.equal(containerOf(Buffer.from(hex, "hex")), container));
  }
});
