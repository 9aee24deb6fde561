import assert from "node:assert/strict";
import { decode } from "jpeg-js";
import { startVirtualDevice, type VirtualDevice } from "..";
import { rootOf } from "../xml";
import { login } from "../testing/raw-client";
import { portsOf } from "./io";
import { triggersOf } from "./triggers";

async function get(device: VirtualDevice, path: string): Promise<string> {
  const reply = await login(device, path);
  assert.equal(reply.status, 200, `${path}: ${reply.body.toString()}`);
  const text = reply.body.toString();
  assert.notEqual(rootOf(text), undefined, `${path} is not well formed`);
  return text;
}

async function put(device: VirtualDevice, path: string, body: string): Promise<string> {
  const reply = await login(device, path, { method: "PUT", body, headers: { "content-type": "application/xml" } });
  const sub = /<subStatusCode>(.*)<\/subStatusCode>/.exec(reply.body.toString())?.[1];
  return `${reply.status} ${sub}`;
}

describe("virtual device: services", () => {
  let camera: VirtualDevice;
  let nvr: VirtualDevice;
  let dvr: VirtualDevice;

  beforeEach(async () => {
    camera = await startVirtualDevice({ model: "camera" });
    nvr = await startVirtualDevice({ model: "nvr" });
    dvr = await startVirtualDevice({ model: "dvr" });
  });

  afterEach(() => Promise.all([camera, nvr, dvr].map((device) => device.close())));

  it("says what it is, and takes a new name", async () => {
    assert.match(await get(nvr, "/ISAPI/System/deviceInfo"), /<deviceName>Virtual nvr<[^]*<deviceType>NVR</);
    assert.equal(
      await put(nvr, "/ISAPI/System/deviceInfo", "<DeviceInfo><deviceName>A &amp; B</deviceName></DeviceInfo>"),
      "200 ok",
    );
    assert.match(await get(nvr, "/ISAPI/System/deviceInfo"), /<deviceName>A &amp; B</);
  });

  it("counts its inputs as each family does: a camera none, an NVR IP channels, a DVR both", async () => {
    const path = "/ISAPI/System/capabilities";
    assert.match(await get(camera, path), /<videoInputPortNums>0<(?![^]*inputProxyNums)/);
    assert.match(await get(nvr, path), /<videoInputPortNums>0<[^]*<inputProxyNums>8</);
    assert.match(await get(dvr, path), /<videoInputPortNums>4<[^]*<inputProxyNums>2</);
  });

  it("keeps the time that was set, and its zone", async () => {
    const body =
      "<Time><timeMode>manual</timeMode><localTime>2030-07-01T12:00:00</localTime><timeZone>CST-8:00:00</timeZone></Time>";
    assert.equal(await put(camera, "/ISAPI/System/time", body), "200 ok");
    assert.match(
      await get(camera, "/ISAPI/System/time"),
      /<timeMode>manual<[^]*<localTime>2030-07-01T12:00:0\d\+08:00<[^]*<timeZone>CST-8:00:00</,
    );
    assert.equal(await put(camera, "/ISAPI/System/time", body.replace("CST-8:00:00", "Mars")), "400 badParameters");
  });

  const bodies: readonly (readonly [body: string, answer: string])[] = [
    ["", "400 badXmlFormat"],
    ["<Time><timeMode>NTP</timeMode>", "400 badXmlFormat"],
    ["<Time>a & b</Time>", "400 badXmlFormat"],
    ["<Clock><timeMode>NTP</timeMode></Clock>", "400 badXmlContent"],
    ["<Time><timeMode>guess</timeMode></Time>", "400 badXmlContent"],
    ['<x:Time xmlns:x="urn:y"><x:timeMode>NTP</x:timeMode></x:Time>', "200 ok"],
  ];
  for (const [body, expected] of bodies) {
    it(`looks at request bodies: ${body || "empty"} is ${expected}`, async () => {
      assert.equal(await put(camera, "/ISAPI/System/time", body), expected);
    });
  }

  it("lists channels by the path of its family, and refuses the other's", async () => {
    const proxies = "/ISAPI/ContentMgmt/InputProxy/channels";
    const inputs = "/ISAPI/System/Video/inputs/channels";
    assert.match(await get(nvr, proxies), /size="8"[^]*<id>8<\/id>\n<name>Roof</);
    assert.match(await get(dvr, proxies), /size="2"[^]*<id>5<[^]*<srcInputPort>1<[^]*<id>6<[^]*<srcInputPort>2</);
    assert.match(await get(dvr, inputs), /<id>4<\/id>[^]*<name>Yard</);
    assert.match(await get(camera, inputs), /<id>1<[^]*<name>Front door</);
    assert.equal((await login(camera, proxies)).status, 403);
    assert.equal((await login(nvr, inputs)).status, 403);
  });

  it("keeps a channel's new name, and uses it in alerts and streams", async () => {
    const path = "/ISAPI/System/Video/inputs/channels/1";
    assert.equal(
      await put(camera, path, "<VideoInputChannel><id>1</id><name>Porch</name></VideoInputChannel>"),
      "200 ok",
    );
    assert.match(await get(camera, path), /<name>Porch</);
    assert.match(await get(camera, "/ISAPI/Streaming/channels/101"), /<channelName>Porch</);
  });

  it("says which channel is offline", async () => {
    const fourth = nvr.profile.channels[3];
    assert.ok(fourth);
    fourth.online = false;
    const list = await get(nvr, "/ISAPI/ContentMgmt/InputProxy/channels/status");
    assert.match(list, /<id>4<(?:(?!<id>)[^])*<online>false</);
    assert.equal(list.split("<online>true").length - 1, 7);
    assert.equal((await login(nvr, "/ISAPI/Streaming/channels/401/picture")).status, 500);
  });

  it("has three streams per camera channel, two per recorder channel, and a refusal for the rest", async () => {
    const ids = async (device: VirtualDevice): Promise<number> =>
      (await get(device, "/ISAPI/Streaming/channels")).split("<StreamingChannel>").length - 1;
    assert.deepEqual(await Promise.all([ids(camera), ids(nvr), ids(dvr)]), [3, 16, 12]);
    assert.equal((await login(nvr, "/ISAPI/Streaming/channels/103")).status, 403);
    assert.equal((await login(dvr, "/ISAPI/Streaming/channels/103")).status, 400);
  });

  it("sends pictures of the size asked for, different at another time", async () => {
    const size = async (device: VirtualDevice, path: string): Promise<string> => {
      const reply = await login(device, path);
      assert.equal(reply.headers["content-type"], "image/jpeg");
      const { width, height } = decode(reply.body);
      return `${width}x${height}`;
    };
    const path = "/ISAPI/Streaming/channels/102/picture";
    assert.equal(await size(camera, path), "640x360");
    assert.equal(
      await size(camera, "/ISAPI/Streaming/channels/1/picture?videoResolutionWidth=320&videoResolutionHeight=180"),
      "320x180",
    );
    const first = (await login(camera, path)).body;
    camera.time.driftMs += 3000;
    assert.notDeepEqual((await login(camera, path)).body, first);
    assert.equal((await login(camera, "/ISAPI/Streaming/channels/201/picture")).status, 400);
  });

  it("may give pictures through the proxy only", async () => {
    await using odd = await startVirtualDevice({ model: "nvr", snapshotByProxy: true });
    const direct = await login(odd, "/ISAPI/Streaming/channels/102/picture");
    assert.match(`${direct.status} ${direct.body.toString()}`, /^400 [^]*badXmlContent/);
    assert.equal((await login(odd, "/ISAPI/ContentMgmt/StreamingProxy/channels/102/picture")).status, 200);
  });

  it("lists triggers as its family does, and keeps changed linkage", async () => {
    assert.match(
      await get(nvr, "/ISAPI/Event/triggers"),
      /<EventTriggerList [^]*<id>VMD-8<[^]*<dynVideoInputChannelID>8</,
    );
    assert.match(await get(dvr, "/ISAPI/Event/triggers"), /<EventNotification [^]*<EventTriggerList>/);
    const path = "/ISAPI/Event/triggers/VMD-1/notifications";
    assert.match(await get(camera, path), /<notificationMethod>center</);
    assert.equal(await put(camera, path, (await get(camera, path)).replaceAll(">center<", ">email<")), "200 ok");
    assert.deepEqual(triggersOf(camera).find(({ id }) => id === "VMD-1")?.methods, ["email", "record"]);
    assert.doesNotMatch(await get(camera, "/ISAPI/Event/triggers/VMD-1"), /center/);
    assert.match(await get(camera, "/ISAPI/Event/channels/capabilities"), /eventType opt="VMD,Shelteralarm/);
  });

  it("takes linkage with the whole trigger too, and gives back the bytes it got", async () => {
    for (const device of [camera, nvr, dvr]) {
      triggersOf(device).find(({ id }) => id === "VMD-1")!.methods = [];
      const whole = await get(device, "/ISAPI/Event/triggers/VMD-1");
      assert.match(whole, /<EventTriggerNotificationList[^>]*\/>/);
      const entry =
        "<EventTriggerNotification> <id>a</id><notificationMethod>center</notificationMethod></EventTriggerNotification>";
      const with1 = whole.replace(
        /(<EventTriggerNotificationList[^>]*)\/>/,
        `$1>${entry}</EventTriggerNotificationList>`,
      );
      assert.equal(await put(device, "/ISAPI/Event/triggers/VMD-1", with1), "200 ok");
      assert.equal(await get(device, "/ISAPI/Event/triggers/VMD-1"), with1);
      assert.ok((await get(device, "/ISAPI/Event/triggers/VMD-1/notifications")).includes(entry));
    }
  });

  it("refuses linkage that it would not write: another id, an unknown method, text made anew", async () => {
    const path = "/ISAPI/Event/triggers/VMD-1";
    const list = await get(camera, `${path}/notifications`);
    for (const wrong of [
      list.replace(/ xmlns="[^"]*"/, ""),
      list.replace(">center</notificationMethod>", ">centre</notificationMethod>"),
      list.replace("<id>record-1<", "<id>center<"),
      list.replace("<id>center</id>\n", ""),
      list.replace("<notificationMethod>center", "<colour>red</colour><notificationMethod>center"),
      list.replace("</EventTriggerNotificationList>", "text</EventTriggerNotificationList>"),
    ]) {
      assert.notEqual(wrong, list);
      assert.equal(await put(camera, `${path}/notifications`, wrong), "400 badXmlContent");
    }
    const whole = await get(camera, path);
    assert.equal(await put(camera, path, whole.replace("<id>VMD-1<", "<id>VMD-2<")), "400 badXmlContent");
    assert.equal(await put(camera, `${path}/notifications`, list.slice(0, -40)), "400 badXmlFormat");
    assert.equal(await get(camera, path), whole);
  });

  it("switches outputs, reports them, and lets a pulse fall back", async () => {
    const path = "/ISAPI/System/IO/outputs/1";
    const high = "<IOPortData><outputState>high</outputState></IOPortData>";
    assert.equal(await put(nvr, `${path}/trigger`, high), "200 ok");
    assert.match(await get(nvr, `${path}/status`), /<ioPortType>output<[^]*<ioState>active</);
    assert.equal(await put(nvr, `${path}/trigger`, high.replace("high", "low")), "200 ok");
    assert.match(await get(nvr, `${path}/status`), /<ioState>inactive</);
    const [output] = portsOf(nvr).outputs;
    assert.ok(output);
    output.pulseMs = 10;
    await put(nvr, `${path}/trigger`, high);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(output.active, false);
  });

  it("takes nothing but a level for an output", async () => {
    const path = "/ISAPI/System/IO/outputs/1/trigger";
    for (const body of [
      "<IOPortData/>",
      "<IOPortData><outputState>on</outputState></IOPortData>",
      "<IOPortData><outputState>high</outputState><pulseDuration>5</pulseDuration></IOPortData>",
    ])
      assert.equal(await put(camera, path, body), "400 badXmlContent");
    assert.equal(portsOf(camera).outputs[0]!.active, false);
  });

  it("cannot reach the output of a camera that is offline", async () => {
    nvr.profile.channels[2]!.online = false;
    const high = "<IOPortData><outputState>high</outputState></IOPortData>";
    assert.equal(await put(nvr, "/ISAPI/ContentMgmt/IOProxy/outputs/301/trigger", high), "500 deviceError");
  });

  it("refuses a picture of no size, and what is no parameter of pictures", async () => {
    for (const query of ["videoResolutionWidth=wide", "snapShotImageType=PNG", "width=640"]) {
      const { status, body } = await login(camera, `/ISAPI/Streaming/channels/101/picture?${query}`);
      assert.equal(status, 400, query);
      assert.match(body.toString(), /badParameters/);
    }
  });

  it("keeps a recorder's own outputs apart from its cameras'", async () => {
    const high = "<IOPortData><outputState>high</outputState></IOPortData>";
    assert.equal(await put(nvr, "/ISAPI/System/IO/outputs/301/trigger", high), "403 invalidOperation");
    assert.equal(await put(nvr, "/ISAPI/ContentMgmt/IOProxy/outputs/301/trigger", high), "200 ok");
    assert.equal(portsOf(nvr).remote[0]?.active, true);
  });

  it("shows an input that a test has closed", async () => {
    const [input] = portsOf(camera).inputs;
    assert.ok(input);
    input.active = true;
    assert.match(
      await get(camera, "/ISAPI/System/IO/status"),
      /<ioPortType>input<[^]*<ioState>active<[^]*>output<[^]*>inactive</,
    );
  });

  it("lists its ports and confirms the login", async () => {
    assert.match(await get(camera, "/ISAPI/Security/adminAccesses"), /<protocol>RTSP<\/protocol>\n<portNo>10554</);
    assert.match(await get(camera, "/ISAPI/Security/userCheck"), /<statusValue>200</);
  });

  it("refuses what it does not know, in XML or JSON, and HTML outside of ISAPI", async () => {
    assert.match(
      (await login(camera, "/ISAPI/Nothing")).body.toString(),
      /<requestURL>\/ISAPI\/Nothing<[^]*notSupport/,
    );
    const json = JSON.parse((await login(camera, "/ISAPI/Nothing?format=json")).body.toString()) as Record<
      string,
      unknown
    >;
    assert.equal(json["subStatusCode"], "notSupport");
    assert.equal(await put(camera, "/ISAPI/Security/userCheck", "<a/>"), "403 methodNotAllowed");
    const page = await login(camera, "/index.asp");
    assert.equal(`${page.status} ${page.headers["content-type"]}`, "404 text/html");
  });
});
