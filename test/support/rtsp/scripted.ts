/** An RTSP server that says what a test wants, and remembers what it was told. Sends no video. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface ScriptedRequest {
  readonly method: string;
  readonly url: string;
  readonly sequence: string;
  readonly authorization: string | undefined;
  /** Of this server, from 1. */
  readonly number: number;
}

/** Start line and headers without CSeq, and a body; undefined: no answer. */
export type Script = (request: ScriptedRequest) => { head: readonly string[]; body?: string } | undefined;

export class ScriptedRtspServer {
  readonly requests: ScriptedRequest[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(script: Script) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("error", () => undefined).once("close", () => this.#sockets.delete(socket));
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
        for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
          this.#answer(socket, text.slice(0, end), script);
          text = text.slice(end + 4);
        }
      });
    });
  }

  static async start(script: Script): Promise<ScriptedRtspServer> {
    const server = new ScriptedRtspServer(script);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** To every client, past the script. */
  send(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer(socket: Socket, head: string, script: Script): void {
    const [method = "", url = ""] = head.split(" ");
    const header = (name: string): string | undefined => new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim();
    const request = {
      ...{ method, url, sequence: header("CSeq") ?? "", authorization: header("Authorization") },
      number: this.requests.length + 1,
    };
    this.requests.push(request);
    const answer = script(request);
    if (!answer) return;
    const [start = "", ...headers] = answer.head;
    const length = answer.body === undefined ? [] : [`Content-Length: ${answer.body.length}`];
    const lines = [start, `CSeq: ${request.sequence}`, ...headers, ...length, "", answer.body ?? ""];
    socket.write(lines.join("\r\n"), "latin1");
  }
}
