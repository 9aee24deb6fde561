import assert from "node:assert/strict";
import { RetryableError } from "../../../src/lib/errors";
import { PictureFetcher, type PictureHttp } from "../../../src/events/pictures/fetcher";
import type { DeviceAddress, HttpReply, Tls } from "../../../src/http/device-http";
import { say } from "../../../src/lib/sentence";

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1, 0xff, 0xd9]);
const never = new AbortController().signal;

function setUp(
  options: {
    host?: string;
    at?: Partial<DeviceAddress>;
    tls?: Tls;
    ports?: readonly number[];
    answers?: (HttpReply | Error)[];
    addresses?: Record<string, string[]>;
  } = {},
) {
  const asked: string[] = [];
  const lanes = new Set<string>();
  const closed: string[] = [];
  const conversation = (address: DeviceAddress): PictureHttp => ({
    address,
    tls: options.tls ?? { mode: "verify" },
    request: ({ path, lane = "none" }) => {
      lanes.add(lane);
      asked.push(`${address.protocol}://${address.host}:${address.port}${path}`);
      const next = options.answers?.shift() ?? { statusCode: 200, headers: {}, body: JPEG };
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    close: () => {
      closed.push(`${address.protocol}:${address.port}`);
      return Promise.resolve();
    },
  });
  const fetcher = new PictureFetcher({
    http: conversation({ protocol: "http", host: options.host ?? "192.0.2.7", port: 8080, ...options.at }),
    ports: options.ports ?? [],
    sibling: conversation,
    resolve: (host) => Promise.resolve(options.addresses?.[host] ?? []),
  });
  const fetch = (url: string) => fetcher.fetch({ name: "background", role: "background", url, keys: [] }, never);
  return { asked, lanes, closed, fetch, fetcher };
}

describe("pictures at a URL", () => {
  it("that come as a part are fetched once more, and are none if they come so again", async () => {
    const half = { statusCode: 200, headers: {}, body: JPEG.subarray(0, -2) };
    const again = setUp({ answers: [half] });
    assert.deepEqual((await again.fetch("/p")).data, JPEG);
    assert.equal(again.asked.length, 2);
    const cut = setUp({ answers: [half, half] });
    await assert.rejects(cut.fetch("/p"), {
      code: "protocol",
      message: "The device sent only a part of this picture.",
    });
  });

  for (const [what, url, at, options] of [
    ["a path alone", "/pic/1.jpg?a=b", "http://192.0.2.7:8080/pic/1.jpg?a=b", {}],
    ["the configured address", "http://192.0.2.7:8080/pic/1.jpg", "http://192.0.2.7:8080/pic/1.jpg", {}],
    ["another port that was set up", "http://192.0.2.7/pic/1.jpg", "http://192.0.2.7:80/pic/1.jpg", { ports: [80] }],
    ["HTTPS that was set up", "https://192.0.2.7/pic/1.jpg", "https://192.0.2.7:443/pic/1.jpg", { ports: [443, 80] }],
    [
      "another port behind HTTPS that nobody checks",
      "http://192.0.2.7/pic/1.jpg",
      "http://192.0.2.7:80/pic/1.jpg",
      { at: { protocol: "https", port: 443 }, tls: { mode: "insecure" }, ports: [80] },
    ],
    [
      "the address of the configured name",
      "http://192.0.2.7:8080/p",
      "http://cam.example:8080/p",
      { host: "cam.example", addresses: { "cam.example": ["192.0.2.7"] } },
    ],
  ] as const) {
    it(`are fetched from ${what}`, async () => {
      const { asked, lanes, fetch } = setUp(options as Parameters<typeof setUp>[0]);
      const picture = await fetch(url);
      assert.deepEqual(asked, [at]);
      assert.deepEqual([...lanes], ["background"], "never on the last connection");
      assert.deepEqual(picture, { name: "background", role: "background", contentType: "image/jpeg", data: JPEG, url });
    });
  }

  for (const [what, url] of [
    ["another host", "http://198.51.100.1/p.jpg"],
    ["another host at the device's port", "http://198.51.100.1:8080/p.jpg"],
    ["another host's name at the device's port", "http://evil.example:8080/p.jpg"],
    ["a name that begins like the device, at its port", "http://192.0.2.7.example.com:8080/p.jpg"],
    ["the device as user of another host, at its port", "http://192.0.2.7:8080@198.51.100.1:8080/p.jpg"],
    ["another host behind a backslash", "http:\\\\198.51.100.1:8080\\p.jpg"],
    ["another host, its name in letters of full width", "http://１９８.51.100.1:8080/p.jpg"],
    ["a host that only begins like the device", "http://192.0.2.7.example.com/p.jpg"],
    ["the device's name in the user part", "http://192.0.2.7@198.51.100.1/p.jpg"],
    ["another port", "http://192.0.2.7:9999/p.jpg"],
    ["the usual port, where another was set up", "http://192.0.2.7/p.jpg"],
    ["the usual port of HTTPS", "https://192.0.2.7/p.jpg"],
    ["the same port by another protocol", "https://192.0.2.7:8080/p.jpg"],
    ["a file", "file:///etc/passwd"],
    ["a protocol-relative address", "//198.51.100.1/p.jpg"],
    ["nonsense", "ht!tp:/"],
    ["nothing", ""],
  ] as const) {
    it(`are not asked for at ${what}`, async () => {
      const { asked, fetch } = setUp({ addresses: { "192.0.2.7.example.com": ["192.0.2.7"] } });
      await assert.rejects(fetch(url), { code: "forbidden" });
      assert.deepEqual(asked, []);
    });
  }

  it("say which port to set up", async () => {
    await assert.rejects(setUp().fetch("https://192.0.2.7/p.jpg"), /\(https, port 443\).*"Picture ports"/);
  });

  for (const tls of [{ mode: "pinned", fingerprint: "00" }, { mode: "verify" }] as const)
    it(`are not asked for over plain HTTP where the certificate is checked (${tls.mode}), set up or not`, async () => {
      const { asked, fetch } = setUp({ at: { protocol: "https", port: 443 }, tls, ports: [80] });
      await assert.rejects(fetch("http://192.0.2.7/p.jpg"), { code: "forbidden", message: /plain HTTP/ });
      await fetch("https://192.0.2.7/p.jpg");
      assert.deepEqual(asked, ["https://192.0.2.7:443/p.jpg"]);
    });

  it("are asked for once more after a passing fault, not a third time", async () => {
    const broken = (): Error => new RetryableError("offline", say`Cut.`);
    const once = setUp({ answers: [broken()] });
    assert.equal((await once.fetch("/p")).data?.length, JPEG.length);
    const twice = setUp({ answers: [broken(), broken()] });
    await assert.rejects(twice.fetch("/p"), { code: "offline" });
    assert.equal(twice.asked.length, 2);
  });

  it("are asked for once when they are gone, or forbidden", async () => {
    for (const [statusCode, code] of [
      [404, "notFound"],
      [403, "forbidden"],
      [401, "forbidden"],
    ] as const) {
      const { asked, fetch } = setUp({ answers: [{ statusCode, headers: {}, body: Buffer.alloc(0) }] });
      await assert.rejects(fetch("/p"), { code });
      assert.equal(asked.length, 1);
    }
  });

  it("are pictures by their bytes: a page under 200 is an error", async () => {
    const page = { statusCode: 200, headers: { "content-type": "image/jpeg" }, body: Buffer.from("<html></html>") };
    const { fetch } = setUp({ answers: [page, page] });
    await assert.rejects(fetch("/p"), { code: "protocol" });
  });

  it("close with the conversations opened for them", async () => {
    const { fetch, fetcher, closed } = setUp({ ports: [80, 443] });
    await fetch("http://192.0.2.7/p");
    await fetch("https://192.0.2.7/p");
    await fetch("https://192.0.2.7/q");
    await fetcher.close();
    assert.deepEqual(closed, ["http:80", "https:443"]);
  });
});
