import assert from "node:assert/strict";
import fc from "fast-check";
import { EventFilter, type FilterSettings } from "../../src/events/filter";
import type { Notification } from "../../src/events/types";
import { Tracker } from "../../src/events/tracker";
import { decodedOne, xmlAlert } from "../support/alerts";
import { FakeClock } from "../support/fake-clock";

type Fields = Record<string, string | number | undefined>;

function alert(fields: Fields = {}, inner = ""): Notification {
  return decodedOne(xmlAlert(fields, inner));
}

function inRegion(id: string, target: string): string {
  return `<DetectionRegionList><DetectionRegionEntry><regionID>${id}</regionID><detectionTarget>${target}</detectionTarget></DetectionRegionEntry></DetectionRegionList>`;
}

interface Setup extends FilterSettings {
  emit?: "starts" | "edges" | "all";
  isActive?: () => boolean;
  offDelay?: number;
}

/** A tracker, and what it said: states with type and channel, `~` before those that silence made. */
function track({ emit = "all", offDelay = 10, isActive, ...filter }: Setup = {}): {
  clock: FakeClock;
  tracker: Tracker;
  said: string[];
  silences: Notification[];
  take: (...notifications: Notification[]) => string[];
} {
  const clock = new FakeClock();
  const said: string[] = [];
  const silences: Notification[] = [];
  const name = ({ type, channel }: Notification): string => `${type}/${String(channel)}`;
  const tracker = new Tracker({
    filter: new EventFilter(filter),
    emit,
    offDelay,
    ...(isActive && { isActive }),
    clock,
    onSilence: (end) => {
      silences.push(end);
      said.push(`~end ${name(end)}`);
    },
  });
  const take = (...notifications: Notification[]): string[] => {
    for (const notification of notifications) {
      const tracked = tracker.take(notification);
      if (tracked) said.push(`${tracked.state} ${name(tracked.notification)}`);
    }
    return said;
  };
  return { clock, tracker, said, silences, take };
}

const over = { eventState: "inactive" };

