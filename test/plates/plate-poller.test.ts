import assert from "node:assert/strict";
import { FatalError, RetryableError, type HikvisionError } from "../../src/lib/errors";
import { PlatePoller } from "../../src/plates/plate-poller";
import { OrderedMerge } from "../../src/plates/ordered-merge";
import { SeenPlates } from "../../src/plates/seen-plates";
import type { ListedPlate } from "../../src/plates/plate-list";
import { say } from "../../src/lib/sentence";
import { FakeClock } from "../support/fake-clock";
import { FakeList } from "./fake-list";

const MINUTE = 60_000;

/** A watch of channel 1, polling every 3 s, with everything that it does written down. */
class Bench {
  readonly clock = new FakeClock("2026-03-01T12:00:00Z");
  readonly list = new FakeList(this.clock);
  /** "A1" live, "(A1)" late. */
  readonly sent: string[] = [];
  readonly errors: HikvisionError[] = [];
  ledger = new SeenPlates();
  watch: PlatePoller | undefined;

  start(streamIsUp = true): this {
    this.watch = new PlatePoller({
      channel: 1,
      list: this.list,
      ledger: this.ledger,
      convoy: new OrderedMerge<ListedPlate>((a, b) => a.cursor < b.cursor),
      clock: this.clock,
      chance: { random: () => 0.5, token: () => "" },
      pollMs: 3_000,
      streamIsUp,
      startedAt: this.clock.elapsed(),
      pictures: () => Promise.resolve([]),
      found: ({ sight }, _pictures, late) => {
        this.ledger.settle(sight);
        this.sent.push(late ? `(${sight.plate})` : sight.plate);
      },
      changed: () => undefined,
      failed: (error) => this.errors.push(error),
    });
    return this;
  }

  /** As after a restart: what was saved, and nothing else. */
  restart(): this {
    this.watch?.close();
    this.ledger = SeenPlates.restore(JSON.parse(JSON.stringify(this.ledger.save())));
    return this.start();
  }

  /** A vehicle passes; the stream tells it at once. */
  stream(plate: string, { listed = true } = {}): void {
    const { sight } = listed ? this.list.pass(plate) : new FakeList(this.clock).pass(plate);
    this.watch?.heard();
    if (this.ledger.knows(sight)) return;
    this.ledger.settle(sight);
    this.watch?.delivered(sight);
    this.sent.push(`~${plate}`);
  }

  seconds(count: number): Promise<void> {
    return this.clock.advance(count * 1000);
  }
}

