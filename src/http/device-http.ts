/**
 * All HTTP with one device: pooled commands, streams on connections of their own, one close for everything.
 * Logs in (authenticate.ts), turns transport failures into typed errors, repeats nothing else.
 */
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { systemChance, systemClock, type Chance, type Clock } from "../lib/clock";
import { RetryableError, type DeviceIdentity } from "../lib/errors";
import { say } from "../lib/sentence";
import { authenticate, RefusedPath } from "./authenticate";
import { requestTarget, type DeviceAddress, type HttpMode } from "./address";
import { CommandPool } from "./command-pool";
import type { Credentials } from "./digest";
import { Connection, prepareConnections } from "./connection";
import type { LaneName } from "./lanes";
import { answerDigest, readChallenges } from "./digest";
import type { BasicRule } from "./refusal";
import { logins as allLogins, type Login, type Logins } from "./login";
import { Semaphore } from "../lib/semaphore";
import { RequestScopes, type RequestScope } from "./request-scope";
import { connector, type Tls } from "./tls";
import { transportError } from "./transport-errors";

export type { Credentials } from "./digest";
export type { Tls } from "./tls";
export type { DeviceAddress, HttpMode } from "./address";

export interface DeviceHttpOptions {
  readonly identity: DeviceIdentity;
  readonly address: DeviceAddress;
  readonly credentials: Credentials;
  readonly tls: Tls;
  /** May Basic go over plain HTTP when the device offers nothing else? */
  readonly basic: boolean;
  /** Default "strict". */
  readonly http?: HttpMode;
  readonly clock?: Clock;
  readonly chance?: Chance;
  readonly logins?: Logins;
}

export interface HttpRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Path with query, starting with "/". */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /**
   * `request` only. Ends the wait for a free connection, which then does not count towards `timeoutMs`.
   * Default: `signal` does, and it counts.
   */
  readonly waiting?: AbortSignal;
  /**
   * `request` only. Default: "change". Where no connection is free, a "stop" goes at once, on a connection of its own.
   * The others wait for one, in the order of their lanes.
   */
  readonly lane?: LaneName;
  /** ms, default 10 000. `request`: the whole request; streams: until the headers; `stream` also between bytes. */
  readonly timeoutMs?: number;
  /** `request` only, default 4 MiB. */
  readonly maxBytes?: number;
  /**
   * `request` only: looks at an answer before its body is read. Throws to refuse it; ms give the body a deadline of its own
   * in place of what is left of `timeoutMs`.
   */
  readonly onHead?: (head: HttpHead) => number | undefined;
}

export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface HttpHead {
  readonly statusCode: number;
  readonly headers: HttpHeaders;
}

export interface HttpReply extends HttpHead {
  readonly body: Buffer;
  /** A 401 of a device that accepts the same login elsewhere: only this path is refused. */
  readonly loginAccepted?: true;
}

export interface HttpStream {
  readonly statusCode: number;
  readonly headers: HttpHeaders;
  /** The caller consumes or destroys it; its errors are typed like all others. */
  readonly body: Readable;
  /** As {@link HttpReply.loginAccepted}. */
  readonly loginAccepted?: true;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** Cameras serve few connections at once; the alert stream has one more. */
const MAX_CONNECTIONS = 2;
/** Of stops that found no connection free: more of them wait for each other, and for nothing else. */
const MAX_ALONE = 8;

export class DeviceHttp {
  readonly identity: DeviceIdentity;
  readonly address: DeviceAddress;
  readonly tls: Tls;
  /** Shared with every other DeviceHttp of the same host, port, user and password. */
  readonly login: Login;
  readonly #credentials: Credentials;
  readonly #basic: BasicRule;
  readonly #mode: HttpMode;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #commands = new CommandPool(
    MAX_CONNECTIONS,
    () => this.#open(),
    (connection) => this.#discard(connection),
  );
  readonly #connections = new Set<Connection>();
  /** Those of {@link openSocket}. */
  readonly #sockets = new Set<Socket>();
  readonly #scopes: RequestScopes;
  readonly #lingering = new Set<Promise<void>>();
  /** Of stops that find no connection free. */
  readonly #alones = new Semaphore(MAX_ALONE);
  #closing: Promise<void> | undefined;

