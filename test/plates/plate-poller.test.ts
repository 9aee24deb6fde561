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

/** A poller of channel 1, every 3 s; records what it sends and the errors. */
class Harness {
  readonly clock = new FakeClock("2026-03-01T12:00:00Z");
  readonly list = new FakeList(this.clock);
  /** "~A1" from the stream, "A1" from the list, "(A1)" backfilled. */
  readonly sent: string[] = [];
  readonly errors: HikvisionError[] = [];
  seenPlates = new SeenPlates();
  poller: PlatePoller | undefined;

  start(streamIsUp = true): this {
    this.poller = new PlatePoller({
      channel: 1,
      list: this.list,
      seenPlates: this.seenPlates,
      merge: new OrderedMerge<ListedPlate>((a, b) => a.cursor < b.cursor),
      clock: this.clock,
      chance: { random: () => 0.5, token: () => "" },
      pollMs: 3_000,
      streamIsUp,
      startedAt: this.clock.elapsed(),
      pictures: () => Promise.resolve([]),
      found: ({ capture }, _pictures, backfilled) => {
        this.seenPlates.markDone(capture);
        this.sent.push(backfilled ? `(${capture.plate})` : capture.plate);
      },
      changed: () => undefined,
      failed: (error) => this.errors.push(error),
    });
    return this;
  }

  /** As after a restart: what was saved, and nothing else. */
  restart(): this {
    this.poller?.close();
    this.seenPlates = SeenPlates.restore(JSON.parse(JSON.stringify(this.seenPlates.save())));
    return this.start();
  }

  /** A vehicle passes; the stream brings it at once. */
  stream(plate: string, { listed = true } = {}): void {
    const { capture } = listed ? this.list.pass(plate) : new FakeList(this.clock).pass(plate);
    this.poller?.streamBroughtPlate();
    if (this.seenPlates.has(capture)) return;
    this.seenPlates.markDone(capture);
    this.poller?.streamPlateDone(capture);
    this.sent.push(`~${plate}`);
  }

  seconds(count: number): Promise<void> {
    return this.clock.advance(count * 1000);
  }
}

