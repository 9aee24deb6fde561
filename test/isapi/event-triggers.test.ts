import assert from "node:assert/strict";
import { readTriggerTypes } from "../../src/isapi/event-triggers";
import { Isapi } from "../../src/isapi/isapi";
import { FakeHttp, reply } from "./fake-http";

const TRIGGERS =
  "<EventTrigger><id>VMD-1</id><eventType>VMD</eventType></EventTrigger>" +
  "<EventTrigger><id>VMD-2</id><eventType>VMD</eventType></EventTrigger>" +
  "<EventTrigger><id>odd</id></EventTrigger>" +
  "<EventTrigger><id>IO-1</id><eventType>IO</eventType></EventTrigger>";

async function read(document: string): Promise<readonly string[]> {
  return readTriggerTypes(new Isapi(FakeHttp.of({ "/ISAPI/Event/triggers": reply(200, document) })));
}

describe("event triggers", () => {
  it("name each type once, in the device's order", async () => {
    assert.deepEqual(await read(`<EventTriggerList xmlns="x">${TRIGGERS}</EventTriggerList>`), ["VMD", "IO"]);
  });

  it("are found in the wrapping of older firmware, too", async () => {
    const wrapped = `<EventNotification><EventTriggerList>${TRIGGERS}</EventTriggerList></EventNotification>`;
    assert.deepEqual(await read(wrapped), ["VMD", "IO"]);
  });

  it("may be none", async () => {
    assert.deepEqual(await read("<EventTriggerList/>"), []);
  });
});
