import assert from "node:assert/strict";
import { decode } from "../../../src/events/decode/decode";
import { context, decoded, decodedOne, part, withoutRaw, xmlAlert } from "../../support/alerts";

describe("an alert", () => {
  it("says type, label, channel, name, time, count and description", () => {
    const { type, label, channel, channelName, time, count, description, active, reports, heartbeat } = decodedOne(
      xmlAlert({ eventType: "regionentrance", channelName: "Yard", activePostCount: 38, eventDescription: "in" }),
    );
    assert.deepEqual(
      { type, label, channel, channelName, time, count, description, active, reports, heartbeat },
      {
        type: "regionEntrance",
        label: "Region entrance",
        channel: 1,
        channelName: "Yard",
        time: "2026-03-01T12:00:00+01:00",
        count: 38,
        description: "in",
        active: true,
        reports: false,
        heartbeat: false,
      },
    );
  });

  it("has no field for what the device left empty or out", () => {
    const all = {
      channelID: "",
      dateTime: "",
      activePostCount: "",
      eventState: "",
      eventDescription: "",
      channelName: "",
      macAddress: undefined,
    };
    assert.deepEqual(withoutRaw(decodedOne(xmlAlert(all))), {
      type: "VMD",
      label: "Motion",
      channel: null,
      targets: [],
      regions: [],
      active: true,
      heartbeat: false,
      reports: false,
      retransmitted: false,
      announced: [],
    });
  });

  const states: [string | undefined, boolean][] = [
    ["active", true],
    ["Active", true],
    ["inactive", false],
    ["INACTIVE", false],
    ["stop", false],
    [undefined, true],
    ["", true],
    ["happening", true],
  ];
  for (const [eventState, active] of states) {
    it(`in state ${String(eventState)} is ${active ? "active" : "over"}`, () => {
      assert.equal(decodedOne(xmlAlert({ eventState })).active, active);
    });
  }

  it("does not care about the order of its elements", () => {
    const lines = xmlAlert({ channelName: "Yard" }, "<targetType>human</targetType>\n").split("\n");
    const [open = "", ...inner] = lines.slice(0, -2);
    const reversed = [open, ...inner.reverse(), "</EventNotificationAlert>"].join("\n");
    assert.deepEqual(withoutRaw(decodedOne(reversed)), withoutRaw(decodedOne(lines.join("\n"))));
  });

  it("of an unknown type passes under its own name", () => {
    assert.equal(decodedOne(xmlAlert({ eventType: "quantumDetection" })).type, "quantumDetection");
  });

  it("without a type is told by what is in it, or by the name of its part", () => {
    assert.equal(
      decodedOne(xmlAlert({ eventType: undefined }, "<ANPR><licensePlate>AB1</licensePlate></ANPR>")).type,
      "ANPR",
    );
    const headers = { "content-disposition": 'form-data; name="fielddetection"' };
    assert.equal(decode(part(xmlAlert({ eventType: "" }), headers), context())[0]?.type, "fielddetection");
  });

  it("without a type and any hint is an other, not lost", () => {
    assert.equal(decodedOne(xmlAlert({ eventType: undefined, eventDescription: undefined })).type, "other");
  });

  it("takes the stamp of firmware that calls it triggerTime", () => {
    const sent = xmlAlert({ dateTime: undefined, triggerTime: "2026-02-20T11:00:00Z" });
    assert.equal(decodedOne(sent).time, "2026-02-20T11:00:00Z");
  });

  it("gets the device's zone where the stamp has none", () => {
    const sent = xmlAlert({ dateTime: "2026-03-01T12:00:00" });
    assert.equal(decodedOne(sent, { minutesAt: () => -300 }).time, "2026-03-01T12:00:00-05:00");
  });

  it("that is a duration names what goes on, in canonical spelling", () => {
    const relation = (inner: string): string | undefined =>
      decodedOne(xmlAlert({ eventType: "duration" }, `<DurationList>${inner}</DurationList>`)).continues;
    assert.equal(relation("<Duration><relationEvent>FieldDetection</relationEvent></Duration>"), "fielddetection");
    assert.equal(relation("<Duration/>"), undefined);
    assert.equal(relation("<Duration><x/></Duration><Duration><relationEvent>VMD</relationEvent></Duration>"), "VMD");
  });

  it("tells history and repetition", () => {
    const flags = (inner: string): unknown => {
      const { current, retransmitted } = decodedOne(xmlAlert({}, inner));
      return { current, retransmitted };
    };
    assert.deepEqual(flags(""), { current: undefined, retransmitted: false });
    assert.deepEqual(flags("<isDataRetransmission>true</isDataRetransmission>"), {
      current: undefined,
      retransmitted: true,
    });
    assert.deepEqual(flags("<currentEvent>false</currentEvent>"), { current: false, retransmitted: false });
    assert.deepEqual(flags("<currentEvent/>"), { current: undefined, retransmitted: false });
    const nested = {
      eventType: "AccessControllerEvent",
      eventState: "active",
      AccessControllerEvent: { currentEvent: false },
    };
    assert.equal(decodedOne(JSON.stringify(nested)).current, false);
  });
});

