import assert from "node:assert/strict";
import { captureTimeOf, captureTimeText, parseCaptureTime, isSameTime } from "../../src/plates/capture-time";
import { decodedOne, xmlAlert } from "../support/alerts";

describe("the time of a capture", () => {
  for (const [sent, text] of [
    ["20200424T1616270000", "2020-04-24T16:16:27"],
    ["20200424T1616278800", "2020-04-24T16:16:27.880"],
    ["20340109T094130+0400", "2034-01-09T09:41:30+04:00"],
    ["20250415T000000-500", "2025-04-15T00:00:00-05:00"],
    ["20260716093012456", "2026-07-16T09:30:12.456"],
    ["2026-03-01T12:00:00+01:00", "2026-03-01T12:00:00+01:00"],
    ["2025-11-12T10:44:56.365+07:00", "2025-11-12T10:44:56.365+07:00"],
    ["2021-11-05T14:30:00Z", "2021-11-05T14:30:00+00:00"],
    ["2021-04-24 16:59:47", "2021-04-24T16:59:47"],
  ] as const)
    it(`is read from ${sent}`, () => assert.equal(captureTimeText(parseCaptureTime(sent)!), text));

  for (const sent of [undefined, "", "yesterday", "20201324T161627", "0000-00-00T00:00:00"])
    it(`is unknown when the device sends ${JSON.stringify(sent)}`, () =>
      assert.equal(parseCaptureTime(sent), undefined));

  for (const [a, b, same] of [
    ["2026-03-01T12:00:00+01:00", "20260301T120002", true],
    ["2026-03-01T12:00:00+01:00", "20260301T120003", false],
    ["2026-03-01T12:00:00+01:00", "20260301T110001+0000", true],
    ["2026-03-01T12:00:00+01:00", "20260301T110001", false],
  ] as const)
    it(`${a} and ${b} are ${same ? "" : "not "}the same`, () =>
      assert.equal(isSameTime(parseCaptureTime(a)!, parseCaptureTime(b)!), same));

  const anpr = (absTime: string): string =>
    `<ANPR><licensePlate>A1</licensePlate><pictureInfoList><pictureInfo><absTime>${absTime}</absTime></pictureInfo></pictureInfoList></ANPR>`;
  for (const [name, absTime, text] of [
    ["its pictures, which were taken before it was sent", "20260301115958471", "2026-03-01T11:59:58.471+01:00"],
    ["its stamp, when its pictures have an unset clock", "19700101000017000", "2026-03-01T12:00:00+01:00"],
    ["its stamp, when its pictures say nothing", "", "2026-03-01T12:00:00+01:00"],
  ] as const)
    it(`of an alert is that of ${name}`, () => {
      const alert = decodedOne(xmlAlert({ eventType: "ANPR" }, anpr(absTime)));
      assert.equal(captureTimeText(captureTimeOf(alert)!), text);
    });
});
