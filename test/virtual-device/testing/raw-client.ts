/** A client made by hand, to say wrong things on purpose. Tests of the device use it; nothing else should. */
import { createHash } from "node:crypto";
import { Agent, request, type ClientRequest, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import type { VirtualDevice } from "../device";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
}

function start(device: VirtualDevice, path: string, { method = "GET", headers, agent }: RawRequest): ClientRequest {
  const options = { host: device.host, port: device.port, path, method, headers, agent, rejectUnauthorized: false };
  return device.secure ? requestTls({ ...options, agent: undefined }) : request(options);
}

/** One request as given, without any login. */
export function send(device: VirtualDevice, path: string, options: RawRequest = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = start(device, path, options);
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }),
      );
    });
    outgoing.end(options.body);
  });
}

/** The fields of a challenge; of the `index`-th when there are several. */
export function challengeOf(reply: Reply, index = 0): Readonly<Record<string, string>> {
  const header = reply.headers["www-authenticate"] ?? "";
  const part = header.split(/\b(?=Digest |Basic )/i).filter(Boolean)[index] ?? "";
  return Object.fromEntries([...part.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));
}

export interface Answering {
  readonly username: string;
  readonly password: string;
  readonly method?: string;
  readonly uri: string;
  readonly nc?: number;
  /** Fields to send otherwise than they were hashed; undefined leaves one out. */
  readonly override?: Readonly<Record<string, string | undefined>>;
}

/** An Authorization header for that challenge. */
export function answer(challenge: Readonly<Record<string, string>>, options: Answering): string {
  const { username, password, method = "GET", uri, nc = 1, override = {} } = options;
  const algorithm = challenge["algorithm"] ?? "MD5";
  const name =
    { MD5: "md5", "SHA-256": "sha256", "SHA-512-256": "sha512-256" }[algorithm.replace("-sess", "")] ?? "md5";
  const hash = (text: string): string => createHash(name).update(text).digest("hex");
  const { realm = "", nonce = "", qop } = challenge;
  const cnonce = "c1b2a3f4";
  const count = nc.toString(16).padStart(8, "0");
  let ha1 = hash(`${username}:${realm}:${password}`);
  if (algorithm.endsWith("-sess")) ha1 = hash(`${ha1}:${nonce}:${cnonce}`);
  const ha2 = hash(`${method}:${uri}`);
  const response = hash(
    qop === undefined ? `${ha1}:${nonce}:${ha2}` : `${ha1}:${nonce}:${count}:${cnonce}:auth:${ha2}`,
  );
  const fields: Record<string, string | undefined> = {
    username,
    realm,
    nonce,
    uri,
    response,
    opaque: challenge["opaque"],
    algorithm: challenge["algorithm"],
    ...(qop !== undefined && { cnonce, qop: "auth", nc: count }),
    ...override,
  };
  const bare = new Set(["algorithm", "qop", "nc"]);
  const list = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [bare.has(key) ? `${key}=${value}` : `${key}="${value}"`],
  );
  return `Digest ${list.join(", ")}`;
}

/** A request with the right login: challenge, then answer. */
export async function login(device: VirtualDevice, path: string, options: RawRequest = {}): Promise<Reply> {
  return send(device, path, {
    ...options,
    headers: { ...options.headers, authorization: await ticket(device, path, options.method) },
  });
}

/** An Authorization header for one request. */
export async function ticket(device: VirtualDevice, path: string, method = "GET"): Promise<string> {
  const challenge = challengeOf(await send(device, path, { method }));
  return answer(challenge, { username: device.username, password: device.password, method, uri: path });
}

export const ALERT_STREAM = "/ISAPI/Event/notification/alertStream";

/** An open alert stream, and what has come over it. */
export class RawStream {
  received = Buffer.alloc(0);
  ended = false;
  readonly #waiting = new Set<() => void>();

  private constructor(
    readonly response: IncomingMessage,
    readonly outgoing: ClientRequest,
  ) {
    response.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#tell();
    });
    response.on("error", () => undefined);
    response.on("close", () => {
      this.ended = true;
      this.#tell();
    });
  }

  static async open(device: VirtualDevice, path = ALERT_STREAM): Promise<RawStream> {
    const authorization = await ticket(device, path);
    return new Promise((resolve, reject) => {
      const outgoing = start(device, path, { headers: { authorization }, agent: new Agent() });
      outgoing.on("error", reject);
      outgoing.on("response", (response) => resolve(new RawStream(response, outgoing)));
      outgoing.end();
    });
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get text(): string {
    return this.received.toString("latin1");
  }

  /** Resolves when what came fits. */
  async until(fits: (stream: this) => boolean): Promise<void> {
    while (!fits(this)) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  close(): void {
    this.outgoing.destroy();
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
