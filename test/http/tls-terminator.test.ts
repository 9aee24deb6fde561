/** nginx in front of a device, as owners put it there: its TLS is not Node's, on neither side of our tests. */
import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { DeviceHttp } from "../../src/http/device-http";
import type { Tls } from "../../src/http/tls";
import { findProgram, has, without } from "../support/left-out";
import { fingerprint, startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { makeCertificate, type CertificateOptions } from "../virtual-device/certificate";
import { RealServer } from "./real-server";
import { deviceHttp, outcomes } from "./support";
import { askTrusting } from "./trusting";

const DAY_MS = 24 * 3600 * 1000;
/** And what a verified connection says to each whose issuer is trusted. A 404 is the device's own: it has nothing at "/". */
const CASES: readonly (CertificateOptions & {
  readonly what: string;
  readonly host: string;
  readonly trusted: RegExp;
})[] = [
  { what: "self-signed", host: "127.0.0.1", trusted: /^status 404$/ },
  {
    what: "expired",
    validFrom: Date.now() - 9 * DAY_MS,
    validTo: Date.now() - DAY_MS,
    host: "127.0.0.1",
    trusted: /^tls: .*has expired/,
  },
  { what: "for another name", dnsName: "camera.example", host: "localhost", trusted: /^tls: .*for another name/ },
];
const PATH = "/ISAPI/System/deviceInfo";

function configuration(
  folder: string,
  port: number,
  device: VirtualDevice,
  tls: { key: string; cert: string },
): string {
  writeFileSync(path.join(folder, "key.pem"), tls.key);
  writeFileSync(path.join(folder, "cert.pem"), tls.cert);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `
    daemon off;
    worker_processes 1;
    pid ${folder}/pid;
    error_log ${folder}/error.log;
    events {}
    http {
      access_log off;
      ${temporary.join("\n")}
      server {
        listen 127.0.0.1:${port} ssl;
        ssl_certificate ${folder}/cert.pem;
        ssl_certificate_key ${folder}/key.pem;
        location / { proxy_pass http://127.0.0.1:${device.port}; proxy_http_version 1.1; proxy_buffering off; }
      }
    }\n`;
}

(has("nginx") ? describe : describe.skip)(`a device behind nginx${without("nginx")}`, () => {
  const behind = CASES.map((one) => ({ ...one, certificate: makeCertificate({ ...one, subject: one.what }) }));
  let device: VirtualDevice;
  let servers: RealServer[];
  let trusting: string[];
  let opened: DeviceHttp[];

  before(async () => {
    device = await startVirtualDevice({ heartbeat: null });
    servers = [];
    for (const { certificate } of behind)
      servers.push(
        await RealServer.start(
          findProgram("nginx") ?? "",
          (file) => ["-p", path.dirname(file), "-c", file, "-e", path.join(path.dirname(file), "error.log")],
          (folder, port) => configuration(folder, port, device, certificate),
          "",
        ),
      );
    // One process for all: it takes most of a second.
    trusting = await askTrusting(
      behind.map(({ certificate }) => certificate.cert),
      behind.map(({ host }, index) => `https://${host}:${servers[index]!.port}`),
      device.password,
    );
  });
  after(async () => {
    await Promise.all(servers.map((nginx) => nginx.stop()));
    await device.close();
  });
  beforeEach(() => {
    opened = [];
  });
  afterEach(() => Promise.all(opened.map((http) => http.close())));

  behind.forEach(({ what, trusted, certificate }, index) =>
    describe(`with a certificate that is ${what}`, () => {
      const get = (tls: Tls): Promise<{ statusCode: number }> => {
        const { password, username } = device;
        const { port } = servers[index]!;
        const address = { protocol: "https", host: "127.0.0.1", port } as const;
        const http = deviceHttp(port, password, { tls, address, credentials: { username, password } });
        opened.push(http);
        return http.request({ method: "GET", path: PATH });
      };

      it("is refused where it is verified, and the device hears nothing", async () => {
        const before = device.requests.length;
        assert.deepEqual(await outcomes([get({ mode: "verify" })]), ["tls"]);
        assert.equal(device.requests.length, before);
      });

      it("is judged by its name and its dates where its issuer is trusted", () => {
        assert.match(trusting[index] ?? "", trusted);
      });

      it("is taken where it is pinned", async () => {
        assert.equal((await get({ mode: "pinned", fingerprint: fingerprint(certificate.cert) })).statusCode, 200);
      });

      it("is refused where another one is pinned, and the device hears nothing", async () => {
        const before = device.requests.length;
        const other = fingerprint(makeCertificate().cert);
        assert.deepEqual(await outcomes([get({ mode: "pinned", fingerprint: other })]), ["tls"]);
        assert.equal(device.requests.length, before);
      });

      it("is taken where any is", async () => {
        assert.equal((await get({ mode: "insecure" })).statusCode, 200);
      });
    }),
  );
});
