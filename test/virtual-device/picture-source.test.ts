import assert from "node:assert/strict";
import { decode } from "jpeg-js";
import { padJpeg, plainPictures, startVirtualDevice } from ".";
import { login } from "./testing/raw-client";

const SCENE = { width: 64, height: 48, channel: 1, channelName: "Gate", stamp: "2026-05-01T10:00:00+02:00" };

describe("virtual device: pictures", () => {
  it("are JPEGs of the requested size, different for other input, the same for the same", () => {
    const first = plainPictures.scene(SCENE);
    const { width, height } = decode(first);
    assert.deepEqual([width, height], [64, 48]);
    assert.ok(plainPictures.scene({ ...SCENE }).equals(first));
    assert.ok(!plainPictures.scene({ ...SCENE, channel: 2 }).equals(first));
    assert.ok(decode(plainPictures.plate("京A12345")).width > 0);
  });

  for (const more of [0, 4, 5, 65_537, 65_538, 65_540, 200_000])
    it(`can be made ${more} bytes longer and stay pictures`, () => {
      const jpeg = plainPictures.scene(SCENE);
      const padded = padJpeg(jpeg, jpeg.length + more);
      assert.equal(padded.length, jpeg.length + more);
      assert.equal(decode(padded).width, 64);
    });

  it("come from the source given at the start", async () => {
    const scene = (): Buffer => Buffer.from("a scene");
    await using device = await startVirtualDevice({ pictures: { ...plainPictures, scene } });
    const { body } = await login(device, "/ISAPI/Streaming/channels/101/picture");
    assert.equal(body.toString(), "a scene");
  });
});
