import assert from "node:assert/strict";
import { plot } from "../../bench/soak/plot";
import { verdicts, type Sample } from "../../bench/soak/verdict";

const MINUTES = 10;

/** A sample every 10 s, with a noise that does not grow. */
function samples(change: (minute: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: MINUTES * 6 }, (_, index) => ({
    seconds: index * 10,
    heapMB: 50 + (index % 3),
    externalMB: 5,
    rssMB: 150,
    sockets: 40 + (index % 5),
    timers: 100,
    listeners: 12,
    handles: 60,
    ...change(index / 6),
  }));
}

const grown = (all: readonly Sample[]): string[] =>
  verdicts(all)
    .filter(({ growth, allowed }) => growth > allowed)
    .map(({ metric }) => metric);

describe("the verdict of a soak", () => {
  it("takes noise for noise", () => assert.deepEqual(grown(samples(() => ({}))), []));

  it("finds a leak of a megabyte a minute", () =>
    assert.deepEqual(grown(samples((minute) => ({ heapMB: 50 + minute }))), ["heapMB"]));

  it("finds sockets, timers, listeners and handles that stay", () =>
    assert.deepEqual(
      grown(
        samples((minute) => ({
          sockets: 40 + 2 * minute,
          timers: 100 + 5 * minute,
          listeners: 12 + minute,
          handles: 60 + 3 * minute,
        })),
      ),
      ["sockets", "timers", "listeners", "handles"],
    ));

  it("is drawn as one chart per figure", () => {
    const drawn = plot(
      samples(() => ({})),
      ["heapMB", "sockets"],
    );
    assert.equal(drawn.match(/<polyline/g)?.length, 2);
    assert.doesNotMatch(drawn, /NaN|Infinity/);
  });
});
