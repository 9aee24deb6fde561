/** One cell of the fault matrix: a good exchange, one under the fault, a good one after it, and nothing left. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import deviceModule from "../../nodes/device/device";
import { deviceNode, helper, inbox, loadFlow, login, nodeById, type Inbox } from "../support/flow";
import { nodeRedMain } from "../support/node-red";
import { startVirtualDevice, stillFilm, type VirtualDevice } from "../virtual-device";
import type { Conversation } from "./conversations";
import { DrivenClock, replaceSystemClock } from "./driven-clock";
import { nameOf, type Fault } from "./faults";
import { FaultProxy } from "./proxy";

export interface Outcome {
  /** "ok", or the code of the failure. */
  readonly became: string;
  /** s of the clock. */
  readonly seconds: number;
  /** Requests and connections while the fault lasted. */
  readonly requests: number;
}

/** A refused password is tried again after 10 minutes to an hour (docs/contract.md). */
const REFUSAL_S = 4_000;
/** Any pause between two attempts is shorter than this. */
const RECOVERY_S = 180;
/** Of the stream: the device may need a person first, so it is asked again after minutes only. */
const SLOWLY_RETRIED: ReadonlySet<string> = new Set(["forbidden", "noSlots"]);
/** How long a stream is watched under a fault. */
const WATCHED_S = 180;
const AWAY_S = 90;
/** In which a second done() or message would come. */
const ONCE_S = 3;
const LONG_JUMP_MS = 300_000;
const DRIFT_MS = 26 * 3_600_000;
/** Of src/lib/errors.ts, written anew. */
const CODES = new Set(
  "unauthorized locked forbidden notActivated notSupported notIsapi badRequest busy noSlots offline timeout tls protocol aborted disk ffmpeg notFound".split(
    " ",
  ),
);

interface Failure {
  readonly code?: string;
  readonly message?: string;
}

const { hooks } = createRequire(nodeRedMain)("@node-red/util") as {
  hooks: {
    add(name: string, run: (event: { node: { id: string }; error?: Failure }) => void): void;
    remove(name: string): void;
  };
};

/** Runs it; throws what does not hold. */
export async function runCell(conversation: Conversation, fault: Fault): Promise<Outcome> {
  const cell = new Cell(conversation, fault);
  try {
    return await cell.run();
  } finally {
    await cell.close();
  }
}

class Cell {
  readonly #conversation: Conversation;
  readonly #fault: Fault;
  readonly #time = new DrivenClock();
  readonly #nodeClock = this.#time.view();
  readonly #restore = replaceSystemClock(this.#nodeClock);
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-chaos-"));
  /** How its inputs ended, in order. */
  readonly #ends: string[] = [];
  #device!: VirtualDevice;
  #proxy!: FaultProxy;
  #out!: Inbox;
  #loaded = false;

  constructor(conversation: Conversation, fault: Fault) {
    this.#conversation = conversation;
    this.#fault = fault;
  }

