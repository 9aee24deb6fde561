import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { createServer, type TlsOptions, type TLSSocket } from "node:tls";
import { systemClock } from "../../src/lib/clock";
import { isHikvisionError } from "../../src/lib/errors";
import { fetchCertificate, normalizeFingerprint, type Tls } from "../../src/http/tls";
import { FakeClock } from "../support/fake-clock";
import { makeCertificate, type CertificateOptions } from "../virtual-device/certificate";
import { deviceHttp, outcomes, times } from "./support";
import { askTrusting } from "./trusting";
import { until } from "../support/until";

const DAY = 24 * 3600 * 1000;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

describe("TLS to a device", () => {
  /** What arrived as requests, and which handshakes resumed a session. */
  let received: string;
  let resumed: boolean[];
  /** The server names asked for; false: none. */
  let names: (string | false | null)[];
  let stop: (() => Promise<void>)[];

  beforeEach(() => {
    received = "";
    resumed = [];
    names = [];
    stop = [];
  });
  afterEach(async () => {
    for (const end of stop.reverse()) await end();
  });

  const serve = async (
    options: TlsOptions & CertificateOptions & { reply?: (request: string) => string } = {},
  ): Promise<{ port: number; pem: string; server: ReturnType<typeof createServer> }> => {
    const { key, cert } = makeCertificate(options);
    const sockets = new Set<TLSSocket>();
    const server = createServer({ key, cert, ...options }, (socket) => {
      sockets.add(socket);
      resumed.push(socket.isSessionReused());
      names.push(socket.servername);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
      socket.on("data", (data: Buffer) => {
        received += data.toString();
        socket.write(options.reply?.(data.toString()) ?? OK);
      });
    });
    server.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stop.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return { port: (server.address() as AddressInfo).port, pem: cert, server };
  };
  const open = (port: number, tls: Tls, host = "127.0.0.1") => {
    const http = deviceHttp(port, "right", { tls, address: { protocol: "https", host, port } });
    stop.push(() => http.close());
    return http;
  };
  const attempt = async (port: number, tls: Tls): Promise<string> => {
    try {
      const reply = await open(port, tls).request({ method: "GET", path: "/" });
      return `status ${reply.statusCode}`;
    } catch (error) {
      assert.ok(isHikvisionError(error), String(error));
      return `${error.code}: ${error.message}`;
    }
  };

  /** Sockets at a server that never says a word. */
  const connected = new Set<Socket>();
  const silent = async (): Promise<number> => {
    const server = createTcpServer((socket) => {
      connected.add(socket);
      socket.on("error", () => undefined).on("close", () => connected.delete(socket));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stop.push(async () => {
      for (const socket of connected) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  };

  describe("verified", () => {
    it("refuses a certificate the device made itself, and sends nothing", async () => {
      const { port } = await serve();
      assert.match(await attempt(port, { mode: "verify" }), /^tls: .*self-signed certificate.*pin it/);
      assert.equal(received, "");
    });

    it("refuses TLS 1.1 and weak keys", async () => {
      const { port } = await serve({
        weak: true,
        minVersion: "TLSv1",
        maxVersion: "TLSv1.1",
        ciphers: "DEFAULT:@SECLEVEL=0",
      });
      assert.match(await attempt(port, { mode: "verify" }), /^tls: .*old TLS versions/);
    });

    describe("from a process that trusts its issuer", () => {
      const cases = [
        ["accepts a trusted one for the device's IP address", "127.0.0.1", {}, /^status 200$/],
        ["accepts a trusted one for the device's name", "localhost", {}, /^status 200$/],
        ["refuses one for another name", "localhost", { dnsName: "camera.example" }, /^tls: .*for another name/],
        [
          "refuses an expired one",
          "127.0.0.1",
          { validFrom: Date.now() - 9 * DAY, validTo: Date.now() - DAY },
          /^tls: .*has expired/,
        ],
        ["refuses one of the future", "127.0.0.1", { validFrom: Date.now() + DAY }, /^tls: .*not valid yet/],
      ] as const;
      let answers: string[];
      let heard: ReadonlyMap<number, string>;

      // One process for all: it takes most of a second.
      before(async () => {
        stop = [];
        const asked = new Map<number, string>();
        const servers = await Promise.all(
          cases.map(([, , certificate], index) =>
            serve({
              ...certificate,
              subject: `device ${index}`,
              reply: (request) => {
                asked.set(index, request);
                return OK;
              },
            }),
          ),
        );
        const targets = servers.map(({ port }, index) => `https://${cases[index]![1]}:${port}`);
        try {
          answers = await askTrusting(
            servers.map(({ pem }) => pem),
            targets,
          );
        } finally {
          for (const end of stop) await end();
        }
        heard = asked;
      });

      cases.forEach(([title, , , expected], index) =>
        it(title, () => {
          assert.match(answers[index] ?? "", expected);
          assert.equal(heard.has(index), expected.source.includes("status"), "nothing is sent to whom it refuses");
        }),
      );
    });
  });

  describe("pinned", () => {
    const spellings = {
      "upper case with colons": (text: string) => text,
      "lower case without colons": (text: string) => text.replaceAll(":", "").toLowerCase(),
      "blanks around and between": (text: string) => ` ${text.replaceAll(":", " ")}\n`,
    };
    for (const [title, spell] of Object.entries(spellings))
      it(`accepts the certificate by its fingerprint in ${title}`, async () => {
        const { port, pem } = await serve();
        const fingerprint = spell(new X509Certificate(pem).fingerprint256);
        assert.equal(await attempt(port, { mode: "pinned", fingerprint }), "status 200");
      });

    it("accepts it though it has expired and is for another name", async () => {
      const { port, pem } = await serve({
        dnsName: "x.example",
        validFrom: Date.now() - 9 * DAY,
        validTo: Date.now() - DAY,
      });
      const { fingerprint256: fingerprint } = new X509Certificate(pem);
      assert.equal(await attempt(port, { mode: "pinned", fingerprint }), "status 200");
    });

    it("refuses any other certificate before a byte of a request is sent", async () => {
      const { port } = await serve();
      const { fingerprint256: fingerprint } = new X509Certificate(makeCertificate().cert);
      assert.match(
        await attempt(port, { mode: "pinned", fingerprint }),
        /^tls: .*another certificate.*Nothing was sent/,
      );
      assert.equal(received, "");
    });

    it("refuses everything when the stored fingerprint is none of SHA-256", async () => {
      const { port } = await serve();
      for (const fingerprint of ["", "AB:CD", "z".repeat(64)])
        assert.match(await attempt(port, { mode: "pinned", fingerprint }), /^tls: .*not a SHA-256 fingerprint/);
      assert.equal(received, "");
    });

    for (const version of ["TLSv1.2", "TLSv1.3"] as const)
      it(`checks every connection: no session is resumed (${version})`, async () => {
        const { port, pem, server } = await serve({ minVersion: version, maxVersion: version });
        const { fingerprint256: fingerprint } = new X509Certificate(pem);
        const http = open(port, { mode: "pinned", fingerprint });
        for (let i = 0; i < 3; i++) assert.equal((await http.request({ method: "GET", path: "/" })).statusCode, 200);
        assert.deepEqual(resumed, [false, false, false]);
        // As when something else takes the device's place, knowing its session keys.
        server.setSecureContext(makeCertificate());
        const sent = received;
        assert.deepEqual(
          await outcomes(times(3, () => http.request({ method: "GET", path: "/" }))),
          times(3, () => "tls"),
        );
        assert.equal(received, sent);
      });

    it("works with a device of 2012: TLS 1.0, 1024-bit RSA, SHA-1", async () => {
      const { port, pem } = await serve({
        weak: true,
        minVersion: "TLSv1",
        maxVersion: "TLSv1",
        ciphers: "DEFAULT:@SECLEVEL=0",
      });
      const { fingerprint256: fingerprint } = new X509Certificate(pem);
      assert.equal(await attempt(port, { mode: "pinned", fingerprint }), "status 200");
      assert.equal(await attempt(port, { mode: "insecure" }), "status 200");
    });
  });

  it("unchecked accepts any certificate", async () => {
    const { port } = await serve({ validFrom: Date.now() - 9 * DAY, validTo: Date.now() - DAY });
    assert.equal(await attempt(port, { mode: "insecure" }), "status 200");
  });

  it("names the host in the handshake, but never an IP address", async () => {
    const { port } = await serve();
    for (const host of ["127.0.0.1", "localhost"])
      await open(port, { mode: "insecure" }, host).request({ method: "GET", path: "/" });
    assert.deepEqual(names, [false, "localhost"]);
  });

  it("lets Basic through without a further setting where the certificate is pinned, never where nobody checks it", async () => {
    const { port, pem } = await serve({
      reply: (request) =>
        /^authorization: Basic /im.test(request)
          ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
          : 'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
    });
    assert.match(await attempt(port, { mode: "insecure" }), /^unauthorized: .*certificate is not\s+checked/);
    assert.equal(
      await attempt(port, { mode: "pinned", fingerprint: new X509Certificate(pem).fingerprint256 }),
      "status 200",
    );
  });

  it("is not waited for at close when the handshake hangs", async () => {
    const port = await silent();
    const http = open(port, { mode: "insecure" });
    const pending = outcomes([http.request({ method: "GET", path: "/" })]);
    await until(() => connected.size === 1, "connected");
    await http.close();
    assert.deepEqual(await pending, ["aborted"]);
    await until(() => connected.size === 0, "the half-open connection is closed");
  });

  it("is given up after 10 s when the handshake hangs, for a request and for a certificate", async () => {
    const address = { protocol: "https", host: "127.0.0.1", port: await silent() } as const;
    const clock = new FakeClock();
    const http = deviceHttp(address.port, "right", { tls: { mode: "insecure" }, address, clock });
    stop.push(() => http.close());
    const pending = outcomes([
      http.request({ method: "GET", path: "/", timeoutMs: 60_000 }),
      fetchCertificate(address, { clock }),
    ]);
    await until(() => connected.size === 2, "connected");
    await clock.advance(10_000);
    assert.deepEqual(await pending, ["timeout", "timeout"]);
    await until(() => connected.size === 0, "closed");
    assert.equal(clock.pending, 0);
  });

  it("works for streams as for commands", async () => {
    const { port } = await serve();
    const http = open(port, { mode: "insecure" });
    const { body } = await http.openEndless({ method: "GET", path: "/" });
    assert.equal(Buffer.concat((await body.toArray()) as Buffer[]).toString(), "ok");
    const { port: untrusted } = await serve();
    const strict = open(untrusted, { mode: "verify" });
    assert.deepEqual(await outcomes([strict.openEndless({ method: "GET", path: "/" })]), ["tls"]);
  });

  describe("fetching a certificate", () => {
    it("tells subject, issuer, dates and the fingerprint that pins it", async () => {
      const { port, pem } = await serve({ validFrom: Date.UTC(2020, 0, 2, 3, 4, 5), validTo: Date.UTC(2021, 0, 1) });
      const certificate = await fetchCertificate(
        { protocol: "https", host: "127.0.0.1", port },
        { clock: systemClock },
      );
      assert.deepEqual(certificate, {
        subject: "CN=virtual-device",
        issuer: "CN=virtual-device",
        validFrom: "2020-01-02T03:04:05.000Z",
        validTo: "2021-01-01T00:00:00.000Z",
        fingerprint: new X509Certificate(pem).fingerprint256,
      });
      assert.equal(await attempt(port, { mode: "pinned", fingerprint: certificate.fingerprint }), "status 200");
    });

    it("can be aborted", async () => {
      const controller = new AbortController();
      const address = { protocol: "https", host: "127.0.0.1", port: await silent() } as const;
      const pending = outcomes([fetchCertificate(address, { clock: systemClock, signal: controller.signal })]);
      controller.abort();
      assert.deepEqual(await pending, ["aborted"]);
    });

    it("says when nothing answers there", async () => {
      const { port, server } = await serve();
      await new Promise((resolve) => server.close(resolve));
      const address = { protocol: "https", host: "127.0.0.1", port } as const;
      assert.deepEqual(await outcomes([fetchCertificate(address, { clock: systemClock })]), ["offline"]);
    });
  });
});

describe("a fingerprint", () => {
  const hex = "ab".repeat(32);
  it("is read however it is pasted", () => {
    for (const text of [hex, hex.toUpperCase(), hex.replace(/..(?=.)/g, "$&:"), `${hex.replace(/..(?=.)/g, "$& ")}\n`])
      assert.equal(normalizeFingerprint(text), Array(32).fill("AB").join(":"));
  });
  it("is none if it is not 32 bytes of hex", () => {
    for (const text of ["", "ab", "ab".repeat(20), "zz".repeat(32)])
      assert.equal(normalizeFingerprint(text), undefined);
  });
});
