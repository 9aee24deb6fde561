/**
 * The yardstick: a bare undici client per device that notes when an event's bytes come ("note"), throws them away
 * ("discard"), or hands them to the Dicer API, which collects the parts ("dicer").
 */
import { Dicer } from "dicer";
import { serve } from "./child";
import { Cost, Hearing } from "./hearing";
import { openStream } from "./open-stream";
import type { Address, ListenerCommands } from "./protocol";

const COUNT = "<activePostCount>";
const mode = process.argv[2] as "note" | "discard" | "dicer";
const PICTURE_BYTES = Number(process.argv[3] ?? 0);
const hearing = new Hearing();
const cost = new Cost();

async function open(address: Address, device: number): Promise<void> {
  const body = await openStream(address);
  if (mode === "dicer") body.pipe(parts(device));
  else
    body.on(
      "data",
      mode === "note" ? (chunk: Buffer) => note(device, chunk) : (chunk: Buffer) => hearing.bytes(chunk.length),
    );
}

/** A heartbeat counts 0. */
function note(device: number, chunk: Buffer): void {
  for (let at = chunk.indexOf(COUNT); at >= 0; at = chunk.indexOf(COUNT, at + 1)) {
    const count = parseInt(chunk.toString("latin1", at + COUNT.length, at + COUNT.length + 8), 10);
    if (count > 0) hearing.event(device, count);
  }
}

function parts(device: number): Dicer {
  const dicer = new Dicer({ boundary: "boundary" });
  let events = 0;
  let last = false;
  dicer.on("error", () => undefined);
  dicer.on("part", (part) => {
    const pieces: Buffer[] = [];
    part.on("error", () => undefined);
    part.on("data", (piece: Buffer) => pieces.push(piece));
    part.on("end", () => {
      const body = Buffer.concat(pieces);
      const isPicture = body[0] === 0xff;
      // An event is complete with its picture, where it has one.
      if (isPicture ? last : PICTURE_BYTES === 0 && body.includes("<eventState>active")) {
        hearing.event(device, ++events, isPicture && body.length === PICTURE_BYTES);
      }
      last = !isPicture;
    });
  });
  return dicer;
}

const listener: ListenerCommands = {
  async connect(addresses) {
    await cost.before(addresses.length);
    await Promise.all(addresses.map(open));
  },
  begin: () => hearing.begin(),
  heard: (until) => hearing.heard(until),
  cost: () => cost.now(),
};

serve(listener);
