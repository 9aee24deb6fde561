/** An example in the editor: what a person fills in, presses and reads there. */
import assert from "node:assert/strict";
import type { Editor } from "../support/editor";
import type { ExampleRun, Shown } from "../support/example-promises";
import type { MqttBroker } from "../support/mqtt-broker";
import type { VirtualDevice } from "../virtual-device";

const LOOK_AGAIN_MS = 100;

interface Placed {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
}

/** Keeps what the debug sidebar gets, with the sidebar open. Repeatable. */
export async function watchDebug({ page }: Editor): Promise<void> {
  await page.evaluate(() => {
    if (globalThis.hikflowDebug) return;
    const kept: DebugEntry[] = (globalThis.hikflowDebug = []);
    RED.sidebar.show("debug");
    RED.comms.subscribe("debug", (_topic, entry) => kept.push(entry));
  });
}

export class ImportedExample {
  readonly #editor: Editor;
  readonly #nodes: readonly Placed[];

  private constructor(editor: Editor, nodes: readonly Placed[]) {
    this.#editor = editor;
    this.#nodes = nodes;
  }

  /** By the menu, as a person does. */
  static async take(editor: Editor, module: string, name: string): Promise<ImportedExample> {
    return ImportedExample.#placed(editor, await editor.importExample(module, name));
  }

  /** By what the menu calls in the end, which takes a fraction of the time. */
  static async put(editor: Editor, flow: readonly object[]): Promise<ImportedExample> {
    const ids = await editor.page.evaluate((nodes) => {
      const all = RED.nodes.import(nodes, { generateIds: true }).nodes.map(({ id }) => id);
      return all.filter((id) => RED.nodes.node(id).z);
    }, flow);
    return ImportedExample.#placed(editor, ids);
  }

  static async #placed(editor: Editor, ids: readonly string[]): Promise<ImportedExample> {
    const nodes = await editor.page.evaluate((wanted) => {
      // A person would click on its tab.
      RED.workspaces.show(RED.nodes.node(wanted[0] ?? "").z ?? "");
      const used = new Set<string>();
      const placed = wanted.map((id) => {
        const node = RED.nodes.node(id);
        for (const config of [node.device, node.broker]) if (typeof config === "string") used.add(config);
        return node;
      });
      return [...placed, ...[...used].map((id) => RED.nodes.node(id))].map(({ id, type, name }) => ({
        id,
        type,
        name,
      }));
    }, ids);
    return new ImportedExample(editor, nodes);
  }

  /** What the editor marks as faulty, or does not know. */
  faults(): Promise<string[]> {
    return this.#editor.page.evaluate(
      (ids) =>
        ids
          .map((id) => RED.nodes.node(id))
          .filter(({ type, valid }) => type === "unknown" || valid === false)
          .map(({ type, name, validationErrors }) => `${type} "${name}": ${(validationErrors ?? []).join(", ")}`),
      this.#nodes.map(({ id }) => id),
    );
  }

  /** What the editor would deploy of its nodes. */
  saved(): Promise<Record<string, unknown>[]> {
    return this.#editor.page.evaluate(
      (ids) => ids.map((id) => RED.nodes.convertNode(RED.nodes.node(id), { credentials: false })),
      this.#nodes.map(({ id }) => id),
    );
  }

  /** Nodes that lie upon each other, or over the edge. */
  async untidy(): Promise<string[]> {
    const boxes = await this.#editor.page.evaluate(
      (ids) =>
        ids
          .map((id) => RED.nodes.node(id))
          .filter(({ z }) => z !== undefined)
          .map(({ name, type, x = 0, y = 0, w = 0, h = 0 }) => ({
            name: name || type,
            x: x - w / 2,
            y: y - h / 2,
            w,
            h,
          })),
      this.#nodes.map(({ id }) => id),
    );
    const over = boxes.filter(({ x, y }) => x < 0 || y < 0).map(({ name }) => `${name} is over the edge`);
    const upon = boxes.flatMap((a, index) =>
      boxes
        .slice(index + 1)
        .filter((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
        .map((b) => `${a.name} lies upon ${b.name}`),
    );
    return [...over, ...upon];
  }

  /** What the comment "FILL IN" asks for: the device, and the folder for files. */
  async fillIn(device: VirtualDevice, folder: string): Promise<void> {
    const { page } = this.#editor;
    for (const { id } of this.#of("hikvision-device")) {
      await this.#editor.editDevice(id);
      await this.#editor.fillDevice(device);
      await this.#editor.deviceDone();
    }
    for (const { id } of this.#of("hikvision-download")) {
      await this.#editor.edit(id);
      // It comes as an expression.
      await page.evaluate(
        (text) => $("#node-input-directory").typedInput("type", "str").typedInput("value", text),
        folder,
      );
      await this.#editor.done();
    }
  }

  async fillInBroker({ port }: MqttBroker): Promise<void> {
    const { page } = this.#editor;
    for (const { id } of this.#of("mqtt-broker")) {
      await this.#editor.editConfig("mqtt-broker", id);
      await page.fill("#node-config-input-broker", "127.0.0.1");
      await page.fill("#node-config-input-port", String(port));
      await this.#editor.deviceDone();
    }
  }

  /** What nobody wants to wait for in a test. */
  async hurry(): Promise<void> {
    await this.#editor.page.evaluate(
      (ids) => {
        for (const node of ids.map((id) => RED.nodes.node(id))) {
          if (node.type === "delay") Object.assign(node, { timeout: "1", timeoutUnits: "milliseconds" });
          if (node.type === "join") Object.assign(node, { timeout: "3" });
        }
      },
      this.#nodes.map(({ id }) => id),
    );
  }

  /** Takes it out of the editor, so that the next deploy ends it. `devices` false: others use them, too. */
  async remove(devices = true): Promise<void> {
    await this.#editor.page.evaluate(
      ([ids, all]) => {
        const [tab, ...configs] = [...new Set(ids.map((id) => RED.nodes.node(id).z ?? id))];
        RED.workspaces.delete(RED.nodes.workspace(tab ?? ""));
        if (all) for (const id of configs) RED.nodes.remove(id);
      },
      [this.#nodes.map(({ id }) => id), devices] as const,
    );
  }

  run(device: VirtualDevice, web: string): ExampleRun {
    const { page } = this.#editor;
    const on = (name: string): string => `.red-ui-flow-node[id="${this.#named(name)}"]`;
    return {
      device,
      web,
      shown: (name) => this.#shown(this.#named(name)),
      status: async (name) => {
        const label = page.locator(`${on(name)} .red-ui-flow-node-status-label`);
        return (await label.textContent()) ?? undefined;
      },
      press: (name) => page.click(`${on(name)} .red-ui-flow-node-button-button`),
    };
  }

  #shown(id: string): Shown {
    const { page } = this.#editor;
    let taken = 0;
    let come = 0;
    const entry = async (): Promise<DebugEntry | undefined> => {
      const own = await page.evaluate((node) => globalThis.hikflowDebug?.filter((kept) => kept.id === node) ?? [], id);
      come = own.length;
      return own[taken];
    };
    return {
      next: async (ms = 15_000) => {
        for (const end = Date.now() + ms; ;) {
          const found = await entry();
          if (found) {
            taken++;
            return decoded(found);
          }
          assert.ok(Date.now() < end, `nothing in the debug sidebar within ${ms} ms`);
          await page.waitForTimeout(LOOK_AGAIN_MS);
        }
      },
      count: () => come,
    };
  }

  #of(type: string): readonly Placed[] {
    return this.#nodes.filter((node) => node.type === type);
  }

  #named(name: string): string {
    const [found, second] = this.#nodes.filter((node) => node.name === name);
    assert.ok(found && !second, `one node "${name}"`);
    return found.id;
  }
}