describe("a watch over a channel", () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => {
    bench.watch?.close();
    return bench.clock.advance(0).then(() => assert.equal(bench.clock.pending, 0));
  });

  it("begins with its start: not with what is listed already, but with what passes while it begins", async () => {
    bench.list.pass("OLD", 1, 10 * 3_600_000);
    bench.list.pass("OLD2", 1, 1);
    bench.start();
    bench.list.pass("A1", 1, -1);
    await bench.seconds(2);
    assert.deepEqual(bench.sent, ["A1"]);
  });

  for (const hours of [-8, 8])
    it(`takes all that is listed for history where the list counts ${hours} h away from the clock, and goes on from there`, async () => {
      bench.list.foreignMs = hours * 3_600_000;
      for (const minutes of [600, 61, 1]) bench.list.pass(`OLD${minutes}`, 1, minutes * MINUTE);
      bench.start();
      await bench.seconds(10);
      bench.list.pass("A1");
      await bench.seconds(5);
      assert.deepEqual(bench.sent, ["A1"]);
    });

  it("polls where the stream brings nothing, and sends the second plate without waiting for the stream", async () => {
    bench.start();
    await bench.seconds(2);
    bench.list.pass("A1");
    await bench.seconds(1.5);
    assert.deepEqual(bench.sent, []);
    await bench.seconds(1);
    assert.deepEqual(bench.sent, ["A1"]);
    await bench.seconds(2);
    bench.list.pass("B2");
    await bench.seconds(3);
    bench.list.pass("C3");
    bench.list.pass("D4");
    await bench.seconds(3);
    assert.deepEqual(bench.sent, ["A1", "B2", "C3", "D4"]);
    assert.ok(bench.list.asked.length < 16, `${bench.list.asked.length} requests`);
  });

  it("leaves a plate to the stream that is about to bring it", async () => {
    bench.start();
    await bench.seconds(2.9);
    bench.list.pass("A1");
    await bench.seconds(0.5);
    bench.stream("A1", { listed: false });
    await bench.seconds(5);
    assert.deepEqual(bench.sent, ["~A1"]);
  });

  it("looks once a minute where the stream brings the plates, and finds what it left out", async () => {
    bench.start();
    await bench.seconds(1);
    bench.stream("A1");
    await bench.seconds(4);
    const before = bench.list.asked.length;
    await bench.seconds(30);
    assert.equal(bench.list.asked.length, before);
    bench.list.pass("LEFT OUT");
    await bench.seconds(75);
    assert.deepEqual(bench.sent, ["~A1", "(LEFT OUT)"]);
    bench.list.pass("B2");
    await bench.seconds(5);
    assert.deepEqual(bench.sent, ["~A1", "(LEFT OUT)", "B2"]);
  });

  it("fetches what was missed when the stream is back, and only that", async () => {
    bench.start();
    await bench.seconds(1);
    bench.stream("A1");
    bench.watch?.streamDown();
    for (const plate of ["B2", "C3"]) {
      bench.list.pass(plate);
      await bench.seconds(1);
    }
    assert.deepEqual(bench.sent, ["~A1"]);
    bench.watch?.streamUp();
    bench.stream("D4");
    await bench.seconds(2);
    assert.deepEqual(bench.sent, ["~A1", "~D4", "(B2)", "(C3)"]);
  });

  it("lets the list stand in for a stream that stays away for more than half a minute", async () => {
    bench.start();
    await bench.seconds(1);
    bench.stream("A1");
    bench.watch?.streamDown();
    bench.list.pass("B2");
    await bench.seconds(29);
    assert.deepEqual(bench.sent, ["~A1"]);
    await bench.seconds(4);
    assert.deepEqual(bench.sent, ["~A1", "(B2)"]);
    bench.list.pass("C3");
    await bench.seconds(5);
    assert.deepEqual(bench.sent, ["~A1", "(B2)", "C3"]);
    bench.watch?.streamUp();
    bench.stream("D4");
    await bench.seconds(5);
    assert.deepEqual(bench.sent, ["~A1", "(B2)", "C3", "~D4"]);
  });

  it("counts as late what passed while the stream was away, though the list was read meanwhile", async () => {
    bench.start();
    await bench.seconds(1);
    bench.watch?.streamDown();
    await bench.seconds(3.5);
    bench.list.pass("A1");
    await bench.seconds(1);
    bench.watch?.streamUp();
    await bench.seconds(2);
    assert.deepEqual(bench.sent, ["(A1)"]);
  });

  it("reads to the end where the device gives a few plates at a time, though the first pages bring nothing new", async () => {
    bench.list.pageLimit = 3;
    bench.start();
    await bench.seconds(1);
    for (let i = 0; i < 8; i++) {
      bench.stream(`S${i}`);
      await bench.seconds(60);
    }
    bench.watch?.streamDown();
    for (let i = 0; i < 10; i++) {
      bench.list.pass(`M${i}`);
      await bench.seconds(2);
    }
    bench.watch?.streamUp();
    await bench.seconds(2);
    assert.deepEqual(
      bench.sent.slice(8),
      Array.from({ length: 10 }, (_, i) => `(M${i})`),
    );
  });

  it("goes on after a restart from where it was", async () => {
    bench.start();
    await bench.seconds(1);
    bench.stream("A1");
    await bench.seconds(100);
    bench.watch?.close();
    bench.list.pass("B2");
    await bench.seconds(100_000);
    bench.list.pass("C3");
    bench.restart();
    await bench.seconds(2);
    assert.deepEqual(bench.sent, ["~A1", "(B2)", "(C3)"]);
    bench.restart();
    await bench.seconds(30);
    assert.deepEqual(bench.sent, ["~A1", "(B2)", "(C3)"]);
  });

  it("finds a plate that was listed behind its turn", async () => {
    bench.start();
    await bench.seconds(2);
    bench.list.pass("A1");
    await bench.seconds(10);
    bench.list.pass("SLOW", 1, 25_000);
    bench.list.pass("B2");
    await bench.seconds(4);
    bench.list.pass("SLOWER", 1, 9_000);
    await bench.seconds(4);
    assert.deepEqual(bench.sent, ["A1", "B2", "SLOWER"]);
    await bench.seconds(11 * 60);
    assert.deepEqual(bench.sent, ["A1", "B2", "SLOWER", "(SLOW)"]);
  });

  it("loses none and repeats none in the hour that comes twice", async () => {
    bench.start();
    await bench.seconds(2);
    const passed: string[] = [];
    for (let minute = 0; minute < 150; minute += 5) {
      if (minute === 75) bench.list.offsetMs -= 60 * MINUTE;
      bench.list.pass(`P${minute}`);
      passed.push(`P${minute}`);
      await bench.seconds(300);
    }
    await bench.seconds(11 * 60);
    assert.deepEqual([...bench.sent].map((plate) => plate.replace(/[()]/g, "")).sort(), [...passed].sort());
  });

  it("recovers from a clock that was years ahead", async () => {
    bench.list.offsetMs = 8 * 365 * 24 * 60 * MINUTE;
    bench.start();
    await bench.seconds(2);
    bench.list.pass("A1");
    await bench.seconds(10);
    bench.list.offsetMs = 0;
    await bench.seconds(11 * 60);
    bench.list.pass("B2");
    await bench.seconds(5);
    assert.deepEqual(bench.sent, ["A1", "B2"]);
  });

  it("sends what the device tells again over the stream in its turn", async () => {
    bench.start();
    await bench.seconds(1);
    bench.stream("A1");
    bench.watch?.streamDown();
    bench.list.pass("B2");
    await bench.seconds(2);
    const told = new FakeList(bench.clock).pass("RESENT");
    await bench.seconds(2);
    bench.list.pass("C3");
    bench.watch?.streamUp();
    bench.watch?.resent(told.sight, () => bench.sent.push("(~RESENT)"));
    await bench.seconds(3);
    assert.deepEqual(bench.sent, ["~A1", "(B2)", "(~RESENT)", "(C3)"]);
    bench.watch?.resent(told.sight, () => bench.sent.push("(~AT ONCE)"));
    assert.equal(bench.sent.at(-1), "(~AT ONCE)");
  });

  it("ends where there is no list, says so, and holds nothing back", async () => {
    bench.list.error = new FatalError("notSupported", say`none`);
    bench.start();
    await bench.seconds(1);
    const asked = bench.list.asked.length;
    await bench.seconds(3_600);
    assert.equal(bench.list.asked.length, asked);
    assert.deepEqual(
      bench.errors.map(({ code }) => code),
      ["notSupported"],
    );
    assert.ok(bench.watch?.isOver);
    bench.watch.resent(bench.list.pass("A1").sight, () => bench.sent.push("(~A1)"));
    assert.deepEqual(bench.sent, ["(~A1)"]);
  });

  it("goes on trying through errors, ever slower, says so once, and loses nothing", async () => {
    bench.start();
    await bench.seconds(2);
    bench.list.error = new RetryableError("timeout", say`late`);
    bench.list.pass("A1");
    const before = bench.list.asked.length;
    await bench.seconds(600);
    const tries = bench.list.asked.length - before;
    assert.ok(tries > 8 && tries < 25, `${tries} tries in ten minutes`);
    assert.deepEqual(
      bench.errors.map(({ code }) => code),
      ["timeout"],
    );
    bench.list.error = undefined;
    await bench.seconds(62);
    assert.deepEqual(bench.sent, ["(A1)"]);
  });

  it("does not take a single failed poll for a gap", async () => {
    bench.start();
    await bench.seconds(2);
    bench.list.pass("A1");
    await bench.seconds(5);
    bench.list.error = new RetryableError("busy", say`busy`);
    bench.list.pass("B2");
    await bench.seconds(3);
    bench.list.error = undefined;
    await bench.seconds(3);
    assert.deepEqual(bench.sent, ["A1", "B2"]);
  });
});
