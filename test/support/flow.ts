/** Real flows in the real runtime, with what tests ask of them in a line: messages, statuses, errors. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { Node } from "node-red";
import type { VirtualDevice } from "../virtual-device";
import helper, { nodeRedMain } from "./node-red";

export type FlowNode = Record<string, unknown> & { readonly id: string; readonly type: string };

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** For what comes at once on a machine that has nothing else to do. */
const PATIENCE_MS = 15_000;

/** What arrives at a helper node, in order; `next` waits for the one after those already taken. */
export class Inbox {
  readonly all: Record<string, unknown>[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;

  constructor(node: Node) {
    node.on("input", (message) => {
      this.all.push(message);
      this.#wake?.();
    });
  }

  /** The next message; fails after `ms`. */
  async next(ms = PATIENCE_MS): Promise<Record<string, unknown>> {
    const message = await this.nextOrNothing(ms);
    assert.ok(message, `no message within ${ms} ms`);
    return message;
  }

  async nextOrNothing(ms: number): Promise<Record<string, unknown> | undefined> {
    const end = Date.now() + ms;
    while (this.all.length <= this.#taken) {
      const left = end - Date.now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.all[this.#taken++];
  }

  /** The payload of the next message. */
  async payload(ms?: number): Promise<Record<string, unknown>> {
    return (await this.next(ms))["payload"] as Record<string, unknown>;
  }
}

type NodeInitializer = (RED: never) => void;

/** A node of Node-RED's own, as "common/25-catch". */
export function coreNode(name: string): unknown {
  return createRequire(nodeRedMain)(`@node-red/nodes/core/${name}.js`);
}

/** Loads a flow, all but config nodes on one tab; the types' modules are given as `require`d. */
export async function loadFlow(
  modules: readonly unknown[],
  flow: readonly FlowNode[],
  credentials: Record<string, object> = {},
): Promise<void> {
  const tab = { id: "tab", type: "tab", label: "Test" };
  const placed = flow.map((node) =>
    node.type === "hikvision-device" ? node : { z: tab.id, x: 0, y: 0, wires: [], ...node },
  );
  await helper.load(modules as unknown as NodeInitializer[] as never, [tab, ...placed] as never, credentials);
}

export function nodeById(id: string): Node & Record<string, unknown> {
  const node = helper.getNode(id) as unknown as (Node & Record<string, unknown>) | null;
  assert.ok(node, `no node "${id}"`);
  return node;
}

export function inbox(id: string): Inbox {
  return new Inbox(nodeById(id));
}

/** All statuses a node has set so far. */
export function statuses(id: string): { fill?: string; shape?: string; text?: string }[] {
  return calls(id, "status").map((args) => args[0] as { fill?: string; shape?: string; text?: string });
}

/** All errors a node has reported with `error()`, as (error, message). */
export function errors(id: string): unknown[][] {
  return calls(id, "error");
}

/** All warnings a node has logged. */
export function warnings(id: string): unknown[] {
  return calls(id, "warn").map((args) => args[0]);
}

function calls(id: string, method: string): unknown[][] {
  const spy = nodeById(id)[method] as { args: unknown[][] };
  return [...spy.args];
}

/** The ends of a node's inputs from now on, one per `done()`: the error's code, or undefined where it was good. */
export function ends(id: string): (string | undefined)[] {
  const all: (string | undefined)[] = [];
  hooks.remove(`onComplete.${id}`);
  hooks.add(`onComplete.${id}`, ({ node, error }) => {
    if (node.id === id) all.push(error?.code);
  });
  return all;
}

/** Of the Node-RED under test. */
const { hooks } = createRequire(nodeRedMain)("@node-red/util") as {
  hooks: {
    add(name: string, run: (event: { node: { id: string }; error?: { code?: string } }) => void): void;
    remove(name: string): void;
  };
};

/** What an endpoint answered: JSON, or the last of its lines. */
export function lastLine({ type, text, body }: { type: string; text: string; body: unknown }): unknown {
  return type.includes("ndjson") ? (JSON.parse(text.trim().split("\n").at(-1) ?? "") as unknown) : body;
}

/** A device config node for a virtual device. */
export function deviceNode(device: VirtualDevice, extra: Partial<Record<string, unknown>> = {}): FlowNode {
  return {
    id: "device",
    type: "hikvision-device",
    name: "Front",
    host: device.host,
    port: device.port,
    protocol: device.secure ? "https" : "http",
    ...extra,
  };
}

export function login(device: VirtualDevice): Credentials {
  return { username: device.username, password: device.password };
}

export { helper };
