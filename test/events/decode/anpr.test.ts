import assert from "node:assert/strict";
import type { PlateReading } from "../../../src/events/decode/anpr";
import { decoded, decodedOne, xmlAlert } from "../../support/alerts";

function plate(inner: string): PlateReading {
  const n = decodedOne(xmlAlert({ eventType: "ANPR" }, `<ANPR>${inner}</ANPR>`));
  assert.ok(n.anpr);
  assert.equal(n.reports, true);
  return n.anpr;
}

const leaf = (name: string, value: string): string => `<${name}>${value}</${name}>`;

describe("a license plate", () => {
  it("has every field that cameras send", () => {
    const sent =
      "<country>46</country><licensePlate>38AAP084</licensePlate><line>2</line><direction>forward</direction>" +
      "<confidenceLevel>98</confidenceLevel><plateType>private</plateType><plateColor>white</plateColor><region>12</region>" +
      "<plateCharBelieve>99,99,61,99</plateCharBelieve><vehicleType>3</vehicleType><vehicleInfo><index>7395</index>" +
      "<color>green</color><speed>42</speed><vehicleLogoRecog>1707</vehicleLogoRecog><vehileSubLogoRecog>0</vehileSubLogoRecog>" +
      "<vehileModel>0</vehileModel></vehicleInfo><pictureInfoList><pictureInfo><fileName>licensePlatePicture.jpg</fileName>" +
      "</pictureInfo><pictureInfo><fileName>vehiclePicture.jpg</fileName><plateRect><X>1</X><Y>2</Y><width>3</width><height>4</height>" +
      "</plateRect></pictureInfo><pictureInfo><fileName>detectionPicture.jpg</fileName><plateRect><X>413</X><Y>241</Y><width>26</width>" +
      "<height>10</height></plateRect></pictureInfo></pictureInfoList><vehicleListName>otherList</vehicleListName>";
    assert.deepEqual(plate(sent), {
      plate: "38AAP084",
      confidence: 98,
      characterConfidence: [99, 99, 61, 99],
      country: "TUR",
      region: "12",
      direction: "approach",
      lane: 2,
      plateType: "private",
      plateColor: "white",
      list: "other",
      vehicle: {
        type: "car",
        color: "green",
        brand: "1707",
        speed: 42,
        raw: {
          vehicleType: "3",
          vehicleInfo: {
            index: "7395",
            color: "green",
            speed: "42",
            vehicleLogoRecog: "1707",
            vehileSubLogoRecog: "0",
            vehileModel: "0",
          },
        },
      },
      rect: { x: 0.413, y: 0.241, width: 0.026, height: 0.01 },
    });
  });

  for (const letters of [
    "0012345",
    "12E34",
    "0x1F",
    "1E5",
    "0123E45",
    "true",
    "null",
    "KH 35-192",
    "А123ВС77",
    "京A12345",
    "+1",
  ]) {
    it(`survives to the letter: ${letters}`, () => {
      assert.equal(plate(leaf("licensePlate", letters)).plate, letters);
      const json = { eventType: "ANPR", eventState: "active", ANPR: { licensePlate: letters } };
      assert.equal(decodedOne(JSON.stringify(json)).anpr?.plate, letters);
    });
  }

  for (const nothing of [
    "unknown",
    "Unknown",
    "",
    "UNKNOWN",
    "无车牌",
    "No_Plate",
    "unlicensed",
    "未识别",
    " - ",
    "N/A",
  ]) {
    it(`is unread when the camera sends "${nothing}"`, () => {
      const { plate: letters, unread } = plate(leaf("licensePlate", nothing));
      assert.deepEqual({ letters, unread }, { letters: "", unread: true });
    });
  }

  it("is unread when the camera sends none, and taken from the original text when only that is there", () => {
    assert.equal(plate("<country>7</country>").unread, true);
    assert.equal(plate("<licensePlate/><originalLicensePlate>ABC1</originalLicensePlate>").plate, "ABC1");
  });

  const words: [string, string, keyof PlateReading, unknown][] = [
    ["direction", "forward", "direction", "approach"],
    ["direction", "reverse", "direction", "away"],
    ["direction", "unknown", "direction", "unknown"],
    ["direction", "sideways", "direction", "unknown"],
    ["vehicleListName", "whiteList", "list", "allow"],
    ["listType", "allowList", "list", "allow"],
    ["listType", "blackList", "list", "block"],
    ["listType", "blockList", "list", "block"],
    ["listType", "temporary", "list", "other"],
    ["confidenceLevel", "87.5", "confidence", 87.5],
    ["confidenceLevel", "", "confidence", null],
    ["country", "DXB", "country", "DXB"],
    ["plateColor", "unknown", "plateColor", undefined],
    ["plateType", "none", "plateType", undefined],
    ["region", "reserve", "region", undefined],
    ["region", "Reserve ", "region", undefined],
    ...["--", "N/A", "(null)", "undefined", "Not Available", "not_available", "unidentified", "UNKOWN", "nil"].map(
      (sent): [string, string, keyof PlateReading, unknown] => ["region", sent, "region", undefined],
    ),
    ["country", "NO", "country", "NO"],
    ["country", "NA", "country", "NA"],
    ["region", "NSW 0", "region", "NSW 0"],
    ["line", "-1", "lane", undefined],
    ["laneNo", "255", "lane", 255],
    ["country", "0", "country", undefined],
    ["country", "", "country", undefined],
    ["country", "3", "country", "DEU"],
    ["country", "258", "country", "MAC"],
    ["country", "55", "country", "55"],
    ["country", "999", "country", "999"],
    ["country", "254", "country", undefined],
    ["country", "255", "country", undefined],
    ["line", "0", "lane", undefined],
    ["vehicleListName", "none", "list", null],
    ["plateCharBelieve", "9".repeat(400), "characterConfidence", undefined],
    ["laneNo", "3", "lane", 3],
    ["plateCharBelieve", "", "characterConfidence", undefined],
    ["plateCharBelieve", "99, 0,x,7", "characterConfidence", [99, 0, 7]],
  ];
  for (const [name, value, field, expected] of words) {
    it(`reads <${name}>${value} as ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(plate(leaf("licensePlate", "A1") + leaf(name, value))[field], expected);
    });
  }

  it("says null for the list and nothing for the rest when the camera does not say it", () => {
    assert.deepEqual(plate(leaf("licensePlate", "A1")), {
      plate: "A1",
      confidence: null,
      list: null,
      vehicle: { raw: {} },
    });
  });

  const vehicles: [string, string][] = [
    ["1", "bus"],
    ["2", "truck"],
    ["4", "microbus"],
    ["8", "tricycle"],
    ["9", "9"],
    ["SUVMPV", "SUVMPV"],
  ];
  for (const [sent, word] of vehicles) {
    it(`calls vehicle type ${sent} ${word}, beside what was sent`, () => {
      const { vehicle } = plate(leaf("vehicleType", sent));
      assert.equal(vehicle.type, word);
      assert.equal(vehicle.raw["vehicleType"], sent);
    });
  }

  it("leaves out a placeholder, and takes the next name that says something", () => {
    const sent = "<region>reserve</region><province>NSW</province><vehicleInfo><color>unknown</color></vehicleInfo>";
    const { region, vehicle } = plate(`${leaf("licensePlate", "A1")}${sent}<vehicleColor>red</vehicleColor>`);
    assert.deepEqual([region, vehicle.color], ["NSW", "red"]);
  });

  for (const sent of ["0", "unknown", "reserve"])
    it(`has no vehicle type where the camera sends ${sent}; raw keeps it`, () => {
      const { vehicle } = plate(leaf("licensePlate", "A1") + leaf("vehicleType", sent));
      assert.deepEqual(vehicle, { raw: { vehicleType: sent } });
    });

  it("is read from a match with the device's lists, too", () => {
    const alert = { eventType: "vehicleMatchResult", dateTime: "2026-03-01T12:00:00+03:00", channelID: 1 };
    const match = { VehicleMatchResult: { listType: "blackList", PlateInfo: { plate: "ABC-1234" } } };
    const { type, anpr, reports } = decodedOne(JSON.stringify({ ...alert, ...match }));
    assert.deepEqual(
      [type, reports, anpr?.plate, anpr?.list, anpr?.confidence],
      ["vehicleMatchResult", true, "ABC-1234", "block", null],
    );
  });

  it("is not invented where a match names no plate", () => {
    const alert = {
      eventType: "vehicleMatchResult",
      eventState: "active",
      VehicleMatchResult: { listType: "blackList" },
    };
    assert.equal(decodedOne(JSON.stringify(alert)).anpr, undefined);
  });

  it("is at most 100 characters of what claims to be one", () => {
    assert.equal(plate(leaf("licensePlate", "A".repeat(100_000))).plate.length, 100);
  });

  it("is one of several, each a notification", () => {
    const list = decoded(
      xmlAlert(
        { eventType: "ANPR" },
        "<ANPR><licensePlate>A1</licensePlate></ANPR><ANPR><licensePlate>B2</licensePlate></ANPR>",
      ),
    );
    assert.deepEqual(
      list.map(({ anpr }) => anpr?.plate),
      ["A1", "B2"],
    );
  });
});