describe("ports and disks", () => {
  const sent: [string, string, Record<string, unknown>][] = [
    ["an alarm input", "<inputIOPortID>2</inputIOPortID>", { inputPort: 2 }],
    ["a recorder's remote input", "<inputIOPortID/><dynInputIOPortID>901</dynInputIOPortID>", { inputPort: 901 }],
    ["input 0 is none", "<inputIOPortID>0</inputIOPortID>", {}],
    ["an alarm output", "<outputIOPortID>1</outputIOPortID>", { outputPort: 1 }],
    ["a disk in its list", "<HDDList><HDD><id>1</id><diskNumber>3</diskNumber></HDD></HDDList>", { disk: 3 }],
    ["a bare disk number", "<diskNumber>2</diskNumber>", { disk: 2 }],
    [
      "recording channels",
      "<recordChannelList><channelID>1</channelID><channelID>4</channelID></recordChannelList>",
      { recordingChannels: [1, 4] },
    ],
    [
      "recording channels with commas",
      "<recordingChannels>1, 2,3</recordingChannels>",
      { recordingChannels: [1, 2, 3] },
    ],
  ];
  for (const [title, inner, expected] of sent) {
    it(title, () => {
      const { inputPort, outputPort, disk, recordingChannels } = decodedOne(xmlAlert({ eventType: "IO" }, inner));
      assert.deepEqual(JSON.parse(JSON.stringify({ inputPort, outputPort, disk, recordingChannels })), expected);
    });
  }
});

describe("people counting", () => {
  it("gives numbers, and reports", () => {
    const n = decodedOne(
      xmlAlert(
        { eventType: "PeopleCounting" },
        "<peopleCounting><statisticalMethods>realTime</statisticalMethods><enter>70</enter><exit>75</exit><pass>9</pass></peopleCounting>" +
          "<childCounting><enter>1</enter><exit>2</exit></childCounting>",
      ),
    );
    const children = { enter: 1, exit: 2 };
    assert.deepEqual(n.counting, { enter: 70, exit: 75, pass: 9, method: "realTime", children });
    assert.equal(n.reports, true);
  });

  it("names the period that it counted, and its region", () => {
    const inner =
      "<peopleCounting><statisticalMethods>timeRange</statisticalMethods><TimeRange><startTime>2026-03-01T19:00:00+08:00</startTime>" +
      "<endTime>2026-03-01T19:15:00+08:00</endTime></TimeRange><enter>0</enter><exit>1</exit><regionsID>1</regionsID></peopleCounting>" +
      "<childCounting><enter>0</enter><exit>0</exit></childCounting>";
    const { counting, regions } = decodedOne(xmlAlert({ eventType: "PeopleCounting" }, inner));
    assert.deepEqual(counting, {
      ...{ enter: 0, exit: 1, method: "timeRange" },
      ...{ start: "2026-03-01T19:00:00+08:00", end: "2026-03-01T19:15:00+08:00" },
      children: { enter: 0, exit: 0 },
    });
    assert.deepEqual(regions, [{ id: "1", polygon: [] }]);
  });

  it("leaves out what was not counted", () => {
    assert.deepEqual(decodedOne(xmlAlert({}, "<peopleCounting><enter>0</enter><exit/></peopleCounting>")).counting, {
      enter: 0,
    });
    assert.equal(decodedOne(xmlAlert({}, "<peopleCounting/>")).counting, undefined);
  });
});

