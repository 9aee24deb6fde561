/** One request on its way through the device: what came, and the few ways of answering. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { VirtualDevice } from "./device";
import { recordRequest, type RecordedRequest } from "./request-log";
import { statusReply, type SubStatus } from "./response-status";
import { PROLOG, rootOf } from "./xml";

export class Exchange {
  readonly path: string;
  readonly query: URLSearchParams;
  /** From the route's pattern. */
  params: Readonly<Record<string, string>> = {};
  readonly recorded: RecordedRequest;

  constructor(
    readonly device: VirtualDevice,
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly body: Buffer,
  ) {
    this.recorded = recordRequest(request, body, device.clock.elapsed());
    const [path = "", query = ""] = this.target.split("?", 2);
    this.path = path;
    this.query = new URLSearchParams(query);
  }

  /** Writes the head and notes the status. */
  head(status: number, headers: OutgoingHttpHeaders): void {
    this.recorded.status = status;
    this.response.writeHead(status, headers);
  }

  /** As on the request line. */
  get target(): string {
    return this.request.url ?? "/";
  }

  get method(): string {
    return this.request.method ?? "GET";
  }

  param(name: string): string {
    return this.params[name] ?? "";
  }

  send(
    status: number,
    contentType: string,
    body: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    const data = typeof body === "string" ? Buffer.from(body) : body;
    this.head(status, { ...headers, "Content-Type": contentType, "Content-Length": data.length });
    this.response.end(data);
  }

  /** Finished XML below the prolog. */
  xml(document: string): void {
    this.send(200, 'application/xml; charset="UTF-8"', PROLOG + document);
  }

  json(value: unknown): void {
    this.send(200, "application/json", JSON.stringify(value, null, "\t"));
  }

  status(sub: SubStatus): void {
    const reply = statusReply(sub, this.target, this.query.get("format") === "json");
    this.send(reply.status, reply.contentType, reply.body);
  }

  /** The body's text if it is XML with that root; else answers as devices do, and gives undefined. */
  xmlBody(root: string): string | undefined {
    const text = this.body.toString("utf8");
    const found = rootOf(text);
    if (found === root) return text;
    this.status(found === undefined ? "badXmlFormat" : "badXmlContent");
    return undefined;
  }
}
