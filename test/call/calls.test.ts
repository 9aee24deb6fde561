/** Who rings, at virtual stations that take only what the families take, and do as little as they do. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { readCall } from "../../src/call/call-answers";
import { callSign } from "../../src/call/call-signs";
import { type CallListener, Calls } from "../../src/call/calls";
import { callAction, type CallChange } from "../../src/call/call-words";
import { Isapi } from "../../src/isapi/isapi";
import type { HikvisionError } from "../../src/lib/errors";
import { Snapshots } from "../../src/snapshot/snapshot";
import { deviceHttp } from "../http/support";
import { FakeHttp, OK, reply, status as answer } from "../isapi/fake-http";
import { decodedOne } from "../support/alerts";
import { FakeClock, settle } from "../support/fake-clock";
import { hasFixtures, whyNoFixtures } from "../support/fixtures";
import { until } from "../support/until";
import { callsOf, startVirtualDevice, status } from "../virtual-device";
import { systemClock } from "../../src/lib/clock";

const FIXTURES = path.join(__dirname, "../../../shared/fixtures/access");
const STATUS = "/ISAPI/VideoIntercom/callStatus?format=json";
const CALLER = "/ISAPI/VideoIntercom/callerInfo?format=json";
const ABILITIES = "/ISAPI/VideoIntercom/capabilities?format=json";
const SIGNAL = "/ISAPI/VideoIntercom/callSignal?format=json";
const chance = { random: () => 0.5, token: () => "00" };

function listener(pollMs = 1_000) {
  const changes: CallChange[] = [];
  const warnings: string[] = [];
  const answered: boolean[] = [];
  const made: CallListener = {
    pollMs,
    changed: (change) => void changes.push(change),
    answers: (whether) => void answered.push(whether),
    warn: (sentence) => void warnings.push(sentence.toString()),
  };
  return { ...made, changes, warnings, answered, news: () => changes.splice(0).map(({ state }) => state) };
}

/** At a scripted device, with a clock that moves when told. */
function scripted(script: (asked: string) => ReturnType<typeof reply> | Error | Promise<ReturnType<typeof reply>>) {
  const http = new FakeHttp(({ path: asked }) => script(asked));
  const clock = new FakeClock();
  const isapi = new Isapi(http, { clock, chance });
  const calls = new Calls({ isapi, snapshots: new Snapshots(isapi, clock), clock, chance });
  return { http, clock, calls, asked: () => http.requests.splice(0).map(({ path: one }) => one) };
}

/** At a virtual station. */
async function connected(prepare: (station: ReturnType<typeof callsOf>) => void = (station) => station.fit()) {
  const device = await startVirtualDevice({ heartbeat: null });
  const station = callsOf(device);
  prepare(station);
  const http = deviceHttp(device.port, device.password);
  const isapi = new Isapi(http);
  const clock = { ...systemClock, wait: (ms: number, signal?: AbortSignal) => systemClock.wait(ms / 20, signal) };
  const calls = new Calls({ isapi, snapshots: new Snapshots(isapi, clock), clock, chance });
  const run = (action: unknown, signal = new AbortController().signal) => calls.run(action, signal);
  return {
    ...{ device, station, calls, run },
    async [Symbol.asyncDispose]() {
      calls.stop();
      isapi.close();
      await http.close();
      await device.close();
    },
  };
}

async function failure(work: Promise<unknown>): Promise<HikvisionError> {
  try {
    await work;
  } catch (error) {
    return error as HikvisionError;
  }
  return assert.fail("it did not fail");
}

const says = (word: string) => reply(200, JSON.stringify({ CallStatus: { status: word } }));
const doorbell = (more: object = {}) =>
  decodedOne(
    JSON.stringify({
      dateTime: "2026-03-01T12:00:00Z",
      eventType: "AccessControllerEvent",
      eventState: "active",
      AccessControllerEvent: { deviceName: "Entrance", majorEventType: 5, subEventType: 37, doorNo: 1, ...more },
    }),
  );
const voiceTalk = (event: object) =>
  decodedOne(JSON.stringify({ eventType: "voiceTalkEvent", eventState: "active", VoiceTalkEvent: event }));

