import assert from "node:assert/strict";
import fc from "fast-check";
import { detectZulu, type RecordedSpan } from "../../src/time/zulu-detection";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 6, 15, 12, 0);

type Ago = readonly [startedAgoMs: number, endedAgoMs: number];

/** A device whose clock shows `shownAheadMs` more than UTC; 40 recordings a page, as devices do. */
function searching(recordings: readonly Ago[], shownAheadMs: number) {
  const requests: string[] = [];
  const search = (from: string, to: string): Promise<readonly RecordedSpan[]> => {
    requests.push(`${from} ${to}`);
    const [fromMs, toMs] = [Date.parse(from) - shownAheadMs, Date.parse(to) - shownAheadMs];
    const text = (ms: number): string => `${new Date(ms + shownAheadMs).toISOString().slice(0, 19)}Z`;
    const found = recordings
      .map(([started, ended]) => [NOW - started, NOW - ended] as const)
      .filter(([start, end]) => start < toMs && end > fromMs)
      .sort(([a], [b]) => a - b);
    return Promise.resolve(found.slice(0, 40).map(([start, end]) => ({ start: text(start), end: text(end) })));
  };
  return { search, requests };
}

/** Back to back for two days; the last one is still being written, or not listed while it is. */
function continuous(lengthMs: number, listed: boolean, phaseMs = 7 * MINUTE): Ago[] {
  const recordings: Ago[] = listed ? [[phaseMs, 0]] : [];
  for (let ago = phaseMs; ago < 48 * HOUR; ago += lengthMs) recordings.push([ago + lengthMs, ago]);
  return recordings;
}

describe("what a device means by Z", () => {
  const offsets = [8, 5.5, 2, 1, -3.5, -4, -10].map((hours) => hours * HOUR);
  const patterns: readonly (readonly [what: string, recordings: readonly Ago[]])[] = [
    ["records in files of 20 minutes, the open one listed", continuous(20 * MINUTE, true)],
    ["records in files of 20 minutes, the open one not listed", continuous(20 * MINUTE, false)],
    ["records in files of a minute", continuous(MINUTE, true, 20_000)],
    ["has one recording, which ended a minute ago", [[2 * MINUTE, MINUTE]]],
    ["has one file of a day and a half, which was closed a minute ago", [[36 * HOUR, MINUTE]]],
  ];
  for (const [what, recordings] of patterns) {
    for (const offset of offsets) {
      for (const meaning of ["utc", "local"] as const) {
        it(`is detected as ${meaning} at UTC${offset < 0 ? "" : "+"}${offset / HOUR} when it ${what}`, async () => {
          const { search } = searching(recordings, meaning === "local" ? offset : 0);
          assert.equal(await detectZulu(search, NOW, offset), meaning);
        });
      }
    }
  }

  it("is never detected wrong, wherever the recordings of the last day lie", async () => {
    const recordings = fc.array(fc.tuple(fc.integer({ min: 0, max: 24 * 60 }), fc.integer({ min: 1, max: 10 })), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        recordings,
        fc.constantFrom(8 * HOUR, -4 * HOUR),
        fc.boolean(),
        async (minutes, offset, isLocal) => {
          const real = minutes.map(([ended, length]): Ago => [(ended + length) * MINUTE, ended * MINUTE]);
          // The one case that fits both meanings: a recording that ends at the current time of the other meaning.
          const other = isLocal ? offset : -offset;
          fc.pre(!real.some(([started, ended]) => started > other - 6 * MINUTE && ended < other + HOUR + 6 * MINUTE));
          const { search } = searching(real, isLocal ? offset : 0);
          const found = await detectZulu(search, NOW, offset);
          assert.ok(found === undefined || found === (isLocal ? "local" : "utc"));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("stays unknown when a single recording from 40 minutes ago may be the last one of a quiet day", async () => {
    const { search } = searching([[41 * MINUTE, 40 * MINUTE]], 0);
    assert.equal(await detectZulu(search, NOW, 8 * HOUR), undefined);
  });

  it("stays unknown when nothing was recorded, after two searches", async () => {
    const { search, requests } = searching([], 0);
    assert.equal(await detectZulu(search, NOW, 2 * HOUR), undefined);
    assert.deepEqual(requests, [
      "2026-07-15T12:02:00Z 2026-07-15T14:00:00Z",
      "2026-07-15T11:00:00Z 2026-07-15T12:00:00Z",
    ]);
  });

  it("stays unknown without a search where the wall clock shows UTC", async () => {
    const { search, requests } = searching(continuous(20 * MINUTE, true), 0);
    assert.equal(await detectZulu(search, NOW, 0), undefined);
    assert.deepEqual(requests, []);
  });

  it("ignores the end of a file that is still being written", async () => {
    const search = (): Promise<RecordedSpan[]> =>
      Promise.resolve([{ start: "2026-07-15T11:59:00Z", end: "2026-07-15T23:59:59Z" }]);
    assert.equal(await detectZulu(search, NOW, 8 * HOUR), "utc");
  });

  it("ignores timestamps that are no dates, and recordings outside the range searched", async () => {
    const search = (): Promise<RecordedSpan[]> =>
      Promise.resolve([
        { start: "0000-00-00T00:00:00Z", end: "2026-07-15T20:00:00Z" },
        { start: "2026-07-14T20:00:00Z", end: "2026-07-14T20:01:00Z" },
      ]);
    assert.equal(await detectZulu(search, NOW, 8 * HOUR), undefined);
  });
});
