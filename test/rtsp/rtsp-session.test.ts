/** The RTSP client against the virtual device, which verifies every login, with the traps of real ones. */
import assert from "node:assert/strict";
import { systemChance, systemClock } from "../../src/lib/clock";
import { codeOf } from "../../src/lib/errors";
import { baseUrl, controlUrl, controlUrlInPath, sessionUrl } from "../../src/rtsp/control-url";
import { RtspSession, type MediaSink, type RtspSessionOptions, type TimedPicture } from "../../src/rtsp/rtsp-session";
import type { HikvisionError } from "../../src/lib/errors";
import { ScriptedRtspServer } from "../support/rtsp/scripted";
import { until } from "../support/until";
import { accessOf, archiveOf, rtspOf, startVirtualDevice, stillFilm, type VirtualDevice } from "../virtual-device";
import type { AuthOptions } from "../virtual-device/authenticator";

const SIGNAL = new AbortController().signal;
const LIVE = "/Streaming/Channels/101?transportmode=unicast";

class Seen implements MediaSink {
  readonly pictures: TimedPicture[] = [];
  sounds = 0;
  end: { readonly error: HikvisionError | undefined } | undefined;
  picture(picture: TimedPicture): void {
    this.pictures.push(picture);
  }
  audio(): void {
    this.sounds += 1;
  }
  ended(error: HikvisionError | undefined): void {
    this.end = { error };
  }
}

