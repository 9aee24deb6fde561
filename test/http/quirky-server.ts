/**
 * A small HTTP server that verifies Digest and Basic and misbehaves as told: an oracle for login and transport tests.
 * Own code throughout: nothing of src/ is used, so that a fault there cannot hide here.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** "anonymous": no Authorization header at all. */
  readonly verdict: "anonymous" | "open" | "ok" | "wrong" | "spent" | "stale";
  readonly nonce?: string;
  readonly nc?: number;
  readonly scheme?: string;
}

export interface Quirks {
  readonly password?: string;
  readonly username?: string;
  readonly algorithm?: "MD5" | "MD5-sess" | "SHA-256" | "SHA-256-sess" | "SHA-512-256";
  /** Default "auth"; null: RFC 2069. */
  readonly qop?: string | null;
  readonly basic?: boolean;
  /** How often a nonce is good. */
  readonly nonceUses?: number;
  /** WWW-Authenticate instead of the usual one. */
  readonly challenge?: (nonce: string, stale: boolean, verdict: string) => string | string[] | undefined;
  readonly authenticationInfo?: () => string;
  readonly body401?: (verdict: string) => string;
  readonly needsLogin?: (path: string) => boolean;
  /** Before anything is judged; true: it has dealt with the request. */
  readonly before?: (request: IncomingMessage, response: ServerResponse, seen: Seen) => boolean | Promise<boolean>;
  /** The answer to an accepted request; default "hello". */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => void;
}

const HASHES: Record<string, string> = { MD5: "md5", "SHA-256": "sha256", "SHA-512-256": "sha512-256" };
const REALM = 'IP "Camera" (C1)';

export class QuirkyServer {
  readonly requests: Seen[] = [];
  readonly sockets = new Set<Socket>();
  /** Connections ever accepted. */
  connections = 0;
  quirks: Quirks;
  readonly #uses = new Map<string, number>();
  readonly #expired = new Set<string>();
  readonly #server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void this.#serve(request, response, Buffer.concat(chunks).toString()));
  });

  constructor(quirks: Quirks = {}) {
    this.quirks = quirks;
    this.#server.on("connection", (socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => this.sockets.delete(socket));
    });
  }

  static async start(quirks?: Quirks): Promise<QuirkyServer> {
    const server = new QuirkyServer(quirks);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get authorized(): readonly Seen[] {
    return this.requests.filter(({ verdict }) => verdict !== "anonymous" && verdict !== "open");
  }

  get verdicts(): readonly string[] {
    return this.requests.map(({ verdict }) => verdict);
  }

  /** Every nonce given out so far is too old: 401 with stale=true. */
  expire(): void {
    for (const nonce of this.#uses.keys()) this.#expired.add(nonce);
  }

  /** As after a reboot: knows no nonce any more. */
  forget(): void {
    this.#uses.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const { authorization } = request.headers;
    const { method = "", url = "" } = request;
    const verdict = this.#judge(method, url, authorization);
    const fields = parse(authorization ?? "");
    const seen: Seen = {
      method,
      path: url,
      body,
      verdict,
      ...(authorization === undefined ? {} : { scheme: authorization.split(" ")[0] ?? "" }),
      ...(fields["nonce"] === undefined ? {} : { nonce: fields["nonce"] }),
      ...(fields["nc"] === undefined ? {} : { nc: parseInt(fields["nc"], 16) }),
    };
    this.requests.push(seen);
    if (await this.quirks.before?.(request, response, seen)) return;
    if (verdict === "ok" || verdict === "open") {
      const info = this.quirks.authenticationInfo?.();
      if (info !== undefined) response.setHeader("Authentication-Info", info);
      if (this.quirks.answer) this.quirks.answer(request, response);
      else response.end("hello");
      return;
    }
    const challenge = this.#challenge(verdict);
    if (challenge !== undefined) response.setHeader("WWW-Authenticate", challenge);
    response.statusCode = 401;
    response.end(this.quirks.body401?.(verdict) ?? "<html>401</html>");
  }

  /** A nonce that the server will know. */
  issue(): string {
    const nonce = randomBytes(12).toString("hex");
    this.#uses.set(nonce, 0);
    return nonce;
  }

  #challenge(verdict: string): string | string[] | undefined {
    const { algorithm, qop = "auth", basic, challenge } = this.quirks;
    const nonce = this.issue();
    const stale = verdict === "stale";
    if (challenge) return challenge(nonce, stale, verdict);
    if (basic) return `Basic realm="${REALM.replaceAll('"', '\\"')}"`;
    const parts = [
      `realm="${REALM.replaceAll('"', '\\"')}"`,
      `nonce="${nonce}"`,
      `stale="${stale ? "TRUE" : "FALSE"}"`,
    ];
    if (algorithm) parts.push(`algorithm="${algorithm}"`);
    if (qop !== null) parts.unshift(`qop="${qop}"`);
    return `Digest ${parts.join(", ")}`;
  }

  #judge(method: string, url: string, authorization: string | undefined): Seen["verdict"] {
    const {
      username = "admin",
      password = "right",
      algorithm,
      qop = "auth",
      basic,
      nonceUses = Infinity,
    } = this.quirks;
    if (this.quirks.needsLogin?.(url) === false) return "open";
    if (authorization === undefined) return "anonymous";
    if (authorization.startsWith("Basic "))
      return basic && Buffer.from(authorization.slice(6), "base64").toString() === `${username}:${password}`
        ? "ok"
        : "wrong";

    const given = parse(authorization);
    const nonce = given["nonce"] ?? "";
    const uses = this.#uses.get(nonce);
    if (uses === undefined || uses >= nonceUses) return "spent";
    if (this.#expired.has(nonce)) return "stale";
    this.#uses.set(nonce, uses + 1);

    const [base = "MD5", session] = (algorithm ?? "MD5").split(/(-sess)$/);
    const hash = (text: string): string => createHash(HASHES[base]!).update(text).digest("hex");
    let a1 = hash(`${username}:${REALM}:${password}`);
    if (session) a1 = hash(`${a1}:${nonce}:${given["cnonce"]}`);
    const a2 = hash(`${method}:${url}`);
    const wanted =
      qop === null ? hash(`${a1}:${nonce}:${a2}`) : hash(`${a1}:${nonce}:${given["nc"]}:${given["cnonce"]}:auth:${a2}`);
    const fits =
      given["uri"] === url &&
      given["realm"] === REALM &&
      given["algorithm"] === algorithm &&
      (qop === null
        ? given["qop"] === undefined
        : given["qop"] === "auth" && /^[0-9a-f]{8}$/.test(given["nc"] ?? "")) &&
      given["response"] === wanted;
    return fits ? "ok" : "wrong";
  }
}

function parse(authorization: string): Partial<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [, name, quoted, bare] of authorization.matchAll(/(\w+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]*))/g))
    fields[name!] = quoted === undefined ? bare! : quoted.replace(/\\(.)/g, "$1");
  return fields;
}
