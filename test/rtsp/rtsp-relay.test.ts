/* eslint-disable @typescript-eslint/no-unnecessary-condition -- what a server's callbacks set */
/** The relay between ffmpeg and a device: what it lets through, and what it never tells anybody. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemChance, systemClock } from "../../src/lib/clock";
import { StreamFile } from "../../src/record/stream-file";
import { RtspRelay, type RtspRelayOptions } from "../../src/rtsp/rtsp-relay";
import { withCredentials } from "../../src/rtsp/urls";
import { has, without } from "../support/left-out";
import { ScriptedRtspServer, type Script } from "../support/rtsp/scripted";
import { until } from "../support/until";

const LOGIN = { username: "admin", password: "pa ss@#%:/?'ü" };
const PATH = "/Streaming/Channels/101?transportmode=unicast";
const DIGEST = 'WWW-Authenticate: Digest realm="IP Camera(A1)", nonce="abc", stale="FALSE"';
const BASIC = 'WWW-Authenticate: Basic realm="IP Camera(A1)"';
const OK = { head: ["RTSP/1.0 200 OK", "Public: OPTIONS, DESCRIBE"] };

/** The password as it could be seen in any form on the way. */
const secrets = [
  LOGIN.password,
  encodeURIComponent(LOGIN.password),
  Buffer.from(`admin:${LOGIN.password}`).toString("base64"),
];

const md5 = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");