describe("an RTSP session", function () {
  this.slow(3000);
  let device: VirtualDevice;
  let session: RtspSession | undefined;
  let seen = new Seen();

  async function start(rtspAuth: Partial<AuthOptions> = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null, films: stillFilm, rtspAuth });
  }
  const options = (
    more: Partial<RtspSessionOptions> & { path?: string; password?: string } = {},
  ): RtspSessionOptions => ({
    url: `rtsp://127.0.0.1:${accessOf(device).rtsp.port}${more.path ?? LIVE}`,
    credentials: { username: device.username, password: more.password ?? device.password },
    basic: false,
    tls: { mode: "insecure" },
    clock: systemClock,
    chance: systemChance,
    ...more,
  });
  async function open(more: Parameters<typeof options>[0] = {}): Promise<RtspSession> {
    seen = new Seen();
    session = await RtspSession.open(options(more), seen, SIGNAL);
    return session;
  }
  async function plays(more: Parameters<typeof options>[0] = {}): Promise<void> {
    await (await open(more)).play({ range: "npt=0.000-" }, SIGNAL);
    await until(() => seen.pictures.length >= 3, "three pictures");
  }
  const refused = async (more: Parameters<typeof options>[0] = {}): Promise<HikvisionError> => {
    try {
      await plays(more);
    } catch (error) {
      assert.ok(codeOf(error), String(error));
      return error as HikvisionError;
    }
    throw new Error("it played");
  };

  afterEach(async () => {
    session?.close();
    session = undefined;
    await until(() => device.rtspConnections === 0, "nothing is left open");
    await device.close();
  });

  it("plays a live channel: pictures in order, with their times, the first a key picture", async () => {
    await start();
    await plays();
    assert.deepEqual(
      seen.pictures.slice(0, 3).map(({ key }) => key),
      [true, false, true],
    );
    assert.deepEqual(
      seen.pictures.slice(0, 3).map(({ seconds }) => Math.round(seconds * 100)),
      [0, 10, 20],
    );
    assert.ok(rtspOf(device).requests.every(({ url }) => !url.includes("@")));
    session?.close();
    await until(() => rtspOf(device).requests.at(-1)?.method === "TEARDOWN", "a goodbye");
  });

  for (const control of ["relative", "absolute", "foreign", "slash"] as const)
    for (const contentBase of [true, false])
      it(`sets up the track where it is ${control}${contentBase ? "" : ", without a base"}`, async () => {
        await start();
        Object.assign(rtspOf(device), { control, contentBase });
        await plays();
        session?.close();
        archiveOf(device).add({ startMs: Date.UTC(2026, 0, 1), endMs: Date.UTC(2026, 0, 1, 1) });
        await plays({ path: "/Streaming/tracks/101/?starttime=20260101T000000Z&endtime=20260101T010000Z" });
      });

  const logins: Readonly<Record<string, Partial<AuthOptions>>> = {
    "MD5 without qop (RFC 2069)": {},
    "MD5 that is not named": { nameAlgorithm: false },
    "SHA-256 without qop": { algorithms: ["SHA-256"] },
    "SHA-256 with qop": { algorithms: ["SHA-256"], qop: "auth" },
    "MD5 and SHA-256 in one line": { algorithms: ["MD5", "SHA-256"], oneHeaderLine: true, qop: "auth" },
    "a new nonce for each request": { nonceUses: 1 },
    "a new nonce for each request, and no word of it": { nonceUses: 1, spentNonce: "fresh" },
  };
  for (const [what, auth] of Object.entries(logins))
    it(`logs in with ${what}`, async () => {
      await start(auth);
      await plays();
    });

  it("sends no Basic unless it is allowed", async () => {
    await start({ schemes: ["basic"] });
    const error = await refused();
    assert.equal(error.code, "unauthorized");
    assert.ok(rtspOf(device).requests.every(({ headers }) => !headers.has("authorization")));
    await plays({ basic: true });
  });

  it("sends a refused password once, not again at the next session, and again when a person asks", async () => {
    await start({ lockAfter: 3 });
    const login = { clearings: 0 };
    const sent = (): number => rtspOf(device).requests.filter(({ headers }) => headers.has("authorization")).length;
    assert.equal((await refused({ password: "wrong", login })).code, "unauthorized");
    assert.equal(sent(), 1);
    const { connections } = rtspOf(device);
    const again = await refused({ password: "wrong", login });
    assert.equal(again.code, "unauthorized");
    assert.ok((again.cause.retryAfter ?? 0) > 500);
    assert.equal(rtspOf(device).connections, connections, "no connection");
    login.clearings += 1;
    await plays({ login });
  });

  it("refuses a weaker login than it has used before", async () => {
    await start({ algorithms: ["SHA-256"] });
    const login = { clearings: 0 };
    await plays({ login });
    session?.close();
    await until(() => device.rtspConnections === 0, "the end");
    await device.close();
    await start({ algorithms: ["MD5"] });
    assert.match((await refused({ login })).message, /weaker login/);
    assert.ok(rtspOf(device).requests.every(({ headers }) => !headers.has("authorization")));
  });

  for (const [status, code] of [
    ["403 Forbidden", "forbidden"],
    ["404 Not Found", "notFound"],
    ["453 Not Enough Bandwidth", "noSlots"],
    ["503 Service Unavailable", "noSlots"],
    ["500 Internal Server Error", "protocol"],
    ["302 Found", "notSupported"],
  ] as const)
    it(`tells ${status} as ${code}`, async () => {
      await start();
      rtspOf(device).statuses.set("DESCRIBE", status);
      const error = await refused();
      assert.equal(error.code, code);
      assert.doesNotMatch(error.message, /correct horse/);
    });

  it("tells that no more sessions are given", async () => {
    await start();
    rtspOf(device).slots = 0;
    assert.equal((await refused()).code, "noSlots");
  });

  it("keeps itself alive with what the device offers", async function () {
    this.timeout(60_000).slow(9000);
    await start();
    rtspOf(device).timeout = 5;
    await plays();
    await systemClock.wait(6500);
    assert.equal(seen.end, undefined);
    const kept = rtspOf(device)
      .requests.map(({ method }) => method)
      .slice(4);
    assert.deepEqual(kept.slice(0, 2), ["OPTIONS", "GET_PARAMETER"]);
  });

  it("tells when no more video comes, and when the device ends it", async () => {
    await start();
    rtspOf(device).trouble = { kind: "stall", after: 3 };
    await plays({ silenceMs: 300 });
    await until(() => seen.end !== undefined, "the end");
    assert.equal(seen.end?.error?.code, "timeout");
    rtspOf(device).trouble = { kind: "close", after: 3 };
    await plays();
    await until(() => seen.end !== undefined, "the end");
    assert.deepEqual(seen.end, { error: undefined });
  });

  it("drops pictures behind a loss until the next key picture", async () => {
    await start();
    rtspOf(device).loseEvery = 4;
    await (await open()).play({}, SIGNAL);
    await until(() => seen.pictures.length >= 6, "pictures");
    assert.ok((session?.dropped ?? 0) > 0);
  });

  it("takes the parameter sets that come with the video in place of wrong ones", async () => {
    await start();
    rtspOf(device).sets = "wrong";
    await plays();
    assert.equal(seen.pictures[0]?.sets.sps[0]?.toString("hex"), "6742c00ad90426c044000003000400000300083c489920");
    rtspOf(device).sets = "none";
    session?.close();
    await plays();
  });

  it("plays AAC beside the video, at the same time", async () => {
    await start();
    rtspOf(device).sound = "aac";
    await plays({ audio: true });
    await until(() => seen.sounds > 3, "sound");
    assert.equal(session?.described.audio?.sampleRate, 16_000);
  });

  it("asks for speed and place as they are given", async () => {
    await start();
    await (await open()).play({ range: "clock=20260101T000000Z-", scale: 4, rateControl: "no" }, SIGNAL);
    const { headers } = rtspOf(device).requests.at(-1) ?? {};
    assert.deepEqual(
      ["range", "scale", "rate-control"].map((name) => headers?.get(name)),
      ["clock=20260101T000000Z-", "4.000", "no"],
    );
  });

  it("has an end where a server says nothing, or speaks no RTSP, or leads away", async () => {
    await start();
    await using mute = await ScriptedRtspServer.start(() => undefined);
    const url = `rtsp://127.0.0.1:${mute.port}${LIVE}`;
    assert.equal((await refused({ url, describeMs: 200 })).code, "timeout");
    await using web = await ScriptedRtspServer.start(() => ({ head: ["<html>"] }));
    assert.equal((await refused({ url: `rtsp://127.0.0.1:${web.port}${LIVE}`, describeMs: 2000 })).code, "protocol");
    assert.equal((await refused({ url: "rtsp://127.0.0.1:1/x" })).code, "offline");
    assert.equal((await refused({ url: "rtsp://admin:secret@127.0.0.1:1/x" })).code, "badRequest");
  });

  it("refuses video that is neither H.264 nor H.265", async () => {
    await start();
    await using jpeg = await ScriptedRtspServer.start(() => ({
      head: ["RTSP/1.0 200 OK"],
      body: "v=0\r\nm=video 0 RTP/AVP 26\r\na=control:trackID=1\r\n",
    }));
    const error = await refused({ url: `rtsp://127.0.0.1:${jpeg.port}${LIVE}` });
    assert.equal(error.code, "notSupported");
    assert.match(error.message, /JPEG/);
  });
});