describe("a door station that is asked", () => {
  it("tells of a ring, with who rings, of the answer and of the end", async () => {
    await using at = await connected();
    const one = listener();
    at.calls.listen(one);
    at.station.status = "ring";
    await until(() => one.changes.length === 1, "ringing");
    const { since, ...ring } = one.changes[0]!;
    assert.ok(Math.abs(Date.now() - since) < 10_000);
    assert.deepEqual(ring, {
      state: "ringing",
      caller: { type: "doorStation", building: 1, zone: 1, unit: 3, floor: 2, number: 7 },
    });
    at.station.status = "onCall";
    await until(() => one.changes.length === 2, "answered");
    at.station.status = "idle";
    await until(() => one.changes.length === 3, "ended");
    assert.deepEqual(one.news(), ["ringing", "answered", "ended"]);
    assert.deepEqual(one.answered, [true]);
  });

  it("is asked only while somebody listens, by one poller for all, as often as the quickest of them wants", async () => {
    let at = "idle";
    const { http, clock, calls, asked } = scripted((one) => (one === STATUS ? says(at) : answer(403, 4, "notSupport")));
    await clock.advance(10_000);
    assert.deepEqual(asked(), []);
    const [one, two] = [listener(5_000), listener(1_000)];
    const stops = [calls.listen(one), calls.listen(two)];
    await clock.advance(0);
    asked();
    await clock.advance(3_000);
    assert.deepEqual(asked(), [STATUS, STATUS, STATUS]);
    assert.equal(http.mostUnderWay, 1);
    at = "ring";
    await clock.advance(1_000);
    assert.deepEqual([one.news(), two.news()], [["ringing"], ["ringing"]]);
    for (const stop of stops) stop();
    asked();
    await clock.advance(60_000);
    assert.deepEqual(asked(), []);
    assert.equal(clock.pending, 0);
  });

  it("is never asked twice at a time, however slow it answers; what is under way ends when nobody listens", async () => {
    const { clock, calls, http } = scripted((one) =>
      one === ABILITIES ? answer(403, 4, "notSupport") : new Promise<never>(() => undefined),
    );
    const stop = calls.listen(listener());
    await clock.advance(60_000);
    assert.equal(http.requests.filter(({ path: one }) => one === STATUS).length, 1);
    const { signal } = http.requests.at(-1)!;
    stop();
    assert.equal(signal?.aborted, true);
    await settle();
    assert.equal(clock.pending, 0);
  });

  it("is asked less and less while it does not answer, and again at once when it is back", async () => {
    let gone = true;
    const { clock, calls, asked } = scripted((one) =>
      one !== STATUS ? answer(403, 4, "notSupport") : gone ? answer(503, 2, "deviceBusy") : says("idle"),
    );
    const one = listener();
    calls.listen(one);
    await clock.advance(10 * 60_000);
    const count = asked().filter((path) => path === STATUS).length;
    assert.ok(count < 25, `${count} questions in ten minutes`);
    gone = false;
    await clock.advance(60_000);
    asked();
    await clock.advance(5_000);
    assert.equal(asked().length, 5);
    assert.deepEqual(one.warnings, []);
    assert.deepEqual(one.answered, [true]);
  });

  it("that refused while it was starting is asked again once its event stream is there", async () => {
    let starting = true;
    const { clock, calls, asked } = scripted((one) =>
      one === STATUS && !starting ? says("idle") : answer(404, 4, "notSupport"),
    );
    const one = listener();
    calls.listen(one);
    await clock.advance(10_000);
    calls.online();
    await clock.advance(1_000);
    assert.deepEqual([asked().filter((path) => path === STATUS).length, one.answered], [2, []]);
    starting = false;
    calls.online();
    await clock.advance(1_000);
    assert.deepEqual([one.answered, one.warnings.length], [[true], 1]);
    asked();
    calls.online();
    await clock.advance(0);
    assert.deepEqual(asked(), []);
  });

  for (const [name, refused] of [
    ["404", answer(404, 4, "notSupport")],
    ["403", answer(403, 4, "notSupport")],
  ] as const)
    it(`that refuses with ${name} says so once, in words, and is left alone until a deploy or for ten minutes`, async () => {
      const { clock, calls, asked } = scripted((one) =>
        one === "/ISAPI/System/deviceInfo" ? reply(200, "<DeviceInfo><model>K</model></DeviceInfo>") : refused,
      );
      const one = listener();
      calls.listen(one);
      await clock.advance(9 * 60_000);
      assert.equal(asked().filter((path) => path === STATUS).length, 1);
      assert.equal(one.warnings.length, 1);
      assert.match(
        one.warnings[0]!,
        /^The device cannot be asked whether somebody rings, so only the rings that it reports/,
      );
      await clock.advance(60_000);
      assert.equal(asked().filter((path) => path === STATUS).length, 1);
      assert.equal(one.warnings.length, 1);
      const two = listener();
      calls.listen(two);
      await clock.advance(0);
      assert.equal(asked().filter((path) => path === STATUS).length, 1);
      assert.equal(two.warnings.length, 1, "the node that is new is told, too");
      assert.equal(one.warnings.length, 1);
    });

  it("that says that it has no state of calls is not asked for it", async () => {
    const { clock, calls, asked } = scripted((one) =>
      one === ABILITIES
        ? reply(200, JSON.stringify({ VideoIntercomCap: { isSupportCallStatus: false, isSupportCallSignal: false } }))
        : says("idle"),
    );
    const one = listener();
    calls.listen(one);
    await clock.advance(60_000);
    assert.deepEqual(asked(), [ABILITIES]);
    assert.equal(one.warnings.length, 1);
  });

  it("with callerInfo alone is asked that way", async () => {
    await using at = await connected((station) => {
      station.fit().tells = "no";
    });
    const one = listener();
    at.calls.listen(one);
    at.station.status = "ring";
    await until(() => one.changes.length === 1, "ringing");
    assert.equal(one.changes[0]!.caller?.type, "doorStation");
    assert.deepEqual(one.warnings, []);
  });

  it("may answer in XML although JSON was asked for", async () => {
    await using at = await connected((station) => {
      station.fit().tells = "xml";
      station.caller = undefined;
    });
    const one = listener();
    at.calls.listen(one);
    at.station.status = "ring";
    await until(() => one.changes.length === 1, "ringing");
    assert.ok(!("caller" in one.changes[0]!));
  });

  it("is asked for the caller once per ring, and never again where it has none", async () => {
    let at = "ring";
    const { clock, calls, asked } = scripted((one) => (one === STATUS ? says(at) : answer(403, 4, "notSupport")));
    calls.listen(listener());
    await clock.advance(3_000);
    assert.deepEqual(
      asked().filter((one) => one === CALLER),
      [CALLER],
    );
    at = "idle";
    await clock.advance(1_000);
    at = "ring";
    await clock.advance(3_000);
    assert.deepEqual(
      asked().filter((one) => one === CALLER),
      [],
    );
  });

  it("whose answer cannot be understood is told of after five in a row, not at the first", async () => {
    const { clock, calls } = scripted((one) => (one === STATUS ? says("busy") : answer(403, 4, "notSupport")));
    const one = listener();
    calls.listen(one);
    await clock.advance(2_000);
    assert.deepEqual(one.warnings, []);
    await clock.advance(10 * 60_000);
    assert.equal(one.warnings.length, 1);
    assert.match(one.warnings[0]!, /in a way that can be understood/);
  });

  it("is not believed while it sends its history (KV6113-WPE1), but from three seconds after", async () => {
    let at = "ring";
    const { clock, calls } = scripted((one) => (one === STATUS ? says(at) : answer(403, 4, "notSupport")));
    const one = listener();
    calls.history();
    calls.listen(one);
    for (const status of ["ring", "idle", "onCall", "ring", "idle"]) {
      at = status;
      calls.history();
      await clock.advance(1_000);
    }
    assert.deepEqual(one.news(), []);
    await clock.advance(3_000);
    at = "ring";
    await clock.advance(1_000);
    assert.deepEqual(one.news(), ["ringing"]);
  });
});

