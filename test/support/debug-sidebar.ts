/** What the editor's debug sidebar shows: a listener on Node-RED's comms socket. */
import { once } from "node:events";
import { WebSocket } from "undici";

export interface DebugMessage {
  /** Id of the debug node. */
  readonly id: string;
  /** The message as JSON text, or the property it shows. */
  readonly msg: string;
}

export class DebugSidebar {
  readonly #socket: WebSocket;
  readonly #shown: DebugMessage[] = [];
  #notify: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      for (const entry of [JSON.parse(String(data)) as unknown].flat()) {
        const { topic, data: shown } = entry as { topic?: string; data?: DebugMessage };
        if (topic === "debug" && shown) this.#shown.push(shown);
      }
      this.#notify();
    });
  }

  /** @param url of Node-RED, ending in "/" */
  static async open(url: string): Promise<DebugSidebar> {
    const address = new URL("comms", url);
    address.protocol = "ws:";
    const socket = new WebSocket(address);
    await once(socket as unknown as EventTarget, "open");
    const sidebar = new DebugSidebar(socket);
    socket.send(JSON.stringify({ subscribe: "debug" }));
    return sidebar;
  }

  /** The first shown message of a debug node that passes; waits for it. */
  async find(passes: (message: DebugMessage) => boolean, withinMs = 10_000): Promise<DebugMessage> {
    const deadline = AbortSignal.timeout(withinMs);
    for (;;) {
      const found = this.#shown.find(passes);
      if (found) return found;
      if (deadline.aborted) throw new Error(`Nothing of that kind among ${this.#shown.length} messages.`);
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
        deadline.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  close(): void {
    this.#socket.close();
  }
}
