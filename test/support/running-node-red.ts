/** A Node-RED of its own process, as a user starts it: the one under test, with a user directory that the test prepared. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { freePort } from "./free-port";
import { nodeRedMain } from "./node-red-main";
import { until } from "./until";

const START_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 8_000;

/** Core nodes that no example and no test has, for `nodesExcludes`: they take a fifth of a start, and of the palette. */
export const UNUSED_NODES: readonly string[] = [
  "16-range.js",
  "18-sort.js",
  "19-batch.js",
  "22-websocket.js",
  "23-watch.js",
  "31-tcpin.js",
  "32-udp.js",
  "70-HTML.js",
  "70-JSON.js",
  "70-XML.js",
  "70-YAML.js",
  "89-trigger.js",
  "90-exec.js",
  "rbe.js",
];

/** Printed whenever flows run, in every language, unlike Node-RED's own words. */
const FLOWS_STARTED = "flows:started";
/** A script that loads this file gets paths with a query of its loader. */
const UTIL = createRequire(nodeRedMain).resolve("@node-red/util").replace(/\?.*$/, "");

/** `lang`: else Node-RED speaks the language of the machine. */
const settingsIn = (language: string, more: object): string => `
require(${JSON.stringify(UTIL)}).events.on("${FLOWS_STARTED}", () => console.log("${FLOWS_STARTED}"));
module.exports = {
  lang: "${language}",
  flowFile: "flows.json",
  credentialSecret: false,
  logging: { console: { level: "info" } },
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false },
  ...${JSON.stringify(more)},
};
`;

export class RunningNodeRed {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #log: () => string;

  private constructor(child: ChildProcess, url: string, log: () => string) {
    this.#child = child;
    this.url = url;
    this.#log = log;
  }

  /**
   * Resolves when the flows are started. Rejects with Node-RED's log when it does not come up.
   * `language`: Node-RED's own. `network`: an address in 127.0.0.0/8, the only one that its computer seems to have. `settings`: beside
   * ours.
   */
  static async start(
    userDir: string,
    { language = "en-US", network, settings = {} }: { language?: string; network?: string; settings?: object } = {},
  ): Promise<RunningNodeRed> {
    mkdirSync(userDir, { recursive: true });
    const file = path.join(userDir, "settings.js");
    writeFileSync(file, settingsIn(language, settings));
    const port = await freePort();
    const script = path.join(path.dirname(nodeRedMain), "..", "red.js");
    const only = network === undefined ? [] : ["--require", path.join(__dirname, "only-network.cjs")];
    const child = spawn(process.execPath, [...only, script, "-s", file, "-u", userDir, "-p", String(port)], {
      stdio: ["ignore", "pipe", "pipe"],
      // The coverage of this process is not wanted from that one.
      env: { ...process.env, NODE_V8_COVERAGE: undefined, TEST_NETWORK: network },
    });
    let log = "";
    const ready = new Promise<void>((resolve, reject) => {
      const fail = (): void => reject(new Error(`Node-RED did not start:\n${log}`));
      const deadline = setTimeout(fail, START_WITHIN_MS);
      const read = (text: string): void => {
        log += text;
        if (!log.includes(FLOWS_STARTED) || !log.includes(`127.0.0.1:${port}/`)) return;
        clearTimeout(deadline);
        resolve();
      };
      child.stdout.setEncoding("utf8").on("data", read);
      child.stderr.setEncoding("utf8").on("data", read);
      child.once("exit", () => {
        clearTimeout(deadline);
        fail();
      });
    });
    const running = new RunningNodeRed(child, `http://127.0.0.1:${port}/`, () => log);
    try {
      await ready;
    } catch (error) {
      await running.stop();
      throw error;
    }
    return running;
  }

  /** What it has printed so far. */
  get log(): string {
    return this.#log();
  }

  /** JSON of an admin address. Throws on any other answer than 200. */
  async json(address: string, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(new URL(address, this.url), { headers: { Accept: "application/json", ...headers } });
    if (response.status !== 200) throw new Error(`${address} answered ${response.status}`);
    return response.json();
  }

  /** Replaces all flows, as Deploy does. Resolves when they are started, which Node-RED does after it has answered. */
  async deploy(flows: readonly object[], credentials: Readonly<Record<string, object>> = {}): Promise<void> {
    const before = this.#starts;
    const response = await fetch(new URL("flows", this.url), {
      method: "POST",
      headers: { "Content-Type": "application/json", "Node-RED-API-Version": "v2" },
      body: JSON.stringify({ flows: flows.map((node) => ({ ...node, ...credentialsOf(node, credentials) })) }),
    });
    if (response.status !== 200) throw new Error(`Deploy answered ${response.status}: ${await response.text()}`);
    await until(() => this.#starts > before, "the deployed flows are started");
  }

  get #starts(): number {
    return this.log.split(FLOWS_STARTED).length - 1;
  }

  /** Ends it without a word, as a power cut or the kernel would. */
  async kill(): Promise<void> {
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  /** Ends it and waits until it has gone. Repeatable. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
    await gone;
    clearTimeout(late);
  }
}

function credentialsOf(node: object, all: Readonly<Record<string, object>>): object {
  const credentials = all[(node as { id?: string }).id ?? ""];
  return credentials ? { credentials } : {};
}