describe("the state of an event", () => {
  it("with starts only: is start, once per event; neither update nor end, nor the end that silence makes", async () => {
    const { take, clock, said } = track({ emit: "starts" });
    take(alert(), alert(), alert(over), alert(over), alert());
    assert.deepEqual(said, ["start VMD/1", "start VMD/1"]);
    await clock.advance(11_000);
    assert.deepEqual(take(alert()), ["start VMD/1", "start VMD/1", "start VMD/1"]);
  });

  it("outside the active hours: nothing begins, nothing is reported; what began within them is told to its end", () => {
    let active = false;
    const { take, said } = track({ emit: "all", isActive: () => active });
    const counting = { eventType: "PeopleCounting" };
    take(alert(), alert(over), alert(counting, "<peopleCounting><enter>1</enter></peopleCounting>"));
    assert.deepEqual(said, []);
    active = true;
    take(alert());
    active = false;
    assert.deepEqual(take(alert(), alert(over), alert()), ["start VMD/1", "update VMD/1", "end VMD/1"]);
  });

  it("is start, update, update, end", () => {
    const { take } = track();
    assert.deepEqual(take(alert(), alert(), alert(), alert(over)), [
      "start VMD/1",
      "update VMD/1",
      "update VMD/1",
      "end VMD/1",
    ]);
  });

  it("has edges only, unless all is wanted", () => {
    const { take } = track({ emit: "edges" });
    assert.deepEqual(take(alert(), alert(), alert(over), alert(over), alert()), [
      "start VMD/1",
      "end VMD/1",
      "start VMD/1",
    ]);
  });

  for (const [type, element] of [
    ["IO", "inputIOPortID"],
    ["IOOutput", "outputIOPortID"],
  ] as const) {
    it(`of one ${type} port is not another's`, () => {
      const { take } = track();
      const at = (port: number, eventState = "active"): Notification =>
        alert({ eventType: type, [element]: port, eventState });
      assert.deepEqual(take(at(1), at(2), at(1, "inactive"), at(2)), [
        `start ${type}/1`,
        `start ${type}/1`,
        `end ${type}/1`,
        `update ${type}/1`,
      ]);
    });
  }

  it("is kept apart by type, channel and input", () => {
    const { take } = track();
    const io = (port: number, state = "active"): Notification =>
      alert({ eventType: "IO", inputIOPortID: port, eventState: state });
    assert.deepEqual(
      take(
        alert(),
        alert({ channelID: 2 }),
        alert({ eventType: "fielddetection" }),
        io(1),
        io(2),
        io(1, "inactive"),
        io(2),
      ),
      ["start VMD/1", "start VMD/2", "start fielddetection/1", "start IO/1", "start IO/1", "end IO/1", "update IO/1"],
    );
  });

  it("is the same for two spellings of one type", () => {
    const { take } = track();
    assert.deepEqual(take(alert({ eventType: "shelteralarm" }), alert({ eventType: "tamperdetection", ...over })), [
      "start tamperdetection/1",
      "end tamperdetection/1",
    ]);
  });

  it("is report for what was seen or counted, each time", () => {
    const { take, clock } = track({ emit: "edges" });
    const plate = alert({ eventType: "ANPR" }, "<ANPR><licensePlate>A1</licensePlate></ANPR>");
    assert.deepEqual(take(plate, plate), ["report ANPR/1", "report ANPR/1"]);
    assert.equal(clock.pending, 0, "no timer");
  });

  it("is report for a plate that firmware stamps inactive", () => {
    const { take } = track({ emit: "edges" });
    const plate = alert({ eventType: "ANPR", ...over }, "<ANPR><licensePlate>A1</licensePlate></ANPR>");
    assert.deepEqual(take(plate), ["report ANPR/1"]);
    assert.deepEqual(
      take(alert({ eventType: "faceSnap", ...over })),
      ["report ANPR/1"],
      "the end of a report is nothing",
    );
  });

  it("is none for a heartbeat", () => {
    const { take } = track();
    assert.deepEqual(
      take(alert({ eventType: "videoloss", ...over, activePostCount: 0 }), alert({ eventType: "heartBeat" })),
      [],
    );
  });
});

