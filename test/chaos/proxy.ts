/** Stands between a node and its virtual device, passes everything on, and does one fault to the requests it is told. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import type { Clock, Timer } from "../../src/lib/clock";
import type { Act, Fault, Reply } from "./faults";

/** Far more than any answer may have: the largest are pictures, of 16 MiB. */
const OVERSIZED_BYTES = 40 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 0x41);
const JUNK = Buffer.from(Array.from({ length: 997 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff));
const HEAD_END = "\r\n\r\n";

export class FaultProxy {
  /** Grows with every byte and connection. */
  moved = 0;
  /** Requests since the fault was armed, whatever they were for. */
  requests: string[] = [];
  connections = 0;
  /** Requests and connections that met the fault. */
  hits = 0;
  readonly #server: Server;
  readonly #upstream: number;
  readonly #clock: Clock;
  readonly #links = new Set<Link>();
  #fault: Fault | undefined;
  #where = /(?:)/;
  #port = 0;

  private constructor(upstream: number, clock: Clock) {
    this.#upstream = upstream;
    this.#clock = clock;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }

  static async start(upstream: number, clock: Clock): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstream, clock);
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections from the node that are open. */
  get open(): number {
    return this.#links.size;
  }

  /** From now on. Cuts every connection but those whose last request `keep` names; `where`: of the requests that meet it. */
  arm(fault: Fault, where: RegExp, keep?: RegExp): void {
    this.requests = [];
    this.connections = 0;
    this.hits = 0;
    this.#fault = fault;
    this.#where = where;
    this.cut(keep);
    if (fault.moment === "connect" && fault.act === "refused") this.#server.close();
  }

  async lift(): Promise<void> {
    this.#fault = undefined;
    this.cut();
    if (!this.#server.listening) await this.#listen();
  }

  cut(keep?: RegExp): void {
    for (const link of [...this.#links]) if (!keep?.test(link.target)) link.cut();
  }

  /** Off the network. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  #accept(client: Socket): void {
    this.connections += 1;
    this.moved += 1;
    const link = new Link(client, this.#clock, () => (this.moved += 1));
    this.#links.add(link);
    client.once("close", () => {
      this.#links.delete(link);
      this.moved += 1;
    });
    const fault = this.#fault;
    if (fault?.moment === "connect") {
      this.hits += 1;
      link.act(fault.act, JUNK);
      return;
    }
    link.serve(this.#upstream, (target) => {
      this.requests.push(target);
      if (!this.#fault || !this.#where.test(target)) return undefined;
      this.hits += 1;
      return this.#fault;
    });
  }
}

/** One connection from the node, and the one to the device that answers it. */
class Link {
  /** Of its last request. */
  target = "";
  readonly #client: Socket;
  readonly #clock: Clock;
  readonly #moved: () => void;
  #upstream: Socket | undefined;
  #drip: Timer | undefined;
  #gone = false;
  /** What the device answers goes through it. */
  #answer: (data: Buffer) => void = (data) => this.#write(data);

  constructor(client: Socket, clock: Clock, moved: () => void) {
    this.#client = client;
    this.#clock = clock;
    this.#moved = moved;
    client.on("error", () => undefined);
    client.once("close", () => {
      this.#gone = true;
      this.#drip?.cancel();
      this.#upstream?.destroy();
    });
  }

  cut(): void {
    this.#client.destroy();
  }

  serve(port: number, faultOf: (target: string) => Fault | undefined): void {
    const upstream = (this.#upstream = connect({ port, host: "127.0.0.1", noDelay: true }));
    upstream.on("error", () => undefined);
    upstream.on("data", (data: Buffer) => {
      this.#moved();
      this.#answer(data);
    });
    upstream.once("close", () => this.#client.end());
    let waiting = Buffer.alloc(0);
    let raw = false;
    this.#client.on("data", (data: Buffer) => {
      this.#moved();
      if (raw) {
        upstream.write(data);
        return;
      }
      waiting = Buffer.concat([waiting, data]);
      const request = takeRequest(waiting);
      if (!request) return;
      waiting = waiting.subarray(request.bytes.length);
      const fault = faultOf(request.target);
      this.target = request.target;
      raw = /audioData/.test(request.target);
      this.#take(request.bytes, fault);
    });
    this.#client.once("end", () => upstream.end());
  }

  #take(request: Buffer, fault: Fault | undefined): void {
    this.#answer = (data) => this.#write(data);
    if (!fault || fault.moment === "reboot") {
      this.#upstream?.write(request);
      return;
    }
    if (fault.moment === "answer") {
      this.#write(typeof fault.reply === "string" ? Buffer.from(fault.reply) : encode(fault.reply));
      return;
    }
    if (fault.moment === "wrong type") this.#answer = this.#altered(fault.type);
    else if (fault.moment === "before headers" && fault.act !== "drip") {
      this.act(fault.act, JUNK);
      return;
    } else this.#answer = this.#mangled(fault.moment, fault.act);
    this.#upstream?.write(request);
  }

  /** `rest`: what would have come next. */
  act(act: Act, rest: Buffer): void {
    switch (act) {
      case "reset":
        this.#client.resetAndDestroy();
        break;
      case "end":
        this.#client.end();
        break;
      case "junk":
        this.#write(JUNK);
        this.#client.end();
        break;
      case "drip":
        this.#dripOut(rest);
        break;
      case "oversized":
        this.#pour(OVERSIZED_BYTES);
        break;
      default:
        break;
    }
  }

  /** The device's answer up to the moment, then the act. */
  #mangled(moment: string, act: Act): (data: Buffer) => void {
    let seen = Buffer.alloc(0);
    let over = false;
    return (data) => {
      if (over) return;
      seen = Buffer.concat([seen, data]);
      const head = seen.indexOf(HEAD_END);
      if (head < 0) return;
      const body = seen.subarray(head + HEAD_END.length);
      const length = contentLength(seen.toString("latin1", 0, head));
      if (moment === "before headers") {
        over = true;
        this.act(act, seen);
      } else if (moment === "in headers") {
        over = true;
        const half = head >> 1;
        this.#write(seen.subarray(0, half));
        this.act(act, seen.subarray(half));
      } else if (moment === "in body") {
        if (body.length === 0 && length !== 0) return;
        over = true;
        const changed = lengthChanged(seen.toString("latin1", 0, head), length, act);
        const half = changed.keepsBody ? body.length : body.length >> 1;
        this.#write(Buffer.concat([Buffer.from(changed.head + HEAD_END, "latin1"), body.subarray(0, half)]));
        this.act(act, body.subarray(half));
      } else {
        if (length !== undefined && body.length < length) return;
        over = true;
        this.#write(seen);
        this.act(act, JUNK);
      }
    };
  }

  #altered(type: string): (data: Buffer) => void {
    let seen: Buffer | undefined = Buffer.alloc(0);
    return (data) => {
      if (!seen) {
        this.#write(data);
        return;
      }
      seen = Buffer.concat([seen, data]);
      const head = seen.indexOf(HEAD_END);
      if (head < 0) return;
      const text = seen.toString("latin1", 0, head).replace(/^content-type:.*$/im, `Content-Type: ${type}`);
      this.#write(Buffer.concat([Buffer.from(text, "latin1"), seen.subarray(head)]));
      seen = undefined;
    };
  }

  /** A byte a second, for ever: a fault that ends by itself proves no deadline. */
  #dripOut(rest: Buffer): void {
    let at = 0;
    const timer = (this.#drip = this.#clock.after(1_000, () => {
      this.#write(rest.length > 0 ? rest.subarray(at, at + 1) : Buffer.from("A"));
      at = rest.length > 0 ? (at + 1) % rest.length : 0;
      timer.restart();
    }));
  }

  #pour(left: number): void {
    if (left <= 0 || this.#gone) return;
    this.#moved();
    if (this.#client.write(CHUNK)) setImmediate(() => this.#pour(left - CHUNK.length));
    else this.#client.once("drain", () => this.#pour(left - CHUNK.length));
  }

  #write(data: Buffer): void {
    this.#moved();
    if (this.#client.writable) this.#client.write(data);
  }
}

