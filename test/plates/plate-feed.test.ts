import assert from "node:assert/strict";
import { FatalError, RetryableError } from "../../src/lib/errors";
import type { Notification, Picture } from "../../src/events/types";
import { PlateFeed, type PlateFeedSettings, type SavedPlates } from "../../src/plates/plate-feed";
import type { Plate } from "../../src/plates/plate";
import { say } from "../../src/lib/sentence";
import { decodedOne, xmlAlert } from "../support/alerts";
import { FakeClock } from "../support/fake-clock";
import { FakeList } from "./fake-list";

const ONLINE = { phase: "online" } as const;
const OFFLINE = { phase: "offline", error: new RetryableError("offline", say`gone`) } as const;
const SETTINGS: PlateFeedSettings = {
  channels: [],
  minConfidence: 0,
  lists: [],
  dropRepeats: 0,
  pollMs: 3_000,
  backfill: true,
  pictures: true,
};

class Bench {
  readonly clock = new FakeClock("2026-03-01T12:00:00Z");
  readonly list = new FakeList(this.clock);
  readonly sent: Plate[] = [];
  readonly warnings: string[] = [];
  saved: SavedPlates | undefined;
  channels = (): Promise<{ number: number }[]> => Promise.resolve([{ number: 1 }]);
  feed: PlateFeed | undefined;
  /** What is sent gets lost on the way. */
  lossy = false;

  start(settings: Partial<PlateFeedSettings> = {}): PlateFeed {
    this.feed?.close();
    this.feed = new PlateFeed({
      settings: { ...SETTINGS, ...settings },
      list: Object.assign(this.list, {
        picture: (name: string): Promise<Picture> => Promise.resolve({ name, contentType: "image/jpeg", data: null }),
      }),
      channels: () => this.channels(),
      saved: this.saved,
      save: (plates) => (this.saved = JSON.parse(JSON.stringify(plates)) as SavedPlates),
      send: (plate, handedOver) => {
        this.sent.push(plate);
        if (!this.lossy) handedOver();
      },
      warn: (sentence) => this.warnings.push(sentence.toString()),
      clock: this.clock,
      chance: { random: () => 0.5, token: () => "" },
    });
    this.feed.start(ONLINE);
    return this.feed;
  }

  /** The alert of a plate that passes now. */
  alert(plate: string, fields: Record<string, string | number | undefined> = {}): Notification {
    const dateTime = `${new Date(this.clock.now()).toISOString().slice(0, 19)}+00:00`;
    const inner = `<ANPR><licensePlate>${plate}</licensePlate></ANPR>`;
    return decodedOne(xmlAlert({ eventType: "ANPR", dateTime, ...fields }, inner));
  }

  event(notification: Notification): void {
    this.feed?.event({ notification, receivedAt: this.clock.now(), pictures: [] }, false);
  }

  pass(plate: string, fields: Record<string, string | number | undefined> = {}): void {
    const notification = this.alert(plate, fields);
    this.feed?.heard(notification);
    this.event(notification);
  }

  get told(): string[] {
    return this.sent.map(
      ({ channel, reading, backfilled }) => `${channel} ${reading.plate}${backfilled ? " late" : ""}`,
    );
  }
}

