import assert from "node:assert/strict";
import { DETECTION_TYPES, switchPaths } from "../../src/isapi/detection-paths";
import {
  detectionDocuments,
  detectionsOff,
  exclusiveOf,
  inputsOff,
  schedulesOf,
  status,
  stubborn,
  triggersOf,
  type VirtualDeviceOptions,
} from "../virtual-device";
import { blindIn, lines, startPair, type Pair } from "./on-device";

const OWN = "/ISAPI/System/Video/inputs/channels";
const PROXY = "/ISAPI/ContentMgmt/InputProxy/channels";
const SMART = "/ISAPI/Smart";

describe("arming of detections", () => {
  let pair: Pair;
  const start = async (options: VirtualDeviceOptions = {}): Promise<Pair> => (pair = await startPair(options));
  afterEach(() => pair.close());

  it("tells what is armed on a camera, also what its list of events leaves out, and writes nothing", async () => {
    const { virtual, run, stored, writes } = await start();
    detectionsOff(virtual).add("LineDetection/1");
    const before = stored();
    const result = await run({});
    assert.deepEqual(lines(result), [
      "1 VMD on",
      "1 tamperdetection on",
      "1 videoloss on",
      "1 linedetection off",
      "1 fielddetection on",
      "1 regionEntrance on",
      "1 regionExiting on",
      "1 loitering on",
      "1 scenechangedetection on",
      "1 audioexception on",
    ]);
    assert.deepEqual([result.what, result.armed], ["detection", "mixed"]);
    assert.deepEqual([stored(), writes()], [before, []]);
  });

  it("disarms and arms all of a camera, each at the path of its kind, and nothing but the switch", async () => {
    const { virtual, run, stored, writes } = await start();
    const before = stored();
    const off = await run({ action: "off" });
    assert.equal(off.armed, false);
    assert.ok(off.items.every((item) => item.before === true && item.after === false && item.changed));
    assert.deepEqual(
      [...writes()].sort(),
      [
        ...["motionDetection", "tamperDetection", "videoLoss"].map((kind) => `PUT ${OWN}/1/${kind}`),
        ...["LineDetection", "FieldDetection", "regionEntrance", "regionExiting", "loitering"].map(
          (kind) => `PUT ${SMART}/${kind}/1`,
        ),
        `PUT ${SMART}/SceneChangeDetection/1`,
        `PUT ${SMART}/AudioDetection/channels/1`,
      ].sort(),
    );
    for (const { method, body, path } of virtual.requests)
      if (method === "PUT" && path.includes("LineDetection"))
        assert.deepEqual(
          [...String(body).matchAll(/<enabled>(\w+)</g)].map(([, on]) => on),
          ["false", "true", "false"],
        );
    assert.equal((await run({ action: "on" })).armed, true);
    assert.equal(stored(), before);
  });

  it("writes nothing where the state is wanted already, and only what differs", async () => {
    const { virtual, run, writes } = await start();
    detectionsOff(virtual).add("FieldDetection/1");
    const result = await run({ action: "on", types: ["VMD", "fielddetection"] });
    assert.deepEqual(lines(result), ["1 VMD on", "1 fielddetection off→on"]);
    assert.deepEqual(writes(), [`PUT ${SMART}/FieldDetection/1`]);
    assert.equal((await run({ action: "on", types: ["VMD", "fielddetection"] })).armed, true);
    assert.equal(writes().length, 1);
  });

  it("asks a recorder's cameras at the path of digital channels, smart events below Smart", async () => {
    const { run, writes } = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    await run({ action: "off", types: ["VMD", "linedetection"], channels: [2] });
    assert.deepEqual(writes(), [`PUT ${PROXY}/2/video/motionDetection`, `PUT ${SMART}/LineDetection/2`]);
  });

  it("tells the inputs of a DVR from its cameras", async () => {
    const { run, writes } = await start({ model: "dvr" });
    await run({ action: "off", types: ["VMD"], channels: [4, 5] });
    assert.deepEqual(writes(), [`PUT ${OWN}/4/motionDetection`, `PUT ${PROXY}/5/video/motionDetection`]);
  });

  it("arms eight cameras at once", async () => {
    const { virtual, run } = await start({ model: "nvr" });
    for (let channel = 1; channel <= 8; channel++) detectionsOff(virtual).add(`motionDetection/${channel}`);
    const result = await run({ action: "on", types: ["VMD"] });
    assert.deepEqual([result.armed, result.items.length], [true, 8]);
    assert.equal(detectionsOff(virtual).size, 0);
  });

  it("finds a switch that stands deeper, and its attributes stay", async () => {
    const { virtual, run, stored } = await start();
    const documents = detectionDocuments(virtual);
    const key = "AudioDetection/1";
    const written = documents.get(key)!.replace("<enabled>", '<enabled opt="true,false">').replace(/\n/g, "\r\n");
    documents.set(key, written);
    const before = stored();
    assert.deepEqual(lines(await run({ action: "off", types: ["audioexception"] })), ["1 audioexception on→off"]);
    const put = virtual.requests.findLast(({ method }) => method === "PUT");
    assert.equal(put?.body, written.replace(">true<", ">false<"));
    await run({ action: "on", types: ["audioexception"] });
    assert.equal(stored(), before);
  });

  it("leaves what a type is not offered on out, unless channel and type were both chosen", async () => {
    const { run, failure } = await start({ model: "nvr", channels: ["Gate"] });
    assert.deepEqual(lines(await run({ channels: [1] })).length, 7);
    assert.deepEqual(lines(await run({ types: ["VMD", "loitering"], action: "status" })), [
      "1 VMD on",
      "device loitering ?: notSupported",
    ]);
    assert.match(
      await failure({ types: ["loitering"], channels: [1] }),
      /^notSupported: The state of Loitering on channel 1 could not be read: /,
    );
  });

  it("tells a channel that the device does not have, and arms the others without rollback", async () => {
    const { virtual, run, failure, stored } = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    detectionsOff(virtual).add("motionDetection/1");
    const before = stored();
    const command = { action: "on", types: ["VMD"], channels: [1, 9] } as const;
    assert.match(await failure(command), /^notSupported: Motion on channel 9 could not be armed: /);
    assert.equal(stored(), before);
    const result = await run({ ...command, rollback: false });
    assert.deepEqual([result.armed, ...lines(result)], ["mixed", "1 VMD off→on", "9 VMD ?: notSupported"]);
  });

  it("arms nothing while a camera is off with rollback, and says which; without it tells it in the item", async () => {
    const { virtual, run, failure, stored, writes } = await start({ model: "nvr", channels: ["Gate", "Yard", "Till"] });
    for (const channel of [1, 2, 3]) detectionsOff(virtual).add(`motionDetection/${channel}`);
    virtual.profile.channels[1]!.online = false;
    const before = stored();
    assert.match(
      await failure({ action: "on", types: ["VMD"] }),
      /^offline: Motion on channel 2 could not be armed: The camera behind the recorder is offline/,
    );
    assert.deepEqual([stored(), writes()], [before, []]);
    const result = await run({ action: "on", types: ["VMD"], rollback: false });
    assert.deepEqual([result.armed, ...lines(result)], ["mixed", "1 VMD off→on", "2 VMD ?: offline", "3 VMD off→on"]);
  });

  it("tells in the item, too, that the only camera is off; asked for its state, that is the error", async () => {
    const { virtual, run, failure } = await start({ model: "nvr", channels: ["Gate"] });
    virtual.profile.channels[0]!.online = false;
    const result = await run({ action: "on", types: ["VMD"], rollback: false });
    assert.deepEqual([result.armed, ...lines(result)], ["mixed", "1 VMD ?: offline"]);
    assert.match(await failure({ types: ["VMD"], rollback: false }), /^offline: The state of Motion on channel 1/);
  });

  it("puts back what was done when one is refused, byte for byte", async () => {
    const { virtual, run, failure, stored, writes } = await start({ model: "nvr", channels: ["Gate", "Yard", "Till"] });
    const before = stored();
    const fault = virtual.fail(`${PROXY}/3/video/motionDetection`, status("badParameters"), { method: "PUT" });
    const told = await failure({ action: "off", types: ["VMD"] });
    assert.match(told, /^badRequest: Motion on channel 3 could not be disarmed: The device does not accept/);
    assert.match(told, / What was done before has been put back\.$/);
    assert.equal(stored(), before);
    assert.equal(writes().length, 5, "two there, one refused, two back");
    const result = await run({ action: "off", types: ["VMD"], rollback: false });
    assert.deepEqual(
      [result.armed, ...lines(result)],
      ["mixed", "1 VMD on→off", "2 VMD on→off", "3 VMD on: badRequest"],
    );
    fault.lift();
  });

  it("takes OK for a failure where the device keeps its own", async () => {
    const { virtual, run, failure, stored } = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    stubborn(virtual).add("LineDetection/2");
    const before = stored();
    assert.match(
      await failure({ action: "off", types: ["linedetection"] }),
      /^protocol: Line crossing on channel 2 .*: The device said OK, but left it as it was\./,
    );
    assert.equal(stored(), before);
    const result = await run({ action: "off", types: ["linedetection"], rollback: false });
    assert.deepEqual(
      [result.armed, ...lines(result)],
      ["mixed", "1 linedetection on→off", "2 linedetection on: protocol"],
    );
  });

  it("puts back what the device has stored without answering, and says what it could not put back", async () => {
    const { virtual, failure, stored } = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    const before = stored();
    virtual.fail(`${PROXY}/2/video/motionDetection`, { kind: "truncate", bytes: 0 }, { method: "PUT", times: 1 });
    assert.match(await failure({ action: "off", types: ["VMD"] }), /^\w+: Motion on channel 2 could not be disarmed/);
    assert.equal(stored(), before);
    let writes = 0;
    virtual.fail(`${PROXY}/2/video/motionDetection`, status("badParameters"), { method: "PUT" });
    const first = new RegExp(`^${PROXY}/1/video/motionDetection$`);
    const timer = setInterval(() => {
      if (writes === 0 && detectionsOff(virtual).has("motionDetection/1")) {
        writes += 1;
        virtual.fail(first, status("badParameters"), { method: "PUT" });
      }
    }, 1);
    const told = await failure({ action: "off", types: ["VMD"] });
    clearInterval(timer);
    assert.match(told, /This could not be put back: Motion on channel 1\.$/);
  });

  it("names what excludes it, by the message after the refusal", async () => {
    const { virtual, failure, stored } = await start({ model: "nvr", channels: ["Gate"] });
    detectionsOff(virtual).add("LineDetection/1");
    exclusiveOf(virtual).blockedBy.set("LineDetection/1", [{ key: "FieldDetection/1", name: "fielddetection" }]);
    const before = stored();
    assert.equal(
      await failure({ action: "on", types: ["linedetection"] }),
      "badRequest: Line crossing on channel 1 could not be armed: The device does not allow it beside what is on already: Intrusion. Switch that off first.",
    );
    assert.equal(stored(), before);
    // Where no message is offered, the refusal's own words stay.
    virtual.fail("/ISAPI/System/mutexFunctionErrorMsg", status("notSupport"));
    assert.match(await failure({ action: "on", types: ["linedetection"] }), /as an invalid operation/);
  });

  it("asks a DVR that announces it before the write, and writes nothing then", async () => {
    const { virtual, failure, run, writes } = await start({ model: "dvr" });
    const exclusive = exclusiveOf(virtual);
    exclusive.announced = true;
    detectionsOff(virtual).add("LineDetection/2");
    exclusive.blockedBy.set("LineDetection/2", [{ key: "motionDetection/2", name: "VMDHumanVehicle" }]);
    const command = { action: "on", types: ["linedetection"], channels: [2] } as const;
    assert.match(await failure(command), /^badRequest: .* what is on already: Motion on channel 2\./);
    assert.deepEqual(writes(), []);
    detectionsOff(virtual).add("motionDetection/2");
    assert.deepEqual(lines(await run(command)), ["2 linedetection off→on"]);
  });

  it("says why nothing can come of what is armed: no area, no line, nothing linked, asleep", async () => {
    const { virtual, run } = await start();
    const documents = detectionDocuments(virtual);
    const edit = (key: string, change: (document: string) => string): void =>
      void documents.set(key, change(documents.get(key)!));
    assert.deepEqual(blindIn(await run({})), []);
    edit("motionDetection/1", (document) => document.replace(/<gridMap>.*</, `<gridMap>${"0".repeat(108)}<`));
    edit("LineDetection/1", (document) => document.replace(/(<LineItem>\s*<id>1<\/id>\s*<enabled>)true/, "$1false"));
    edit("FieldDetection/1", (document) =>
      document.replace(/<RegionCoordinatesList>[^]*?<\/RegionCoordinatesList>/, "<RegionCoordinatesList/>"),
    );
    edit("regionEntrance/1", (document) => document.replace(/<position([XY])>\d+</g, "<position$1>0<"));
    triggersOf(virtual).find(({ id }) => id === "tamper-1")!.methods = [];
    schedulesOf(virtual).set("regionExitings/1", []);
    const today = new Date().getUTCDay() || 7;
    schedulesOf(virtual).set("videolosses/1", [{ day: ((today + 2) % 7) + 1, begin: "00:00", end: "01:00" }]);
    assert.deepEqual(blindIn(await run({})), [
      "VMD: It has no area: draw one on the device's web page.",
      "tamperdetection: No linkage method is ticked for it: the device does nothing when it happens.",
      "videoloss: By its arming schedule it is asleep at this time.",
      "linedetection: All its lines are switched off.",
      "fielddetection: It has no area: draw one on the device's web page.",
      "regionEntrance: It has no area: draw one on the device's web page.",
      "regionExiting: Its arming schedule is empty: it never reports anything.",
    ]);
    assert.deepEqual(blindIn(await run({ action: "off" })), [], "of what is off nothing is said");
  });

  it("asks triggers one by one where the device gives no list, and an unknown one only once", async () => {
    const { virtual, run } = await start();
    virtual.fail("/ISAPI/Event/triggers", status("deviceError"));
    triggersOf(virtual).find(({ id }) => id === "VMD-1")!.methods = [];
    const result = await run({ types: ["VMD", "loitering"] });
    assert.deepEqual(lines(result), ["1 VMD on", "1 loitering on"]);
    assert.deepEqual(blindIn(result), [
      "VMD: No linkage method is ticked for it: the device does nothing when it happens.",
    ]);
    const asked = virtual.requests.filter(({ path, status: code }) => path.endsWith("/loitering-1") && code === 503);
    assert.equal(asked.length, 1);
    assert.equal((await run({})).items.length, 10);
  });

  it("switches alarm inputs only where they are named", async () => {
    const { virtual, run, stored } = await start({ model: "nvr", channels: ["Gate"] });
    const before = stored();
    assert.deepEqual(
      lines(await run({ action: "off", types: ["IO"] })),
      [1, 2, 3, 4].map((n) => `${n} IO on→off`),
    );
    assert.equal(inputsOff(virtual).size, 4);
    await run({ action: "on", types: ["IO"] });
    assert.equal(stored(), before);
    assert.ok((await run({})).items.every(({ type }) => type !== "IO"));
  });

  it("says of a camera that is off behind its recorder that it is, also where the list of channels is older", async () => {
    const { virtual, run } = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    await run({ types: ["VMD"] });
    virtual.profile.channels[1]!.online = false;
    const { items } = await run({ action: "off", types: ["VMD"], rollback: false });
    assert.deepEqual(
      items.map(({ channel, after, error }) => [channel, after, error?.code, error?.message]),
      [
        [1, false, undefined, undefined],
        [2, undefined, "offline", "The camera behind the recorder is offline. Check its power and network."],
      ],
    );
  });

  it("falls back to the path of cameras before ISAPI", async () => {
    const { virtual, run } = await start();
    virtual.fail(`${OWN}/1/motionDetection`, status("notSupport"));
    const document = "<MotionDetection>\n<id>1</id>\n<enabled>false</enabled>\n</MotionDetection>\n";
    virtual.fail("/MotionDetection/1", { kind: "answer", status: 200, contentType: "application/xml", body: document });
    assert.deepEqual(lines(await run({ types: ["VMD"] })), ["1 VMD off"]);
  });

  it("is told at once where the device cannot be talked to, or has nothing of it", async () => {
    const { virtual, failure } = await start();
    assert.match(await failure({ types: ["diskfull"] }), /^notSupported: The state of Disk full/);
    await virtual.disconnect();
    assert.match(await failure({ action: "on" }), /^offline: /);
  });

  it("puts everything back when the node is closed meanwhile, and the device waits for it", async () => {
    const { virtual, device, run, stored } = await start({ model: "nvr" });
    const before = stored();
    virtual.fail(`${PROXY}/3/video/motionDetection`, { kind: "slow", ms: 150 }, { method: "PUT" });
    const closing = new AbortController();
    const ended = run({ action: "off", types: ["VMD"] }, closing.signal).then(
      () => "done",
      (error: unknown) => (error as { code?: string }).code,
    );
    while (!detectionsOff(virtual).has("motionDetection/2")) await new Promise((resolve) => setTimeout(resolve, 5));
    closing.abort();
    await device.close();
    assert.equal(await ended, "aborted");
    assert.equal(stored(), before);
  });

  it("does not wait for its turn any longer when it is stopped, and then writes nothing", async () => {
    const { virtual, run, failure, writes } = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    virtual.fail(`${PROXY}/1/video/motionDetection`, { kind: "slow", ms: 200 }, { method: "PUT" });
    const first = run({ action: "off", types: ["VMD"], channels: [1] });
    while (writes().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const stop = new AbortController();
    const second = failure({ action: "off", types: ["VMD"], channels: [2] }, stop.signal);
    setTimeout(() => stop.abort(), 30);
    assert.match(await second, /^aborted: /);
    await first;
    assert.deepEqual(writes(), [`PUT ${PROXY}/1/video/motionDetection`]);
  });
});

describe("the paths of detections", () => {
  it("are known for every type, those of a recorder's cameras apart", () => {
    const paths = (type: string, kind?: "digital"): readonly string[] =>
      switchPaths({ type, channel: 7, input: undefined }, kind);
    for (const type of DETECTION_TYPES) assert.ok(paths(type).length > 0, type);
    assert.deepEqual(paths("VMD", "digital"), [`${PROXY}/7/video/motionDetection`]);
    assert.deepEqual(paths("VMD"), [`${OWN}/7/motionDetection`, "/MotionDetection/7"]);
    assert.deepEqual(
      ["loitering", "group", "rapidMove", "parking", "unattendedBaggage", "attendedBaggage", "facedetection"].map(
        (type) => paths(type)[0],
      ),
      ["loitering", "group", "rapidMove", "parking", "unattendedBaggage", "attendedBaggage", "FaceDetect"].map(
        (name) => `${SMART}/${name}/7`,
      ),
    );
    assert.deepEqual(paths("audioexception"), [`${SMART}/AudioDetection/channels/7`]);
    assert.deepEqual(paths("PIR"), ["/ISAPI/WLAlarm/PIR"]);
    assert.deepEqual(paths("fireDetection"), ["/ISAPI/Thermal/channels/7/fireDetection"]);
    assert.deepEqual(switchPaths({ type: "IO", channel: undefined, input: 301 }, undefined), [
      "/ISAPI/ContentMgmt/IOProxy/inputs/301",
    ]);
    assert.deepEqual(paths("diskfull"), []);
  });

  it("go for functions that measure only where they are named", () => {
    for (const type of ["PeopleCounting", "heatmap", "ANPR", "IO"]) assert.ok(!DETECTION_TYPES.includes(type), type);
    assert.deepEqual(switchPaths({ type: "ANPR", channel: 1, input: undefined }, "local"), [
      "/ISAPI/Traffic/channels/1/vehicleDetect",
    ]);
  });
});
