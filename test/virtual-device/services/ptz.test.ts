import assert from "node:assert/strict";
import { headsOf, serialPortsOf, startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "..";
import { login } from "../testing/raw-client";

const DECLARED = '<?xml version="1.0" encoding="UTF-8"?>';
const speeds = (pan: string): string => `${DECLARED}<PTZData><pan>${pan}</pan><tilt>0</tilt><zoom>0</zoom></PTZData>`;
const PLAIN = "/ISAPI/PTZCtrl/channels";
const PROXY = "/ISAPI/ContentMgmt/PTZCtrlProxy/channels";

describe("virtual device: PTZ", () => {
  let device: VirtualDevice;
  afterEach(() => device.close());

  async function start(options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null, ...options });
  }

  async function put(path: string, body = "", headers: Record<string, string> = {}): Promise<string> {
    const length = { "content-length": String(Buffer.byteLength(body)) };
    const reply = await login(device, path, { method: "PUT", body, headers: { ...length, ...headers } });
    return `${reply.status} ${/<subStatusCode>(.*)<\/subStatusCode>/.exec(reply.body.toString())?.[1]}`;
  }

  async function text(path: string): Promise<string> {
    const reply = await login(device, path);
    assert.equal(reply.status, 200);
    return reply.body.toString();
  }

  const bodies: readonly (readonly [title: string, body: string, answer: string])[] = [
    ["in order", speeds("50"), "200 ok"],
    ["without a declaration", speeds("50").replace(DECLARED, ""), "400 badXmlFormat"],
    ["in another order", speeds("50").replace(/(<pan>.*<\/pan>)(<tilt>.*<\/tilt>)/, "$2$1"), "400 badXmlContent"],
    ["with an element too many", speeds("50").replace("</PTZData>", "<x>1</x></PTZData>"), "400 badXmlContent"],
    ["with one missing", speeds("50").replace("<tilt>0</tilt>", ""), "400 badXmlContent"],
    ["out of range", speeds("101"), "400 badParameters"],
    ["that is no whole number", speeds("1.5"), "400 badParameters"],
    ["of another root", speeds("50").replaceAll("PTZData", "Data"), "400 badXmlContent"],
    ["that is empty", "", "400 badXmlFormat"],
  ];
  for (const [title, body, answer] of bodies) {
    it(`answers a body ${title} by ${answer}`, async () => {
      await start();
      assert.equal(await put(`${PLAIN}/1/continuous`, body), answer);
      assert.equal(headsOf(device).channels.get(1)?.moving, answer === "200 ok");
    });
  }

  it("insists on no body where there is none to be", async () => {
    await start();
    assert.equal(await put(`${PLAIN}/1/homeposition`), "200 ok");
    assert.equal(await put(`${PLAIN}/1/homeposition/goto`, "<a/>"), "400 badXmlContent");
  });

  it("refuses a namespace in aux alone, and a number that is another's", async () => {
    await start();
    const body = (id: number, xmlns = ""): string =>
      `${DECLARED}<PTZAux${xmlns}><id>${id}</id><type>WIPER</type><status>on</status></PTZAux>`;
    assert.equal(await put(`${PLAIN}/1/auxcontrols/2`, body(2, ' xmlns="x"')), "400 badXmlContent");
    assert.equal(await put(`${PLAIN}/1/auxcontrols/1`, body(1)), "400 badParameters");
    assert.equal(await put(`${PLAIN}/1/auxcontrols/2`, body(2)), "200 ok");
    assert.equal(await put(`${PLAIN}/1/continuous`, speeds("5").replace("<PTZData", '<PTZData xmlns="x"')), "200 ok");
  });

  it("moves as long as it is told, and shows where it is", async () => {
    await start();
    const azimuth = async (): Promise<number> => Number(/<azimuth>(\d+)</.exec(await text(`${PLAIN}/1/status`))?.[1]);
    assert.equal(await azimuth(), 900);
    await put(`${PLAIN}/1/continuous`, speeds("100"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await put(`${PLAIN}/1/continuous`, speeds("0"));
    const there = await azimuth();
    assert.ok(there >= 930, String(there));
    assert.equal(await azimuth(), there);
  });

  const families: readonly (readonly [
    title: string,
    options: VirtualDeviceOptions,
    channel: number,
    plain: string,
    proxy: string,
  ])[] = [
    ["a camera", { model: "camera" }, 1, "200 ok", "403 notSupport"],
    ["a DVR's coaxial input", { model: "dvr" }, 1, "200 ok", "403 notSupport"],
    ["a DVR's IP channel", { model: "dvr" }, 5, "403 notSupport", "200 ok"],
    ["an NVR", { model: "nvr" }, 8, "403 notSupport", "200 ok"],
    ["an NVR without that channel", { model: "nvr" }, 9, "403 notSupport", "403 notSupport"],
  ];
  for (const [title, options, channel, plain, proxy] of families) {
    it(`answers on the paths of ${title}`, async () => {
      await start(options);
      assert.equal(await put(`${PLAIN}/${channel}/continuous`, speeds("5")), plain);
      assert.equal(await put(`${PROXY}/${channel}/continuous`, speeds("5")), proxy);
    });
  }

  it("may deny the proxy without a word, and work on the plain path", async () => {
    await start({ model: "nvr" });
    headsOf(device).proxyDenied = true;
    assert.equal(await put(`${PROXY}/1/continuous`, speeds("5")), "403 undefined");
    assert.equal(await put(`${PLAIN}/1/continuous`, speeds("5")), "200 ok");
  });

  it("lists all 256 presets on a recorder, those in use on a dome", async () => {
    await start({ model: "nvr" });
    assert.equal((await text(`${PROXY}/1/presets`)).split("<PTZPreset>").length - 1, 256);
    await device.close();
    await start();
    assert.doesNotMatch(await text(`${PLAIN}/1/presets`), /<PTZPreset>/);
  });

  it("has a serial port that wants to be opened, raw bytes, and one user", async () => {
    await start();
    const channel = "/ISAPI/System/Serial/ports/1/Transparent/channels/1";
    const raw = { "content-type": "application/octet-stream" };
    assert.equal(await put(`${channel}/transData`, "x", raw), "403 invalidOperation");
    assert.equal(await put(`${channel}/open`), "200 ok");
    assert.equal(await put(`${channel}/open`), "503 deviceBusy");
    assert.equal(await put(`${channel}/transData`, "x", { "content-type": "application/xml" }), "400 badParameters");
    assert.equal(await put(`${channel}/transData`, "xyz", raw), "200 ok");
    assert.equal(await put(`${channel}/close`), "200 ok");
    assert.equal(serialPortsOf(device).get(1)?.sent.join(), "xyz");
  });
});
