/**
 * Device nodes with the same address and login share one event stream: one of them, the leader, has it open, and what comes
 * reaches the nodes of all (docs/contract.md, "The event stream"). When nobody listens to the leader any more, the next leads.
 */
import {
  type Device,
  type DeviceEvent,
  FatalError,
  type HikvisionError,
  type Identity,
  type Notification,
  RetryableError,
  say,
  type StreamState,
} from "../../src";

/** A device node that somebody listens to. Its methods must not throw. */
export interface StreamMember {
  readonly device: Device;
  /** Seconds. */
  readonly heartbeatTimeout: number;
  /** How many listen to it. */
  readonly listeners: () => number;
  readonly wantsPictures: () => boolean;
  /** Does anybody want events of this type from this channel (undefined: not known which)? */
  readonly wants: (type: string, channel: number | undefined) => boolean;
  readonly wantsOutputs: () => boolean;
  /** The device has identified itself. */
  readonly met: (who: Identity) => void;
  readonly state: (state: StreamState) => void;
  /** `shared`: other receivers hold the same objects. */
  readonly notification: (notification: Notification, receivedAt: number, shared: boolean) => void;
  readonly event: (event: DeviceEvent, shared: boolean) => void;
  /** Something of the device's history has come. */
  readonly history: () => void;
}

/** What two device nodes must have in common, beside the login, to share. */
export interface StreamTerms {
  /** May the password go out in the clear? */
  readonly basic: boolean;
}

export class SharedStream {
  readonly #address: string;
  /** In the order in which they came. */
  readonly #members = new Set<StreamMember>();
  #leader: StreamMember | undefined;
  #state: StreamState = { phase: "closed" };
  #handover: NodeJS.Immediate | undefined;
  #met: Identity = {};

  constructor({ http: { address } }: Device) {
    this.#address = `${address.host.toLowerCase()}:${address.port}`;
  }

  /** As all members know it. */
  get state(): StreamState {
    return this.#state;
  }

  /** Has anything come since the last opening? */
  get heard(): boolean {
    return this.#leader?.device.alerts.heard ?? false;
  }

  get endings(): number | undefined {
    return this.#leader?.device.alerts.endings;
  }

  /** Ends a pause between two tries. */
  retryNow(): void {
    this.#leader?.device.alerts.retryNow();
  }

