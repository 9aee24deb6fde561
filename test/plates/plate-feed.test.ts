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

class Harness {
  readonly clock = new FakeClock("2026-03-01T12:00:00Z");
  readonly list = new FakeList(this.clock);
  readonly sent: Plate[] = [];
  readonly warnings: string[] = [];
  saved: SavedPlates | undefined;
  onSave = (): unknown => undefined;
  channels = (): Promise<{ number: number }[]> => Promise.resolve([{ number: 1 }]);
  feed: PlateFeed | undefined;
  /** What is sent never reaches the flow. */
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
      save: (plates) => {
        this.saved = JSON.parse(JSON.stringify(plates)) as SavedPlates;
        this.onSave();
      },
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
  alert(plate: string, fields: Record<string, string | number | undefined> = {}, more = ""): Notification {
    const dateTime = `${new Date(this.clock.now()).toISOString().slice(0, 19)}+00:00`;
    const inner = `<ANPR><licensePlate>${plate}</licensePlate>${more}</ANPR>`;
    return decodedOne(xmlAlert({ eventType: "ANPR", dateTime, ...fields }, inner));
  }

  event(notification: Notification): void {
    this.feed?.event({ notification, receivedAt: this.clock.now(), pictures: [] }, false);
  }

  pass(plate: string, fields: Record<string, string | number | undefined> = {}, more = ""): void {
    this.report(this.alert(plate, fields, more));
  }

  /** The device says that a plate which passes now is on one of its lists. */
  match(plate: string, listType: string): void {
    const dateTime = `${new Date(this.clock.now()).toISOString().slice(0, 19)}+00:00`;
    const VehicleMatchResult = { listType, PlateInfo: { plate } };
    this.report(
      decodedOne(JSON.stringify({ eventType: "vehicleMatchResult", channelID: 1, dateTime, VehicleMatchResult })),
    );
  }

  report(notification: Notification): void {
    this.feed?.notification(notification);
    this.event(notification);
  }

  get summary(): string[] {
    return this.sent.map(
      ({ channel, reading, backfilled }) => `${channel} ${reading.plate}${backfilled ? " backfilled" : ""}`,
    );
  }
}

