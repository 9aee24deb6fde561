import assert from "node:assert/strict";
import fc from "fast-check";
import { detectZulu, type Clip } from "../../src/time/zulu-detection";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 6, 15, 12, 0);

type Recording = readonly [startedAgoMs: number, endedAgoMs: number];

/** A device that keeps its recordings in true time and shows them in its own way; 40 a page, as devices do. */
function searching(recordings: readonly Recording[], shownAheadMs: number) {
  const asked: string[] = [];
  const find = (from: string, to: string): Promise<readonly Clip[]> => {
    asked.push(`${from} ${to}`);
    const [fromMs, toMs] = [Date.parse(from) - shownAheadMs, Date.parse(to) - shownAheadMs];
    const text = (ms: number): string => `${new Date(ms + shownAheadMs).toISOString().slice(0, 19)}Z`;
    const found = recordings
      .map(([started, ended]) => [NOW - started, NOW - ended] as const)
      .filter(([start, end]) => start < toMs && end > fromMs)
      .sort(([a], [b]) => a - b);
    return Promise.resolve(found.slice(0, 40).map(([start, end]) => ({ start: text(start), end: text(end) })));
  };
  return { find, asked };
}

/** Back to back for two days; the last one is still being written, or not listed while it is. */
function continuous(lengthMs: number, listed: boolean, phaseMs = 7 * MINUTE): Recording[] {
  const clips: Recording[] = listed ? [[phaseMs, 0]] : [];
  for (let ago = phaseMs; ago < 48 * HOUR; ago += lengthMs) clips.push([ago + lengthMs, ago]);
  return clips;
}

describe("what a device means by Z", () => {
  const offsets = [8, 5.5, 2, 1, -3.5, -4, -10].map((hours) => hours * HOUR);
  const patterns: readonly (readonly [what: string, recordings: readonly Recording[]])[] = [
    ["records in files of 20 minutes, the open one listed", continuous(20 * MINUTE, true)],
    ["records in files of 20 minutes, the open one not listed", continuous(20 * MINUTE, false)],
    ["records in files of a minute", continuous(MINUTE, true, 20_000)],
    ["has recorded one clip, which ended a minute ago", [[2 * MINUTE, MINUTE]]],
  ];
  for (const [what, recordings] of patterns) {
    for (const offset of offsets) {
      for (const meaning of ["utc", "local"] as const) {
        it(`is found to be ${meaning} at UTC${offset < 0 ? "" : "+"}${offset / HOUR} when it ${what}`, async () => {
          const { find } = searching(recordings, meaning === "local" ? offset : 0);
          assert.equal(await detectZulu(find, NOW, offset), meaning);
        });
      }
    }
  }

  it("is never found wrong, wherever the clips of the last day lie", async () => {
    const recordings = fc.array(fc.tuple(fc.integer({ min: 0, max: 24 * 60 }), fc.integer({ min: 1, max: 10 })), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        recordings,
        fc.constantFrom(8 * HOUR, -4 * HOUR),
        fc.boolean(),
        async (clips, offset, isLocal) => {
          const real = clips.map(([ended, length]): Recording => [(ended + length) * MINUTE, ended * MINUTE]);
          // The one thing no probe can tell from the other reading: a clip that ends just when the other reading's now was.
          const other = isLocal ? offset : -offset;
          fc.pre(!real.some(([started, ended]) => started > other - 6 * MINUTE && ended < other + HOUR + 6 * MINUTE));
          const { find } = searching(real, isLocal ? offset : 0);
          const found = await detectZulu(find, NOW, offset);
          assert.ok(found === undefined || found === (isLocal ? "local" : "utc"));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("stays open when a lone clip from 40 minutes ago may as well be the last one of a quiet day", async () => {
    const { find } = searching([[41 * MINUTE, 40 * MINUTE]], 0);
    assert.equal(await detectZulu(find, NOW, 8 * HOUR), undefined);
  });

  it("stays open when nothing was recorded, after two questions", async () => {
    const { find, asked } = searching([], 0);
    assert.equal(await detectZulu(find, NOW, 2 * HOUR), undefined);
    assert.deepEqual(asked, ["2026-07-15T12:02:00Z 2026-07-15T14:02:00Z", "2026-07-15T11:00:00Z 2026-07-15T12:02:00Z"]);
  });

  it("stays open without a question where the wall clock shows UTC", async () => {
    const { find, asked } = searching(continuous(20 * MINUTE, true), 0);
    assert.equal(await detectZulu(find, NOW, 0), undefined);
    assert.deepEqual(asked, []);
  });

  it("does not believe the end of a file that is still being written", async () => {
    const find = (): Promise<Clip[]> =>
      Promise.resolve([{ start: "2026-07-15T11:59:00Z", end: "2026-07-15T23:59:59Z" }]);
    assert.equal(await detectZulu(find, NOW, 8 * HOUR), "utc");
  });

  it("is not taken from stamps that are no dates, or clips nobody asked for", async () => {
    const find = (): Promise<Clip[]> =>
      Promise.resolve([
        { start: "0000-00-00T00:00:00Z", end: "2026-07-15T20:00:00Z" },
        { start: "2026-07-14T20:00:00Z", end: "2026-07-14T20:01:00Z" },
      ]);
    assert.equal(await detectZulu(find, NOW, 8 * HOUR), undefined);
  });
});
