/**
 * Errors of sockets, TLS and undici → an error of ours with a sentence a camera owner understands. HTTP statuses are not mapped here.
 * Says host and port, never credentials, never undici's own text.
 */
import { say, type Sentence } from "../lib/sentence";
import type { DeviceAddress, HttpMode } from "./address";
import { AbortedError, FatalError, isHikvisionError, RetryableError, type HikvisionError } from "../lib/errors";

/** These come before a connection is there: nothing has been sent. */
const BEFORE_SENDING: ReadonlySet<string> = new Set(
  ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME"].concat("UND_ERR_CONNECT_TIMEOUT"),
);
const notSent = new WeakSet<HikvisionError>();

/** True where it is sure that the device has got nothing of the request. */
export function wasNotSent(error: HikvisionError): boolean {
  return notSent.has(error);
}

/** Any error of the transport as one of ours; ours pass through. `mode`: how strictly the answer was read. */
export function transportError(error: unknown, address: DeviceAddress, mode: HttpMode = "strict"): HikvisionError {
  if (isHikvisionError(error)) return error;
  const explained = explain(error, address, mode);
  if (BEFORE_SENDING.has(errorFields(error).code)) notSent.add(explained);
  return explained;
}

function explain(error: unknown, address: DeviceAddress, mode: HttpMode): HikvisionError {
  const { code, name, message, data } = errorFields(error);
  const at = say`${address.host} port ${address.port}`;
  if (code === "UND_ERR_ABORTED" || name === "AbortError") return new AbortedError();
  if (code === "UND_ERR_INVALID_ARG" || code === "ERR_INVALID_CHAR")
    return new FatalError(
      "badRequest",
      say`The request to ${at} holds characters that HTTP does not allow. Look for line breaks in the user name and in the values sent.`,
    );
  return (
    unreachable(code, at, address) ??
    timedOut(code, at) ??
    tlsFailed(code, message, at) ??
    notHttp(name === "HTTPParserError" ? `HPE_ ${message}` : code, data, at, address, mode) ??
    new RetryableError(
      "offline",
      code ? say`The connection to ${at} failed (${code}).` : say`The connection to ${at} failed.`,
    )
  );
}

function unreachable(code: string, at: Sentence, { host }: DeviceAddress): HikvisionError | undefined {
  switch (code) {
    case "ECONNREFUSED":
      return new RetryableError(
        "offline",
        say`Nothing answers at ${at}: the connection is refused. Is the device on, and is this its HTTP port?`,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
    case "EAI_NODATA":
    case "EAI_NONAME":
      return new RetryableError(
        "offline",
        say`The name ${host} is unknown: no address found for it. Check the spelling and the DNS, or enter the IP address.`,
      );
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
    case "ENETDOWN":
    case "EADDRNOTAVAIL":
      return new RetryableError(
        "offline",
        say`${at} cannot be reached: the network or the device is off. Check cable, address and network.`,
      );
    case "ECONNRESET":
    case "EPIPE":
    case "ECONNABORTED":
    case "UND_ERR_SOCKET":
    case "UND_ERR_CLOSED":
    case "UND_ERR_DESTROYED":
      return new RetryableError(
        "offline",
        say`${at} cut the connection. The device may be restarting or have too many connections.`,
      );
    default:
      return undefined;
  }
}

function timedOut(code: string, at: Sentence): HikvisionError | undefined {
  switch (code) {
    case "UND_ERR_CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return new RetryableError(
        "timeout",
        say`${at} does not answer. Is the device on, the address right, and no firewall in between?`,
      );
    case "UND_ERR_HEADERS_TIMEOUT":
      return new RetryableError("timeout", say`${at} accepted the request but did not answer in time.`);
    case "UND_ERR_BODY_TIMEOUT":
      return new RetryableError("timeout", say`${at} stopped sending in the middle of its answer.`);
    default:
      return undefined;
  }
}

const PIN_HINT = say`Install a trusted certificate on the device, or trust this one (pin it) in the device's settings.`;

/** OpenSSL's messages where both sides have no version, cipher or key size in common. */
const OLD_TLS =
  /unsupported.protocol|handshake.failure|protocol.version|no.(shared.)?ciphers?|key.too.small|md.too.weak|legacy.renegotiation/i;

