import assert from "node:assert/strict";
import { sameDevice, type Identity } from "../../src/discovery/same-device";

const SERIAL = "DS-2CD9999-X20260101AAWR000000001";
const MAC = "44:19:b6:00:00:01";

describe("the same device", () => {
  const cases: [string, Identity, Identity, boolean][] = [
    [
      "has the same serial number and MAC",
      { serialNumber: SERIAL, macAddress: MAC },
      { serialNumber: SERIAL, macAddress: MAC },
      true,
    ],
    [
      "may answer by its other network card",
      { serialNumber: SERIAL, macAddress: MAC },
      { serialNumber: SERIAL, macAddress: "44:19:b6:00:00:02" },
      true,
    ],
    ["may keep its serial number to itself", { serialNumber: SERIAL, macAddress: MAC }, { macAddress: MAC }, true],
    ["is not told by letter case", { serialNumber: SERIAL }, { serialNumber: SERIAL.toLowerCase() }, true],
    [
      "is no other of its model",
      { serialNumber: SERIAL, macAddress: MAC },
      { serialNumber: SERIAL.replace(/1$/, "2"), macAddress: "44:19:b6:00:00:02" },
      false,
    ],
    ["is nobody without a name", {}, {}, false],
    [
      "is not known by a placeholder",
      { serialNumber: "000000000", macAddress: "00:00:00:00:00:00" },
      { serialNumber: "000000000", macAddress: "00:00:00:00:00:00" },
      false,
    ],
    ["is not known by a short number", { serialNumber: "1" }, { serialNumber: "1" }, false],
  ];
  for (const [title, one, other, same] of cases) {
    it(title, () => {
      assert.equal(sameDevice(one, other), same);
      assert.equal(sameDevice(other, one), same);
    });
  }
});