describe("addresses of tracks", () => {
  const origin = "rtsp://10.0.0.5:554";
  const url = `${origin}/Streaming/tracks/101/?starttime=20260101T000000Z`;
  it("stay on the server that is connected", () => {
    assert.equal(baseUrl(origin, url, "rtsp://192.168.1.1/Streaming/tracks/101/"), `${origin}/Streaming/tracks/101/`);
    assert.equal(baseUrl(origin, url, undefined), url);
    assert.equal(baseUrl(origin, url, "nonsense"), url);
    assert.equal(controlUrl(origin, url, "rtsp://evil.example/x"), `${origin}/x`);
    assert.equal(controlUrl(origin, url, "/x"), `${origin}/x`);
    assert.equal(sessionUrl(origin, url, "*"), url);
    assert.equal(sessionUrl(origin, url, "rtsp://evil.example/x"), `${origin}/x`);
  });
  it("are appended, and as a second try put before the query", () => {
    assert.equal(controlUrl(origin, url, "trackID=video"), `${url}/trackID=video`);
    assert.equal(controlUrl(origin, `${origin}/a/`, "trackID=1"), `${origin}/a/trackID=1`);
    assert.equal(
      controlUrlInPath(url, "trackID=video"),
      `${origin}/Streaming/tracks/101/trackID=video?starttime=20260101T000000Z`,
    );
    assert.equal(controlUrlInPath(`${origin}/a`, "trackID=1"), undefined);
    assert.equal(controlUrlInPath(url, "rtsp://x/y"), undefined);
  });
});
