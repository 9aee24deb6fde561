import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Notification } from "../../src/events/types";
import { xmlAlert } from "../support/alerts";
import { findCaptures, readCapture, type Capture } from "./captures";
import { checkCapture } from "./check";
import { replay, type Replay } from "./replay";

const region =
  "<DetectionRegionList><DetectionRegionEntry><regionID>2</regionID><RegionCoordinatesList><RegionCoordinates>" +
  "<positionX>100</positionX><positionY>200</positionY></RegionCoordinates></RegionCoordinatesList>" +
  "<detectionTarget>human</detectionTarget></DetectionRegionEntry></DetectionRegionList>";
const intrusion = xmlAlert({ eventType: "fielddetection", channelID: 3 }, region);
const beat = xmlAlert({ eventType: "videoloss", eventState: "inactive", activePostCount: 0 });
const plate = xmlAlert({ eventType: "ANPR" }, "<ANPR><licensePlate>0012345</licensePlate></ANPR>");
const json = {
  eventType: "VMD",
  eventState: "inactive",
  channelID: 2,
  dateTime: "2026-03-01T12:00:00Z",
  activePostCount: 1,
};

describe("the corpus command", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-corpus-"))));
  after(() => rmSync(folder, { recursive: true }));

  function capture(name: string, content: string | Buffer): Capture {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    const found = readCapture(file);
    assert.ok("payloads" in found, JSON.stringify(found));
    return found;
  }

  const framed = (text: string): string =>
    `--boundary\r\nContent-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}\r\n`;
  const files: [string, string | Buffer, number, number][] = [
    ["alert.xml", intrusion, 1, 0],
    ["bare.xml", xmlAlert({}, "", "<EventNotificationAlert>"), 1, 0],
    ["two.txt", intrusion + plate, 2, 0],
    ["stream.multipart", framed(beat) + framed(intrusion), 2, 0],
    [
      "push.http",
      `POST /a HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=xyz\r\n\r\n--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n${intrusion}\r\n--xyz--\r\n`,
      1,
      0,
    ],
    [
      "picture.multipart",
      Buffer.concat([
        Buffer.from(framed(intrusion)),
        Buffer.from("--boundary\r\nContent-Type: image/jpeg\r\nContent-Length: 8\r\n\r\n"),
        Buffer.from([0xff, 0xd8, 0, 0x3c, 0x7b, 0, 0xff, 0xd9]),
      ]),
      1,
      0,
    ],
    ["alert.json", JSON.stringify(json), 1, 0],
    ["wrapped.json", JSON.stringify({ EventNotificationAlert: json }), 1, 0],
    ["list.json", JSON.stringify([json, json]), 2, 0],
    ["log.json", JSON.stringify([{ body: intrusion }, { event: json }, { body: JSON.stringify(json) }]), 3, 0],
    ["lines.txt", `${JSON.stringify(json)}\n${JSON.stringify(json)}\n`, 2, 0],
    [
      "intercom.txt",
      `--MIME_boundary\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(json, null, "\t")}\r\n`,
      1,
      0,
    ],
    ["after-no-json.txt", `{ no: JSON }\n${JSON.stringify(json)}\n`, 1, 0],
    ["cut.xml", intrusion.slice(0, 200), 0, 1],
    ["cut-then-whole.txt", intrusion.slice(0, 200) + plate, 1, 1],
    ["cut.json", JSON.stringify(json).slice(0, -5), 0, 1],
  ];
  for (const [name, content, whole, cut] of files) {
    it(`finds ${whole} whole and ${cut} cut alerts in ${name}, and all is well with them`, async () => {
      const found = capture(name, content);
      assert.deepEqual([found.payloads.length, found.cutOff.length], [whole, cut]);
      const { complaints, replays } = await checkCapture(found, replay);
      assert.deepEqual([...complaints], []);
      assert.ok(replays >= 50);
    });
  }

  it("counts what is no alert, with the reason, and is suspicious of what speaks of one", () => {
    const others = mkdtempSync(path.join(folder, "others-"));
    const write = (name: string, content: string): void => writeFileSync(path.join(others, name), content);
    write("status.xml", "<ResponseStatus><statusCode>1</statusCode></ResponseStatus>");
    write("triggers.json", '{"EventTriggerList":{"EventTrigger":[{"eventType":"VMD"}]}}');
    write("INDEX.md", intrusion);
    write("empty.txt", "");
    write("odd.txt", 'an event: "eventType": "VMD", "eventState": "active"');
    const { captures, others: found } = findCaptures(others);
    assert.deepEqual(captures, []);
    assert.deepEqual(
      found.map(({ file, reason, suspect }) => [path.basename(file), reason, suspect]),
      [
        ["INDEX.md", "no capture, by its name", false],
        ["empty.txt", "empty", false],
        ["odd.txt", "no alert: text of something else", true],
        ["status.xml", "no alert: <ResponseStatus>", false],
        ["triggers.json", "no alert: JSON of something else", false],
      ],
    );
  });

  /** A package with one fault: what it makes of the first alert is changed. */
  const faulty =
    (change: (first: Notification, all: Notification[]) => readonly Notification[]): Replay =>
    async (wire) => {
      const all = await replay(wire);
      const [first, ...rest] = all;
      return first ? [...change(first, all), ...rest] : [];
    };
  const faults: [string, string, Replay, RegExp][] = [
    ["loses an alert", intrusion, faulty(() => []), /^lost: |^type: /],
    ["sends one twice", intrusion, faulty((n) => [n, n]), /one too many/],
    ["misreads the type", intrusion, faulty((n) => [{ ...n, type: "VMD" }]), /^type: /],
    ["misreads the channel", intrusion, faulty((n) => [{ ...n, channel: 1 }]), /^channel: /],
    ["misreads the state", intrusion, faulty((n) => [{ ...n, active: false }]), /^state: /],
    ["misreads the time", intrusion, faulty((n) => [{ ...n, time: "2026-03-01T11:00:00Z" }]), /^time: /],
    ["misses the target", intrusion, faulty((n) => [{ ...n, targets: [] }]), /^target: human is missing/],
    [
      "invents a target",
      intrusion,
      faulty((n) => [{ ...n, targets: [...n.targets, "vehicle"] }]),
      /^target: vehicle was not sent/,
    ],
    ["misses the region", intrusion, faulty((n) => [{ ...n, regions: [] }]), /^regions: /],
    [
      "misplaces the region",
      intrusion,
      faulty((n) => [{ ...n, regions: [{ id: "2", polygon: [{ x: 0.1, y: 0.8 }] }] }]),
      /^outline: /,
    ],
    ["changes a plate", plate, faulty((n) => [{ ...n, anpr: { ...n.anpr!, plate: "12345" } }]), /^plate: /],
    ["emits a heartbeat", beat, faulty((n) => [{ ...n, heartbeat: false }]), /heartbeat passed for an event/],
    [
      "swallows an event as a heartbeat",
      intrusion,
      faulty((n) => [{ ...n, heartbeat: true }]),
      /taken for a heartbeat/,
    ],
  ];
  for (const [title, content, replayFaulty, complaint] of faults) {
    it(`notices a package that ${title}`, async () => {
      const { complaints } = await checkCapture(capture("faulty.xml", content), replayFaulty);
      assert.ok(
        [...complaints.keys()].some((one) => complaint.test(one)),
        JSON.stringify([...complaints.keys()]),
      );
    });
  }

  it("tells the end of a video loss from a heartbeat by what came before", async () => {
    const loss = (eventState: string, dateTime: string): string =>
      xmlAlert({ eventType: "videoloss", channelID: 2, activePostCount: 0, eventState, dateTime });
    const found = capture(
      "loss.txt",
      loss("inactive", "2026-03-01T12:00:00Z") +
        loss("active", "2026-03-01T12:00:05Z") +
        loss("inactive", "2026-03-01T12:00:09Z") +
        loss("inactive", "2026-03-01T12:00:10Z"),
    );
    const { complaints, heartbeats } = await checkCapture(found, replay);
    assert.deepEqual([...complaints], []);
    assert.equal(heartbeats, 2);
  });
});
