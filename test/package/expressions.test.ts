import assert from "node:assert/strict";
import { expressionsIn, type FoundExpression } from "../support/expressions";
import { hostileTexts, type HostileText } from "../support/hostile-text";
import { filesBelow, readText } from "../support/project";

/** So that even an exponential expression ends: each length is tried only where the one before was quick. */
const LENGTHS = [8, 16, 20, 22, 24, 26, 28, 128, 1024, 2048, 8192, 32_768];
/** A linear expression takes less than 2 ms for the longest text on a slow machine, a quadratic one more than 200 ms. */
const MOST_MS = 40;

describe("every regular expression", function () {
  this.timeout(120_000).slow(20_000);
  const found = ["src", "nodes"]
    .flatMap((room) => filesBelow(room).map((file) => `${room}/${file}`))
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => expressionsIn(file, readText(file)));

  it("is linear in the length of its text, whatever the text holds", () => {
    assert.ok(found.length > 180, `only ${found.length} found`);
    assert.deepEqual(found.flatMap(slowness), []);
  });

  for (const source of [
    String.raw`\d+\.?\d*x`,
    String.raw`\s+$`,
    "(a+)+b",
    "<title[^>]*>",
    String.raw`^\s*[+-]?(?:\d+\.?\d*|\.\d+)$`,
  ])
    it(`would be reported as slow: ${source}`, () => {
      assert.equal(slowness({ place: "here", source, flags: "" }).length, 1);
    });
});

/** What makes it slow; empty: nothing. */
function slowness({ place, source, flags }: FoundExpression): string[] {
  for (const text of hostileTexts(source, flags)) {
    for (const length of LENGTHS) {
      const ms = timeOf(source, flags, textOf(text, length));
      if (ms > MOST_MS)
        return [`${place} /${source}/${flags}: ${Math.round(ms)} ms for ${length} of ${JSON.stringify(text)}`];
    }
  }
  return [];
}

function textOf({ prefix, pump, suffix }: HostileText, length: number): string {
  return prefix + pump.repeat(Math.ceil(length / pump.length)) + suffix;
}

/** The time it takes; where that is long, of this process alone, and the best of three where a collection of garbage may be in it. */
function timeOf(source: string, flags: string, text: string): number {
  const once = (): void => {
    const expression = new RegExp(source, flags);
    if (flags.includes("g")) text.replace(expression, "");
    else expression.exec(text);
  };
  const began = performance.now();
  once();
  const ms = performance.now() - began;
  if (ms <= MOST_MS) return ms;
  const alone = cpuMs(once);
  return alone > MOST_MS && alone < 4 * MOST_MS ? Math.min(alone, cpuMs(once), cpuMs(once)) : alone;
}

function cpuMs(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