describe("a device that reports its rings", () => {
  it("is not asked from the first one on; nothing ends it but a minute", async () => {
    const { clock, calls, asked } = scripted((one) => (one === STATUS ? says("idle") : answer(403, 4, "notSupport")));
    const one = listener();
    calls.listen(one);
    await clock.advance(2_000);
    calls.notification(doorbell());
    asked();
    assert.deepEqual(one.changes, [{ state: "ringing", since: clock.now(), caller: { name: "Entrance", door: 1 } }]);
    await clock.advance(60_000);
    assert.deepEqual(asked(), []);
    assert.deepEqual(
      one.changes.map(({ state, synthetic }) => [state, synthetic]),
      [
        ["ringing", undefined],
        ["ended", true],
      ],
    );
    calls.listen(listener());
    await clock.advance(10_000);
    assert.deepEqual(asked(), [], "nor for a node that comes later");
  });

  it("rings once, although each node of the device passes the event on", () => {
    const { calls } = scripted(() => OK);
    const one = listener();
    calls.listen(one);
    const event = doorbell();
    calls.notification(event);
    calls.notification(event);
    assert.deepEqual(one.news(), ["ringing"]);
    calls.stop();
  });

  it("by voice talk tells who rings, the answer and the end (the vendor's text)", () => {
    const { calls } = scripted(() => OK);
    const one = listener();
    calls.listen(one);
    calls.notification(voiceTalk({ cmdType: "request", src: { unitType: "villa", roomNumber: 3, buildingNumber: 1 } }));
    calls.notification(voiceTalk({ cmdType: "callInfo" }));
    calls.notification(voiceTalk({ cmdType: "answer" }));
    calls.notification(voiceTalk({ cmdType: "hangUp" }));
    assert.deepEqual(one.changes[0]!.caller, { type: "villa", building: 1, room: 3 });
    assert.deepEqual(one.news(), ["ringing", "answered", "ended"]);
    for (const [end, state] of [
      ["bellTimeout", "missed"],
      ["cancel", "missed"],
      ["reject", "ended"],
    ] as const) {
      calls.notification(voiceTalk({ cmdType: "request" }));
      calls.notification(voiceTalk({ cmdType: end }));
      assert.deepEqual(one.news(), ["ringing", state]);
    }
    calls.stop();
  });

  it("rings neither with what is repeated from before nor with what is no bell", () => {
    assert.equal(callSign({ ...doorbell(), replayed: true }), undefined);
    assert.equal(callSign(doorbell({ subEventType: 25 })), undefined);
    assert.equal(callSign(voiceTalk({ cmdType: "constructor" })), undefined);
    assert.equal(callSign(doorbell({ subEventType: 51 }))?.says, "ring", "a call to the centre");
  });
});

