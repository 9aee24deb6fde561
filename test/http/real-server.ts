/** Starts other people's web servers (lighttpd, Apache) on this machine for a test, behind a tap that counts logins. */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A line of an htdigest users file, its hash as wide as the algorithm's. */
export function digestUser(
  username: string,
  realm: string,
  password: string,
  hash: "md5" | "sha256" | "sha512-256",
): string {
  return `${username}:${realm}:${createHash(hash).update(`${username}:${realm}:${password}`).digest("hex")}\n`;
}

export class RealServer {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #tap: Server;
  readonly #sockets = new Set<Socket>();
  /** Requests that carried an Authorization header, and challenges sent, as seen on the wire. */
  authorized = 0;
  challenges = 0;
  connections = 0;
  /** May change what the server says. */
  rewrite: (text: string) => string = (text) => text;

  private constructor(server: ChildProcess, folder: string, port: number) {
    this.#process = server;
    this.#folder = folder;
    this.#tap = createServer((client) => {
      this.connections += 1;
      const upstream = connect(port, "127.0.0.1");
      client.on("data", (data: Buffer) => {
        this.authorized += data.toString("latin1").match(/^authorization:/gim)?.length ?? 0;
        upstream.write(data);
      });
      upstream.on("data", (data: Buffer) => {
        const text = this.rewrite(data.toString("latin1"));
        this.challenges += text.match(/^HTTP\/1\.1 401/gm)?.length ?? 0;
        client.write(text, "latin1");
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => other.destroy()).on("end", () => other.end());
        one.on("close", () => this.#sockets.delete(one));
      }
    });
  }

  get port(): number {
    return (this.#tap.address() as AddressInfo).port;
  }

  /** `configure` gets the server's folder (world-readable, with www/index.html) and port and returns its configuration. */
  static async start(
    program: string,
    args: (configuration: string) => string[],
    configure: (folder: string, port: number) => string,
    users: string,
  ): Promise<RealServer> {
    const folder = await mkdtemp(join(tmpdir(), "real-server-"));
    await chmod(folder, 0o755);
    await mkdir(join(folder, "www"));
    await writeFile(join(folder, "www", "index.html"), "hello");
    await writeFile(join(folder, "users"), users);
    const port = await freePort();
    const file = join(folder, "server.conf");
    await writeFile(file, configure(folder, port));
    const server = new RealServer(spawn(program, args(file), { stdio: ["ignore", "ignore", "pipe"] }), folder, port);
    try {
      await server.#answers(port);
      await new Promise<void>((resolve) => server.#tap.listen(0, "127.0.0.1", resolve));
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#tap.listening) await new Promise((resolve) => this.#tap.close(resolve));
    if (this.#process.exitCode === null) {
      const gone = new Promise((resolve) => this.#process.once("exit", resolve));
      this.#process.kill("SIGTERM");
      await gone;
    }
    await rm(this.#folder, { recursive: true });
  }

  async #answers(port: number): Promise<void> {
    let said = "";
    this.#process.stderr?.on("data", (data: Buffer) => (said += data.toString()));
    for (let i = 0; i < 200 && this.#process.exitCode === null; i++) {
      const reached = await new Promise<boolean>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
        socket.on("connect", () => socket.destroy());
      });
      if (reached) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const log = await readFile(join(this.#folder, "error.log"), "utf8").catch(() => "");
    throw new Error(`${this.#process.spawnfile} did not start: ${said}${log}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
