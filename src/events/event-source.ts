/** Where a device's events come from, and where they go: what the alert stream and push have in common. */
import type { HikvisionError } from "../lib/errors";
import type { DeviceEvent, Notification } from "./types";

export type StreamState =
  | { readonly phase: "closed" }
  | { readonly phase: "connecting" }
  | { readonly phase: "online" }
  | { readonly phase: "offline"; readonly error: HikvisionError };

/** Who receives states, notifications and events. Called synchronously, in the order in which they come; must not throw. */
export interface AlertSink {
  /** On every change, once: retries in between are silent unless the reason changes. */
  state(state: StreamState): void;
  /** As soon as its last byte is in, before its pictures. Never a heartbeat. */
  notification(notification: Notification, receivedAt: number): void;
  /** With the pictures that came. Only called while {@link wantsPictures}. */
  event(event: DeviceEvent): void;
  /** False: pictures are neither collected nor fetched. */
  wantsPictures(): boolean;
  /** False: nobody wants events of this type from this channel (undefined: not known which), so they need not be read. Default: true. */
  wants?(type: string, channel: number | undefined): boolean;
  /** Something of the device's history has come, which is no news. */
  history?(): void;
}

export interface EventSource {
  readonly state: StreamState;
  /** Has anything come, a heartbeat included, since the last opening? */
  readonly heard: boolean;
  /** How often the device has ended it after a short while, since it was opened first. */
  readonly endings?: number;
  /** Opening an open source does nothing. */
  open(): void;
  /** Ends it at once and drops pending events. Can be opened again. */
  close(): void;
  /** Ends a pause between two tries: somebody changed something at the device. */
  retryNow(): void;
}

/** The state of a source; tells the sink every change, and nothing else. */
export class StateNotifier {
  readonly #sink: Pick<AlertSink, "state">;
  #state: StreamState = { phase: "closed" };

  constructor(sink: Pick<AlertSink, "state">) {
    this.#sink = sink;
  }

  get state(): StreamState {
    return this.#state;
  }

  set state(next: StreamState) {
    const last = this.#state;
    const same = next.phase === "offline" ? codeOf(last) === next.error.code : last.phase === next.phase;
    if (same) return;
    this.#state = next;
    this.#sink.state(next);
  }
}

function codeOf(state: StreamState): string | undefined {
  return state.phase === "offline" ? state.error.code : undefined;
}
