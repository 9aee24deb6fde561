/** A real Node-RED with this package's nodes, in a folder of its own, without an editor. */
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import nodeRed from "node-red";

export interface RedApi<Message> {
  init(server: http.Server, settings: object): void;
  start(): Promise<void>;
  readonly hooks: { add(name: string, hook: (event: { msg: Message }) => void): void };
  readonly events: { once(name: "flows:started", run: () => void): void };
  readonly runtime: { readonly flows: { setFlows(options: object): Promise<unknown> } };
  readonly nodes: { getNode(id: string): { receive(message: object): void } | undefined };
}

const root = path.resolve(__dirname, "../..");

/**
 * @param note gets every message as a node receives it
 * @param prepare puts what Node-RED is to find into its folder
 */
export async function startNodeRed<Message>(
  note: (message: Message) => void,
  prepare: (userDir: string) => void = () => undefined,
): Promise<RedApi<Message>> {
  const RED = nodeRed as unknown as RedApi<Message>;
  const userDir = mkdtempSync(path.join(os.tmpdir(), "hikflow-bench-"));
  process.once("exit", () => rmSync(userDir, { recursive: true, force: true }));
  prepare(userDir);
  RED.init(http.createServer(), {
    userDir,
    nodesDir: [root],
    httpAdminRoot: false,
    httpNodeRoot: false,
    credentialSecret: false,
    logging: { console: { level: "error" } },
  });
  RED.hooks.add("onReceive.bench", ({ msg }) => note(msg));
  // `start` does not wait for the flows of before, here none; loaded late, they would take the credentials of ours away.
  const loaded = new Promise<void>((resolve) => RED.events.once("flows:started", resolve));
  await RED.start();
  await loaded;
  return RED;
}
