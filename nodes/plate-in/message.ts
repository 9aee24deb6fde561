/** Plates as flow messages (docs/contract.md). */
import type { NodeMessage } from "node-red";
import type { DeviceIdentity, Plate, PlateReading } from "../../src";
import { sentPicture, topic, type MessageDevice, type SentPicture, type Render } from "../shared/event-message";

export interface PlatePayload extends PlateReading {
  channel: number;
  /** ISO 8601 with offset, as the device stamped it. */
  time: string;
  /** ISO 8601 UTC. */
  receivedAt: string;
  /** The same whether the stream or the list brought it. */
  id: string;
  source: "stream" | "list";
  /** It passed while nobody was looking. */
  backfilled?: true;
  pictures: SentPicture[];
  device: MessageDevice;
  raw: Record<string, unknown>;
}

export interface PlateMessage extends NodeMessage {
  topic: string;
  payload: PlatePayload;
}

/** The receiver owns the result; what `plate` holds goes into it as it is. */
export function plateMessage(plate: Plate, { id, name, host }: DeviceIdentity, render: Render): PlateMessage {
  const { reading, channel, time, receivedAt, source, backfilled, pictures, raw } = plate;
  const mac = raw["macAddress"];
  return {
    topic: topic({ id, name, host }, channel, "plate"),
    payload: {
      ...reading,
      channel,
      time,
      receivedAt: new Date(receivedAt).toISOString(),
      id: plate.id,
      source,
      ...(backfilled && { backfilled }),
      pictures: pictures.map((picture) => sentPicture(picture, render)),
      device: { id, name, host, ...(typeof mac === "string" && mac !== "" && { macAddress: mac }) },
      raw,
    },
  };
}