function tlsFailed(code: string, message: string, at: Sentence): HikvisionError | undefined {
  switch (code) {
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return new FatalError("tls", say`${at} uses a self-signed certificate. ${PIN_HINT}`);
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "CERT_UNTRUSTED":
    case "CERT_REJECTED":
    case "INVALID_CA":
    case "CERT_SIGNATURE_FAILURE":
      return new FatalError(
        "tls",
        say`The certificate of ${at} is from an issuer that is not trusted here. ${PIN_HINT}`,
      );
    case "CERT_HAS_EXPIRED":
      return new FatalError(
        "tls",
        say`The certificate of ${at} has expired. Renew it on the device, check this machine's clock, or pin the certificate.`,
      );
    case "CERT_NOT_YET_VALID":
      return new FatalError(
        "tls",
        say`The certificate of ${at} is not valid yet. Check the clocks of device and machine.`,
      );
    case "CERT_REVOKED":
      return new FatalError("tls", say`The certificate of ${at} was revoked. Install another one on the device.`);
    case "ERR_TLS_CERT_ALTNAME_INVALID":
    case "HOSTNAME_MISMATCH":
      return new FatalError(
        "tls",
        say`The certificate of ${at} is for another name. Use the name in the certificate, or pin the certificate.`,
      );
    default:
      break;
  }
  if (/wrong.version.number|packet length too long|http request/i.test(`${code} ${message}`))
    return new FatalError(
      "tls",
      say`${at} does not speak HTTPS. Choose HTTP, or the device's HTTPS port (usually 443).`,
    );
  if (/^(CERT|CA|EE|CRL|UNABLE|INVALID|PATH|ERROR_IN_CERT)_/.test(code))
    return new FatalError("tls", say`The certificate of ${at} cannot be accepted (${code}). ${PIN_HINT}`);
  if (OLD_TLS.test(`${code} ${message}`))
    return new FatalError(
      "tls",
      say`${at} knows only old TLS versions or weak keys, which are used with a pinned or unchecked certificate only.
        Update its firmware, or change the TLS setting.`,
    );
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code))
    return new RetryableError(
      "protocol",
      say`The secure connection to ${at} failed (${code}). Restart the device if it stays so.`,
    );
  return undefined;
}

/** No HTTP at all; every other complaint of a parser is about HTTP that breaks a rule. */
const NO_HTTP = /^HPE_(INVALID_CONSTANT|.*Expected HTTP)/;

function notHttp(
  code: string,
  data: string,
  at: Sentence,
  address: DeviceAddress,
  mode: HttpMode,
): HikvisionError | undefined {
  if (code === "UND_ERR_HEADERS_OVERFLOW" || code === "HPE_HEADER_OVERFLOW")
    return new RetryableError(
      "protocol",
      say`${at} answered with far too many headers: not what a Hikvision device does.`,
    );
  if (!code.startsWith("HPE_") && code !== "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") return undefined;
  // A TLS alert or handshake record: we spoke plain HTTP to an HTTPS port.
  if (address.protocol === "http" && isTlsRecord(data))
    return new RetryableError(
      "protocol",
      say`${at} speaks HTTPS. Choose HTTPS, or the device's HTTP port (usually 80).`,
    );
  if (/^HPE_.*EOF/.test(code) || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH")
    return new RetryableError("protocol", say`${at} closed the connection in the middle of its answer.`);
  if (mode === "strict" && !NO_HTTP.test(code))
    return new RetryableError(
      "protocol",
      say`${at} answers in HTTP that breaks the rules. If this is the device and not something in its place, set
        "HTTP answers" to "lenient" in the device's settings.`,
    );
  return new RetryableError(
    "protocol",
    say`${at} answers, but not in HTTP. Is this the device's HTTP port, and not its RTSP or SDK port (554, 8000)?`,
  );
}

function isTlsRecord(data: string): boolean {
  return data.charCodeAt(0) >= 0x14 && data.charCodeAt(0) <= 0x17 && data.charCodeAt(1) === 3;
}

/** Code, message and first received bytes; of several attempts (IPv6 and IPv4) the first error counts. */
function errorFields(error: unknown): Record<"code" | "name" | "message" | "data", string> {
  const { code, name, message, data, errors, cause } = (error ?? {}) as Partial<Record<string, unknown>>;
  if (Array.isArray(errors) && errors.length > 0 && typeof code !== "string") return errorFields(errors[0]);
  if (typeof code !== "string" && cause instanceof Error) return errorFields(cause);
  return {
    code: typeof code === "string" ? code : "",
    name: typeof name === "string" ? name : "",
    message: typeof message === "string" ? message : "",
    data: typeof data === "string" ? data : Buffer.isBuffer(data) ? data.toString("latin1", 0, 16) : "",
  };
}
