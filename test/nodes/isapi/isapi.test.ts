import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import isapiModule from "../../../nodes/isapi/isapi";
import {
  coreNode,
  deviceNode,
  ends,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
} from "../../support/flow";
import { until } from "../../support/until";
import { startVirtualDevice, status, type VirtualDevice, type VirtualDeviceOptions } from "../../virtual-device";
import { loadOf } from "../../virtual-device/services/status";
import { overlaysOf } from "../../virtual-device/services/overlays";

const modules = [deviceModule, isapiModule, coreNode("common/25-catch")];
const OVERLAYS = "/ISAPI/System/Video/inputs/channels/1/overlays";

/** A node as the form saves it. */
function isapi(extra: Record<string, unknown> = {}, id = "isapi"): FlowNode {
  const form = {
    method: "GET",
    path: "/ISAPI/System/status",
    pathType: "str",
    body: "payload",
    bodyType: "msg",
    returns: "auto",
  };
  return {
    id,
    type: "hikvision-isapi",
    device: "device",
    wires: [["out"]],
    dryRun: false,
    confirm: false,
    ...form,
    ...extra,
  };
}

const AROUND: readonly FlowNode[] = [
  { id: "out", type: "helper" },
  { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
  { id: "caught", type: "helper" },
];

describe("isapi", () => {
  let device: VirtualDevice;

  async function start(nodes: readonly FlowNode[], options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null, ...options });
    await loadFlow(modules, [deviceNode(device), ...nodes, ...AROUND], { device: login(device) });
  }
  const send = (message: object, id = "isapi"): void => nodeById(id).receive(message as never);
  const errorOf = (message: Record<string, unknown>): { code: string; message: string; cause: object } =>
    message["error"] as never;
  /** What was let in, the node's own probes of the login apart. */
  const written = (): string[] =>
    device.requests
      .filter(({ method, authorized }) => authorized && method !== "GET")
      .map(({ method, path }) => `${method} ${path}`);

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("puts the answer into the message as an object, and keeps the rest of it", async () => {
    await start([isapi()]);
    loadOf(device).cpu = 42;
    const [messages, ended] = [inbox("out"), ends("isapi")];
    send({ topic: "t", payload: 1_717_000_000_000, mine: 1 });
    const { payload, statusCode, headers, isapi: call, ...rest } = await messages.next();
    const { DeviceStatus } = payload as { DeviceStatus: { CPUList: object; "@version": string } };
    assert.deepEqual(DeviceStatus.CPUList, { CPU: { cpuDescription: "2616.00", cpuUtilization: "42" } });
    assert.equal(statusCode, 200);
    assert.match(String((headers as Record<string, unknown>)["content-type"]), /xml/);
    assert.deepEqual(call, { method: "GET", path: "/ISAPI/System/status" });
    assert.deepEqual([rest["topic"], rest["mine"]], ["t", 1]);
    assert.equal(device.requests.at(-1)?.body ?? "", "", "no msg.payload with a GET");
    assert.deepEqual([ended, statuses("isapi").at(-1)], [[undefined], {}]);
  });

  it("takes path and method from the message, for this message only, and off what it sends on", async () => {
    await start([isapi({ method: "msg" }), isapi({}, "fixed")]);
    const messages = inbox("out");
    send({ method: "get", path: "/ISAPI/System/deviceInfo" });
    const first = await messages.next();
    assert.ok("DeviceInfo" in (first["payload"] as object));
    assert.deepEqual(["method" in first, "path" in first], [false, false]);
    send({ method: "GET" });
    assert.ok("DeviceStatus" in ((await messages.next())["payload"] as object));
    send({ method: "PUT", path: "/ISAPI/System/time" }, "fixed");
    const third = await messages.next();
    assert.deepEqual(
      [Object.keys(third["payload"] as object), third["method"], "path" in third],
      [["Time"], "PUT", false],
    );
  });

  it("writes an object that it has read, changed or not", async () => {
    await start([
      isapi({ path: "/ISAPI/System/deviceInfo" }),
      isapi({ method: "PUT", path: "/ISAPI/System/deviceInfo" }, "put"),
    ]);
    const messages = inbox("out");
    send({});
    const payload = (await messages.next())["payload"] as { DeviceInfo: { deviceName: string } };
    payload.DeviceInfo.deviceName = "Gate & <Yard>";
    send({ payload }, "put");
    const answer = await messages.next();
    assert.equal((answer["payload"] as { ResponseStatus: { statusString: string } }).ResponseStatus.statusString, "OK");
    assert.equal(device.profile.name, "Gate & <Yard>");
  });

  for (const [why, extra, message, body] of [
    ["the form's own body, as JSON", { method: "PUT", body: '{"A":{"b":1}}', bodyType: "json" }, {}, "<A><b>1</b></A>"],
    ["the form's own text", { method: "PUT", body: "<A/>", bodyType: "str" }, { payload: "other" }, "<A/>"],
    ["another property", { method: "PUT", body: "mine", bodyType: "msg" }, { mine: "<A>2</A>" }, "<A>2</A>"],
    ["none where it is empty", { method: "PUT", body: "", bodyType: "str" }, { payload: 7 }, ""],
    [
      "msg.payload where the flow is older than the field",
      { method: "PUT", body: undefined, bodyType: undefined },
      { payload: "<A/>" },
      "<A/>",
    ],
    ["none with DELETE", { method: "DELETE" }, { payload: "<A/>" }, ""],
    ["one with DELETE that is set", { method: "DELETE", body: "<A/>", bodyType: "str" }, {}, "<A/>"],
    ["one with GET that is set", { method: "GET", body: "<A/>", bodyType: "str" }, {}, "<A/>"],
  ] as const) {
    it(`sends as body: ${why}`, async () => {
      await start([isapi({ path: "/ISAPI/x", ...extra })]);
      device.fail("/ISAPI/x", { kind: "answer", status: 200, contentType: "text/plain", body: "done" });
      const messages = inbox("out");
      send(message);
      assert.deepEqual((await messages.next())["payload"], Buffer.from("done"));
      assert.equal(device.requests.at(-1)?.body ?? "", body);
    });
  }

  it("changes one setting in the device's own bytes, and nothing else", async () => {
    await start([isapi({ method: "change", path: OVERLAYS })]);
    const before = overlaysOf(device).get(1)!;
    const messages = inbox("out");
    send({
      payload: {
        "TextOverlayList/TextOverlay[2]/displayText": "21.5 °C",
        "TextOverlayList/TextOverlay[2]/enabled": true,
        fontSize: "7*7",
      },
    });
    const { before: was, after, changed, refused } = await messages.payload();
    const line = "TextOverlayList/TextOverlay[2]";
    assert.deepEqual(was, { [`${line}/displayText`]: "", [`${line}/enabled`]: "false", fontSize: "adaptive" });
    assert.deepEqual(after, { [`${line}/displayText`]: "21.5 °C", [`${line}/enabled`]: "true", fontSize: "adaptive" });
    assert.deepEqual([changed, refused], [[`${line}/displayText`, `${line}/enabled`], ["fontSize"]]);
    const now = overlaysOf(device).get(1)!;
    const second = now.slice(now.indexOf("<id>2</id>"));
    assert.match(second, /^<id>2<\/id>\n<enabled>true<[^]*?<displayText>21\.5 °C</);
    assert.equal(now.replace("21.5 °C", "").replace(/(<id>2<\/id>\n<enabled>)true/, "$1false"), before);
    assert.deepEqual(written(), [`PUT ${OVERLAYS}`]);
  });

  it("leaves the device byte for byte as it was in a dry run, and where a leaf is absent", async () => {
    await start([
      isapi({ method: "change", path: OVERLAYS, dryRun: true }),
      isapi({ method: "change", path: OVERLAYS }, "real"),
    ]);
    const before = overlaysOf(device).get(1);
    const [messages, caught] = [inbox("out"), inbox("caught")];
    send({ payload: { fontSize: "16*16" } });
    assert.deepEqual(await messages.payload(), {
      before: { fontSize: "adaptive" },
      after: { fontSize: "16*16" },
      changed: ["fontSize"],
      refused: [],
    });
    send({ payload: { fontSize: "16*16", noSuchThing: 1 } }, "real");
    assert.equal(errorOf(await caught.next()).code, "notFound");
    assert.deepEqual([overlaysOf(device).get(1), written()], [before, []]);
  });

  it("is what a device wants that refuses a document made anew", async () => {
    await start([isapi({ method: "PUT", path: OVERLAYS })]);
    const caught = inbox("caught");
    send({
      payload: overlaysOf(device)
        .get(1)!
        .replace(/(<channelNameOverlay) [^>]*/, "$1"),
    });
    assert.equal(errorOf(await caught.next()).code, "protocol");
    send({ payload: "<VideoOverlay><fontSize>16*16</fontSize></VideoOverlay>" });
    assert.equal(errorOf(await caught.next()).code, "badRequest");
  });

  it("writes nothing in a dry run that a variable has switched on, and nothing where that cannot be read", async () => {
    const put = { method: "PUT", path: OVERLAYS, body: "<VideoOverlay/>", bodyType: "str" };
    await start([isapi({ ...put, dryRun: "true" }), isapi({ ...put, dryRun: "yes" }, "odd")]);
    const messages = inbox("out");
    send({});
    assert.equal(((await messages.next())["payload"] as { dryRun: boolean }).dryRun, true);
    const ended = ends("odd");
    send({}, "odd");
    await until(() => ended.length === 1, "one end");
    assert.deepEqual(ended, ["badRequest"]);
    assert.deepEqual(written(), []);
  });

  it("restarts the device only with the form's confirmation, and takes a cut connection for success", async () => {
    const reboot = { method: "PUT", path: "/ISAPI/System//REBOOT/", body: "", bodyType: "str" };
    await start([isapi(reboot), isapi({ ...reboot, path: "/ISAPI/System/reboot", confirm: true }, "allowed")]);
    const [messages, caught] = [inbox("out"), inbox("caught")];
    send({ confirm: true });
    const { code, message } = errorOf(await caught.next());
    assert.equal(code, "badRequest");
    assert.match(message, /confirmation/);
    assert.deepEqual(written(), []);
    device.fail("/ISAPI/System/reboot", { kind: "reset" });
    send({ statusCode: 418, headers: { old: "1" } }, "allowed");
    const done = await messages.next();
    assert.deepEqual([done["statusCode"], done["headers"]], [undefined, undefined]);
    assert.deepEqual(done["isapi"], { method: "PUT", path: "/ISAPI/System/reboot" });
    assert.deepEqual(written(), ["PUT /ISAPI/System/reboot"]);
  });

  it("ends in an error that a Catch node can read, with the message as it came", async () => {
    await start([isapi({ method: "msg" })]);
    device.fail("/ISAPI/x", status("lowPrivilege"));
    const [caught, ended] = [inbox("caught"), ends("isapi")];
    send({ method: "PUT", path: "/ISAPI/x?password=secret", payload: "<a/>" });
    const message = await caught.next();
    assert.equal(errorOf(message).code, "forbidden");
    assert.deepEqual((errorOf(message).cause as { device: object }).device, {
      id: "device",
      name: "Front",
      host: "127.0.0.1",
    });
    assert.deepEqual([message["path"], message["payload"]], ["/ISAPI/x?password=secret", "<a/>"]);
    assert.doesNotMatch(JSON.stringify(errorOf(message)), /secret/);
    assert.deepEqual(ended, ["forbidden"]);
  });

  it("refuses an answer without end by its header, and takes a large one whole", async () => {
    await start([isapi()]);
    device.fail("/ISAPI/large", {
      kind: "answer",
      status: 200,
      contentType: "application/octet-stream",
      body: Buffer.alloc(20 * 1024 * 1024, 7),
    });
    const [messages, caught] = [inbox("out"), inbox("caught")];
    send({ path: "/ISAPI/large" });
    const data = (await messages.next())["payload"] as Buffer;
    assert.deepEqual([data.length, data[0], data.at(-1)], [20 * 1024 * 1024, 7, 7]);
    send({ path: "/ISAPI/Event/notification/alertStream" });
    assert.equal(errorOf(await caught.next()).code, "badRequest");
    assert.ok(!device.requests.some(({ path }) => path.includes("alertStream")));
  });

  it("shows that no device is chosen, and says so", async () => {
    await start([isapi({ device: "" })]);
    const caught = inbox("caught");
    send({});
    assert.equal(errorOf(await caught.next()).code, "badRequest");
  });
});