describe("a plate poller", () => {
  let harness: Harness;
  beforeEach(() => (harness = new Harness()));
  afterEach(() => {
    harness.poller?.close();
    return harness.clock.advance(0).then(() => assert.equal(harness.clock.pending, 0));
  });

  it("begins at its start also where the device takes seconds to answer with its list", async () => {
    harness.list.pass("OLD", 1, 300);
    const { after } = harness.list;
    harness.list.after = async (channel, cursor) => {
      await harness.clock.wait(2_000);
      return after(channel, cursor);
    };
    harness.start();
    await harness.seconds(1);
    harness.list.pass("A1");
    await harness.seconds(30);
    assert.deepEqual(harness.sent, ["A1"]);
  });

  it("begins with what passes from its start on, not with what is listed already", async () => {
    harness.list.pass("OLD", 1, 10 * 3_600_000);
    harness.list.pass("OLD2", 1, 1);
    harness.start();
    harness.list.pass("A1", 1, -1);
    await harness.seconds(2);
    assert.deepEqual(harness.sent, ["A1"]);
  });

  for (const hours of [-8, 8])
    it(`sends nothing listed before where the list is ${hours} h off the clock, and goes on from there`, async () => {
      harness.list.listAheadMs = hours * 3_600_000;
      for (const minutes of [600, 61, 1]) harness.list.pass(`OLD${minutes}`, 1, minutes * MINUTE);
      harness.start();
      await harness.seconds(10);
      harness.list.pass("A1");
      await harness.seconds(5);
      assert.deepEqual(harness.sent, ["A1"]);
    });

  it("polls where the stream brings nothing, and sends the second plate without waiting for the stream", async () => {
    harness.start();
    await harness.seconds(2);
    harness.list.pass("A1");
    await harness.seconds(1.5);
    assert.deepEqual(harness.sent, []);
    await harness.seconds(1);
    assert.deepEqual(harness.sent, ["A1"]);
    await harness.seconds(2);
    harness.list.pass("B2");
    await harness.seconds(3);
    harness.list.pass("C3");
    harness.list.pass("D4");
    await harness.seconds(3);
    assert.deepEqual(harness.sent, ["A1", "B2", "C3", "D4"]);
    assert.ok(harness.list.asked.length < 16, `${harness.list.asked.length} requests`);
  });

  it("leaves a plate to the stream that is about to bring it", async () => {
    harness.start();
    await harness.seconds(2.9);
    harness.list.pass("A1");
    await harness.seconds(0.5);
    harness.stream("A1", { listed: false });
    await harness.seconds(5);
    assert.deepEqual(harness.sent, ["~A1"]);
  });

  it("reads once a minute where the stream brings the plates, and finds what it left out", async () => {
    harness.start();
    await harness.seconds(1);
    harness.stream("A1");
    await harness.seconds(4);
    const before = harness.list.asked.length;
    await harness.seconds(30);
    assert.equal(harness.list.asked.length, before);
    harness.list.pass("LEFT OUT");
    await harness.seconds(75);
    assert.deepEqual(harness.sent, ["~A1", "(LEFT OUT)"]);
    harness.list.pass("B2");
    await harness.seconds(5);
    assert.deepEqual(harness.sent, ["~A1", "(LEFT OUT)", "B2"]);
  });

  it("fetches what was missed when the stream is back, and only that", async () => {
    harness.start();
    await harness.seconds(1);
    harness.stream("A1");
    harness.poller?.streamDown();
    for (const plate of ["B2", "C3"]) {
      harness.list.pass(plate);
      await harness.seconds(1);
    }
    assert.deepEqual(harness.sent, ["~A1"]);
    harness.poller?.streamUp();
    harness.stream("D4");
    await harness.seconds(2);
    assert.deepEqual(harness.sent, ["~A1", "~D4", "(B2)", "(C3)"]);
  });

  it("replaces the stream by the list when it is down for more than half a minute", async () => {
    harness.start();
    await harness.seconds(1);
    harness.stream("A1");
    harness.poller?.streamDown();
    harness.list.pass("B2");
    await harness.seconds(29);
    assert.deepEqual(harness.sent, ["~A1"]);
    await harness.seconds(4);
    assert.deepEqual(harness.sent, ["~A1", "(B2)"]);
    harness.list.pass("C3");
    await harness.seconds(5);
    assert.deepEqual(harness.sent, ["~A1", "(B2)", "C3"]);
    harness.poller?.streamUp();
    harness.stream("D4");
    await harness.seconds(5);
    assert.deepEqual(harness.sent, ["~A1", "(B2)", "C3", "~D4"]);
  });

  it("marks as backfilled what passed while the stream was down, though the list was read meanwhile", async () => {
    harness.start();
    await harness.seconds(1);
    harness.poller?.streamDown();
    await harness.seconds(3.5);
    harness.list.pass("A1");
    await harness.seconds(1);
    harness.poller?.streamUp();
    await harness.seconds(2);
    assert.deepEqual(harness.sent, ["(A1)"]);
  });

  it("reads to the end where the device gives a few plates at a time, though the first pages bring nothing new", async () => {
    harness.list.pageLimit = 3;
    harness.start();
    await harness.seconds(1);
    for (let i = 0; i < 8; i++) {
      harness.stream(`S${i}`);
      await harness.seconds(60);
    }
    harness.poller?.streamDown();
    for (let i = 0; i < 10; i++) {
      harness.list.pass(`M${i}`);
      await harness.seconds(2);
    }
    harness.poller?.streamUp();
    await harness.seconds(2);
    assert.deepEqual(
      harness.sent.slice(8),
      Array.from({ length: 10 }, (_, i) => `(M${i})`),
    );
  });

  it("goes on after a restart from where it was", async () => {
    harness.start();
    await harness.seconds(1);
    harness.stream("A1");
    await harness.seconds(100);
    harness.poller?.close();
    harness.list.pass("B2");
    await harness.seconds(100_000);
    harness.list.pass("C3");
    harness.restart();
    await harness.seconds(2);
    assert.deepEqual(harness.sent, ["~A1", "(B2)", "(C3)"]);
    harness.restart();
    await harness.seconds(30);
    assert.deepEqual(harness.sent, ["~A1", "(B2)", "(C3)"]);
  });

  it("finds a plate that was listed late", async () => {
    harness.start();
    await harness.seconds(2);
    harness.list.pass("A1");
    await harness.seconds(10);
    harness.list.pass("SLOW", 1, 25_000);
    harness.list.pass("B2");
    await harness.seconds(4);
    harness.list.pass("SLOWER", 1, 9_000);
    await harness.seconds(4);
    assert.deepEqual(harness.sent, ["A1", "B2", "SLOWER"]);
    await harness.seconds(11 * 60);
    assert.deepEqual(harness.sent, ["A1", "B2", "SLOWER", "(SLOW)"]);
  });

  it("loses none and repeats none in the repeated hour at the end of summer time", async () => {
    harness.start();
    await harness.seconds(2);
    const passed: string[] = [];
    for (let minute = 0; minute < 150; minute += 5) {
      if (minute === 75) harness.list.offsetMs -= 60 * MINUTE;
      harness.list.pass(`P${minute}`);
      passed.push(`P${minute}`);
      await harness.seconds(300);
    }
    await harness.seconds(11 * 60);
    assert.deepEqual([...harness.sent].map((plate) => plate.replace(/[()]/g, "")).sort(), [...passed].sort());
  });

  it("recovers from a clock that was years ahead", async () => {
    harness.list.offsetMs = 8 * 365 * 24 * 60 * MINUTE;
    harness.start();
    await harness.seconds(2);
    harness.list.pass("A1");
    await harness.seconds(10);
    harness.list.offsetMs = 0;
    await harness.seconds(11 * 60);
    harness.list.pass("B2");
    await harness.seconds(5);
    assert.deepEqual(harness.sent, ["A1", "B2"]);
  });

  it("sends what the device sends again over the stream in order with the list", async () => {
    harness.start();
    await harness.seconds(1);
    harness.stream("A1");
    harness.poller?.streamDown();
    harness.list.pass("B2");
    await harness.seconds(2);
    const again = new FakeList(harness.clock).pass("RESENT");
    await harness.seconds(2);
    harness.list.pass("C3");
    harness.poller?.streamUp();
    harness.poller?.resent(again.capture, () => harness.sent.push("(~RESENT)"));
    await harness.seconds(3);
    assert.deepEqual(harness.sent, ["~A1", "(B2)", "(~RESENT)", "(C3)"]);
    harness.poller?.resent(again.capture, () => harness.sent.push("(~AT ONCE)"));
    assert.equal(harness.sent.at(-1), "(~AT ONCE)");
  });

  it("ends where there is no list, reports it once, and delays nothing", async () => {
    harness.list.error = new FatalError("notSupported", say`none`);
    harness.start();
    await harness.seconds(1);
    const asked = harness.list.asked.length;
    await harness.seconds(3_600);
    assert.equal(harness.list.asked.length, asked);
    assert.deepEqual(
      harness.errors.map(({ code }) => code),
      ["notSupported"],
    );
    assert.ok(harness.poller?.hasEnded);
    harness.poller.resent(harness.list.pass("A1").capture, () => harness.sent.push("(~A1)"));
    assert.deepEqual(harness.sent, ["(~A1)"]);
  });

  it("retries after errors, ever slower, reports them once, and loses nothing", async () => {
    harness.start();
    await harness.seconds(2);
    harness.list.error = new RetryableError("timeout", say`late`);
    harness.list.pass("A1");
    const before = harness.list.asked.length;
    await harness.seconds(600);
    const tries = harness.list.asked.length - before;
    assert.ok(tries > 8 && tries < 25, `${tries} tries in ten minutes`);
    assert.deepEqual(
      harness.errors.map(({ code }) => code),
      ["timeout"],
    );
    harness.list.error = undefined;
    await harness.seconds(62);
    assert.deepEqual(harness.sent, ["(A1)"]);
  });

  it("does not count a single failed poll as a gap", async () => {
    harness.start();
    await harness.seconds(2);
    harness.list.pass("A1");
    await harness.seconds(5);
    harness.list.error = new RetryableError("busy", say`busy`);
    harness.list.pass("B2");
    await harness.seconds(3);
    harness.list.error = undefined;
    await harness.seconds(3);
    assert.deepEqual(harness.sent, ["A1", "B2"]);
  });
});