describe("a command to a call", () => {
  it("is sent in the vendor's spelling, once, and what is read afterwards is told", async () => {
    await using at = await connected();
    at.station.status = "ring";
    assert.deepEqual(await at.run("answer"), { done: "answer", status: "onCall" });
    assert.deepEqual(await at.run("hangup"), { done: "hangUp", status: "idle" });
    at.station.status = "ring";
    assert.deepEqual(await at.run(" Reject "), { done: "reject", status: "idle" });
    assert.deepEqual(at.station.signals, ["answer", "hangUp", "reject"]);
    const [sent] = at.device.requests.filter(({ method, authorized }) => method === "PUT" && authorized);
    assert.equal(sent!.body, '{"CallSignal":{"cmdType":"answer"}}');
    assert.match(sent!.contentType!, /^application\/json/);
  });

  it("that was accepted and has no effect is busy, in words", async () => {
    await using at = await connected();
    at.station.obeys = false;
    at.station.status = "ring";
    for (const action of ["answer", "reject", "hangUp"]) {
      const error = await failure(at.run(action));
      assert.equal(error.code, "busy");
      assert.match(
        error.message,
        new RegExp(`^The device has accepted "${action}", but it had no effect: the call is still "ring"`),
      );
      assert.match(error.message, /indoor station/);
    }
    assert.deepEqual(at.station.signals, ["answer", "reject", "hangUp"], "none is repeated");
  });

  it("answer where nobody rings has no effect, either", async () => {
    await using at = await connected();
    assert.equal((await failure(at.run("answer"))).code, "busy");
  });

  it("may take a moment to have its effect", async () => {
    await using at = await connected();
    at.station.obeys = false;
    at.station.status = "ring";
    const done = at.run("answer");
    await until(() => at.station.signals.length === 1, "taken");
    at.station.status = "onCall";
    assert.deepEqual(await done, { done: "answer", status: "onCall" });
  });

  it("is unknown in its effect where the device does not tell", async () => {
    await using at = await connected((station) => {
      station.fit().tells = "no";
      station.caller = undefined;
    });
    assert.deepEqual(await at.run("hangUp"), { done: "hangUp", status: "unknown" });
  });

  it("that the device refuses is an error that says what else to try, and is sent once", async () => {
    await using at = await connected((station) => {
      station.fit().takes = ["reject"];
    });
    const error = await failure(at.run("hangUp"));
    assert.match(error.message, /^The device does not take "hangUp"\. Some firmware takes only some/);
    assert.equal(error.cause.subStatusCode, "invalidOperation");
    assert.deepEqual(at.station.signals, []);
    await using none = await connected(() => undefined);
    assert.equal((await failure(none.run("answer"))).code, "notSupported");
  });

  it("that is none is refused with nothing sent", async () => {
    await using at = await connected();
    for (const given of [undefined, "", "open", 7, "request", "constructor"]) {
      const error = await failure(at.run(given));
      assert.equal(error.code, "badRequest");
      assert.match(error.message, /Give one of answer, reject, hangUp/);
    }
    assert.deepEqual(at.device.requests, []);
  });

  it("ends with the signal, also while its effect is looked for", async () => {
    await using at = await connected();
    at.station.obeys = false;
    const stop = new AbortController();
    const done = failure(at.run("answer", stop.signal));
    await until(() => at.station.signals.length === 1, "taken");
    stop.abort();
    assert.equal((await done).code, "aborted");
  });

  it("ends the ring that a flow has dismissed: it was not missed", async () => {
    await using at = await connected();
    const one = listener();
    at.calls.listen(one);
    at.station.status = "ring";
    await until(() => one.changes.length === 1, "ringing");
    await at.run("reject");
    assert.deepEqual(one.news(), ["ringing", "ended"]);
  });

  it("is overtaken by a later one: hangUp does not wait for what answer looks for", async () => {
    await using at = await connected();
    at.station.status = "ring";
    at.station.obeys = false;
    const first = at.run("answer");
    await until(() => at.station.signals.length === 1, "taken");
    at.station.obeys = true;
    assert.equal((await at.run("hangUp")).status, "idle");
    assert.equal((await first).done, "answer");
  });

  it("is not followed by a ring that was read before it", async () => {
    let release: (value: ReturnType<typeof reply>) => void = () => undefined;
    let at = "ring";
    let hold = false;
    const { clock, calls, http } = scripted((one) => {
      if (one === SIGNAL) {
        at = "idle";
        return OK;
      }
      if (one !== STATUS) return answer(403, 4, "notSupport");
      if (!hold) return says(at);
      hold = false;
      return new Promise((resolve) => (release = resolve));
    });
    const one = listener();
    calls.listen(one);
    await clock.advance(0);
    hold = true;
    await clock.advance(1_000);
    const done = calls.run("reject", new AbortController().signal);
    await clock.advance(0);
    assert.equal((await done).status, "idle");
    release(says("ring"));
    await settle();
    assert.deepEqual(one.news(), ["ringing", "ended"]);
    assert.ok(http.requests.length > 3);
    calls.stop();
  });

  it("does not repeat what the answer got lost of", async () => {
    await using at = await connected();
    at.device.fail("/ISAPI/VideoIntercom/callSignal", { kind: "truncate", bytes: 10 }, { method: "PUT" });
    await failure(at.run("answer"));
    assert.equal(at.device.requests.filter(({ method, authorized }) => method === "PUT" && authorized).length, 1);
  });
});

