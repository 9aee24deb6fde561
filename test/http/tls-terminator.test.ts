/** nginx in front of a device, as owners put it there: its TLS is not Node's, on neither side of our tests. */
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { DeviceHttp } from "../../src/http/device-http";
import type { Tls } from "../../src/http/tls";
import { findProgram, has, without } from "../support/left-out";
import { fingerprint, startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { makeCertificate, type CertificateOptions } from "../virtual-device/certificate";
import { RealServer } from "./real-server";
import { deviceHttp, outcomes } from "./support";

const DAY_MS = 24 * 3600 * 1000;
const CERTIFICATES: Readonly<Record<string, CertificateOptions>> = {
  "self-signed": {},
  expired: { validFrom: Date.now() - 9 * DAY_MS, validTo: Date.now() - DAY_MS },
  "for another name": { dnsName: "camera.example" },
};
/** What a verified connection says to each whose issuer is trusted. A 404 is the device's own: it has nothing at "/". */
const VERIFIED: Readonly<Record<string, { readonly trusted: RegExp; readonly host: string }>> = {
  "self-signed": { host: "127.0.0.1", trusted: /^status 404$/ },
  expired: { host: "127.0.0.1", trusted: /^tls: .*has expired/ },
  "for another name": { host: "localhost", trusted: /^tls: .*for another name/ },
};
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
  let device: VirtualDevice;
  let opened: DeviceHttp[];

  before(async () => {
    device = await startVirtualDevice({ heartbeat: null });
  });
  after(() => device.close());
  beforeEach(() => {
    opened = [];
  });
  afterEach(() => Promise.all(opened.map((http) => http.close())));

  for (const [what, options] of Object.entries(CERTIFICATES))
    describe(`with a certificate that is ${what}`, () => {
      const certificate = makeCertificate(options);
      const { host, trusted } = VERIFIED[what]!;
      let nginx: RealServer;

      before(async () => {
        nginx = await RealServer.start(
          findProgram("nginx") ?? "",
          (file) => ["-p", path.dirname(file), "-c", file, "-e", path.join(path.dirname(file), "error.log")],
          (folder, port) => configuration(folder, port, device, certificate),
          "",
        );
      });
      after(() => nginx.stop());

      const get = (tls: Tls): Promise<{ statusCode: number }> => {
        const { password, username } = device;
        const address = { protocol: "https", host: "127.0.0.1", port: nginx.port } as const;
        const http = deviceHttp(nginx.port, password, { tls, address, credentials: { username, password } });
        opened.push(http);
        return http.request({ method: "GET", path: PATH });
      };

      it("is refused where it is verified, and the device hears nothing", async () => {
        const before = device.requests.length;
        assert.deepEqual(await outcomes([get({ mode: "verify" })]), ["tls"]);
        assert.equal(device.requests.length, before);
      });

      it("is judged by its name and its dates where its issuer is trusted", async () => {
        const folder = mkdtempSync(path.join(tmpdir(), "tls-"));
        try {
          const file = path.join(folder, "ca.pem");
          writeFileSync(file, certificate.cert);
          const args = ["--require", "tsx/cjs", path.join(__dirname, "tls-client.ts"), host, String(nginx.port)];
          const { stdout } = await promisify(execFile)(process.execPath, args, {
            env: { ...process.env, NODE_EXTRA_CA_CERTS: file, DEVICE_PASSWORD: device.password },
          });
          assert.match(stdout.trim(), trusted);
        } finally {
          await rm(folder, { recursive: true });
        }
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
    });
});
