/**
 * The pipeline that this package is compared with, as a Node-RED node: the Dicer API collects the parts, fast-xml-parser 4 with its
 * defaults parses an alert, and the object is sent as it is. No digest, no filter, no states, nothing normalised.
 * A picture is sent with the alert before it.
 */
import { Dicer } from "dicer";
import { XMLParser } from "fast-xml-parser-4";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { openStream } from "./open-stream";

export interface StreamNodeDef extends NodeDef {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly pictured: boolean;
}

export function incumbent(RED: NodeAPI): void {
  function BenchIncumbent(this: Node, def: StreamNodeDef): void {
    RED.nodes.createNode(this, def);
    const parser = new XMLParser();
    let alert: unknown;
    void openStream(def).then((body) => {
      const dicer = new Dicer({ boundary: "boundary" });
      dicer.on("error", () => undefined);
      dicer.on("part", (part) => {
        const pieces: Buffer[] = [];
        part.on("error", () => undefined);
        part.on("data", (piece: Buffer) => pieces.push(piece));
        part.on("end", () => {
          const bytes = Buffer.concat(pieces);
          if (bytes[0] === 0xff) this.send({ payload: alert, picture: bytes });
          else {
            const { EventNotificationAlert } = parser.parse(bytes.toString()) as { EventNotificationAlert?: unknown };
            alert = EventNotificationAlert;
            if (!def.pictured && alert !== undefined) this.send({ payload: alert });
          }
        });
      });
      body.pipe(dicer);
      this.send({ payload: { type: "connection", state: "online" } });
    });
  }
  RED.nodes.registerType("bench-incumbent", BenchIncumbent);
}