  async run(): Promise<Outcome> {
    await this.#open();
    if (!this.#conversation.fresh) assert.equal(await this.#exchange(60), "ok", "the exchange before the fault");
    const outcome = await this.#underFault();
    await this.#proxy.lift();
    // Until the device knows, too, that its connections are cut.
    await this.#advanceUntil(() => false, 1);
    await this.#recover(outcome.became);
    assert.equal(await this.#exchange(60), "ok", "the exchange after the fault");
    await this.#unload();
    const gone = await this.#advanceUntil(() => this.#nodeClock.pending === 0 && this.#proxy.open === 0, 2);
    assert.ok(gone, `${this.#nodeClock.pending} timers, ${this.#proxy.open} connections are left`);
    return outcome;
  }

  async close(): Promise<void> {
    if (this.#loaded) await this.#unload();
    hooks.remove("onComplete.chaos");
    this.#restore();
    // What went wrong may have gone wrong before they were there.
    await (this.#proxy as FaultProxy | undefined)?.stop();
    await (this.#device as VirtualDevice | undefined)?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #open(): Promise<void> {
    const { model = "camera", prepare, module, node } = this.#conversation;
    const clock = this.#time.view();
    this.#device = await startVirtualDevice({ model, clock, heartbeat: { ms: 10_000 }, films: stillFilm });
    this.#proxy = await FaultProxy.start(this.#device.port, clock);
    prepare?.(this.#device);
    hooks.remove("onComplete.chaos");
    hooks.add("onComplete.chaos", ({ node: { id }, error }) => {
      if (id === "node") this.#ends.push(error ? codeOf(error) : "ok");
    });
    const flow = [
      { ...deviceNode(this.#device), port: this.#proxy.port, timeZone: "utc" },
      { id: "node", device: "device", wires: [["out"]], ...node(this.#folder) },
      { id: "out", type: "helper" },
    ];
    this.#loaded = true;
    await loadFlow([deviceModule, module], flow, { device: login(this.#device) });
    this.#out = inbox("out");
  }

  /** Unloading waits for last words, which need time to go on. */
  async #unload(): Promise<void> {
    this.#loaded = false;
    let over = false;
    const unloading = helper.unload().finally(() => (over = true));
    assert.ok(await this.#advanceUntil(() => over, 30), "the nodes close within 30 s");
    await unloading;
  }

  #advanceUntil(holds: () => boolean, seconds: number, longestJumpMs?: number): Promise<boolean> {
    return this.#time.runUntil(holds, seconds * 1000, () => this.#proxy.moved, longestJumpMs);
  }

  /** One exchange from begin to end: "ok" or a code. */
  async #exchange(seconds: number): Promise<string> {
    const { message, alert } = this.#conversation;
    const before = this.#ends.length;
    if (message) {
      nodeById("node").receive(message());
      assert.ok(await this.#advanceUntil(() => this.#ends.length > before, seconds), `no done() within ${seconds} s`);
      await this.#advanceUntil(() => false, ONCE_S);
      assert.equal(this.#ends.length - before, 1, "exactly one done()");
      const became = this.#ends[before] ?? "";
      return became === "ok" ? this.#result(this.#out.all.at(-1)?.["payload"]) : became;
    }
    assert.ok(await this.#advanceUntil(() => this.#device.streams > 0, RECOVERY_S), "the stream is open");
    const count = this.#eventPayloads().length;
    if (alert) await this.#device.emit(alert(this.#device, this.#proxy.port));
    const came = await this.#advanceUntil(() => this.#eventPayloads().length > count, seconds);
    assert.ok(came, `no message within ${seconds} s`);
    await this.#advanceUntil(() => false, ONCE_S);
    assert.equal(this.#eventPayloads().length - count, 1, "exactly one message");
    return this.#result(this.#eventPayloads().at(-1));
  }

  /** "ok" only for what is right. */
  #result(payload: unknown): string {
    const { told, right } = this.#conversation;
    return told?.(payload) ?? (right?.(payload) === false ? "a wrong result passes as a good one" : "ok");
  }

  async #underFault(): Promise<Outcome> {
    const { name, endsWithin, requests } = this.#conversation;
    const isStream = name === "stream";
    const began = this.#time.elapsed;
    await this.#begin();
    const became = isStream ? await this.#watch() : await this.#exchange(endsWithin);
    const seconds = (this.#time.elapsed - began) / 1000 - (isStream ? 0 : ONCE_S);
    const isMet = this.#proxy.hits > 0 || this.#fault.moment === "reboot" || nameOf(this.#fault).endsWith("refused");
    assert.ok(isMet, "no request met the fault");
    const sent = this.#proxy.requests.length + this.#proxy.connections;
    assert.ok(became === "ok" || CODES.has(became), `no typed error: ${became}`);
    assert.ok(sent <= requests, `${sent} requests and connections, ${requests} are allowed`);
    return { became, seconds: Math.round(seconds * 10) / 10, requests: sent };
  }

  async #begin(): Promise<void> {
    const fault = this.#fault;
    const { target, name } = this.#conversation;
    // The stream that brings the event is not what fails while its picture is fetched.
    const keep = name === "picture URL" ? /alertStream/ : undefined;
    this.#proxy.arm(fault, target, keep);
    if (fault.moment !== "reboot") return;
    this.#device.authenticator.forgetNonces();
    if (fault.changed === "clock") this.#device.time.driftMs = DRIFT_MS;
    if (fault.changed !== "address") return;
    await this.#proxy.stop();
  }

  /** What became of the stream after a while under the fault. */
  async #watch(): Promise<string> {
    await this.#advanceUntil(() => false, WATCHED_S);
    const last = this.#out.all.map(({ payload }) => payload as Failure & { type: string; state: string });
    const state = last.findLast(({ type }) => type === "connection");
    return state?.state === "offline" ? (state.code ?? "UNTYPED") : "ok";
  }

  async #recover(became: string): Promise<void> {
    const refused = became === "unauthorized" || became === "locked" || SLOWLY_RETRIED.has(became);
    if (this.#fault.moment === "reboot" && this.#fault.changed === "address")
      await this.#advanceUntil(() => false, AWAY_S);
    if (refused) await this.#advanceUntil(() => false, REFUSAL_S, LONG_JUMP_MS);
  }

  #eventPayloads(): unknown[] {
    return this.#out.all
      .map(({ payload }) => payload)
      .filter((payload) => (payload as { type?: string }).type !== "connection");
  }
}

function codeOf({ code, message = "" }: Failure): string {
  if (/should not happen/.test(message)) return `a defect: ${message}`;
  return code ?? `without a code: ${message}`;
}

export function titleOf(conversation: Conversation, fault: Fault): string {
  return `${conversation.name} × ${nameOf(fault)}`;
}
