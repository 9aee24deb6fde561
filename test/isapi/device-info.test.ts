import assert from "node:assert/strict";
import { codeOf } from "../../src/lib/errors";
import { parseDeviceInfo, readDeviceInfo } from "../../src/isapi/device-info";
import { Isapi } from "../../src/isapi/isapi";
import { parseXml } from "../../src/isapi/xml";
import { FakeHttp, IDENTITY, reply } from "./fake-http";

const PATH = "/ISAPI/System/deviceInfo";
const info = (inner: string) => parseDeviceInfo(parseXml(`<DeviceInfo version="2.0" xmlns="x">${inner}</DeviceInfo>`));

describe("device info", () => {
  it("reads what a camera says of itself", async () => {
    const body = `<?xml version="1.0" encoding="UTF-8"?>
      <DeviceInfo version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
      <deviceName>Front &amp; gate</deviceName><deviceID>0</deviceID><model>DS-2CD9999-X</model>
      <serialNumber>DS-2CD9999-X20260101AAWR000000001</serialNumber><macAddress>44:19:B6:00:00:01</macAddress>
      <firmwareVersion>V5.7.18</firmwareVersion><firmwareReleasedDate>build 240826</firmwareReleasedDate>
      <deviceType>IPCamera</deviceType><telecontrolID>88</telecontrolID></DeviceInfo>`;
    const http = FakeHttp.of({ [PATH]: reply(200, body) });
    assert.deepEqual(await readDeviceInfo(new Isapi(http)), {
      name: "Front & gate",
      model: "DS-2CD9999-X",
      serialNumber: "DS-2CD9999-X20260101AAWR000000001",
      macAddress: "44:19:b6:00:00:01",
      firmware: "V5.7.18",
      firmwareDate: "2024-08-26",
      type: "IPCamera",
    });
  });

  it("leaves out what is missing or empty", () => {
    assert.deepEqual(info(""), {});
    assert.deepEqual(info("<deviceName/><model>M</model><macAddress></macAddress>"), { model: "M" });
  });

  const macs = [
    ["44-19-B6-00-00-01", "44:19:b6:00:00:01"],
    ["4419b6000001", "44:19:b6:00:00:01"],
    ["4419.b600.0001", "44:19:b6:00:00:01"],
    ["unknown", "unknown"],
  ] as const;
  for (const [sent, macAddress] of macs) {
    it(`writes the MAC ${sent} as ${macAddress}`, () => {
      assert.deepEqual(info(`<macAddress>${sent}</macAddress>`), { macAddress });
    });
  }

  const dates = [
    ["build 240826", "2024-08-26"],
    ["Build240826", "2024-08-26"],
    ["2024-08-26", "2024-08-26"],
    ["100316", "100316"],
  ] as const;
  for (const [sent, firmwareDate] of dates) {
    it(`reads the firmware date ${sent} as ${firmwareDate}`, () => {
      assert.deepEqual(info(`<firmwareReleasedDate>${sent}</firmwareReleasedDate>`), { firmwareDate });
    });
  }

  it("knows that another product's XML is no Hikvision device", async () => {
    const http = FakeHttp.of({ [PATH]: reply(200, "<root><device>router</device></root>") });
    await assert.rejects(readDeviceInfo(new Isapi(http)), (error: unknown) => {
      assert.equal(codeOf(error), "notIsapi");
      return true;
    });
  });

  it("passes the refusal on, with words and device", async () => {
    const http = FakeHttp.of({});
    await assert.rejects(readDeviceInfo(new Isapi(http)), (error: unknown) => {
      assert.equal(codeOf(error), "notSupported");
      assert.match(String(error), /its name and model/);
      assert.deepEqual((error as Error).cause, { statusCode: 403, subStatusCode: "notSupport", device: IDENTITY });
      return true;
    });
  });

  it("stops when told", async () => {
    const http = FakeHttp.of({ [PATH]: reply(200, "<DeviceInfo/>") });
    await assert.rejects(
      readDeviceInfo(new Isapi(http), AbortSignal.abort()),
      (error: unknown) => codeOf(error) === "aborted",
    );
    assert.equal(http.requests.length, 0);
  });
});