describe("the plates of a node", () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => {
    bench.feed?.close();
    return bench.clock.advance(0).then(() => assert.equal(bench.clock.pending, 0));
  });

  it("come live although their pictures take longer than the list", async () => {
    const feed = bench.start();
    await bench.clock.advance(1_000);
    const slow = bench.alert("SLOW");
    feed.heard(slow);
    bench.list.pass("SLOW");
    feed.state(OFFLINE);
    feed.state(ONLINE);
    await bench.clock.advance(20_000);
    assert.deepEqual(bench.told, []);
    bench.event(slow);
    assert.deepEqual(bench.told, ["1 SLOW"]);
    await bench.clock.advance(70_000);
    assert.equal(bench.sent.length, 1);
  });

  it("whose pictures never came come late after a restart", async () => {
    const feed = bench.start();
    await bench.clock.advance(1_000);
    bench.list.pass("A1");
    bench.pass("A1");
    await bench.clock.advance(25_000);
    bench.list.pass("CUT");
    feed.heard(bench.alert("CUT"));
    await bench.clock.advance(25_000);
    bench.list.pass("B2");
    bench.pass("B2");
    bench.start();
    await bench.clock.advance(2_000);
    assert.deepEqual(bench.told, ["1 A1", "1 B2", "1 CUT late"]);
  });

  it("are not repeated when the device sends them once more, nor when a restart lies between", async () => {
    bench.start();
    await bench.clock.advance(1_000);
    const first = bench.alert("A1");
    bench.feed?.heard(first);
    bench.event(first);
    bench.pass("A1");
    bench.start();
    bench.pass("A1");
    assert.deepEqual(bench.told, ["1 A1"]);
  });

  it("have the same id by stream and by list", async () => {
    bench.start();
    await bench.clock.advance(1_000);
    bench.pass("A1");
    const [live] = bench.sent;
    bench.saved = undefined;
    bench.list.pass("A1", 1, -1);
    bench.start();
    await bench.clock.advance(6_000);
    assert.deepEqual(
      bench.sent.map(({ source, id }) => [source, id]),
      [
        ["stream", live?.id],
        ["list", live?.id],
      ],
    );
  });

  it("of a camera that names no channel are of channel 1", () => {
    bench.start();
    bench.pass("A1", { channelID: undefined });
    assert.deepEqual(bench.told, ["1 A1"]);
  });

  it("come from the chosen channels only, and no other list is read", async () => {
    bench.start({ channels: [2] });
    bench.pass("A1");
    bench.pass("B2", { channelID: 2 });
    bench.list.pass("C3", 1);
    await bench.clock.advance(5_000);
    assert.deepEqual(bench.told, ["2 B2"]);
    assert.deepEqual([...new Set(bench.list.asked.map(([channel]) => channel))], [2]);
  });

  it("come from all channels once the device has said which it has", async () => {
    let answer: Promise<{ number: number }[]> = Promise.reject(new RetryableError("timeout", say`booting`));
    answer.catch(() => undefined);
    bench.channels = () => answer;
    bench.start();
    await bench.clock.advance(3_000);
    answer = Promise.resolve([{ number: 1 }, { number: 2 }]);
    await bench.clock.advance(5_000);
    bench.list.pass("B2", 2);
    await bench.clock.advance(5_000);
    assert.deepEqual(bench.told, ["2 B2"]);
  });

  it("are watched where they come from, though the device keeps its channels to itself", async () => {
    bench.channels = () => Promise.reject(new FatalError("forbidden", say`no`));
    const feed = bench.start();
    bench.pass("A1", { channelID: 3 });
    await bench.clock.advance(1_000);
    feed.state(OFFLINE);
    bench.list.pass("B2", 3);
    feed.state(ONLINE);
    await bench.clock.advance(3_000);
    assert.deepEqual(bench.told, ["3 A1", "3 B2 late"]);
  });

  it("that were missed on several channels come in order", async () => {
    bench.channels = () => Promise.resolve([1, 2, 3].map((number) => ({ number })));
    const feed = bench.start();
    for (const channelID of [1, 2, 3]) bench.pass("A1", { channelID });
    await bench.clock.advance(1_000);
    feed.state(OFFLINE);
    for (const [index, channel] of [3, 1, 2, 2, 1, 3, 1].entries()) {
      bench.list.pass(`M${index}`, channel);
      await bench.clock.advance(500);
    }
    feed.state(ONLINE);
    await bench.clock.advance(3_000);
    assert.deepEqual(
      bench.sent.slice(3).map(({ reading }) => reading.plate),
      ["M0", "M1", "M2", "M3", "M4", "M5", "M6"],
    );
  });

  it("that are missed are not worth a warning while one channel has a list", async () => {
    bench.channels = () => Promise.resolve([1, 2, 3].map((number) => ({ number })));
    const { after } = bench.list;
    bench.list.after = (channel, cursor) =>
      channel === 2 ? after(channel, cursor) : Promise.reject(new FatalError("notSupported", say`none`));
    bench.start();
    await bench.clock.advance(60_000);
    assert.deepEqual(bench.warnings, []);
    bench.list.after = () => Promise.reject(new FatalError("notSupported", say`This model has no plate list.`));
    bench.start();
    await bench.clock.advance(60_000);
    assert.deepEqual(bench.warnings, [
      "Plates that pass while the connection is lost cannot be fetched. This model has no plate list.",
    ]);
  });

  it("that were sent late are swallowed where nobody wants them, live ones never", async () => {
    const feed = bench.start({ backfill: false });
    bench.pass("A1");
    await bench.clock.advance(1_000);
    feed.state(OFFLINE);
    bench.list.pass("B2");
    await bench.clock.advance(5_000);
    feed.state(ONLINE);
    await bench.clock.advance(5_000);
    bench.pass("C3");
    bench.start({ backfill: false });
    await bench.clock.advance(5_000);
    assert.deepEqual(bench.told, ["1 A1", "1 C3"]);
  });

  for (const way of ["stream", "list"])
    it(`that got lost between node and flow, by ${way}, come again after a restart, not before`, async () => {
      bench.start();
      await bench.clock.advance(1_000);
      bench.pass("A1");
      bench.lossy = true;
      bench.list.pass("LOST");
      if (way === "stream") bench.pass("LOST");
      await bench.clock.advance(75_000);
      assert.deepEqual(bench.told.filter((plate) => plate.includes("LOST")).length, 1);
      bench.lossy = false;
      bench.start();
      await bench.clock.advance(3_000);
      assert.equal(bench.told.at(-1), "1 LOST late");
      bench.start();
      await bench.clock.advance(3_000);
      assert.deepEqual(bench.told.filter((plate) => plate.includes("LOST")).length, 2);
    });

  it("end with the close: nothing is sent, nothing is saved", async () => {
    const feed = bench.start();
    await bench.clock.advance(1_000);
    const waiting = bench.alert("A1");
    feed.heard(waiting);
    bench.list.pass("B2");
    await bench.clock.advance(2_500);
    const saved = JSON.stringify(bench.saved);
    feed.close();
    bench.event(waiting);
    bench.pass("C3");
    await bench.clock.advance(60_000);
    assert.deepEqual([bench.told, JSON.stringify(bench.saved)], [[], saved]);
  });
});