describe("the plates of a node", () => {
  let harness: Harness;
  beforeEach(() => (harness = new Harness()));
  afterEach(() => {
    harness.feed?.close();
    return harness.clock.advance(0).then(() => assert.equal(harness.clock.pending, 0));
  });

  it("are sent live although their pictures take longer than the list", async () => {
    const feed = harness.start();
    await harness.clock.advance(1_000);
    const slow = harness.alert("SLOW");
    feed.notification(slow);
    harness.list.pass("SLOW");
    feed.state(OFFLINE);
    feed.state(ONLINE);
    await harness.clock.advance(20_000);
    assert.deepEqual(harness.summary, []);
    harness.event(slow);
    assert.deepEqual(harness.summary, ["1 SLOW"]);
    await harness.clock.advance(70_000);
    assert.equal(harness.sent.length, 1);
  });

  it("whose pictures never came are backfilled after a restart", async () => {
    const feed = harness.start();
    await harness.clock.advance(1_000);
    harness.list.pass("A1");
    harness.pass("A1");
    await harness.clock.advance(25_000);
    harness.list.pass("CUT");
    feed.notification(harness.alert("CUT"));
    await harness.clock.advance(25_000);
    harness.list.pass("B2");
    harness.pass("B2");
    harness.start();
    await harness.clock.advance(2_000);
    assert.deepEqual(harness.summary, ["1 A1", "1 B2", "1 CUT backfilled"]);
  });

  it("are not repeated when the device sends them again, also after a restart", async () => {
    harness.start();
    await harness.clock.advance(1_000);
    const first = harness.alert("A1");
    harness.feed?.notification(first);
    harness.event(first);
    harness.pass("A1");
    harness.start();
    harness.pass("A1");
    assert.deepEqual(harness.summary, ["1 A1"]);
  });

  it("have the same id by stream and by list", async () => {
    harness.start();
    await harness.clock.advance(1_000);
    harness.pass("A1");
    const [live] = harness.sent;
    harness.saved = undefined;
    harness.list.pass("A1", 1, -1);
    harness.start();
    await harness.clock.advance(6_000);
    assert.deepEqual(
      harness.sent.map(({ source, id }) => [source, id]),
      [
        ["stream", live?.id],
        ["list", live?.id],
      ],
    );
  });

  it("of a camera that names no channel are of channel 1", () => {
    harness.start();
    harness.pass("A1", { channelID: undefined });
    assert.deepEqual(harness.summary, ["1 A1"]);
  });

  it("come from the chosen channels only, and no other list is read", async () => {
    harness.start({ channels: [2] });
    harness.pass("A1");
    harness.pass("B2", { channelID: 2 });
    harness.list.pass("C3", 1);
    await harness.clock.advance(5_000);
    assert.deepEqual(harness.summary, ["2 B2"]);
    assert.deepEqual([...new Set(harness.list.asked.map(([channel]) => channel))], [2]);
  });

  it("come from all channels once the device has said which it has", async () => {
    let answer: Promise<{ number: number }[]> = Promise.reject(new RetryableError("timeout", say`booting`));
    answer.catch(() => undefined);
    harness.channels = () => answer;
    harness.start();
    await harness.clock.advance(3_000);
    answer = Promise.resolve([{ number: 1 }, { number: 2 }]);
    await harness.clock.advance(5_000);
    harness.list.pass("B2", 2);
    await harness.clock.advance(5_000);
    assert.deepEqual(harness.summary, ["2 B2"]);
  });

  it("are backfilled for channels that they come from, though the device does not list its channels", async () => {
    harness.channels = () => Promise.reject(new FatalError("forbidden", say`no`));
    const feed = harness.start();
    harness.pass("A1", { channelID: 3 });
    await harness.clock.advance(1_000);
    feed.state(OFFLINE);
    harness.list.pass("B2", 3);
    feed.state(ONLINE);
    await harness.clock.advance(3_000);
    assert.deepEqual(harness.summary, ["3 A1", "3 B2 backfilled"]);
  });

  it("that were missed on several channels come in order", async () => {
    harness.channels = () => Promise.resolve([1, 2, 3].map((number) => ({ number })));
    const feed = harness.start();
    for (const channelID of [1, 2, 3]) harness.pass("A1", { channelID });
    await harness.clock.advance(1_000);
    feed.state(OFFLINE);
    for (const [index, channel] of [3, 1, 2, 2, 1, 3, 1].entries()) {
      harness.list.pass(`M${index}`, channel);
      await harness.clock.advance(500);
    }
    feed.state(ONLINE);
    await harness.clock.advance(3_000);
    assert.deepEqual(
      harness.sent.slice(3).map(({ reading }) => reading.plate),
      ["M0", "M1", "M2", "M3", "M4", "M5", "M6"],
    );
  });

  it("that are missed are not worth a warning while one channel has a list", async () => {
    harness.channels = () => Promise.resolve([1, 2, 3].map((number) => ({ number })));
    const { after } = harness.list;
    harness.list.after = (channel, cursor) =>
      channel === 2 ? after(channel, cursor) : Promise.reject(new FatalError("notSupported", say`none`));
    harness.start();
    await harness.clock.advance(60_000);
    assert.deepEqual(harness.warnings, []);
    harness.list.after = () => Promise.reject(new FatalError("notSupported", say`This model has no plate list.`));
    harness.start();
    await harness.clock.advance(60_000);
    assert.deepEqual(harness.warnings, [
      "Plates that pass while the connection is lost cannot be fetched. This model has no plate list.",
    ]);
  });

  it("are not backfilled where that is switched off; live ones always come", async () => {
    const feed = harness.start({ backfill: false });
    harness.pass("A1");
    await harness.clock.advance(1_000);
    feed.state(OFFLINE);
    harness.list.pass("B2");
    await harness.clock.advance(5_000);
    feed.state(ONLINE);
    await harness.clock.advance(5_000);
    harness.pass("C3");
    harness.start({ backfill: false });
    await harness.clock.advance(5_000);
    assert.deepEqual(harness.summary, ["1 A1", "1 C3"]);
  });

  for (const way of ["stream", "list"])
    it(`that got lost between node and flow, by ${way}, come again after a restart, not before`, async () => {
      harness.start();
      await harness.clock.advance(1_000);
      harness.pass("A1");
      harness.lossy = true;
      harness.list.pass("LOST");
      if (way === "stream") harness.pass("LOST");
      await harness.clock.advance(75_000);
      assert.deepEqual(harness.summary.filter((plate) => plate.includes("LOST")).length, 1);
      harness.lossy = false;
      harness.start();
      await harness.clock.advance(3_000);
      assert.equal(harness.summary.at(-1), "1 LOST backfilled");
      harness.start();
      await harness.clock.advance(3_000);
      assert.deepEqual(harness.summary.filter((plate) => plate.includes("LOST")).length, 2);
    });

  it("that the list announced and the filter left out come when the stream reports them: the blocked car", async () => {
    harness.start({ lists: ["block"] });
    await harness.clock.advance(1_000);
    harness.list.pass("BAD1");
    await harness.clock.advance(6_000);
    assert.deepEqual(harness.summary, []);
    harness.pass("BAD1", { dateTime: "2026-03-01T12:00:01+00:00" }, "<vehicleListName>blackList</vehicleListName>");
    await harness.clock.advance(70_000);
    assert.deepEqual(harness.summary, ["1 BAD1"]);
  });

  it("that the stream reported and the filter left out do not come from the list, which knows no confidence", async () => {
    harness.start({ minConfidence: 80 });
    await harness.clock.advance(1_000);
    harness.list.pass("LOW");
    harness.pass("LOW", {}, "<confidenceLevel>40</confidenceLevel>");
    await harness.clock.advance(70_000);
    harness.start({ minConfidence: 80 });
    await harness.clock.advance(70_000);
    assert.deepEqual(harness.summary, []);
  });

  it("that were left out do not come late when a filter is widened and deployed", async () => {
    harness.start({ lists: ["block"] });
    await harness.clock.advance(1_000);
    harness.list.pass("A1");
    await harness.clock.advance(6_000);
    harness.start({ lists: [] });
    await harness.clock.advance(70_000);
    assert.deepEqual(harness.summary, []);
  });

  it("and the match of the same car with a list are one message: the first that comes", async () => {
    harness.start();
    await harness.clock.advance(1_000);
    harness.pass("A1");
    harness.match("A1", "blackList");
    await harness.clock.advance(10_000);
    harness.match("A1", "blackList");
    await harness.clock.advance(2_000);
    harness.pass("A1");
    await harness.clock.advance(3_000);
    harness.pass("A1");
    assert.deepEqual(harness.summary, ["1 A1", "1 A1", "1 A1"]);
    assert.deepEqual(
      harness.sent.map(({ reading }) => reading.list),
      [null, "block", null],
    );
  });

  it("that a filter leaves out do not swallow the match that says on which list they are", async () => {
    harness.start({ lists: ["block"] });
    await harness.clock.advance(1_000);
    const waiting = harness.alert("A1");
    harness.feed?.notification(waiting);
    harness.match("A1", "blackList");
    harness.event(waiting);
    assert.deepEqual(harness.summary, ["1 A1"]);
    assert.equal(harness.sent[0]?.reading.list, "block");
  });

  it("and the match are the same car by the alert's stamp, too, where the pictures were taken long before", async () => {
    harness.start();
    await harness.clock.advance(10_000);
    const taken = new Date(harness.clock.now() - 8_000).toISOString().slice(0, 19).replace(/[-:]/g, "");
    harness.pass(
      "A1",
      {},
      `<pictureInfoList><pictureInfo><absTime>${taken}000</absTime></pictureInfo></pictureInfoList>`,
    );
    harness.match("A1", "whiteList");
    assert.deepEqual(harness.summary, ["1 A1"]);
  });

  it("of invented channels are sent, but no list is read for a channel that the device does not have", async () => {
    harness.channels = () => Promise.resolve([{ number: 1 }, { number: 2 }]);
    harness.start();
    await harness.clock.advance(1_000);
    for (let channelID = 3; channelID <= 402; channelID++) harness.pass(`P${channelID}`, { channelID });
    await harness.clock.advance(30_000);
    assert.equal(harness.sent.length, 400);
    assert.deepEqual([...new Set(harness.list.asked.map(([channel]) => channel))].sort(), [1, 2]);
    assert.ok(Object.keys(harness.saved ?? {}).length <= 66);
  });

  it("of invented channels start at most 16 lists where the device does not tell its channels", async () => {
    harness.channels = () => Promise.reject(new FatalError("forbidden", say`no`));
    harness.start();
    for (let channelID = 1; channelID <= 300; channelID++) harness.pass(`P${channelID}`, { channelID });
    await harness.clock.advance(10_000);
    for (let channelID = 301; channelID <= 600; channelID++) harness.pass(`P${channelID}`, { channelID });
    await harness.clock.advance(10_000);
    assert.equal(new Set(harness.list.asked.map(([channel]) => channel)).size, 16);
  });

  it("of more than 64 channels are read from 64 lists at a time; the next when one turns out to be none", async () => {
    harness.channels = () => Promise.resolve(Array.from({ length: 100 }, (_, index) => ({ number: index + 1 })));
    const { after } = harness.list;
    const asked = new Set<number>();
    let without = 0;
    harness.list.after = (channel, cursor) => {
      asked.add(channel);
      return channel <= without ? Promise.reject(new FatalError("notSupported", say`none`)) : after(channel, cursor);
    };
    harness.start();
    await harness.clock.advance(10_000);
    assert.equal(asked.size, 64);
    without = 10;
    await harness.clock.advance(10_000);
    assert.equal(asked.size, 74);
  });

  it("of an outage, thousands of them, leave the flows their turns, and are not saved with each", async () => {
    const feed = harness.start();
    await harness.clock.advance(1_000);
    feed.state(OFFLINE);
    for (let i = 0; i < 5_000; i++) harness.list.pass(`B${i}`);
    feed.state(ONLINE);
    let inThisTurn = 0;
    let most = 0;
    let turns: NodeJS.Immediate | undefined;
    const turn = (): void => {
      most = Math.max(most, harness.sent.length - inThisTurn);
      inThisTurn = harness.sent.length;
      turns = setImmediate(turn);
    };
    turn();
    let saves = 0;
    harness.onSave = () => (saves += 1);
    for (let i = 0; i < 40 && harness.sent.length < 5_000; i++) await harness.clock.advance(1_000);
    clearImmediate(turns);
    assert.equal(harness.sent.length, 5_000);
    assert.ok(most < 2_000, `${most} plates in one turn of the event loop`);
    assert.ok(saves <= 500, `${saves} saves`);
  });

  it("that came within a second of each other are all saved when the flow stops", async () => {
    harness.start();
    await harness.clock.advance(1_000);
    for (const plate of ["A1", "B2", "C3"]) harness.pass(plate);
    harness.feed?.close();
    const seen = harness.saved?.["1"]?.seen.map((text) => text.split(" ").at(-1));
    assert.deepEqual(seen, ["A1", "B2", "C3"]);
  });

  it("end with close: nothing is sent, nothing is saved", async () => {
    const feed = harness.start();
    await harness.clock.advance(1_000);
    const waiting = harness.alert("A1");
    feed.notification(waiting);
    harness.list.pass("B2");
    await harness.clock.advance(2_500);
    const saved = JSON.stringify(harness.saved);
    feed.close();
    harness.event(waiting);
    harness.pass("C3");
    await harness.clock.advance(60_000);
    assert.deepEqual([harness.summary, JSON.stringify(harness.saved)], [[], saved]);
  });
});
