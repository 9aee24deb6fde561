import assert from "node:assert/strict";
import { CHECK_IDS } from "../../src/diagnose/check";
import { filesBelow, readText } from "../support/project";

interface Words {
  readonly check: Readonly<Record<string, string>>;
  readonly status: Readonly<Record<string, string>>;
}

const LANGUAGES = [...new Set(filesBelow("locales").map((file) => file.split("/")[0] ?? ""))];
/** What a node shows while all is well. */
const WELL = [
  "connecting",
  "connected",
  "disconnected",
  "working",
  "on",
  "open",
  "playing",
  "ringing",
  "onCall",
  "recording",
  "armed",
  "disarmed",
];

function words(language: string): Words {
  const catalogue = JSON.parse(readText(`locales/${language}/device.json`)) as { "hikvision-device": Words };
  return catalogue["hikvision-device"];
}

describe("finding out what is wrong", () => {
  const page = readText("docs/troubleshooting.md");

  for (const language of LANGUAGES) {
    it(`has words for each check in ${language}, and for nothing else`, () => {
      assert.deepEqual(Object.keys(words(language).check).sort(), [...CHECK_IDS].sort());
    });

    it(`is explained check by check in the help of diagnose in ${language}`, () => {
      const help = readText(`locales/${language}/diagnose.html`);
      const explained = [...help.matchAll(/^- `(\w+)` — \S/gm)].map(([, id]) => id);
      assert.deepEqual(explained, [...CHECK_IDS]);
    });
  }

  it("names in docs/troubleshooting.md every check as Test connection shows it", () => {
    const shown = Object.values(words("en-US").check);
    assert.deepEqual(
      shown.filter((name) => !page.includes(`**${name}**`)),
      [],
    );
    const named = [...page.matchAll(/\| \*\*([^*]+)\*\*/g)].map(([, name]) => name ?? "");
    assert.deepEqual(
      named.filter((name) => !shown.includes(name)),
      [],
    );
  });

  it("explains in docs/troubleshooting.md every status that is not good, in its words and by its code", () => {
    for (const [key, text] of Object.entries(words("en-US").status)) {
      if (WELL.includes(key)) continue;
      const code = key === "unconfigured" ? "" : `\`${key}\``;
      assert.match(page, new RegExp(`^\\| ${text} +\\| ${code} *\\| \\S`, "m"), key);
    }
  });
});
