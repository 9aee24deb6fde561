import { strict as assert } from "node:assert";
import { FatalError } from "../../src/lib/errors";
import { transportError, wasNotSent } from "../../src/http/transport-errors";
import { say } from "../../src/lib/sentence";

const HTTP = { protocol: "http", host: "10.0.0.7", port: 8080 } as const;
const HTTPS = { ...HTTP, protocol: "https" } as const;
const failure = (code: string, message = "internal text"): Error => Object.assign(new Error(message), { code });

describe("a transport error", () => {
  const CASES: [error: unknown, code: string, words: RegExp][] = [
    [failure("ECONNREFUSED"), "offline", /Nothing answers at 10\.0\.0\.7 port 8080: the connection is refused/],
    [failure("ENOTFOUND"), "offline", /The name 10\.0\.0\.7 is unknown/],
    [failure("EAI_AGAIN"), "offline", /name .* is unknown.*DNS/],
    [failure("EHOSTUNREACH"), "offline", /^10\.0\.0\.7 port 8080 cannot be reached/],
    [failure("ENETUNREACH"), "offline", /cannot be reached/],
    [failure("ECONNRESET"), "offline", /cut the connection/],
    [failure("EPIPE"), "offline", /cut the connection/],
    [failure("UND_ERR_SOCKET", "other side closed"), "offline", /cut the connection/],
    [failure("EMFILE"), "offline", /failed \(EMFILE\)/],
    [new Error("something"), "offline", /The connection to 10\.0\.0\.7 port 8080 failed\./],
    [undefined, "offline", /failed\./],
    [failure("ETIMEDOUT"), "timeout", /does not answer.*firewall/],
    [failure("UND_ERR_BODY_TIMEOUT"), "timeout", /stopped sending in the middle/],
    [failure("UND_ERR_HEADERS_TIMEOUT"), "timeout", /did not answer in time/],
    [failure("UND_ERR_ABORTED"), "aborted", /Stopped/],
    [new DOMException("x", "AbortError"), "aborted", /Stopped/],
    [failure("UND_ERR_HEADERS_OVERFLOW"), "protocol", /too many headers/],
    [failure("HPE_INVALID_CONSTANT"), "protocol", /not in HTTP/],
    [failure("UND_ERR_RES_CONTENT_LENGTH_MISMATCH"), "protocol", /closed the connection in the middle/],
    [failure("SELF_SIGNED_CERT_IN_CHAIN"), "tls", /self-signed certificate/],
    [failure("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "tls", /issuer that is not trusted/],
    [failure("CERT_HAS_EXPIRED"), "tls", /has expired/],
    [failure("EE_KEY_TOO_SMALL"), "tls", /cannot be accepted \(EE_KEY_TOO_SMALL\)/],
    [failure("ERR_SSL_WRONG_VERSION_NUMBER"), "tls", /does not speak HTTPS/],
    [failure("EPROTO", "error:0A00010B:SSL routines::wrong version number"), "tls", /does not speak HTTPS/],
    [failure("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"), "tls", /old TLS versions or weak keys/],
    [failure("ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED"), "tls", /old TLS versions/],
    [failure("ERR_SSL_DH_KEY_TOO_SMALL"), "tls", /weak keys/],
    [failure("ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"), "protocol", /secure connection .* failed/],
  ];
  for (const [error, code, words] of CASES)
    it(`${String((error as { code?: unknown } | undefined)?.code)} becomes ${code}, in words`, () => {
      const { code: actual, message } = transportError(error, HTTPS);
      assert.equal(actual, code);
      assert.match(message, words);
      assert.doesNotMatch(message, /internal text/);
    });

  it("of several addresses tells the first one's", () => {
    const error = new AggregateError([failure("ECONNREFUSED"), failure("ENETUNREACH")]);
    assert.match(transportError(error, HTTP).message, /refused/);
  });

  it("may be hidden in a cause", () => {
    assert.equal(transportError(new TypeError("failed", { cause: failure("ETIMEDOUT") }), HTTP).code, "timeout");
  });

  it("that is ours already stays as it is", () => {
    const error = new FatalError("unauthorized", say`No.`);
    assert.equal(transportError(error, HTTP), error);
  });

  it("says of what came before a connection was there that nothing was sent", () => {
    const at = { protocol: "http", host: "192.0.2.1", port: 80 } as const;
    const sent = (code: string): boolean => !wasNotSent(transportError({ code }, at));
    for (const code of ["ECONNREFUSED", "ENOTFOUND", "UND_ERR_CONNECT_TIMEOUT"]) assert.equal(sent(code), false, code);
    for (const code of ["ECONNRESET", "ETIMEDOUT", "EPIPE", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_SOCKET"])
      assert.equal(sent(code), true, code);
  });
});