describe("the picture at a ring", () => {
  it("is that of the station's channel, also where it is numbered without a stream", async () => {
    await using at = await connected();
    const { signal } = new AbortController();
    assert.deepEqual([...(await at.calls.picture(signal)).subarray(0, 2)], [0xff, 0xd8]);
    at.device.fail("/ISAPI/Streaming/channels/101/picture", status("notSupport"));
    at.device.fail("/Streaming/channels/101/picture", status("notSupport"));
    assert.deepEqual([...(await at.calls.picture(signal)).subarray(0, 2)], [0xff, 0xd8]);
    assert.equal(at.device.requests.at(-1)!.path, "/ISAPI/Streaming/channels/1/picture");
  });
});

describe(`recorded answers about calls${whyNoFixtures}`, () => {
  before(function () {
    if (!hasFixtures) this.skip();
  });
  const recorded = (file: string): string => readFileSync(path.join(FIXTURES, file), "utf8");

  it("of a DS-KV8113 are read", async () => {
    const body = recorded("openlab-red/VideoIntercom.callStatus.json");
    const isapi = new Isapi(new FakeHttp(() => reply(200, body)));
    assert.deepEqual(await readCall(isapi, "callStatus", {}), { status: "idle" });
  });

  it("refuse a word in lower case, which the word that is sent never is (Hikvision-Addons#141)", async () => {
    const body = recorded("issues/pergolafabio-141_callSignal_hangup_lowercase.json");
    const { calls } = scripted(() => reply(403, body));
    const error = await failure(calls.run("hangup", new AbortController().signal));
    assert.match(error.message, /^The device does not take "hangUp"/);
    assert.equal(callAction("HANGUP"), "hangUp");
  });

  it("of a bell that was pressed and stays idle (DS-KV6124) tell of no ring", () => {
    const { call_status_changes: changes } = JSON.parse(recorded("jonioliel/bell_press_KV6124_V3.9.0.json")) as {
      call_status_changes: { payload: { CallStatus: { status: string } } }[];
    };
    assert.deepEqual(
      changes.map(({ payload }) => payload.CallStatus.status),
      ["idle"],
    );
  });

  it("by voice talk in the vendor's sample are a ring of an indoor station", () => {
    const sign = callSign(decodedOne(recorded("vendor_yscloud/voiceTalkEvent.vendor_sample.json")));
    assert.equal(sign?.says, "ring");
    assert.deepEqual(sign.caller, {
      ...{ type: "indoor", name: "test", model: "DS-KD9403-A", period: 1, building: 1, unit: 1, floor: 1, room: 1 },
      number: 1,
    });
  });
});
