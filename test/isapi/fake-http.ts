/** A transport that answers from a script: keeps what was asked, answers when told or at once. No sockets. */
import { Readable } from "node:stream";
import type { DeviceIdentity } from "../../src/lib/errors";
import type { HttpReply, HttpRequest, HttpStream } from "../../src/http/device-http";
import { Semaphore } from "../../src/lib/semaphore";
import type { IsapiHttp } from "../../src/isapi/isapi";

export const IDENTITY: DeviceIdentity = { id: "d1", name: "Gate", host: "10.0.0.7" };

type Headers = HttpReply["headers"];
export type Answer = HttpReply | Error | Promise<HttpReply>;

export function reply(statusCode: number, body: string | Buffer = "", headers: Headers = {}): HttpReply {
  return { statusCode, headers, body: Buffer.from(body) };
}

/** A ResponseStatus with the HTTP status that goes with it. */
export function status(statusCode: number, code: number, sub: string, headers: Headers = {}): HttpReply {
  const inner = `<statusCode>${code}</statusCode><statusString>x</statusString><subStatusCode>${sub}</subStatusCode>`;
  return reply(statusCode, `<ResponseStatus version="2.0" xmlns="x">${inner}</ResponseStatus>`, headers);
}

export const BUSY = status(503, 2, "deviceBusy");
export const OK = status(200, 1, "ok");

export class FakeHttp implements IsapiHttp {
  readonly identity = IDENTITY;
  readonly requests: HttpRequest[] = [];
  /** Bodies handed out by `stream`. */
  readonly bodies: Readable[] = [];
  /** Stops that found no connection free. */
  bypassed = 0;
  underWay = 0;
  mostUnderWay = 0;
  readonly #answer: (request: HttpRequest) => Answer;

  readonly #connections: Semaphore;

  constructor(answer: (request: HttpRequest) => Answer, connections = 2) {
    this.#answer = answer;
    this.#connections = new Semaphore(connections);
  }

  /** Answers by path; what is not listed is not supported, as on a device. */
  static of(answers: Readonly<Record<string, Answer>>): FakeHttp {
    return new FakeHttp(({ path }) => answers[path] ?? status(403, 4, "notSupport"));
  }

  get paths(): string[] {
    return this.requests.map(({ path }) => path);
  }

  request(request: HttpRequest): Promise<HttpReply> {
    if (request.lane === "stop" && !this.#connections.hasRoom) {
      this.bypassed += 1;
      return this.#send(request);
    }
    return this.#connections.run(() => this.#send(request), request.waiting);
  }

  async #send(request: HttpRequest): Promise<HttpReply> {
    this.requests.push(request);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      const answer = await this.#answer(request);
      if (answer instanceof Error) throw answer;
      return answer;
    } finally {
      this.underWay -= 1;
    }
  }

  async stream(request: HttpRequest): Promise<HttpStream> {
    const { body, ...rest } = await this.#send(request);
    const stream = Readable.from([body]);
    this.bodies.push(stream);
    return { ...rest, body: stream };
  }
}
