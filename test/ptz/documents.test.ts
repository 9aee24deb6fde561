import assert from "node:assert/strict";
import { parseXml } from "../../src/isapi/xml";
import * as bodies from "../../src/ptz/requests";
import { parseCapabilities } from "../../src/ptz/capabilities";
import type { PtzChannel } from "../../src/ptz/channel";
import { readPatrols } from "../../src/ptz/patrols";
import { exactPosition, exactRanges, isSame, statusPosition } from "../../src/ptz/position";
import { isUsualCommand } from "../../src/ptz/presets";

const value = (xml: string) => parseXml(xml).value;
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

describe("PTZ documents", () => {
  describe("the position", () => {
    const high = (inner: string): unknown =>
      value(
        `<PTZStatus xmlns="http://www.hikvision.com/ver20/XMLSchema"><AbsoluteHigh>${inner}</AbsoluteHigh></PTZStatus>`,
      );

    it("is in tenths in the status", () => {
      const inner = "<elevation>-152</elevation><azimuth>1125</azimuth><absoluteZoom>85</absoluteZoom>";
      assert.deepEqual(statusPosition(high(inner)), { azimuth: 112.5, elevation: -15.2, zoom: 8.5 });
    });

    it("has no zoom where the camera tells none", () => {
      const inner = "<elevation>0</elevation><azimuth>0</azimuth>";
      assert.deepEqual(statusPosition(high(inner)), { azimuth: 0, elevation: 0, zoom: 1 });
    });

    it("is in degrees in absoluteEx", () => {
      const inner = "<elevation>3.250</elevation><azimuth>271.125</azimuth><absoluteZoom>8.50</absoluteZoom>";
      const read = exactPosition(value(`<PTZAbsoluteEx>${inner}<focalLen>100</focalLen></PTZAbsoluteEx>`));
      assert.deepEqual(read, { azimuth: 271.125, elevation: 3.25, zoom: 8.5 });
    });

    it("is not guessed", () => {
      assert.throws(() => statusPosition(value("<PTZStatus/>")), /did not report the camera.s position/);
      assert.throws(() => statusPosition(high("<elevation>up</elevation><azimuth>1</azimuth>")), /did not report/);
    });

    it("is the same within a tenth, also across north", () => {
      const at = (azimuth: number, zoom = 1) => ({ azimuth, elevation: 0, zoom });
      assert.equal(isSame(at(0), at(359.9)), true);
      assert.equal(isSame(at(10), at(10.2)), false);
      assert.equal(isSame(at(10), at(10, 1.2)), false);
    });
  });

  describe("the capabilities", () => {
    it("have ranges with and without a capital", () => {
      const of = (min: string, max: string): unknown => {
        const range = (axis: string): string => `<${axis}><${min}>-200</${min}><${max}>900</${max}></${axis}>`;
        const inner = `<AbsolutePanTiltPositionSpace>${range("YRange")}</AbsolutePanTiltPositionSpace>`;
        return parseCapabilities(value(`<PTZChanelCap>${inner}</PTZChanelCap>`)).absolute?.elevation;
      };
      assert.deepEqual(of("Min", "Max"), { min: -20, max: 90 });
      assert.deepEqual(of("min", "max"), { min: -20, max: 90 });
    });

    it("have none where a device says nothing, or nonsense", () => {
      const inner =
        "<RelativePanTiltSpace><XRange><Min>0</Min><Max>0</Max></XRange></RelativePanTiltSpace><maxPresetNum>many</maxPresetNum>";
      const { raw, ...told } = parseCapabilities(value(`<PTZChanelCap>${inner}</PTZChanelCap>`));
      assert.deepEqual(told, {});
      assert.ok(raw);
      assert.deepEqual(parseCapabilities(value("<PTZChanelCap/>")), {});
    });

    it("list the presets that are commands", () => {
      const inner =
        '<PresetNameCap><presetNameSupport>true</presetNameSupport><specialNo opt="33,34, 94,x,,105"/></PresetNameCap>';
      assert.deepEqual(
        parseCapabilities(value(`<PTZChanelCap>${inner}</PTZChanelCap>`)).commandPresets,
        [33, 34, 94, 105],
      );
    });

    it("of absoluteEx are attributes; another document is none", () => {
      const inner =
        '<elevation min="-50" max="60">18.2</elevation><azimuth min="0" max="360">3</azimuth><absoluteZoom min="1" max="25">2</absoluteZoom>';
      assert.deepEqual(exactRanges(value(`<PTZAbsoluteEx>${inner}</PTZAbsoluteEx>`)), {
        azimuth: { min: 0, max: 360 },
        elevation: { min: -50, max: 60 },
        zoom: { min: 1, max: 25 },
      });
      assert.equal(exactRanges(value("<Other><a>1</a></Other>")), undefined);
    });
  });

  it("know the numbers that domes in general take as commands", () => {
    const usual = Array.from({ length: 400 }, (_, i) => i + 1).filter(isUsualCommand);
    assert.deepEqual([usual[0], usual.length, usual.slice(-5)], [33, 80, [108, 130, 131, 132, 200]]);
  });

  describe("patrols", () => {
    const read = async (sequence: string, kind?: PtzChannel["kind"]) => {
      const xml = `<PTZPatrolList><PTZPatrol><id>1</id><PatrolSequenceList>${sequence}</PatrolSequenceList></PTZPatrol></PTZPatrolList>`;
      const channel = { kind, get: () => Promise.resolve(parseXml(xml)) } as unknown as PtzChannel;
      const [patrol] = await readPatrols(channel, { signal: new AbortController().signal });
      return patrol?.steps;
    };
    const stop = (inner: string): string => `<PatrolSequence><presetID>4</presetID>${inner}</PatrolSequence>`;

    const shapes: [title: string, inner: string, seconds: number, speed: number][] = [
      ["ms", "<delay>8000</delay><seqSpeed>20</seqSpeed>", 8, 20],
      ["s", "<delay>15</delay><seqSpeed>20</seqSpeed>", 15, 20],
      [
        "speed in the PSIA way",
        "<delay>15</delay><Extensions><selfExt><seqSpeed>7</seqSpeed></selfExt></Extensions>",
        15,
        7,
      ],
      ["speed by another name", "<seq>1</seq><delay>8</delay><speed>40</speed>", 8, 40],
      ["no time", "<seqSpeed>20</seqSpeed>", 0, 20],
    ];
    for (const [title, inner, seconds, speed] of shapes) {
      it(`are read with ${title}`, async () => {
        assert.deepEqual(await read(stop(inner)), [{ preset: 4, seconds, speed }]);
      });
    }

    it("leave unused places out, and patrols that have only those", async () => {
      const unused = "<PatrolSequence><presetID>0</presetID><delay>15</delay></PatrolSequence>";
      assert.equal(await read(unused), undefined);
      assert.equal((await read(unused + stop("<delay>5</delay>")))?.length, 1);
      assert.deepEqual(await read(""), []);
    });
  });

  it("are written to the byte as the vendor's web UI writes them", () => {
    const speed = { pan: -100, tilt: 0, zoom: 7 };
    const cases: [written: string, expected: string][] = [
      [bodies.continuous(speed), "<PTZData><pan>-100</pan><tilt>0</tilt><zoom>7</zoom></PTZData>"],
      [
        bodies.momentary(speed, 500),
        "<PTZData><pan>-100</pan><tilt>0</tilt><zoom>7</zoom><Momentary><duration>500</duration></Momentary></PTZData>",
      ],
      [
        bodies.relative(255, -127, 0),
        "<PTZData><Relative><positionX>255</positionX><positionY>-127</positionY><relativeZoom>0</relativeZoom></Relative></PTZData>",
      ],
      [
        bodies.absoluteHigh({ azimuth: 271.16, elevation: -3.2, zoom: 8.5 }),
        "<PTZData><AbsoluteHigh><elevation>-32</elevation><azimuth>2712</azimuth><absoluteZoom>85</absoluteZoom></AbsoluteHigh></PTZData>",
      ],
      [
        bodies.absoluteEx({ azimuth: 271.125, elevation: 3.25, zoom: 8.5 }),
        "<PTZAbsoluteEx><elevation>3.250</elevation><azimuth>271.125</azimuth><absoluteZoom>8.50</absoluteZoom></PTZAbsoluteEx>",
      ],
      [
        bodies.preset(3, `Tor & "Hof" <1>`),
        "<PTZPreset><enabled>true</enabled><id>3</id><presetName>Tor &amp; &quot;Hof&quot; &lt;1&gt;</presetName></PTZPreset>",
      ],
      [
        bodies.patrol(1, "Round", [{ preset: 1, delay: 5000, speed: 40 }]),
        "<PTZPatrol><enabled>true</enabled><id>1</id><patrolName>Round</patrolName><PatrolSequenceList><PatrolSequence>" +
          "<presetID>1</presetID><delay>5000</delay><seqSpeed>40</seqSpeed></PatrolSequence></PatrolSequenceList></PTZPatrol>",
      ],
      [bodies.aux(2, "WIPER", false), "<PTZAux><id>2</id><type>WIPER</type><status>off</status></PTZAux>"],
      [
        bodies.trackPoint({ x: 128, y: 128 }),
        "<ManualTrace><positionX>128</positionX><positionY>128</positionY></ManualTrace>",
      ],
      [
        bodies.trackBox({ start: { x: 100, y: 100 }, end: { x: 150, y: 150 } }),
        "<ManualTrace><positionX>100</positionX><positionY>100</positionY><positionX2>150</positionX2><positionY2>150</positionY2></ManualTrace>",
      ],
      [
        bodies.regionalFocus({ start: { x: 400, y: 600 }, end: { x: 600, y: 400 } }),
        "<RegionalFocus><StartPoint><positionX>400</positionX><positionY>600</positionY></StartPoint>" +
          "<EndPoint><positionX>600</positionX><positionY>400</positionY></EndPoint></RegionalFocus>",
      ],
      [bodies.lock(180), "<LockPtz><lockTime>180</lockTime></LockPtz>"],
      [bodies.autoPan(30), "<autoPanData><autoPan>30</autoPan></autoPanData>"],
      [bodies.focus(-20), "<FocusData><focus>-20</focus></FocusData>"],
      [bodies.iris(20), "<IrisData><iris>20</iris></IrisData>"],
    ];
    for (const [written, expected] of cases) assert.equal(written, DECLARATION + expected);
  });
});