/** The value behind the sidebar's text. What is long was cut by Node-RED and is marked by `__enc__`. */
function decoded({ msg, format }: DebugEntry): unknown {
  if (/^string/.test(format)) return msg;
  return JSON.parse(msg, (_key, value: unknown) => {
    const { __enc__, type, data } = (value ?? {}) as { __enc__?: boolean; type?: string; data?: unknown };
    if (type === "Buffer" && Array.isArray(data)) return Buffer.from(data as number[]);
    return __enc__ === true ? data : value;
  });
}

/** What the debug sidebar gets. */
interface DebugEntry {
  readonly id: string;
  readonly msg: string;
  readonly format: string;
}

interface EditorNode extends Placed {
  readonly name: string;
  readonly valid?: boolean;
  readonly validationErrors?: readonly string[];
  readonly device?: string;
  readonly broker?: string;
  readonly z?: string;
  readonly x?: number;
  readonly y?: number;
  readonly w?: number;
  readonly h?: number;
}

/** What stands in the browser. */
declare global {
  // A property of the window.
  var hikflowDebug: DebugEntry[] | undefined;
}
interface TypedInput {
  typedInput(what: "type" | "value", value: string): TypedInput;
}
declare const $: (selector: string) => TypedInput;
declare const RED: {
  readonly sidebar: { show(name: string): void };
  readonly comms: { subscribe(topic: string, hear: (topic: string, entry: DebugEntry) => void): void };
  readonly workspaces: { show(id: string): void; delete(tab: object): void };
  readonly nodes: {
    node(id: string): EditorNode;
    convertNode(node: EditorNode, options: object): Record<string, unknown>;
    workspace(id: string): object;
    remove(id: string): void;
    import(
      flow: readonly object[],
      options: { generateIds: boolean },
    ): { readonly nodes: readonly { readonly id: string }[] };
  };
};
