/**
 * "Listen now" of the forms: a device's events as they come, one JSON line each. Those of a deployed device come over the stream that
 * its nodes share, those of one that is not over a stream of their own. The answer ends when the form closes, when the device is
 * deployed anew, or after a while.
 */
import type { NodeAPI } from "node-red";
import { type Access, accessText, Device, type Notification, type Sentence, type StreamState } from "../../src";
import { propertiesOf, textIn } from "../shared/unknown-values";
import { deviceNodeOf, findDeviceNode, type Subscriber } from "../shared/device-node";
import { formSettings, isDeployedAt } from "./target-device";

/** Whoever forgets an open form does not keep a device's stream open over night. */
export const LISTEN_MS = 10 * 60_000;
/** Longer than any burst: a browser that reads no more is let go. */
const MOST_WAITING = 1024 * 1024;
/** So that no proxy in between takes the silence for the end. */
const KEEP_ALIVE_MS = 15_000;

/** One line: the state of the device's stream, an event, a keep-alive (`{}`), or why it is over. */
type Line =
  | { readonly state: StreamState["phase"]; readonly failure?: { readonly error: Sentence; readonly code: string } }
  | { readonly event: EventSummary }
  | { readonly over: "deployed" | "time" }
  | Readonly<Record<string, never>>;

/** What the form needs of an event. */
export interface EventSummary {
  readonly type: string;
  readonly channel: number | null;
  readonly channelName?: string;
  readonly targets: readonly string[];
  readonly regions: readonly string[];
  readonly active: boolean;
  readonly plate?: string;
  readonly access?: { readonly kind: Access["kind"]; readonly text: Sentence };
  /** ISO 8601: when it came to Node-RED; of a listed plate, when it was seen. */
  readonly receivedAt: string;
}

/** Where the lines go. */
export interface Listener {
  /** How many bytes wait to be taken. */
  readonly waiting: () => number;
  /** Sentences in it are for the viewer. */
  write(line: object): void;
  /** No more lines come. */
  end(): void;
}

/** Where the events come from; the result is the state of the stream now. */
type Listen = (subscriber: Subscriber, ended: () => void, signal: AbortSignal) => StreamState;

/**
 * Throws `badRequest` when there is no such device among what is deployed, and what {@link formSettings} throws. Nothing is written
 * before it has returned.
 */
export function listenNow(
  RED: NodeAPI,
  scope: "deployed" | "form",
  body: unknown,
  listener: Listener,
  gone: AbortSignal,
): void {
  const listen = scope === "deployed" ? toDeployed(RED, textIn(propertiesOf(body)["id"])) : toForm(RED, body);
  const over = new AbortController();
  const { signal } = over;
  gone.addEventListener("abort", () => over.abort(), { once: true });

  const sendLine = (line: Line): void => {
    if (signal.aborted) return;
    if (listener.waiting() > MOST_WAITING) stop();
    else listener.write(line);
  };
  const stop = (reason?: "deployed" | "time"): void => {
    if (reason) sendLine({ over: reason });
    over.abort();
    listener.end();
  };
  const heartbeat = setInterval(() => sendLine({}), KEEP_ALIVE_MS);
  const limit = setTimeout(() => stop("time"), LISTEN_MS);
  signal.addEventListener("abort", () => {
    clearInterval(heartbeat);
    clearTimeout(limit);
  });

  const state = listen(
    {
      pictures: false,
      state: (news) => sendLine(stateLine(news)),
      event: ({ notification, receivedAt }) => sendLine({ event: summaryOf(notification, receivedAt) }),
    },
    () => stop("deployed"),
    signal,
  );
  sendLine(stateLine(state));
}

function toDeployed(RED: NodeAPI, id: string | undefined): Listen {
  const node = deviceNodeOf(RED, id);
  return (...subscription) => {
    node.listen(...subscription);
    return node.stream.state;
  };
}

/** What the form holds. Devices have few streams: a form that says what is deployed listens to that. */
function toForm(RED: NodeAPI, body: unknown): Listen {
  const settings = formSettings(RED, body);
  const { address, credentials, identity } = settings;
  const deployed = findDeviceNode(RED, identity.id);
  const { username, password } = deployed?.credentials ?? {};
  if (isDeployedAt(deployed, address) && credentials.username === username && credentials.password === password)
    return toDeployed(RED, identity.id);
  return (subscriber, _ended, signal) => {
    const device = new Device(settings, {
      warn: () => undefined,
      state: (state) => subscriber.state(state),
      notification: (notification, receivedAt) => subscriber.event({ notification, receivedAt, pictures: [] }, false),
      event: () => undefined,
      wantsPictures: () => false,
    });
    signal.addEventListener("abort", () => void device.close(), { once: true });
    device.alerts.open();
    return device.alerts.state;
  };
}

function stateLine(state: StreamState): Line {
  return state.phase === "offline"
    ? { state: "offline", failure: { error: state.error.sentence, code: state.error.code } }
    : { state: state.phase };
}

function summaryOf(notification: Notification, receivedAt: number): EventSummary {
  const { type, channel, channelName, targets, regions, active, anpr, access } = notification;
  return {
    type,
    channel,
    ...(channelName !== undefined && { channelName }),
    targets,
    regions: [...new Set(regions.map(({ id }) => id))],
    active,
    ...(anpr && { plate: anpr.plate }),
    ...(access && { access: { kind: access.kind, text: accessText(access) } }),
    receivedAt: new Date(receivedAt).toISOString(),
  };
}
