/**
 * The least that a Node-RED node can do with pictures: reads headers by their lengths, keeps each part in one Buffer of the right size,
 * and sends each picture. Knows one dialect, survives nothing.
 */
import type { Node, NodeAPI } from "node-red";
import type { StreamNodeDef } from "./incumbent-node";
import { openStream } from "./open-stream";

const HEADER_END = Buffer.from("\r\n\r\n");

export function collector(RED: NodeAPI): void {
  function BenchCollector(this: Node, def: StreamNodeDef): void {
    RED.nodes.createNode(this, def);
    let count = 0;
    void openStream(def).then((body) => {
      let head: Buffer = Buffer.alloc(0);
      let part: Buffer | undefined;
      let filled = 0;
      body.on("data", (chunk: Buffer) => {
        for (let at = 0; at < chunk.length;) {
          if (!part) {
            head = head.length === 0 ? chunk.subarray(at) : Buffer.concat([head, chunk.subarray(at)]);
            const end = head.indexOf(HEADER_END);
            if (end < 0) {
              head = Buffer.from(head);
              return;
            }
            const length = Number(/content-length:\s*(\d+)/i.exec(head.toString("latin1", 0, end))?.[1]);
            at = chunk.length - (head.length - end - HEADER_END.length);
            head = Buffer.alloc(0);
            part = Buffer.allocUnsafe(length);
            filled = 0;
          }
          const taken = chunk.copy(part, filled, at);
          at += taken;
          filled += taken;
          if (filled < part.length) return;
          if (part[0] === 0xff) this.send({ payload: { activePostCount: ++count }, picture: part });
          part = undefined;
        }
      });
      this.send({ payload: { type: "connection", state: "online" } });
    });
  }
  RED.nodes.registerType("bench-collector", BenchCollector);
}
