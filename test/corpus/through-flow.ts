/** Replays captures through the whole package: a device that sends their bytes, a real Node-RED, event-in, a message each. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import deviceModule from "../../nodes/device/device";
import eventInModule from "../../nodes/event-in/event-in";
import type { EventPayload } from "../../nodes/shared/event-message";
import type { Notification } from "../../src/events/types";
import { helper, inbox, loadFlow } from "../support/flow";
import type { Capture } from "./captures";
import { WITNESS } from "./check";
import { compare } from "./compare";
import { DIALECTS } from "./dialects";
import { expectationOf, expectationsOf } from "./expectation";
import type { Wire } from "./replay";

const WITNESS_TYPE = "callhelp";
const PATIENCE_MS = 15_000;

export class ThroughFlow {
  readonly #server: Server;
  #wire: Wire = { contentType: "", chunks: [] };

  private constructor() {
    this.#server = createServer((request, response) => {
      if (request.url?.endsWith("alertStream")) this.#stream(response);
      else
        response.writeHead(200, { "Content-Type": "application/xml" }).end("<DeviceInfo><model>M</model></DeviceInfo>");
    });
  }

  static async open(): Promise<ThroughFlow> {
    const made = new ThroughFlow();
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
    return made;
  }

  async close(): Promise<void> {
    await helper.unload();
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Complaints about one capture, framed as a camera would and followed by a witness. */
  async check({ payloads }: Capture): Promise<string[]> {
    const [dialect] = DIALECTS;
    const history = payloads.some(({ bytes }) => /currentEvent"?\s*[:>]\s*"?false/i.test(bytes.toString("latin1")));
    // History right after a connect is not for a flow.
    if (!dialect || payloads.length === 0 || history) return [];
    const { contentType } = dialect;
    this.#wire = { contentType, chunks: [dialect.stream([...payloads, WITNESS])] };
    const { port } = this.#server.address() as AddressInfo;
    await loadFlow(
      [deviceModule, eventInModule],
      [
        { id: "device", type: "hikvision-device", name: "corpus", host: "127.0.0.1", port },
        { id: "in", type: "hikvision-event-in", device: "device", emit: "all", offDelay: 0, wires: [["out"]] },
        { id: "out", type: "helper" },
      ],
    );
    const messages = inbox("out");
    const payloadsOut: EventPayload[] = [];
    for (;;) {
      const message = await messages.nextOrNothing(PATIENCE_MS);
      if (!message) break;
      payloadsOut.push(message["payload"] as EventPayload);
      if (payloadsOut.at(-1)?.type === WITNESS_TYPE) break;
    }
    await helper.unload();
    const expected = [...expectationsOf(payloads), expectationOf(WITNESS)]
      .filter(({ heartbeat }) => !heartbeat)
      .map((one) => ({ ...one, relation: undefined })); // a message does not name what a duration continues
    return compare(expected, payloadsOut.map(asNotification));
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": this.#wire.contentType });
    // A moment later: the test attaches its inbox when the flow has started.
    setTimeout(() => {
      for (const chunk of this.#wire.chunks) response.write(chunk);
    }, 50);
  }
}

/** What `compare` looks at, from a message. */
function asNotification(payload: EventPayload): Notification {
  const said = payload.raw["eventState"];
  const ended = payload.state === "end" || (payload.state === "report" && said === "inactive");
  return { ...payload, heartbeat: false, active: !ended, reports: false, retransmitted: false, announced: [] };
}
