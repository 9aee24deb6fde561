import assert from "node:assert/strict";
import { codeOf } from "../../src/lib/errors";
import { Isapi } from "../../src/isapi/isapi";
import { readStreams } from "../../src/isapi/streams";
import { xml } from "../../src/isapi/xml";
import { FakeHttp, reply } from "./fake-http";

const PATH = "/ISAPI/Streaming/channels";

function stream(id: string | number, name: string, more = ""): string {
  return (
    xml`<StreamingChannel version="2.0"><id>${id}</id><channelName>${name}</channelName>` + more + "</StreamingChannel>"
  );
}

async function read(...streams: string[]) {
  const http = FakeHttp.of({
    [PATH]: reply(200, `<StreamingChannelList xmlns="x">${streams.join("")}</StreamingChannelList>`),
  });
  return readStreams(new Isapi(http));
}

describe("streams", () => {
  it("reads channel, stream, codec, size and whether it is on", async () => {
    const video =
      "<enabled>true</enabled><Video><videoInputChannelID>1</videoInputChannelID><videoCodecType>H.265</videoCodecType>" +
      "<videoResolutionWidth>3840</videoResolutionWidth><videoResolutionHeight>2160</videoResolutionHeight></Video>";
    assert.deepEqual(await read(stream(101, "Gate", video), stream(1602, "Yard", "<enabled>false</enabled>")), [
      { id: 101, channel: 1, stream: 1, name: "Gate", enabled: true, codec: "H.265", width: 3840, height: 2160 },
      { id: 1602, channel: 16, stream: 2, name: "Yard", enabled: false },
    ]);
  });

  it("takes no id for a name, as recorders write it", async () => {
    assert.deepEqual(await read(stream(101, "101")), [{ id: 101, channel: 1, stream: 1 }]);
  });

  it("understands the ids 1 and 2 of very old cameras", async () => {
    assert.deepEqual(
      await read(stream(1, ""), stream(2, "", "<Video><videoInputChannelID>1</videoInputChannelID></Video>")),
      [
        { id: 1, channel: 1, stream: 1 },
        { id: 2, channel: 1, stream: 2 },
      ],
    );
  });

  it("leaves out what has no usable id, and keeps the rest", async () => {
    const ids = ["", "x", "0", "-1", "1.5", "201"];
    assert.deepEqual(await read(...ids.map((id) => stream(id, ""))), [{ id: 201, channel: 2, stream: 1 }]);
  });

  it("reads one stream and none", async () => {
    assert.equal((await read(stream(101, "a"))).length, 1);
    assert.deepEqual(await read(), []);
  });

  it("says when the device has no list", async () => {
    await assert.rejects(readStreams(new Isapi(FakeHttp.of({}))), (error: unknown) => codeOf(error) === "notSupported");
  });
});
