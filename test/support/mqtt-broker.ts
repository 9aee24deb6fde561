/** Mosquitto of the system on a free port, with a folder of its own, so that it can be restarted as an operator would. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePort } from "./free-port";
import { findProgram } from "./left-out";
import { listens } from "./listens";

export class MqttBroker {
  readonly port: number;
  readonly #settings: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, settings: string) {
    this.port = port;
    this.#settings = settings;
  }

  /** Debian's defaults: what subscribers have not got yet is kept over a restart, at most 1000 messages for each. */
  static async start(folder: string): Promise<MqttBroker> {
    const port = await freePort();
    const settings = path.join(folder, "mosquitto.conf");
    const { username } = os.userInfo();
    const lines = [`user ${username}`, `listener ${port} 127.0.0.1`, "allow_anonymous true"];
    lines.push("persistence true", `persistence_location ${folder}/`);
    writeFileSync(settings, lines.join("\n"));
    const broker = new MqttBroker(port, settings);
    await broker.again();
    return broker;
  }

  /** Starts it after a stop; resolves when it listens. */
  async again(): Promise<void> {
    this.#child = spawn(findProgram("mosquitto") ?? "mosquitto", ["-c", this.#settings], { stdio: "ignore" });
    for (let tries = 0; !(await listens(this.port)); tries++) {
      if (tries > 100 || this.#child.exitCode !== null) throw new Error("Mosquitto did not start.");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill();
    await gone;
  }
}