describe("people density", () => {
  const alert = (targets: unknown, more: object = {}): string =>
    JSON.stringify({
      channelID: 6,
      dateTime: "1970-01-01T00:00:00+08:00",
      eventType: "PERSON_DENSITY_DETECTION",
      eventState: "active",
      personDensityResult: { Target: targets, ...more },
    });
  const target = (info: object): object => ({
    recognitionType: "human",
    TargetInfo: { recognition: "personDensityDetection", ...info },
  });

  it("reads the guide's alarm, result in a list and all", () => {
    const info = { dataSource: "trigger", densityLevel: 1, personCnt: 5, framesPeopleCounting_number: 5 };
    const sent = JSON.parse(alert([target(info)])) as { personDensityResult: unknown };
    const n = decodedOne(JSON.stringify({ ...sent, personDensityResult: [sent.personDensityResult] }));
    assert.equal(n.type, "personDensityDetection");
    assert.equal(n.channel, 6);
    assert.equal(n.time, "1970-01-01T00:00:00+08:00");
    assert.deepEqual(n.density, { level: 1, people: 5, frames: 5, source: "trigger" });
    assert.deepEqual(n.targets, ["human"]);
    assert.equal(n.reports, true);
  });

  const outline = [
    { x: 0.013, y: 0.035 },
    { x: 0.98, y: 0.87 },
  ];
  const kinds: [string, object, object, unknown][] = [
    [
      "timing",
      { framesPeopleCounting_number: 3, regionName: "Area1", regionID: 1 },
      { frames: 3, regionName: "Area1", regionId: "1" },
      [],
    ],
    ["PDC", { framesPeopleCounting_number: 4, regionID: 1 }, { frames: 4, regionId: "1" }, []],
    [
      "PQA",
      { PQA: { alarmCount: 4, countTriggerType: "greater", Region: outline }, regionID: 1 },
      { people: 4, regionId: "1" },
      outline,
    ],
    ["DSA", { DSA: { alarmTime: 200, Region: outline }, regionID: 1, targetID: 2 }, { regionId: "1" }, outline],
  ];
  for (const [source, info, density, polygon] of kinds) {
    it(`reads ${source}`, () => {
      const n = decodedOne(alert([target({ dataSource: source, ...info })]));
      assert.deepEqual(n.density, { ...density, source });
      assert.deepEqual(n.regions, [{ id: "1", polygon }]);
    });
  }

  it("makes several targets one notification each, which share nothing", () => {
    const sent = alert([target({ regionID: 1, personCnt: 2 }), target({ regionID: 2, personCnt: 7 })]);
    const [one, two] = decoded(sent);
    assert.ok(one && two);
    assert.deepEqual([one.density?.people, two.density?.people], [2, 7]);
    assert.deepEqual([one.regions[0]?.id, two.regions[0]?.id], ["1", "2"]);
    assert.deepEqual(one.raw, two.raw);
    assert.notEqual(one.raw, two.raw);
    assert.notEqual(one.targets, two.targets);
    assert.equal(one.announced, two.announced, "the same pictures belong to both");
  });

  it("reads one target that is no list, and XML", () => {
    assert.equal(decodedOne(alert(target({ personCnt: 1 }))).density?.people, 1);
    const xml = xmlAlert(
      { eventType: "personDensityDetection" },
      "<personDensityResult><Target><TargetInfo><personCnt>3</personCnt></TargetInfo></Target></personDensityResult>",
    );
    assert.equal(decodedOne(xml).density?.people, 3);
  });
});