describe("the relay for a device's video", () => {
  let relay: RtspRelay | undefined;
  let player: Socket | undefined;
  let heard = "";

  const urlOf = (server: ScriptedRtspServer): string =>
    withCredentials(`rtsp://127.0.0.1:${server.port}${PATH}`, LOGIN);

  async function open(server: ScriptedRtspServer, options: Partial<RtspRelayOptions> = {}): Promise<RtspRelay> {
    const common = { basic: false, tls: { mode: "insecure" }, clock: systemClock, chance: systemChance } as const;
    relay = await RtspRelay.open(urlOf(server), { ...common, ...options }, new AbortController().signal);
    return relay;
  }

  async function play({ url }: RtspRelay): Promise<Socket> {
    heard = "";
    player = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => undefined);
    player.on("data", (chunk) => (heard += chunk.toString("latin1")));
    await once(player, "connect");
    return player;
  }

  async function ask(method: string, sequence: number, url = relay?.url ?? ""): Promise<void> {
    player?.write(`${method} ${url} RTSP/1.0\r\nCSeq: ${sequence}\r\nUser-Agent: player\r\n\r\n`);
    await until(() => heard.includes(`CSeq: ${sequence}\r\n`) || player?.closed === true, "an answer");
  }

  afterEach(() => {
    player?.destroy();
    relay?.close();
  });

  it("logs in by digest, once, and the player sees neither challenge nor answer", async () => {
    await using device = await ScriptedRtspServer.start(({ authorization }) =>
      authorization === undefined ? { head: ["RTSP/1.0 401 Unauthorized", DIGEST, BASIC] } : OK,
    );
    await play(await open(device));
    await ask("OPTIONS", 7);
    await ask("DESCRIBE", 8);
    assert.match(
      heard,
      /^RTSP\/1\.0 200 OK\r\nCSeq: 7\r\nPublic: OPTIONS, DESCRIBE\r\n\r\nRTSP\/1\.0 200 OK\r\nCSeq: 8/,
    );
    assert.doesNotMatch(heard, /authenticate|authorization/i);
    const uri = `rtsp://127.0.0.1:${device.port}${PATH}`;
    assert.deepEqual(
      device.requests.map(({ method, url }) => [method, url]),
      [
        ["OPTIONS", uri],
        ["OPTIONS", uri],
        ["DESCRIBE", uri],
      ],
    );
    const expected = md5(`${md5(`admin:IP Camera(A1):${LOGIN.password}`)}:abc:${md5(`DESCRIBE:${uri}`)}`);
    assert.match(device.requests[2]?.authorization ?? "", new RegExp(`^Digest .*response="${expected}"`));
  });

  it("renews a nonce that the device lets expire, and sends a refused password no second time", async () => {
    let nonce = 1;
    let right = true;
    await using device = await ScriptedRtspServer.start(({ authorization }) =>
      right && authorization?.includes(`nonce="${nonce}"`) === true
        ? OK
        : { head: ["RTSP/1.0 401 Unauthorized", DIGEST.replace("abc", String(nonce))] },
    );
    await play(await open(device));
    await ask("OPTIONS", 1);
    nonce = 2;
    await ask("OPTIONS", 2);
    assert.equal(device.requests.length, 4);
    right = false;
    await ask("OPTIONS", 3);
    assert.equal(relay?.failure?.code, "unauthorized");
    assert.ok(device.requests.length <= 6, `${device.requests.length} requests`);
  });

  it("takes no Basic unless it is allowed", async () => {
    const script: Script = ({ authorization }) =>
      authorization === undefined ? { head: ["RTSP/1.0 401 Unauthorized", BASIC] } : OK;
    await using device = await ScriptedRtspServer.start(script);
    await play(await open(device));
    await ask("OPTIONS", 1);
    assert.equal(relay?.failure?.code, "unauthorized");
    assert.match(relay?.failure?.message ?? "", /Choose Digest/);
    assert.ok(device.requests.every(({ authorization }) => authorization === undefined));
    await play(await open(device, { basic: true }));
    await ask("OPTIONS", 1);
    assert.match(heard, /200 OK/);
    assert.match(device.requests.at(-1)?.authorization ?? "", /^Basic /);
  });

  for (const status of ["301 Moved", "302 Found", "305 Use Proxy"]) {
    it(`refuses a ${status}, and nobody else is called`, async () => {
      await using other = await ScriptedRtspServer.start(() => OK);
      await using device = await ScriptedRtspServer.start(() => ({
        head: [`RTSP/1.0 ${status}`, `Location: rtsp://admin:x@127.0.0.1:${other.port}/a`],
      }));
      await play(await open(device));
      await ask("DESCRIBE", 1);
      assert.equal(relay?.failure?.code, "notSupported");
      assert.match(relay?.failure?.message ?? "", new RegExp(`127\\.0\\.0\\.1:${other.port} \\(RTSP redirect\\)`));
      assert.equal(heard, "");
      assert.equal(other.connections, 0);
    });
  }

  it("keeps every address in an answer on this computer, whatever host the device gives itself", async () => {
    const body = "v=0\r\na=control:rtsp://10.9.9.9:8554/Streaming/Channels/101/\r\na=control:trackID=1\r\n";
    await using device = await ScriptedRtspServer.start(() => ({
      head: [
        "RTSP/1.0 200 OK",
        "Content-Base: rtsp://evil.example/Streaming/Channels/101/",
        "Content-Type: application/sdp",
      ],
      body,
    }));
    const { url } = await open(device);
    await play({ url } as RtspRelay);
    await ask("DESCRIBE", 1);
    const local = url.slice(0, url.indexOf("/Streaming"));
    assert.doesNotMatch(heard, /evil|10\.9/);
    assert.ok(heard.includes(`Content-Base: ${local}/Streaming/Channels/101/\r\n`));
    assert.ok(heard.includes(`a=control:${local}/Streaming/Channels/101/\r\na=control:trackID=1`));
    assert.equal(Number(/Content-Length: (\d+)/.exec(heard)?.[1]), heard.split("\r\n\r\n")[1]?.length);
    await ask("SETUP", 2, `${local}/Streaming/Channels/101/trackID=1`);
    assert.equal(device.requests[1]?.url, `rtsp://127.0.0.1:${device.port}/Streaming/Channels/101/trackID=1`);
  });

  it("lets in who has the key, and one only", async () => {
    await using device = await ScriptedRtspServer.start(() => OK);
    const { url } = await open(device);
    const port = Number(new URL(url).port);
    for (const wrong of [`rtsp://127.0.0.1:${port}${PATH}`, url.replace(/\/[0-9a-f]{32}/, `/${"0".repeat(32)}`)]) {
      await play({ url } as RtspRelay);
      await ask("DESCRIBE", 1, wrong);
      assert.equal(heard, "");
    }
    assert.equal(device.requests.length, 0);
    await play({ url } as RtspRelay);
    await ask("DESCRIBE", 1);
    assert.match(heard, /200 OK/);
    const second = connect(port, "127.0.0.1");
    const [error] = (await once(second, "error")) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNREFUSED");
  });

  it("passes frames on byte for byte, also in pieces and between messages", async () => {
    await using device = await ScriptedRtspServer.start(() => OK);
    await play(await open(device));
    await ask("PLAY", 1);
    const frames = Buffer.concat(
      [1, 700, 40_000].map((size) =>
        Buffer.concat([Buffer.from([0x24, 0, size >> 8, size & 255]), Buffer.alloc(size, size)]),
      ),
    );
    heard = "";
    for (let at = 0; at < frames.length; at += 9_999) {
      device.send(frames.subarray(at, at + 9_999));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => heard.length >= frames.length, "all frames");
    assert.ok(Buffer.from(heard, "latin1").equals(frames));
  });

  for (const [what, junk] of [
    ["junk", Buffer.alloc(100, 0x80)],
    ["a head without end", Buffer.from("RTSP/1.0 200 OK\r\nX: ".padEnd(60_000, "x"))],
    ["a body larger than any", Buffer.from("RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 99999999\r\n\r\n")],
  ] as const) {
    it(`ends with a typed error where the device sends ${what}`, async () => {
      await using device = await ScriptedRtspServer.start(() => undefined);
      await play(await open(device));
      player?.write(`OPTIONS ${relay?.url ?? ""} RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
      await until(() => device.requests.length === 1, "the request");
      device.send(junk);
      await until(() => relay?.failure !== undefined, "the failure");
      assert.equal(relay?.failure?.code, "protocol");
      await until(() => player?.closed === true, "the end of the player's connection");
    });
  }

  it("asks the player for nothing that the device asks for itself", async () => {
    await using device = await ScriptedRtspServer.start(() => OK);
    await play(await open(device));
    await ask("PLAY", 1);
    heard = "";
    device.send(
      Buffer.from(`REDIRECT rtsp://127.0.0.1/a RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://evil.example/\r\n\r\n`),
    );
    await ask("GET_PARAMETER", 2);
    assert.match(heard, /^RTSP\/1\.0 200 OK\r\nCSeq: 2\r\n/);
  });

  (has("ffmpeg") ? describe : describe.skip)(`with ffmpeg${without("ffmpeg")}`, function () {
    this.timeout(60_000);
    let directory: string;
    beforeEach(async () => {
      directory = await mkdtemp(path.join(tmpdir(), "relay-"));
    });
    afterEach(() => rm(directory, { recursive: true }));

    const record = (server: ScriptedRtspServer): Promise<StreamFile> => {
      const options = { directory, name: "a.mp4", container: "mp4", audio: "copy", clock: systemClock } as const;
      return StreamFile.open({ ...options, url: urlOf(server) }, new AbortController().signal);
    };

    it("never brings the password to the host that a device redirects to", async () => {
      await using thief = await ScriptedRtspServer.start(() => ({ head: ["RTSP/1.0 401 Unauthorized", BASIC] }));
      await using device = await ScriptedRtspServer.start(({ method }) =>
        method === "DESCRIBE"
          ? { head: ["RTSP/1.0 302 Found", `Location: rtsp://127.0.0.1:${thief.port}${PATH}`] }
          : OK,
      );
      await assert.rejects(record(device), { code: "notSupported", message: /RTSP redirect/ });
      assert.equal(thief.connections, 0);
      assert.deepEqual(await readdir(directory), []);
    });

    it("never sends the password in clear to a device that wants Basic", async () => {
      await using device = await ScriptedRtspServer.start(() => ({ head: ["RTSP/1.0 401 Unauthorized", BASIC] }));
      await assert.rejects(record(device), { code: "unauthorized" });
      const told = JSON.stringify(device.requests);
      for (const secret of secrets) assert.ok(!told.includes(secret));
      assert.deepEqual(await readdir(directory), []);
    });

    it("says what the device says: no such channel, no more viewers", async () => {
      for (const [status, code] of [
        ["404 Not Found", "notFound"],
        ["453 Not Enough Bandwidth", "noSlots"],
      ] as const) {
        await using device = await ScriptedRtspServer.start(() => ({ head: [`RTSP/1.0 ${status}`] }));
        await assert.rejects(record(device), { code });
      }
    });
  });
});
