import assert from "node:assert/strict";
import { Dump } from "./dump";
import { startVirtualDevice } from "./start";
import { login, send } from "./testing/raw-client";
import { rootOf } from "./xml";

/** As hikvision_next writes them: a document as xmltodict reads it, a status, an exception. */
const CONTENTS = JSON.stringify({
  data: {
    ISAPI: {
      "System/deviceInfo": {
        response: {
          DeviceInfo: { "@version": "2.0", deviceName: 'Shop "A&B"', deviceType: "NVR", empty: null, model: "DS-0000" },
        },
      },
      "ContentMgmt/InputProxy/channels": {
        response: {
          InputProxyChannelList: {
            "@size": "2",
            InputProxyChannel: [
              { id: "1", name: "Till" },
              { id: "2", name: "Yard" },
            ],
          },
        },
      },
      "System/time": { status_code: 404 },
      "System/Holidays": { error: { repr: "ISAPIForbiddenError('http://1.2.3.4/ISAPI/System/Holidays')" } },
      "Streaming/channels/103": { status_code: 400 },
    },
  },
});

describe("virtual device: a recorded device", () => {
  const dump = new Dump("DS-0000", CONTENTS);

  it("answers as it did: documents as they were, failures with their status, nothing else", async () => {
    await using device = await startVirtualDevice({ dump });
    const info = (await login(device, "/ISAPI/System/deviceInfo?format=xml")).body.toString();
    assert.equal(rootOf(info), "DeviceInfo");
    assert.match(info, /<DeviceInfo version="2.0">\s*<deviceName>Shop &quot;A&amp;B&quot;<[^]*<empty><\/empty>/);
    const list = (await login(device, "/ISAPI/ContentMgmt/InputProxy/channels")).body.toString();
    assert.equal(list.match(/<InputProxyChannel>/g)?.length, 2);
    const statusOf = async (path: string): Promise<number> => (await login(device, path)).status;
    assert.equal(await statusOf("/ISAPI/System/time"), 404);
    assert.equal(await statusOf("/ISAPI/System/Holidays"), 403);
    assert.equal(await statusOf("/ISAPI/Streaming/channels/103"), 400);
    assert.equal(await statusOf("/ISAPI/Streaming/channels/101"), 403, "was not recorded");
  });

  it("is changed by nobody", async () => {
    await using device = await startVirtualDevice({ dump });
    const reply = await login(device, "/ISAPI/System/deviceInfo", { method: "PUT", body: "<DeviceInfo/>" });
    assert.equal(reply.status, 403);
  });

  it("lets in only who knows the password, and sends alerts of its own channels", async () => {
    await using device = await startVirtualDevice({ dump });
    assert.equal((await send(device, "/ISAPI/System/deviceInfo")).status, 401);
    assert.equal((await login(device, "/ISAPI/Security/userCheck")).status, 200);
    const { model, name, channels } = device.profile;
    assert.deepEqual([model, name, channels.map((channel) => channel.name)], ["nvr", 'Shop "A&B"', ["Till", "Yard"]]);
  });

  it("is refused as a file of something else", () => {
    assert.throws(() => new Dump("notes", '{"a":1}'), /notes is no dump of a device/);
  });
});
