/** Events and connection changes as flow messages (docs/contract.md). */
import type { NodeMessage } from "node-red";
import {
  type Access,
  accessText,
  type DeviceIdentity,
  type EventFacts,
  type EventState,
  type Notification,
  type Picture,
  putFacts,
  type Sentence,
  type StreamState,
} from "../../src";

/** A sentence in the language of Node-RED. */
export type Render = (sentence: Sentence) => string;

export interface SentPicture extends Omit<Picture, "error"> {
  error?: { code: string; message: string };
}

export interface MessageDevice extends DeviceIdentity {
  macAddress?: string;
}

export interface EventPayload extends EventFacts {
  access?: Access & { text: string };
  state: EventState;
  time: string;
  /** ISO 8601 UTC. */
  receivedAt: string;
  pictures: SentPicture[];
  device: MessageDevice;
  /** An end that silence made, not the device. */
  synthetic?: true;
}

export interface ConnectionPayload {
  type: "connection";
  state: "online" | "offline";
  channel: null;
  time: string;
  receivedAt: string;
  code?: string;
  reason?: string;
  device: MessageDevice;
}

export interface EventMessage extends NodeMessage {
  topic: string;
  payload: EventPayload | ConnectionPayload;
}

export interface EventToSend {
  readonly notification: Notification;
  readonly receivedAt: number;
  readonly pictures: readonly Picture[];
  readonly state: EventState;
  readonly synthetic?: true;
}

/** The receiver owns the result; what `event` holds goes into it as it is. */
export function eventMessage(event: EventToSend, identity: DeviceIdentity, render: Render): EventMessage {
  const { notification, receivedAt, pictures, state, synthetic } = event;
  const { type, label, channel, raw } = notification;
  // Built in its order: what is not sent is absent.
  const payload = { type, label, state, channel } as EventPayload;
  putFacts(notification, receivedAt, payload);
  const { access } = notification;
  if (access) payload.access = { ...access, text: render(accessText(access)) };
  payload.pictures = pictures.length === 0 ? [] : pictures.map((picture) => sentPicture(picture, render));
  payload.device = plain(identity);
  const mac = raw["macAddress"];
  if (typeof mac === "string" && mac !== "") payload.device.macAddress = mac;
  if (synthetic) payload.synthetic = true;
  payload.raw = raw;
  return { topic: topic(identity, channel, type), payload };
}

/** Undefined while nothing is known yet. `now`: ms since 1970. */
export function connectionMessage(
  state: StreamState,
  identity: DeviceIdentity,
  now: number,
  render: Render,
): EventMessage | undefined {
  if (state.phase !== "online" && state.phase !== "offline") return undefined;
  const time = new Date(now).toISOString();
  return {
    topic: topic(identity, null, "connection"),
    payload: {
      type: "connection",
      state: state.phase,
      channel: null,
      time,
      receivedAt: time,
      ...(state.phase === "offline" && { code: state.error.code, reason: render(state.error.sentence) }),
      device: plain(identity),
    },
  };
}

/** `<device>/<channel or "device">/<type>`, with nothing of the device's name that MQTT would read as a level or a wildcard. */
export function topic(identity: DeviceIdentity, channel: number | null, type: string): string {
  return `${identity.name.replace(/[/+#]/g, "_")}/${channel ?? "device"}/${type}`;
}

export function sentPicture<T extends Pick<Picture, "error">>(
  picture: T,
  render: Render,
): Omit<T, "error"> & Pick<SentPicture, "error"> {
  const { error, ...sent } = picture;
  return error ? { ...sent, error: { code: error.code, message: render(error.message) } } : sent;
}

function plain({ id, name, host }: DeviceIdentity): MessageDevice {
  return { id, name, host };
}
