import assert from "node:assert/strict";
import { codeOf } from "../../src/lib/errors";
import { readOfferedPaths } from "../../src/control/offered-paths";
import { Isapi } from "../../src/isapi/isapi";
import { FakeHttp, reply, type Answer } from "../isapi/fake-http";
import { Dump } from "../virtual-device/dump";
import { dumpFile, dumps, hasDumps, whyNoDumps } from "../support/dumps";

const isapiOf = (answers: Readonly<Record<string, Answer>>): Isapi => new Isapi(FakeHttp.of(answers));

describe("the paths that a device offers", () => {
  const capabilities =
    "<DeviceCap><SysCap><isSupportHolidy>true</isSupportHolidy><IOCap><IOOutputPortNums>1</IOOutputPortNums></IOCap></SysCap>" +
    "<SmartCap><isSupportLineDetection>true</isSupportLineDetection><isSupportFieldDetection>false</isSupportFieldDetection></SmartCap></DeviceCap>";
  const proxy =
    "<InputProxyChannelList><InputProxyChannel><id>3</id><name>Gate</name></InputProxyChannel></InputProxyChannelList>";

  it("are those of its capabilities, once for each channel, with the channel's name", async () => {
    const isapi = isapiOf({
      "/ISAPI/System/capabilities": reply(200, capabilities),
      "/ISAPI/ContentMgmt/InputProxy/channels": reply(200, proxy),
    });
    const paths = await readOfferedPaths(isapi);
    const all = paths.map(({ path }) => path);
    for (const path of ["/ISAPI/System/status", "/ISAPI/System/Holidays", "/ISAPI/System/IO/outputs"])
      assert.ok(all.includes(path), path);
    assert.deepEqual(
      paths.filter(({ name }) => name === "Gate").map(({ path }) => path),
      [
        "/ISAPI/ContentMgmt/InputProxy/channels/3",
        "/ISAPI/ContentMgmt/InputProxy/channels/3/video/motionDetection",
        "/ISAPI/System/Video/inputs/channels/3/overlays",
        "/ISAPI/Streaming/channels/301",
        "/ISAPI/Smart/LineDetection/3",
      ],
    );
    assert.ok(!all.some((path) => /FieldDetection|IO\/inputs|WLAlarm/.test(path)));
    assert.equal(new Set(all).size, all.length);
  });

  it("are the general ones where it keeps its channels to itself, and a reason where it says nothing", async () => {
    const paths = await readOfferedPaths(isapiOf({ "/ISAPI/System/capabilities": reply(200, "<DeviceCap/>") }));
    assert.ok(paths.length > 3 && paths.every(({ name }) => name === undefined));
    const failure = await readOfferedPaths(isapiOf({})).then(() => undefined, codeOf);
    assert.equal(failure, "notSupported");
  });

  it(`are answered by the recorded devices, if they were asked${whyNoDumps}`, async function () {
    if (!hasDumps) this.skip();
    let answered = 0;
    for (const model of dumps()) {
      const dump = Dump.read(dumpFile(model));
      const http = new FakeHttp(({ method, path }) => {
        const answer = dump.answer(method, path);
        return answer ? reply(answer.status, answer.body) : reply(404);
      });
      const known = new Set(dump.paths);
      for (const { path } of await readOfferedPaths(new Isapi(http)))
        if (known.has(path) && dump.answer("GET", path)?.status === 200) answered += 1;
    }
    assert.ok(answered > 50, String(answered));
  });
});