describe("silence", () => {
  it("of offDelay seconds ends what is open", async () => {
    const { take, clock, said } = track({ offDelay: 10 });
    take(alert());
    await clock.advance(9_999);
    assert.deepEqual(said, ["start VMD/1"]);
    await clock.advance(1);
    assert.deepEqual(said, ["start VMD/1", "~end VMD/1"]);
    assert.equal(clock.pending, 0);
  });

  it("counts from the last repetition, also with edges", async () => {
    const { take, clock, said } = track({ emit: "edges" });
    for (let i = 0; i < 20; i++) {
      take(alert());
      await clock.advance(9_000);
    }
    assert.deepEqual(said, ["start VMD/1"]);
    await clock.advance(1_000);
    assert.deepEqual(said, ["start VMD/1", "~end VMD/1"]);
  });

  it("repeats what the start said, at the present time in the offset of the start", async () => {
    const { take, clock, silences } = track();
    take(alert({ eventType: "fielddetection", channelName: "Yard" }, inRegion("2", "human")));
    await clock.advance(10_000);
    const [end] = silences;
    assert.ok(end);
    assert.equal(end.active, false);
    assert.equal(end.time, "2026-03-01T13:00:10+01:00");
    assert.equal(end.channelName, "Yard");
    assert.deepEqual(end.targets, ["human"]);
    assert.deepEqual(end.regions, [{ id: "2", target: "human", polygon: [] }]);
    assert.equal(end.raw["channelName"], "Yard");
  });

  for (const [dateTime, time] of [
    ["2026-03-01T20:00:00.123+08:00", "2026-03-01T20:00:10+08:00"],
    ["2026-03-01T12:00:00Z", "2026-03-01T12:00:10Z"],
    ["2026-03-01T08:30:00-03:30", "2026-03-01T08:30:10-03:30"],
  ])
    it(`is at ${time} where the start was at ${dateTime}`, async () => {
      const { take, clock, silences } = track();
      take(alert({ dateTime }));
      await clock.advance(10_000);
      assert.equal(silences[0]?.time, time);
    });

  it("has no time of the device where the start had none", async () => {
    const { take, clock, silences } = track();
    take(alert({ dateTime: undefined }));
    await clock.advance(10_000);
    assert.equal(silences.length, 1);
    assert.equal(silences[0]?.time, undefined);
  });

  it("ends the oldest of more events than a device can have open, so that invented channels do not fill the memory", () => {
    const { take, clock, silences, tracker } = track();
    for (let channelID = 1; channelID <= 2_003; channelID++) take(alert({ channelID }));
    assert.deepEqual(
      silences.map(({ channel }) => channel),
      [1, 2, 3],
    );
    tracker.close();
    assert.equal(clock.pending, 0);
  });

  it("is not disturbed by a jump of the clock", async () => {
    const { take, clock, said } = track();
    take(alert());
    clock.jump(86_400_000);
    await clock.advance(9_999);
    clock.jump(-2 * 86_400_000);
    assert.deepEqual(said, ["start VMD/1"]);
    await clock.advance(1);
    assert.deepEqual(said, ["start VMD/1", "~end VMD/1"]);
  });

  it("ends nothing with offDelay 0: only the device does", async () => {
    const { take, clock, said } = track({ offDelay: 0 });
    take(alert());
    await clock.advance(86_400_000);
    assert.deepEqual(said, ["start VMD/1"]);
    assert.deepEqual(take(alert(over)), ["start VMD/1", "end VMD/1"]);
  });

  it("does not end what reports its end for certain", async () => {
    const { take, clock, said } = track();
    take({ ...alert({ eventType: "IOOutput" }), endIsReported: true });
    assert.equal(clock.pending, 0);
    await clock.advance(86_400_000);
    assert.deepEqual(said, ["start IOOutput/1"]);
    assert.deepEqual(take(alert({ eventType: "IOOutput", ...over })), ["start IOOutput/1", "end IOOutput/1"]);
  });

  it("comes to an end at close, without a message", async () => {
    const { take, clock, said, tracker } = track();
    take(alert(), alert({ channelID: 2 }));
    tracker.close();
    assert.equal(clock.pending, 0);
    await clock.advance(60_000);
    assert.deepEqual(said, ["start VMD/1", "start VMD/2"]);
  });
});

describe("an end", () => {
  it("carries the targets and regions of its start", () => {
    const { tracker } = track();
    const start = alert({ eventType: "fielddetection" }, inRegion("2", "human"));
    const message = tracker.take(start)?.notification;
    message?.regions.splice(0); // the flow may change what it got
    const end = tracker.take(alert({ eventType: "fielddetection", ...over }))?.notification;
    assert.deepEqual(end?.targets, ["human"]);
    assert.deepEqual(end.regions, [{ id: "2", target: "human", polygon: [] }]);
    assert.equal(end.raw["eventState"], "inactive");
  });

  it("without target and region passes a filter exactly when something of its key is open", () => {
    const { take } = track({ targets: ["human"], regions: ["2"] });
    const fields = { eventType: "fielddetection" };
    assert.deepEqual(take(alert({ ...fields, ...over })), []);
    assert.deepEqual(take(alert(fields, inRegion("2", "vehicle")), alert({ ...fields, ...over })), []);
    assert.deepEqual(
      take(alert(fields, inRegion("2", "human")), alert({ ...fields, ...over }), alert({ ...fields, ...over })),
      ["start fielddetection/1", "end fielddetection/1"],
    );
  });

  it("that a recorder stripped to region 0 passes, too", () => {
    const { take } = track({ regions: ["2"] });
    const fields = { eventType: "fielddetection" };
    assert.deepEqual(take(alert(fields, inRegion("2", "")), alert({ ...fields, ...over }, inRegion("0", ""))), [
      "start fielddetection/1",
      "end fielddetection/1",
    ]);
  });

  it("of another region ends nothing behind a filter of regions", () => {
    const { take } = track({ regions: ["2"] });
    const fields = { eventType: "fielddetection" };
    assert.deepEqual(
      take(alert(fields, inRegion("2", "human")), alert({ ...fields, ...over }, inRegion("3", "human"))),
      ["start fielddetection/1"],
    );
  });

  it("of what never started passes only with all", () => {
    assert.deepEqual(track({ emit: "all" }).take(alert(over)), ["end VMD/1"]);
    assert.deepEqual(track({ emit: "edges" }).take(alert(over)), []);
  });
});