  /** Somebody listens to the member, or somebody more. The first member opens the stream. */
  join(member: StreamMember): void {
    if (!this.#members.has(member)) member.met(this.#met);
    this.#members.add(member);
    this.#arrange();
    if (!this.#leader && !this.#handover) this.#lead(member);
  }

  /** One listener fewer; without any, the member leaves. The last member closes the stream. */
  leave(member: StreamMember): void {
    if (member.listeners() > 0) this.#arrange();
    else this.remove(member);
  }

  /** The member's device closes. */
  remove(member: StreamMember): void {
    if (!this.#members.delete(member)) return;
    const leads = this.#leader === member;
    if (leads) this.#leader = undefined;
    if (this.#members.size === 0) this.#end();
    // Deploying anew, others may be about to leave as well: no connection is opened for a moment.
    else if (leads) this.#handover = setImmediate(() => this.#handOver());
    this.#arrange();
    if (leads) close(member);
    member.state({ phase: "closed" });
  }

  /** The state of a member's own source: of news while it leads. A change of leaders is none as long as the next one connects. */
  changed(from: StreamMember, state: StreamState): void {
    if (this.#leader !== from || state.phase === "closed") return;
    const last = this.#state;
    if (state.phase === "connecting" ? last.phase !== "closed" : isSame(state, last)) return;
    this.#state = state;
    const others = openAt(this.#address).size - 1;
    for (const member of this.#members) member.state(asToldTo(member, state, others));
  }

  /** A member's device has identified itself: it is that of all. */
  met(from: StreamMember, who: Identity): void {
    this.#met = who;
    for (const member of new Set([from, ...this.#members])) member.met(who);
  }

  /** A notification that a member's device has read. */
  notify(from: StreamMember, notification: Notification, receivedAt: number): void {
    if (this.#leader !== from) return;
    const shared = this.#listeners > 1;
    for (const member of this.#members) member.notification(notification, receivedAt, shared);
  }

  /** A member's device sends its history. */
  history(from: StreamMember): void {
    if (this.#leader !== from) return;
    for (const member of this.#members) member.history();
  }

  /** An event with its pictures, of a member's device. */
  deliver(from: StreamMember, event: DeviceEvent): void {
    if (this.#leader !== from) return;
    const shared = this.#listeners > 1;
    for (const member of this.#members) member.event(event, shared);
  }

  get wantsPictures(): boolean {
    for (const member of this.#members) if (member.wantsPictures()) return true;
    return false;
  }

  wants(type: string, channel: number | undefined): boolean {
    for (const member of this.#members) if (member.wants(type, channel)) return true;
    return false;
  }

  get #listeners(): number {
    let count = 0;
    for (const member of this.#members) count += member.listeners();
    return count;
  }

  #lead(member: StreamMember): void {
    this.#leader = member;
    openAt(this.#address).add(this);
    this.#arrange();
    member.device.alerts.open();
  }

  #handOver(): void {
    this.#handover = undefined;
    const [next] = this.#members;
    if (next) this.#lead(next);
  }

  #end(): void {
    clearImmediate(this.#handover);
    this.#handover = undefined;
    this.#state = { phase: "closed" };
    const others = openAt(this.#address);
    others.delete(this);
    if (others.size === 0) open.delete(this.#address);
  }

  /** The leader does what any member wants: the shortest silence, the alarm outputs. */
  #arrange(): void {
    if (!this.#leader) return;
    const { device } = this.#leader;
    const members = [...this.#members];
    device.heartbeatTimeout = Math.min(...members.map(({ heartbeatTimeout }) => heartbeatTimeout));
    device.watchOutputs(members.some((one) => one.wantsOutputs()));
  }
}

/** A device that pushes has nothing to share. */
export function streamFor(device: Device, terms: StreamTerms): SharedStream {
  if (device.push) return new SharedStream(device);
  const { login, address, tls } = device.http;
  // The login is the same object for the same host, port, user and password.
  const streams = shared.get(login) ?? new Map<string, SharedStream>();
  shared.set(login, streams);
  const key = JSON.stringify([address.protocol, tls, terms.basic]);
  const stream = streams.get(key) ?? new SharedStream(device);
  streams.set(key, stream);
  return stream;
}

const shared = new WeakMap<object, Map<string, SharedStream>>();
/** Streams in use by "host:port". */
const open = new Map<string, Set<SharedStream>>();

function openAt(address: string): Set<SharedStream> {
  const streams = open.get(address) ?? new Set();
  open.set(address, streams);
  return streams;
}

function close({ device }: StreamMember): void {
  device.alerts.close();
  device.watchOutputs(false);
}

function isSame(a: StreamState, b: StreamState): boolean {
  return a.phase === "offline" && b.phase === "offline" ? a.error.code === b.error.code : a.phase === b.phase;
}

/** @param others further streams of this Node-RED to the same address */
function asToldTo({ device: { identity } }: StreamMember, state: StreamState, others: number): StreamState {
  if (state.phase !== "offline") return state;
  const { error } = state;
  if (error.code === "noSlots" && others > 0) {
    const sentence = say`All event connections of the device are taken, ${others} of them by this Node-RED itself.
      Its device nodes share one if protocol, host, port, user and password are the same: make them so. Otherwise end
      other programs that listen to the device, or restart it.`;
    return { phase: "offline", error: new RetryableError("noSlots", sentence, { ...error.cause, device: identity }) };
  }
  return error.cause.device?.id === identity.id ? state : { phase: "offline", error: copyFor(identity, error) };
}

function copyFor(device: Device["identity"], { code, sentence, cause }: HikvisionError): HikvisionError {
  const detail = { ...cause, device };
  switch (code) {
    case "busy":
    case "noSlots":
    case "offline":
    case "timeout":
    case "protocol":
      return new RetryableError(code, sentence, detail);
    case "aborted":
      return new RetryableError("offline", sentence, detail);
    default:
      return new FatalError(code, sentence, detail);
  }
}
