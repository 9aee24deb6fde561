import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { systemChance, systemClock, type Clock } from "../../../src/lib/clock";
import { PartFile } from "../../../src/recordings/download/part-file";
import { Transfer } from "../../../src/recordings/download/transfer";
import { codeOf } from "../../../src/lib/errors";
import { DeviceHttp } from "../../../src/http/device-http";
import { Logins } from "../../../src/http/login";
import { Isapi } from "../../../src/isapi/isapi";
import { say } from "../../../src/lib/sentence";
import {
  archiveOf,
  downloadsOf,
  IMKH,
  PAGES,
  startVirtualDevice,
  type Fault,
  type VirtualDevice,
} from "../../virtual-device";

const BEGIN = Date.parse("2026-05-01T08:00:00Z");
const DOWNLOAD = "/ISAPI/ContentMgmt/download";
/** Longer than a busy machine takes between two pieces. */
const IDLE_MS = 1_500;
/** Pauses between tries pass at once, and are counted. */
const pauses: number[] = [];
const clock: Clock = { ...systemClock, wait: (ms) => Promise.resolve(void pauses.push(ms)) };

describe("a transfer", () => {
  let device: VirtualDevice;
  let http: DeviceHttp;
  let transfer: Transfer;
  let folder: string;
  let uri: string;

  beforeEach(async () => {
    pauses.length = 0;
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-transfer-"));
    device = await startVirtualDevice();
    http = new DeviceHttp({
      identity: { id: "1", name: "Front", host: device.host },
      address: { protocol: "http", host: device.host, port: device.port },
      credentials: { username: device.username, password: device.password },
      tls: { mode: "verify" },
      basic: false,
      logins: new Logins(),
    });
    transfer = new Transfer({ isapi: new Isapi(http, { clock }), clock, chance: systemChance, idleMs: IDLE_MS });
    const media = Buffer.concat([IMKH, Buffer.alloc(200_000, 9)]);
    uri = archiveOf(device).uri(archiveOf(device).add({ startMs: BEGIN, endMs: BEGIN + 60_000, media }));
  });
  afterEach(async () => {
    await http.close();
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The bytes that came, or the code of the failure. */
  async function fetch(playbackUri = uri): Promise<number | string | undefined> {
    const file = new PartFile(path.join(folder, "clip"));
    const wanted = {
      playbackUri,
      purpose: say`the recording`,
      signal: new AbortController().signal,
      onBytes: () => undefined,
    };
    try {
      return (await transfer.fetch(wanted, file)).bytes;
    } catch (error) {
      return codeOf(error) ?? String(error);
    } finally {
      await file.remove();
      assert.deepEqual(readdirSync(folder), []);
    }
  }

  for (const kind of ["stall", "reset", "end"] as const) {
    it(`begins anew after a ${kind}`, async () => {
      downloadsOf(device).trouble = { times: 2, afterBytes: 70_000, kind };
      assert.equal(await fetch(), 200_000 + IMKH.length);
      assert.equal(pauses.length, 2);
    });
  }

  it("gives up after five tries", async () => {
    downloadsOf(device).trouble = { times: 9, afterBytes: 70_000, kind: "end" };
    assert.equal(typeof (await fetch()), "string");
    assert.equal(downloadsOf(device).started.length, 5);
    assert.equal(pauses.length, 4);
  });

  it("gives up after three silences", async () => {
    downloadsOf(device).trouble = { times: 9, afterBytes: 70_000, kind: "stall" };
    assert.equal(await fetch(), "timeout");
    assert.equal(downloadsOf(device).started.length, 3);
  });

  for (const contentLength of [true, false]) {
    it(`cuts off a file that is longer than announced, ${contentLength ? "with" : "without"} its length in the answer`, async () => {
      const downloads = downloadsOf(device);
      Object.assign(downloads, { contentLength, extraBytes: 50_000_000 });
      let most = 0;
      const file = new PartFile(path.join(folder, "clip"));
      const signal = new AbortController().signal;
      const wanted = { playbackUri: uri, purpose: say`it`, signal, onBytes: (n: number) => (most = Math.max(most, n)) };
      await assert.rejects(transfer.fetch(wanted, file), { code: "protocol", message: /more of it than it has/ });
      assert.ok(most < 1_500_000, `${most} bytes came`);
      assert.ok((statSync(file.path, { throwIfNoEntry: false })?.size ?? 0) < 1_500_000);
      assert.equal(downloads.started.length, 1);
      await file.remove();
    });
  }

  it("asks for nothing that a message cannot hold, and stops what turns out to be more", async () => {
    const file = new PartFile(path.join(folder, "clip"));
    const signal = new AbortController().signal;
    const wanted = { purpose: say`it`, signal, onBytes: () => undefined, maxBytes: 1 << 16 };
    await assert.rejects(transfer.fetch({ ...wanted, playbackUri: uri }, file), { code: "badRequest" });
    assert.equal(downloadsOf(device).started.length, 0);
    archiveOf(device).sizes = false;
    await assert.rejects(transfer.fetch({ ...wanted, playbackUri: uri.replace(/&size=\d+/, "") }, file), {
      code: "badRequest",
    });
    assert.equal(downloadsOf(device).started.length, 1);
    await file.remove();
  });

  const refusals: readonly (readonly [string, Fault, string, number])[] = [
    ["a web page in place of the video", PAGES.router, "notIsapi", 3],
    ["an internal error, as a web page", PAGES.html500, "protocol", 5],
    ["nothing", PAGES.empty, "protocol", 5],
    [
      "a status under the name of a video",
      {
        kind: "answer",
        status: 200,
        contentType: "video/mpeg4",
        body: "<ResponseStatus><statusCode>4</statusCode><subStatusCode>lowPrivilege</subStatusCode></ResponseStatus>",
      },
      "forbidden",
      1,
    ],
  ];
  for (const [what, fault, code, most] of refusals) {
    it(`takes ${what} for no recording`, async () => {
      const met = device.fail(new RegExp(`^${DOWNLOAD}`), fault);
      assert.equal(await fetch(), code);
      assert.ok(met.hits <= most * 3, `${met.hits} requests`);
    });
  }

  it("does not send a wrong password twice", async () => {
    device.fail(DOWNLOAD, PAGES.html401, { stage: "login" });
    assert.equal(await fetch(), "unauthorized");
    assert.ok(device.requests.filter(({ credentials }) => credentials).length <= 1);
  });

  it("says disk when the folder goes away", async () => {
    rmSync(folder, { recursive: true });
    const file = new PartFile(path.join(folder, "clip"));
    const wanted = {
      playbackUri: uri,
      purpose: say`it`,
      signal: new AbortController().signal,
      onBytes: () => undefined,
    };
    await assert.rejects(transfer.fetch(wanted, file), { code: "disk" });
    assert.equal(downloadsOf(device).started.length, 1);
  });
});
