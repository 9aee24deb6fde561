/** Reads the stream in a Node-RED and throws it away: what reading costs there, before anybody looks at a byte. */
import type { Node, NodeAPI } from "node-red";
import type { StreamNodeDef } from "./incumbent-node";
import { openStream } from "./open-stream";

/** Who counts the bytes: a message for each chunk would cost more than reading it. */
export const counter: { count: (bytes: number) => void } = { count: () => undefined };

export function discard(RED: NodeAPI): void {
  function BenchDiscard(this: Node, def: StreamNodeDef): void {
    RED.nodes.createNode(this, def);
    void openStream(def).then((body) => {
      body.on("data", ({ length }: Buffer) => counter.count(length));
      this.send({ payload: { type: "connection", state: "online" } });
    });
  }
  RED.nodes.registerType("bench-discard", BenchDiscard);
}
