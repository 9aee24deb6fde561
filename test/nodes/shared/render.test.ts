import assert from "node:assert/strict";
import path from "node:path";
import type { NodeAPI } from "node-red";
import { inLanguage, render, renderError } from "../../../nodes/shared/render";
import { FatalError } from "../../../src/lib/errors";
import { eventType } from "../../../src/events/event-types";
import { enumerate, translatableName, say, type Sentence } from "../../../src/lib/sentence";
import { root } from "../../support/project";

const inside = (language: string, sentence: Sentence): string =>
  inLanguage(language, sentence, path.join(root, "locales"));
const motion = say`${say`${translatableName(eventType("VMD").label)} on channel ${enumerate([1, 3])}`} is switched off.`;

describe("words", () => {
  it("are told in a language, those within others and the names of events, too", () => {
    assert.equal(inside("de", motion), "Bewegung auf Kanal 1, 3 ist ausgeschaltet.");
    assert.match(inside("zh-CN", motion), /^通道 1、3 的\P{ASCII}+未启用。$/u);
  });

  it("have the numbers of the language, without groups", () => {
    const disk = say`${say`Disk ${"1"} ${say`works`}`}, ${12.5} of ${1907.7} GB free`;
    assert.equal(inside("de", disk), "Datenträger 1 ist in Ordnung, 12,5 von 1907,7 GB frei");
    assert.equal(inside("zh-CN", disk), "硬盘 1 正常，剩余 12.5 GB，共 1907.7 GB");
  });

  it("fall back: to the language without its country, then to English", () => {
    assert.equal(inside("de-AT", motion), inside("de", motion));
    for (const language of ["en-US", "xx", "", "../de", "hikvision-device.language"])
      assert.equal(inside(language, motion), "Motion on channel 1, 3 is switched off.", language);
    assert.equal(inside("de", say`Nobody has translated this.`), "Nobody has translated this.");
  });

  it("follow the language of Node-RED, and are English where it names none", () => {
    const asked: string[] = [];
    const RED = { _: (key: string) => (asked.push(key), key) } as unknown as NodeAPI;
    assert.equal(render(RED, motion), "Motion on channel 1, 3 is switched off.");
    assert.deepEqual(asked, ["@hikflow/node-red-hikvision/device:hikvision-device.language"]);
    const error = new FatalError("badRequest", motion);
    assert.equal(renderError(RED, error), error);
    assert.equal(error.message, "Motion on channel 1, 3 is switched off.");
  });
});
