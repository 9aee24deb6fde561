import assert from "node:assert/strict";
import { decode } from "../../../src/events/decode/decode";
import { numbersIn } from "../../../src/events/decode/fields";
import { decimalOf } from "../../../src/lib/decimal";
import { VideoLosses } from "../../../src/events/decode/heartbeat";
import { context, decoded, part, xmlAlert } from "../../support/alerts";

/** CPU time of this process: far more than any reader needs, far less than a quadratic one. */
const MOST_MS = 1_500;

function timed(run: () => unknown): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const DIGITS = `${"9".repeat(1 << 20)}x`;

describe("numbers in an alert", () => {
  it("are decimal, finite, and at most 64 characters", () => {
    for (const [text, value] of [
      ["12", 12],
      [" -0.5 ", -0.5],
      ["5.", 5],
      [".5", 0.5],
      ["1e3", 1000],
      ["1e999", undefined],
      ["0x1F", undefined],
      ["", undefined],
      ["9".repeat(65), undefined],
    ] as const)
      assert.equal(decimalOf(text), value, text);
    assert.deepEqual(numbersIn({ id: ["1,2", 3, DIGITS] }), [1, 2, 3]);
  });

  for (const field of [
    "channelID",
    "activePostCount",
    "dateTime",
    "inputIOPortID",
    "detectionPicturesNumber",
    "picturesNumber",
    "recordingChannels",
    "eventType",
    "eventState",
    "eventDescription",
    "detectionTarget",
    "currentEvent",
    "pId",
    "bkgUrl",
  ])
    for (const [what, text] of [
      ["digits", DIGITS],
      ["blanks", `${" ".repeat(1 << 20)}x`],
      ["words", "1,".repeat(1 << 19)],
      ["brackets", "&gt;".repeat(1 << 18)],
    ] as const)
      it(`do not hold up the others when ${field} is a megabyte of ${what}`, () => {
        const json = JSON.stringify({
          eventType: "VMD",
          dateTime: "2026-03-01T12:00:00Z",
          [field]: text,
          Own: { [field]: text },
        });
        assert.ok(timed(() => decoded(json)) < MOST_MS);
      });

  for (const field of ["confidenceLevel", "plateCharBelieve", "line", "licensePlate", "region", "absTime"])
    it(`do not hold up the others when a plate's ${field} is a megabyte`, () => {
      for (const text of [DIGITS, "9,".repeat(1 << 19), " ".repeat(1 << 20)]) {
        const ANPR = { licensePlate: "A1", [field]: text };
        assert.ok(timed(() => decoded(JSON.stringify({ eventType: "ANPR", eventState: "active", ANPR }))) < MOST_MS);
      }
    });

  for (const header of [
    `form-data; name="${"name=".repeat(3_000)}`,
    `form-data;${" ".repeat(16_000)}`,
    ";filename".repeat(1_800),
  ])
    it(`do not hold up the others when a part is headed ${header.slice(0, 20)}…`, () => {
      const one = part(JSON.stringify({ dateTime: "x", eventState: "active" }), { "content-disposition": header });
      assert.ok(timed(() => decode(one, context())) < MOST_MS);
    });
});

describe("an alert without measure", () => {
  it("is at most 64 alerts of one part, read in time", () => {
    const one = JSON.stringify({ eventType: "VMD", eventState: "active" });
    assert.equal(decoded(one.repeat(500)).length, 64);
    assert.equal(decoded(`[${Array(500).fill(one).join()}]`).length, 64);
    assert.ok(timed(() => decoded("{x}".repeat(1 << 20))) < MOST_MS);
  });

  it("is at most 32 messages, fewer where the alert is large", () => {
    const plates = (count: number, more = ""): string =>
      xmlAlert({ eventType: "ANPR" }, `<ANPR><licensePlate>A1</licensePlate>${more}</ANPR>`.repeat(count));
    assert.equal(decoded(plates(100)).length, 32);
    const long = plates(10, `<brand>${"x".repeat(100_000)}</brand>`);
    assert.equal(decoded(long).length, 2);
    const huge = { licensePlate: "A1", brand: "x".repeat(1_200_000) };
    assert.equal(decoded(JSON.stringify({ eventType: "ANPR", eventState: "active", ANPR: [huge, huge] })).length, 1);
  });

  it("has a type of at most 100 characters", () => {
    assert.equal(decoded(xmlAlert({ eventType: "x".repeat(5_000) }))[0]?.type.length, 100);
  });

  it("cannot open video losses without end", () => {
    const losses = new VideoLosses();
    const loss = (channel: number, active: boolean): boolean => losses.isReal({ type: "videoloss", active, channel });
    for (let channel = 1; channel <= 1_000; channel++) loss(channel, true);
    assert.equal(loss(1, false), false);
    assert.equal(loss(1_000, false), true);
  });
});