  constructor({
    identity,
    address,
    credentials,
    tls,
    basic,
    http = "strict",
    clock = systemClock,
    chance = systemChance,
    logins = allLogins,
  }: DeviceHttpOptions) {
    prepareConnections(http);
    this.identity = identity;
    this.address = address;
    this.login = logins.get(address, credentials);
    this.#credentials = credentials;
    this.#basic = basicRule(address, tls, basic);
    this.#mode = http;
    this.tls = tls;
    this.#clock = clock;
    this.#scopes = new RequestScopes(clock);
    this.#chance = chance;
  }

  /** Would Basic be answered? */
  get mayUseBasic(): boolean {
    return this.#basic === "allowed";
  }

  /** Whom it logs in as. */
  get username(): string {
    return this.#credentials.username;
  }

  /** One command over a pooled connection; the whole body. Never rejects for a status, a refused login apart. */
  request(request: HttpRequest): Promise<HttpReply> {
    return this.#command(request, async (connection, scope) => {
      const reply = await this.#send(connection, request, scope.signal);
      const bodyMs = this.#checkHead(request, reply);
      if (bodyMs !== undefined) scope.setDeadline(bodyMs);
      return { ...reply, body: await this.#collect(reply, request.maxBytes ?? MAX_BYTES) };
    });
  }

  /** A download: its own connection, which ends with the body. `timeoutMs` is also the longest silence between bytes. */
  stream(request: HttpRequest): Promise<HttpStream> {
    return this.#openDedicated(request, request.timeoutMs ?? TIMEOUT_MS);
  }

  /** A stream without end: its own connection, silent for as long as it likes. */
  openEndless(request: HttpRequest): Promise<HttpStream> {
    return this.#openDedicated(request, 0);
  }

  /**
   * A ready Authorization header for a socket of one's own; undefined when the device asks for none.
   * Costs one cheap request, which proves the credentials and renews an old nonce.
   */
  async authorization(method: string, path: string, signal?: AbortSignal): Promise<string | undefined> {
    const probe: HttpRequest = { method: "GET", path: USER_CHECK, ...(signal && { signal }) };
    await this.request(probe);
    const target = requestTarget(path);
    if (!this.login.needsFreshNonces) return this.login.preemptiveHeader(this.#credentials, method, target);
    return this.#command(probe, async ({ client }, { signal }) => {
      const { headers, body } = await client.request({ method: "GET", path: USER_CHECK, signal });
      await body.dump();
      const challenge = readChallenges(headers["www-authenticate"]).digest[0];
      if (challenge) this.login.check(challenge);
      const use = { method, uri: target, count: 1, cnonce: this.#chance.token(16) };
      return challenge && answerDigest(challenge, this.#credentials, use);
    });
  }

  /** A connected socket of one's own, for what HTTP cannot do (two-way audio). Its owner ends it; `close` and the signal cut it. */
  openSocket(signal?: AbortSignal): Promise<Socket> {
    const scope = this.#begin({ method: "GET", path: "/", ...(signal && { signal }) });
    return new Promise<Socket>((resolve, reject) => {
      const onSocket = (socket: Socket): void => {
        this.#sockets.add(socket);
        const cut = (): void => void socket.destroy(scope.signal.reason as Error);
        scope.signal.addEventListener("abort", cut, { once: true });
        socket.once("close", () => this.#sockets.delete(socket));
        if (scope.signal.aborted) cut();
      };
      const connect = connector(this.address, this.tls, { clock: this.#clock, onSocket });
      connect({ hostname: "", protocol: "", port: "" }, (error, socket) => {
        if (socket) resolve(socket);
        else reject(this.#explain(scope.signal.aborted ? scope.signal.reason : error));
      });
    }).finally(() => scope.end());
  }

  /** Cuts everything at once; at most 0.8 s later when a login is just being checked. No socket is left. Repeatable. */
  close(): Promise<void> {
    return (this.#closing ??= this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    this.#scopes.abortAll();
    if (this.#lingering.size > 0) await Promise.all(this.#lingering);
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([...this.#connections].map((connection) => connection.destroy()));
  }

  async #openDedicated(request: HttpRequest, idleMs: number): Promise<HttpStream> {
    const scope = this.#begin(request);
    let connection: Connection | undefined;
    const end = (): void => {
      scope.end();
      if (connection) this.#discard(connection);
    };
    try {
      connection = this.#open();
      const stream = await this.#send(connection, request, scope.signal, idleMs);
      scope.clearDeadline();
      stream.body.on("error", () => undefined); // an abort may come before the caller listens
      stream.body.once("close", end);
      return stream;
    } catch (error) {
      end();
      throw this.#explain(error);
    }
  }

  async #send(
    { client }: Connection,
    { method, path, headers, body, contentType }: HttpRequest,
    signal: AbortSignal,
    bodyTimeout = 0,
  ): Promise<HttpStream> {
    const login = authenticate({
      login: this.login,
      credentials: this.#credentials,
      basic: this.#basic,
      signal,
      clock: this.#clock,
      explain: this.#explain,
      onLinger: this.#onLinger,
    });
    try {
      const reply = await client.compose(login).request({
        method,
        path: requestTarget(path),
        headers: { ...headers, ...(contentType !== undefined && { "content-type": contentType }) },
        body: body ?? null,
        bodyTimeout,
      });
      return { statusCode: reply.statusCode, headers: reply.headers, body: reply.body };
    } catch (error) {
      if (!(error instanceof RefusedPath)) throw error;
      const read = Readable.from(error.body.length > 0 ? [error.body] : []);
      return { statusCode: 401, headers: error.headers, body: read, loginAccepted: true };
    }
  }

  #checkHead({ onHead }: HttpRequest, { statusCode, headers, body }: HttpStream): number | undefined {
    try {
      return onHead?.({ statusCode, headers });
    } catch (error) {
      body.on("error", () => undefined).destroy();
      throw error;
    }
  }

  async #collect({ headers, body, loginAccepted }: HttpStream, maxBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = !loginAccepted && Number(headers["content-length"] ?? 0) > maxBytes ? Infinity : 0;
    if (size === 0)
      for await (const chunk of body) {
        size += (chunk as Buffer).length;
        if (size > maxBytes) break;
        chunks.push(chunk as Buffer);
      }
    if (size <= maxBytes) return Buffer.concat(chunks, size);
    body.on("error", () => undefined).destroy();
    throw new RetryableError(
      "protocol",
      say`${this.address.host} answered with more than ${Math.round(maxBytes / 1024)} KiB, which is more than this request may bring.`,
    );
  }

  async #command<T>(
    request: HttpRequest,
    run: (connection: Connection, scope: RequestScope) => Promise<T>,
  ): Promise<T> {
    const { waiting, lane = "change" } = request;
    const inTime = async (send: (scope: RequestScope) => Promise<T>): Promise<T> => {
      const scope = this.#begin(request);
      try {
        return await send(scope);
      } finally {
        scope.end();
      }
    };
    try {
      if (lane === "stop" && !this.#commands.hasRoom)
        return await inTime((scope) =>
          this.#alones.run(() => this.#alone((connection) => run(connection, scope)), scope.signal),
        );
      return await (waiting
        ? this.#commands.use(waiting, lane, (connection) => inTime((scope) => run(connection, scope)))
        : inTime((scope) => this.#commands.use(scope.signal, lane, (connection) => run(connection, scope))));
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** On a connection that ends with it. */
  async #alone<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.#open();
    try {
      return await run(connection);
    } finally {
      this.#discard(connection);
    }
  }

  #begin({ signal, timeoutMs = TIMEOUT_MS }: HttpRequest): RequestScope {
    const { host, port } = this.address;
    return this.#scopes.begin(signal, timeoutMs, (ms) => {
      const seconds = Math.round(ms / 100) / 10;
      return new RetryableError(
        "timeout",
        say`${host} port ${port} did not answer within ${seconds} s. Is the device on, the address right, and the network fast enough?`,
      );
    });
  }

  #open(): Connection {
    const connection = new Connection(this.address, this.tls, this.#clock, this.#mode);
    this.#connections.add(connection);
    return connection;
  }

  /** Ends a connection; a login being checked over one is waited for. */
  #discard(connection: Connection): void {
    void Promise.all(this.#lingering).then(() => {
      this.#connections.delete(connection);
      return connection.destroy();
    });
  }

  readonly #explain = (error: unknown): Error => transportError(error, this.address, this.#mode).at(this.identity);

  readonly #onLinger = (over: Promise<void>): void => {
    this.#lingering.add(over);
    void over.then(() => this.#lingering.delete(over));
  };
}

function basicRule({ protocol }: DeviceAddress, { mode }: Tls, allowed: boolean): BasicRule {
  if (protocol === "http") return allowed ? "allowed" : "plain";
  return mode === "insecure" ? "unchecked" : "allowed";
}

/** Cheap, knows no side effect, and needs a login on every device seen. */
const USER_CHECK = "/ISAPI/Security/userCheck";
