/** A self-signed certificate as devices have one, made with node:crypto alone: a few lines of DER. Once per process. */
import { X509Certificate, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { Tls } from "./listener";

let made: Tls | undefined;

/** For localhost and 127.0.0.1, valid for ten years from yesterday. */
export function selfSigned(): Tls {
  made ??= makeCertificate();
  return made;
}

/** SHA-256 fingerprint of a PEM certificate, as browsers show it: "AB:CD:…". */
export function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}

export interface CertificateOptions {
  /** Who trusts several looks for their issuers by this name. */
  readonly subject?: string;
  readonly dnsName?: string;
  readonly validFrom?: number;
  readonly validTo?: number;
  /** 1024-bit RSA with SHA-1, as firmware of before 2015 has. */
  readonly weak?: boolean;
}

/** A self-signed certificate for 127.0.0.1 and a name. Times are ms since 1970. */
export function makeCertificate(options: CertificateOptions = {}): Tls {
  const day = 24 * 3600 * 1000;
  const {
    subject = "virtual-device",
    dnsName = "localhost",
    validFrom = Date.now() - day,
    validTo = Date.now() + 3650 * day,
    weak,
  } = options;
  const { privateKey, publicKey } = weak
    ? generateKeyPairSync("rsa", { modulusLength: 1024 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(set(sequence(oid(2, 5, 4, 3), tlv(0x0c, Buffer.from(subject)))));
  const signature = weak
    ? sequence(oid(1, 2, 840, 113549, 1, 1, 5), tlv(0x05, Buffer.alloc(0)))
    : sequence(oid(1, 2, 840, 10045, 4, 3, 2));
  const altNames = sequence(tlv(0x82, Buffer.from(dnsName)), tlv(0x87, Buffer.from([127, 0, 0, 1])));
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    signature,
    name,
    sequence(utcTime(validFrom), utcTime(validTo)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(sequence(oid(2, 5, 29, 17), tlv(0x04, altNames)))),
  );
  const signed = sign(weak ? "sha1" : "sha256", body, privateKey);
  const der = sequence(body, signature, tlv(0x03, Buffer.concat([Buffer.from([0]), signed])));
  const lines = der.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

function tlv(tag: number, content: Buffer): Buffer {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function sequence(...items: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(items));
}

function set(...items: readonly Buffer[]): Buffer {
  return tlv(0x31, Buffer.concat(items));
}

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 127];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return tlv(0x17, Buffer.from(`${digits}Z`));
}