describe("a duration", () => {
  const duration = (related: string): Notification =>
    alert(
      { eventType: "duration" },
      `<DurationList><Duration><relationEvent>${related}</relationEvent></Duration></DurationList>`,
    );

  it("keeps the event that it prolongs open", async () => {
    const { take, clock, said } = track({ emit: "edges", events: ["fielddetection"] });
    take(alert({ eventType: "fielddetection" }));
    for (let i = 0; i < 5; i++) {
      await clock.advance(9_000);
      take(duration("FieldDetection"));
    }
    assert.deepEqual(said, ["start fielddetection/1"]);
    await clock.advance(10_000);
    assert.deepEqual(said, ["start fielddetection/1", "~end fielddetection/1"]);
  });

  it("keeps nothing else open", async () => {
    const { take, clock, said } = track({ emit: "edges", events: ["VMD"] });
    take(alert());
    await clock.advance(9_000);
    take(duration("fielddetection"));
    await clock.advance(1_000);
    assert.deepEqual(said, ["start VMD/1", "~end VMD/1"]);
  });

  it("is a message of its own with all, and with edges only where the event that it prolongs is not open", () => {
    assert.deepEqual(track({ emit: "all" }).take(alert(), duration("VMD"), duration("VMD")), [
      "start VMD/1",
      "start duration/1",
      "update duration/1",
    ]);
    assert.deepEqual(track({ emit: "edges" }).take(alert(), duration("VMD")), ["start VMD/1"]);
    assert.deepEqual(track({ emit: "edges" }).take(duration("VMD"), duration("VMD")), ["start duration/1"]);
  });
});

describe("any sequence of alerts", () => {
  const step = fc.record({
    type: fc.constantFrom("VMD", "fielddetection", "duration", "IO"),
    channel: fc.integer({ min: 0, max: 2 }),
    active: fc.boolean(),
    region: fc.constantFrom("", "1", "2"),
    waitMs: fc.constantFrom(0, 1, 4_000, 10_000),
  });

  for (const emit of ["edges", "all"] as const) {
    it(`with ${emit}: per key a start, then updates, then one end; after silence nothing is open`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const { clock, take, said } = track({ emit });
          for (const { type, channel, active, region, waitMs } of steps) {
            const fields = { eventType: type, channelID: channel, eventState: active ? "active" : "inactive" };
            take(alert(fields, region === "" ? "" : inRegion(region, "human")));
            await clock.advance(waitMs);
          }
          await clock.advance(10_000);
          assert.equal(clock.pending, 0);
          const open = new Set<string>();
          for (const line of said) {
            const [state = "", key = ""] = line.replace("~", "").split(" ");
            if (state === "start") assert.ok(!open.has(key), `two starts of ${key}: ${said.join(", ")}`);
            if (state === "update") assert.ok(open.has(key), `update of nothing: ${said.join(", ")}`);
            if (state === "end" && emit === "edges") assert.ok(open.has(key), `end of nothing: ${said.join(", ")}`);
            if (state === "start") open.add(key);
            if (state === "end") open.delete(key);
          }
          assert.deepEqual([...open], []);
        }),
        { numRuns: 60 },
      );
    });
  }
});
