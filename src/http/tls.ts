/**
 * How a socket to a device is opened: plain, or TLS that is verified, pinned to one certificate, or openly unchecked.
 * Gives undici its connector and fetches a device's certificate, so that a person can decide to trust it.
 */
import { constants, type X509Certificate } from "node:crypto";
import * as net from "node:net";
import * as tls from "node:tls";
import type { buildConnector } from "undici";
import type { Clock } from "../lib/clock";
import { AbortedError, FatalError, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { DeviceAddress } from "./address";
import { hostNames } from "./host-names";
import { transportError } from "./transport-errors";

export type Tls =
  | { readonly mode: "verify" }
  /** `fingerprint`: SHA-256 of the device's own certificate, hex in any case, with or without colons. */
  | { readonly mode: "pinned"; readonly fingerprint: string }
  | { readonly mode: "insecure" };

/** A certificate as shown to a person who has to decide about it. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601, UTC. */
  readonly validFrom: string;
  readonly validTo: string;
  /** SHA-256, upper-case hex with colons. */
  readonly fingerprint: string;
}

export interface ConnectorOptions {
  readonly clock: Clock;
  /** Told of every socket as soon as it exists, so that its owner can end it while it connects. */
  readonly onSocket: (socket: net.Socket) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** A device that lost power must not hold its socket for ever. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Old firmware knows only TLS 1.0, SHA-1 certificates, 1024-bit keys or renegotiation of before 2010. Where the certificate is
 * pinned or unchecked anyway, refusing these would only drive people to plain HTTP; where it is verified, Node's rules stand.
 */
let lenient: tls.SecureContext | undefined;
const lenientContext = (): tls.SecureContext =>
  (lenient ??= tls.createSecureContext({
    minVersion: "TLSv1",
    ciphers: "DEFAULT:@SECLEVEL=0",
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  }));
let strict: tls.SecureContext | undefined;
const strictContext = (): tls.SecureContext => (strict ??= tls.createSecureContext());

/** Opens sockets for undici. TLS: every handshake is a full one, and the
 * certificate is checked before the first byte of a request (a resumed session would show none). */
export function connector(address: DeviceAddress, mode: Tls, options: ConnectorOptions): buildConnector.connector {
  return (_origin, done) => {
    const socket = address.protocol === "https" ? tls.connect(tlsOptions(address, mode)) : connectTcp(address);
    options.onSocket(socket);
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);

    const timer = options.clock.after(CONNECT_TIMEOUT_MS, () => socket.destroy(connectTimeout(address)));
    let pending = true;
    const settle = (error: Error | undefined): void => {
      if (!pending) return;
      pending = false;
      timer.cancel();
      if (error) {
        hostNames.forget(address.host);
        done(error, null);
      } else done(null, socket);
    };
    socket.on("error", settle);
    socket.once("close", () =>
      settle(new RetryableError("offline", say`${address.host} closed the connection at once.`)),
    );
    if (socket instanceof tls.TLSSocket) {
      socket.once("secureConnect", () => {
        const refusal = mode.mode === "pinned" ? pinMismatch(socket, mode.fingerprint, address) : undefined;
        if (refusal) socket.destroy(refusal);
        else settle(undefined);
      });
    } else socket.once("connect", () => settle(undefined));
  };
}

/** The certificate that a device shows, unchecked. Fails with the errors of any connection. */
export async function fetchCertificate(
  address: DeviceAddress,
  { signal, clock }: { readonly signal?: AbortSignal; readonly clock: Clock },
): Promise<Certificate> {
  if (signal?.aborted) throw new AbortedError();
  const socket = tls.connect(tlsOptions(address, { mode: "insecure" }));
  const timer = clock.after(CONNECT_TIMEOUT_MS, () => socket.destroy(connectTimeout(address)));
  const onAbort = (): void => void socket.destroy(new AbortedError());
  signal?.addEventListener("abort", onAbort);
  try {
    return await new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () =>
        reject(new RetryableError("offline", say`${address.host} closed the connection at once.`)),
      );
      socket.once("secureConnect", () => {
        const certificate = socket.getPeerX509Certificate();
        if (certificate) resolve(describe(certificate));
        else reject(new FatalError("tls", say`${address.host} shows no certificate.`));
      });
    });
  } catch (error) {
    throw signal?.aborted ? new AbortedError() : transportError(error, address);
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", onAbort);
    socket.on("error", () => undefined).destroy();
  }
}

/** A fingerprint as a person may paste it → upper-case hex with colons; undefined if it is none of SHA-256. */
export function normalizeFingerprint(text: string): string | undefined {
  const hex = text.replace(/[\s:.-]/g, "").toUpperCase();
  return /^[0-9A-F]{64}$/.test(hex) ? hex.replace(/..(?=.)/g, "$&:") : undefined;
}

function pinMismatch(socket: tls.TLSSocket, fingerprint: string, { host }: DeviceAddress): Error | undefined {
  const expected = normalizeFingerprint(fingerprint);
  if (expected === undefined)
    return new FatalError(
      "tls",
      say`The fingerprint stored for ${host} is not a SHA-256 fingerprint. Fetch the device's certificate again.`,
    );
  if (socket.getPeerX509Certificate()?.fingerprint256 === expected) return undefined;
  return new FatalError(
    "tls",
    say`${host} shows another certificate than the trusted one. If it was renewed or the device reset, trust the new one
      in the device's settings; if not, something else answers in its place. Nothing was sent.`,
  );
}

function tlsOptions(address: DeviceAddress, { mode }: Tls): tls.ConnectionOptions {
  return {
    host: address.host,
    port: address.port,
    lookup: hostNames.lookup,
    // An IP address is checked against the certificate's addresses and must not be sent as a name.
    ...(net.isIP(address.host) ? {} : { servername: address.host }),
    ALPNProtocols: ["http/1.1"],
    secureContext: mode === "verify" ? strictContext() : lenientContext(),
    rejectUnauthorized: mode === "verify",
  };
}

function connectTcp({ host, port }: DeviceAddress): net.Socket {
  return net.connect({ host, port, lookup: hostNames.lookup });
}

function connectTimeout({ host, port }: DeviceAddress): Error {
  return transportError({ code: "UND_ERR_CONNECT_TIMEOUT" }, { protocol: "http", host, port });
}

function describe(certificate: X509Certificate): Certificate {
  return {
    subject: certificate.subject.replaceAll("\n", ", "),
    issuer: certificate.issuer.replaceAll("\n", ", "),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
    fingerprint: certificate.fingerprint256,
  };
}
