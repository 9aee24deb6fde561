import assert from "node:assert/strict";
import { isSent, readTrigger, readTriggers, type Trigger } from "../../src/isapi/event-triggers";
import { Isapi } from "../../src/isapi/isapi";
import { FakeHttp, reply } from "./fake-http";

const CENTER_AND_RECORD =
  "<EventTriggerNotificationList><EventTriggerNotification><id>center</id><notificationMethod>center</notificationMethod>" +
  "</EventTriggerNotification><EventTriggerNotification><id>record-1</id><notificationMethod>record</notificationMethod>" +
  "</EventTriggerNotification></EventTriggerNotificationList>";
const TRIGGERS =
  `<EventTrigger><id>VMD-1</id><eventType>VMD</eventType><videoInputChannelID>1</videoInputChannelID>${CENTER_AND_RECORD}</EventTrigger>` +
  "<EventTrigger><id>VMD-2</id><eventType>VMD</eventType><dynVideoInputChannelID>2</dynVideoInputChannelID></EventTrigger>" +
  "<EventTrigger><id>odd</id></EventTrigger>" +
  "<EventTrigger><id>IO-1</id><eventType>IO</eventType><inputIOPortID>1</inputIOPortID><videoInputChannelID>1</videoInputChannelID>" +
  "<EventTriggerNotificationList/></EventTrigger>";

async function read(document: string): Promise<readonly Trigger[]> {
  return readTriggers(new Isapi(FakeHttp.of({ "/ISAPI/Event/triggers": reply(200, document) })));
}

describe("event triggers", () => {
  it("tell id, type, channel and what is done, in the device's order; what names no event is left out", async () => {
    assert.deepEqual(await read(`<EventTriggerList xmlns="x">${TRIGGERS}</EventTriggerList>`), [
      { id: "VMD-1", type: "VMD", channel: 1, input: undefined, methods: ["center", "record"] },
      { id: "VMD-2", type: "VMD", channel: 2, input: undefined, methods: [] },
      { id: "IO-1", type: "IO", channel: undefined, input: 1, methods: [] },
    ]);
  });

  it("are found in the wrapping of older firmware, too", async () => {
    const wrapped = `<EventNotification><EventTriggerList>${TRIGGERS}</EventTriggerList></EventNotification>`;
    assert.deepEqual(
      (await read(wrapped)).map(({ id }) => id),
      ["VMD-1", "VMD-2", "IO-1"],
    );
  });

  it("have the channel of their id where nothing else tells it", async () => {
    const bare = ["VMD-2", "illaccess", "PIR"].map(
      (id) => `<EventTrigger><id>${id}</id><eventType>${id}</eventType></EventTrigger>`,
    );
    assert.deepEqual(
      (await read(`<EventTriggerList>${bare.join("")}</EventTriggerList>`)).map(({ channel }) => channel),
      [2, undefined, undefined],
    );
  });

  it("reach Node-RED when the surveillance center is notified, and only then", async () => {
    const sent = (await read(`<EventTriggerList>${TRIGGERS}</EventTriggerList>`)).filter(isSent);
    assert.deepEqual(
      sent.map(({ id }) => id),
      ["VMD-1"],
    );
  });

  it("are also had one by one, for those that the list leaves out", async () => {
    const document =
      "<EventTrigger><id>scenechangedetection-1</id><eventType>scenechangedetection</eventType>" +
      `<videoInputChannelID>1</videoInputChannelID>${CENTER_AND_RECORD}</EventTrigger>`;
    const isapi = new Isapi(FakeHttp.of({ "/ISAPI/Event/triggers/scenechangedetection-1": reply(200, document) }));
    assert.deepEqual((await readTrigger(isapi, "scenechangedetection-1"))?.methods, ["center", "record"]);
    await assert.rejects(readTrigger(isapi, "defocus-1"), { code: "notSupported" });
  });

  it("may be none", async () => {
    assert.deepEqual(await read("<EventTriggerList/>"), []);
  });
});
