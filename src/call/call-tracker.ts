/** From what is read and reported to the states of a call, each told once. A ring that nothing ends is ended here. */
import type { Clock, Timer } from "../lib/clock";
import type { CallSign } from "./call-signs";
import type { CallChange, Caller, CallState, CallStatus } from "./call-words";

/** Stations ring for half a minute; some stay at `ring` for ever, and terminals report no end at all. */
export const RING_MS = 60_000;

export interface CallTrackerOptions {
  readonly clock: Clock;
  /** Must not throw. */
  readonly emit: (change: CallChange) => void;
}

export class CallTracker {
  readonly #options: CallTrackerOptions;
  #state: "idle" | "ringing" | "answered" = "idle";
  #caller: Caller | undefined;
  /** Ended here, while the device still says that it rings. */
  #stuck = false;
  #timer: Timer | undefined;

  constructor(options: CallTrackerOptions) {
    this.#options = options;
  }

  get state(): "idle" | "ringing" | "answered" {
    return this.#state;
  }

  /** The next `ring` that is read would be told. */
  get isNews(): boolean {
    return this.#state !== "ringing" && !this.#stuck;
  }

  /** What the device has said when asked. `dismissed`: a flow has just rejected it or hung up. */
  read(status: CallStatus, caller?: Caller, dismissed = false): void {
    if (status !== "ring") this.#stuck = false;
    if (status === "ring") {
      if (this.isNews) this.#ring(caller);
    } else if (status === "onCall") this.#answered();
    else this.#over(dismissed ? "ended" : "missed");
  }

  /** What the device has reported by itself. */
  sign({ says, caller }: CallSign): void {
    if (says === "ring" && this.#state === "ringing") {
      this.#caller = caller ?? this.#caller;
      this.#timer?.restart();
    } else if (says === "ring") this.#ring(caller);
    else if (says === "answered") this.#answered();
    else this.#over(says);
  }

  /** Forgets the call, without a word. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#state = "idle";
    this.#stuck = false;
    this.#caller = undefined;
  }

  #ring(caller: Caller | undefined): void {
    this.#over("ended");
    this.#state = "ringing";
    this.#caller = caller;
    this.#timer = this.#options.clock.after(RING_MS, () => {
      this.#stuck = true;
      this.#over("ended", true);
    });
    this.#tell("ringing");
  }

  /** A call that did not ring here is one that the station makes, or somebody who looks at its picture. */
  #answered(): void {
    if (this.#state !== "ringing") return;
    this.#timer?.cancel();
    this.#state = "answered";
    this.#tell("answered");
  }

  #over(unanswered: "missed" | "ended", synthetic = false): void {
    if (this.#state === "idle") return;
    const state = this.#state === "answered" ? "ended" : unanswered;
    this.#timer?.cancel();
    this.#state = "idle";
    this.#tell(state, synthetic);
    this.#caller = undefined;
  }

  #tell(state: CallState, synthetic = false): void {
    const caller = this.#caller && { ...this.#caller };
    const since = this.#options.clock.now();
    this.#options.emit({ state, since, ...(caller && { caller }), ...(synthetic && { synthetic }) });
  }
}