function takeRequest(data: Buffer): { bytes: Buffer; target: string } | undefined {
  const head = data.indexOf(HEAD_END);
  if (head < 0) return undefined;
  const text = data.toString("latin1", 0, head);
  const end = head + HEAD_END.length + (contentLength(text) ?? 0);
  if (data.length < end) return undefined;
  const [method = "", target = ""] = text.split(" ", 2);
  return { bytes: data.subarray(0, end), target: `${method} ${target}` };
}

function contentLength(head: string): number | undefined {
  const found = /^content-length:[ \t]*(\d+)/im.exec(head)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The head that the act needs, and whether the whole body goes with it. */
function lengthChanged(head: string, length: number | undefined, act: Act): { head: string; keepsBody: boolean } {
  const announce = (bytes: number): string => head.replace(/^content-length:.*$/im, `Content-Length: ${bytes}`);
  if (length === undefined) return { head, keepsBody: false };
  if (act === "longer than announced") return { head: announce(length >> 1), keepsBody: true };
  if (act === "shorter than announced") return { head: announce(length + 1_000), keepsBody: true };
  if (act === "oversized") return { head: announce(length + OVERSIZED_BYTES), keepsBody: false };
  return { head, keepsBody: false };
}

function encode({ status, type, body = "", headers = {} }: Reply): Buffer {
  const lines = [
    `HTTP/1.1 ${status} Whatever`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}${HEAD_END}${body}`);
}
