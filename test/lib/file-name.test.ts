import assert from "node:assert/strict";
import path from "node:path";
import fc from "fast-check";
import { fileName, nameStamp, numbered } from "../../src/lib/file-name";

const values = {
  device: "Yard",
  channel: 3,
  start: "20260501-080000",
  end: "20260501-080100",
  name: "ch01_0815",
  empty: undefined,
};

describe("file names", () => {
  for (const [what, template, name] of [
    [
      "fills in what it knows",
      "{device}_{channel}_{start}_{end}_{name}",
      "Yard_3_20260501-080000_20260501-080100_ch01_0815",
    ],
    ["takes a name without placeholders", "film", "film"],
    ["fills in the same placeholder twice", "{channel}-{channel}", "3-3"],
    ["takes the extension once, however it is spelt", "film.MP4", "film"],
    ["leaves other dots alone", "v1.2 film.mkv", "v1.2 film.mkv"],
    ["keeps letters of all languages", "Hof_门口_Straße_é", "Hof_门口_Straße_é"],
    ["writes one form of accents", "e\u0301", "é"],
    ["makes folders where the template has a slash", "{device}/{start}", "Yard/20260501-080000"],
    ["leaves out a folder without a name", "a/{empty}/ . /b", "a/b"],
    ["climbs nowhere", "../../etc/passwd", "etc/passwd"],
    ["climbs nowhere on Windows", "..\\..\\boot", "boot"],
    ["starts nowhere else", "//etc//passwd", "etc/passwd"],
    ["starts no hidden file", ".hidden", "hidden"],
    ["keeps to one drive", "C:\\film", "C_/film"],
    ["takes no data stream of NTFS", "film:stream", "film_stream"],
    ["takes none of the characters that Windows refuses", '<a>"b"|c?d*', "_a__b__c_d_"],
    ["drops ends that Windows drops", "film. . ", "film"],
    ["takes no control characters", "a\0b\nc\u007f", "a_b_c_"],
    ["takes no characters that turn the text around", "film\u202e4pm", "film_4pm"],
    ["takes no halves of characters", "a\ud800b", "a\ufffdb"],
    ["steps around CON", "con", "_con"],
    ["steps around NUL with an ending", "NUL.tar", "_NUL.tar"],
    ["steps around COM1 with a blank", "COM1 .x", "_COM1 .x"],
    ["steps around LPT¹", "lpt¹", "_lpt¹"],
    ["does not mind CONSOLE", "console", "console"],
  ] as const) {
    it(what, () => assert.equal(fileName(template, values, ".mp4"), `${name}.mp4`));
  }

  it("takes nothing from a value that it would not take from the template", () => {
    assert.equal(fileName("{device}", { device: "../{channel}/a" }, ".mkv"), "_{channel}_a.mkv");
  });

  it("leaves out what is empty here", () => {
    assert.equal(fileName("{device}{name}", { device: "a", name: undefined }, ".mp4"), "a.mp4");
  });

  it("says which placeholders there are", () => {
    for (const wrong of ["{constructor}", "{}", "{Device}"]) {
      assert.throws(() => fileName(wrong, { device: "a", channel: 1 }, ".mp4"), {
        code: "badRequest",
        message: `The file name has ${wrong}, which is unknown. Known are {device}, {channel}.`,
      });
    }
  });

  for (const nothing of ["", " ", "a/", "/{empty}", ".", "..", ".mp4", " . . "]) {
    it(`refuses "${nothing}"`, () => assert.throws(() => fileName(nothing, values, ".mp4"), { code: "badRequest" }));
  }

  it("stays short enough for every file system, without halving a character", () => {
    const name = fileName("门".repeat(300), values, ".mp4");
    assert.equal(name, `${"门".repeat(66)}.mp4`);
    assert.equal(fileName(`${"a".repeat(199)}. b`, values, ".mp4"), `${"a".repeat(199)}.mp4`);
  });

  it("never leaves its directory, whatever it is given", () => {
    const nasty = fc.string({
      unit: fc.constantFrom("/", "\\", ".", " ", ":", "\0", "a", "~", "%", "门", "\u202e", "{", "}"),
    });
    fc.assert(
      fc.property(nasty, fc.string({ unit: "binary" }), (template, device) => {
        let name: string;
        try {
          name = fileName(`${template.replace(/[{}]/g, "")}{device}`, { device }, ".mp4");
        } catch {
          return;
        }
        for (const system of [path.posix, path.win32]) {
          const full = system.resolve("/base/here", name);
          assert.equal(system.relative("/base/here", full), name.replaceAll("/", system.sep));
        }
        for (const part of name.split("/")) {
          assert.ok(part !== "" && !part.startsWith(".") && Buffer.byteLength(part) <= 204);
        }
      }),
    );
  });

  it("numbers a name before its extension", () => {
    assert.equal(numbered("/c.d/a.b.mp4", 2), "/c.d/a.b_2.mp4");
    assert.equal(numbered("/c.d/a", 3), "/c.d/a_3");
  });

  it("writes a time as the clock of a zone shows it", () => {
    const time = Date.parse("2026-05-01T06:00:00.900Z");
    assert.equal(nameStamp(time, 120), "20260501-080000");
    assert.equal(nameStamp(time, -390), "20260430-233000");
  });
});
