import assert from "node:assert/strict";
import { decode } from "jpeg-js";
import { drawnPictures } from "../../scripts/demo";

const SCENE = { width: 480, height: 270, channel: 1, channelName: "Gate", stamp: "2026-05-01T10:00:00+02:00" };

describe("demo: pictures", () => {
  it("are JPEGs of the requested size", () => {
    const { width, height } = decode(drawnPictures.scene(SCENE));
    assert.deepEqual([width, height], [480, 270]);
    assert.ok(decode(drawnPictures.plate("HK 4711")).width > 0);
  });

  it("show another picture for another channel, time, view, target, or with the lens covered", () => {
    const scenes = [
      SCENE,
      { ...SCENE, channelName: "Lobby" },
      { ...SCENE, stamp: "2026-05-01T23:00:00+02:00" },
      { ...SCENE, view: { pan: 10, tilt: 0, zoom: 2 } },
      { ...SCENE, target: "vehicle", plate: "AB1" } as const,
      { ...SCENE, covered: true },
    ];
    const samples = scenes.map((scene) => decode(drawnPictures.scene(scene)).data.toString("latin1"));
    assert.equal(new Set(samples).size, scenes.length);
  });

  it("of a channel without a known name show a place all the same", () => {
    const { data } = decode(drawnPictures.scene({ ...SCENE, channelName: "Camera 07", channel: 70 }));
    assert.ok(new Set(data).size > 16);
  });
});
