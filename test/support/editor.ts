/** Node-RED's editor as a person works with it: drag, open, fill, save, deploy. Remembers what the browser complained about. */
import assert from "node:assert/strict";
import type { Browser, Locator, Page } from "playwright-core";
import { until } from "./until";

/** A double click, also on a machine that is busy. */
const NOTICED_WITHIN_MS = 5_000;

export const ENGLISH = "en-US";
/** Where the editor keeps the language that was chosen in its settings. */
const LANGUAGE = "editor-language";

export interface EditorOptions {
  /** "de", "en-US" …, default English, as chosen in the editor's own settings; the browser stays English. */
  readonly language?: string;
  readonly dark?: boolean;
}

export class Editor {
  readonly page: Page;
  readonly language: string;
  /** What was done as a person does it, by mouse: see {@link edit}. */
  readonly #done = new Set<string>();
  /** Nothing is done but by mouse: for who counts clicks. */
  byHand = false;
  /** Errors of scripts and of the console, refused questions to a device left out. */
  readonly complaints: string[] = [];

  private constructor(page: Page, language: string) {
    this.page = page;
    this.language = language;
    page.on("pageerror", (error) => this.complaints.push(error.stack ?? error.message));
    page.on("console", (message) => {
      const text = message.text();
      // Chromium writes a line for every answer with an error status, ours to a form's question among them.
      const refused = /^Failed to load resource/.test(text);
      if ((message.type() === "error" && !refused) || /^Validation error/.test(text)) this.complaints.push(text);
    });
  }

  /** @param url of Node-RED, ending in "/" */
  static async open(browser: Browser, url: string, options: EditorOptions = {}): Promise<Editor> {
    const { language = ENGLISH, dark = false } = options;
    const spoken = { origin: new URL(url).origin, localStorage: [{ name: LANGUAGE, value: language }] };
    const page = await browser.newPage({
      viewport: { width: 1280, height: 1000 },
      locale: ENGLISH,
      storageState: { cookies: [], origins: [spoken] },
    });
    const editor = new Editor(page, language);
    // The loader of the tests marks functions by a helper of its own, which the browser lacks.
    await page.addInitScript("globalThis.__name = (marked) => marked;");
    await page.addInitScript(withoutMotion);
    await page.addInitScript(waiting);
    await page.goto(url);
    await editor.#loaded();
    await editor.dark(dark);
    return editor;
  }

  async #loaded(): Promise<void> {
    const { page } = this;
    await page.waitForSelector('.red-ui-palette-node[data-palette-type="hikvision-event-in"]', { state: "attached" });
    await page.waitForSelector("#red-ui-loading-progress", { state: "hidden" });
    await page.evaluate(() => {
      RED.comms.subscribe("notification/runtime-deploy", (_topic, { revision }) => {
        globalThis.hikflowRunning = revision;
      });
      // Its tips start after a while, and in Node-RED 5 they then miss the place that they are shown in.
      RED.actions.invoke("core:toggle-show-tips", false);
      // Its debug sidebar draws all that comes, pictures byte by byte; no test looks there, see test/support/debug-sidebar.ts.
      RED.debug.handleDebugMessage = () => undefined;
      // For diagrams in a help, which ours has not, it reads 3.5 MB of script with the first help that it shows.
      RED.editor.mermaid.render = () => undefined;
      // Node-RED's own tabs beside the one of the form are made anew with every form, which takes a fifth of its time.
      for (const tab of ["editor-tab-description", "editor-tab-appearance"])
        RED.editor.registerEditPane(tab, () => ({ label: "", name: "", create() {}, close() {}, apply() {} }));
    });
  }

  /** Node-RED 5 has a dark scheme; its class is all that the switch in the settings sets. */
  async dark(on: boolean): Promise<void> {
    await this.page.evaluate((dark) => document.documentElement.classList.toggle("nr-theme-dark", dark), on);
  }

  /** Puts the flows away, and does not mind that others come to be deployed. */
  async empty(): Promise<void> {
    await this.page.evaluate(() => {
      RED.nodes.clear();
      RED.nodes.version(null);
      RED.nodes.dirty(false);
    });
  }

  /** Loads the deployed flows, as an opened editor does. */
  async load(): Promise<void> {
    await this.page.evaluate(async () => {
      const answer = await fetch("flows", { headers: { "Node-RED-API-Version": "v2" } });
      const { flows, rev } = (await answer.json()) as { flows: readonly object[]; rev: string };
      RED.nodes.version(rev);
      RED.nodes.import(flows);
      RED.nodes.dirty(false);
      RED.view.redraw(true);
      RED.workspaces.show(RED.nodes.getWorkspaceOrder()[0]!);
    });
  }

  /** Drags a node from the palette into the flow. Returns its id. */
  async drag(type: string, x = 400, y = 300): Promise<string> {
    const { page } = this;
    const before = new Set(await this.ids());
    const entry = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    const box = await entry.boundingBox();
    const chart = await page.locator("#red-ui-workspace-chart").boundingBox();
    assert.ok(box && chart);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(Math.max(chart.x, 250) + x, Math.max(chart.y, 60) + y, { steps: 3 });
    await page.mouse.up();
    const added = (await this.ids()).find((id) => !before.has(id));
    assert.ok(added, `${type} could not be dragged into the flow`);
    return added;
  }

  /** Puts a node into the flow that shows, by what a drag from the palette calls in the end. Returns its id. */
  async add(type: string, x = 400, y = 300): Promise<string> {
    return this.page.evaluate(
      ([name, left, top]) => {
        const node = RED.nodes.add(RED.view.createNode(name, left, top).node);
        RED.editor.validateNode(node);
        RED.nodes.dirty(true);
        RED.view.redraw(true);
        return node.id;
      },
      [type, x, y] as const,
    );
  }

  /** Types into fields of the open form or dialog, by their ids, as what it is to the page: all at once. */
  async fill(fields: Readonly<Record<string, string>>): Promise<void> {
    await this.page.evaluate((texts) => {
      for (const [id, text] of Object.entries(texts)) {
        const input = document.querySelector(`#${id}`);
        if (!input) throw new Error(`no #${id}`);
        input.focus();
        input.value = text;
        for (const event of ["input", "change"]) input.dispatchEvent(new Event(event, { bubbles: true }));
      }
    }, fields);
  }

  /** Fills in the open dialog of a device how it is reached. */
  async fillDevice({ host, port, username, password }: DeviceLogin): Promise<void> {
    const fields = { host, port: String(port), username, password };
    await this.fill(
      Object.fromEntries(Object.entries(fields).map(([name, text]) => [`node-config-input-${name}`, text])),
    );
  }

  /**
   * Opens a node's form: by double click as a person does, from the second time on by what a double click calls, which takes the
   * browser half the work.
   */
  async edit(id: string): Promise<void> {
    if (this.#first("edit")) return this.#doubleClick(id);
    await this.page.evaluate((node) => {
      RED.editor.edit(RED.nodes.node(node));
      return globalThis.hikflowSettled("#node-dialog-ok", true);
    }, id);
  }

  /** Node-RED takes no notice of one while it is busy. */
  async #doubleClick(id: string): Promise<void> {
    const form = this.page.locator("#node-dialog-ok");
    await until(
      async () => {
        const node = await this.page.locator(`.red-ui-flow-node[id="${id}"]`).boundingBox();
        assert.ok(node, `no node ${id} in the flow`);
        await this.page.mouse.dblclick(node.x + node.width / 2, node.y + node.height / 2);
        return form.waitFor({ timeout: NOTICED_WITHIN_MS }).then(
          () => true,
          () => false,
        );
      },
      "the form opens",
      3 * NOTICED_WITHIN_MS,
    );
    await this.#settled("#node-dialog-ok", true);
  }

  #first(what: string): boolean {
    if (this.#done.has(what)) return this.byHand;
    this.#done.add(what);
    return true;
  }

  /** Opens the dialog of a device. */
  async editDevice(id: string): Promise<void> {
    await this.editConfig("hikvision-device", id);
  }

  /** Opens the dialog of a config node. */
  async editConfig(type: string, id: string): Promise<void> {
    await this.page.evaluate(
      ([name, node]) => {
        RED.editor.editConfig("", name, node);
        return globalThis.hikflowSettled("#node-config-dialog-ok", true);
      },
      [type, id] as const,
    );
  }

  /** Opens the dialog of a device that is not there yet, by the "+" of a new node's form. Returns the id of that node. */
  async editNewDevice(x?: number, y?: number): Promise<string> {
    const id = await this.add("hikvision-event-in", x, y);
    await this.edit(id);
    await this.page.evaluate(() => {
      document.querySelector("#node-input-btn-device-add")?.click();
      return globalThis.hikflowSettled("#node-config-dialog-ok", true);
    });
    return id;
  }

  /** Menu → Import → Examples. Returns the ids of the nodes that came, the flow's own among them. */
  async importExample(module: string, name: string): Promise<string[]> {
    const { page } = this;
    const before = new Set(await this.ids());
    await page.click("#red-ui-header-button-sidemenu");
    await page.click("#menu-item-import");
    await page.getByRole("link", { name: "Examples" }).click();
    const examples = page.locator("#red-ui-clipboard-dialog-import-tab-examples");
    await examples.getByText(module).click();
    await examples.getByText(name).click();
    await page.click("#red-ui-clipboard-dialog-ok");
    await examples.waitFor({ state: "hidden" });
    // Asked when the device of the examples is there already, which the copy then uses.
    const copy = page.getByRole("button", { name: "Import copy" });
    const asked = await Promise.race([
      copy.waitFor({ timeout: 20_000 }).then(
        () => true,
        () => false,
      ),
      page.waitForFunction((count) => RED.nodes.filterNodes({}).length > count, before.size).then(() => false),
    ]);
    if (asked) await copy.click();
    // It is fetched only now.
    await page.waitForFunction((count) => RED.nodes.filterNodes({}).length > count, before.size);
    return (await this.ids()).filter((id) => !before.has(id));
  }

  async done(): Promise<void> {
    await this.close("#node-dialog-ok");
  }

  async cancel(): Promise<void> {
    await this.close("#node-dialog-cancel");
  }

  /** Closes whatever dialogs are open. */
  async dismiss(): Promise<void> {
    for (const button of ["#node-config-dialog-cancel", "#node-dialog-cancel"])
      if (await this.page.locator(button).isVisible()) await this.close(button);
  }

  async deviceDone(): Promise<void> {
    await this.close("#node-config-dialog-ok");
  }

  async deviceCancel(): Promise<void> {
    await this.close("#node-config-dialog-cancel");
  }

  /** Deploys, also what Node-RED marks as faulty, and waits until the flows run. */
  async deploy(): Promise<void> {
    const answered = this.page.waitForResponse((response) => new URL(response.url()).pathname === "/flows");
    await this.page.click("#red-ui-header-button-deploy:not(.disabled)");
    const confirm = this.page.locator(".red-ui-notification button.primary");
    const asked = confirm.waitFor().then(
      () => true,
      () => false,
    );
    if (await Promise.race([asked, answered.then(() => false)])) await confirm.click();
    const answer = await answered;
    assert.ok(answer.ok(), "Deploy was refused");
    const { rev } = (await answer.json()) as { rev: string };
    // Node-RED answers before it starts the flows.
    await this.page.waitForFunction((revision) => globalThis.hikflowRunning === revision, rev);
    await this.page.waitForSelector("#red-ui-header-button-deploy.disabled", { state: "attached" });
    await this.page.waitForSelector(".red-ui-deploy-button-spinner", { state: "hidden" });
  }

  /** Draws a wire from a node's first output to another node. */
  async wire(from: string, to: string): Promise<void> {
    await this.page.evaluate(
      ([source, target]) => {
        RED.nodes.addLink({ source: RED.nodes.node(source), sourcePort: 0, target: RED.nodes.node(target) });
        RED.nodes.node(source).changed = true;
        RED.nodes.dirty(true);
      },
      [from, to] as const,
    );
  }

  /** Takes a node out of the flow, with its wires. */
  async remove(id: string): Promise<void> {
    await this.page.evaluate((node) => {
      RED.nodes.remove(node);
      RED.view.redraw(true);
    }, id);
  }

  /** What Node-RED's editor would export for a node. */
  async node(id: string): Promise<Record<string, unknown>> {
    return this.page.evaluate((node) => RED.nodes.convertNode(RED.nodes.node(node), { credentials: false }), id);
  }

  /** Is there something to deploy in this node? */
  async changed(id: string): Promise<boolean> {
    return this.page.evaluate((node) => RED.nodes.node(node).changed === true, id);
  }

  /** Why Node-RED marks the node as faulty. */
  async faults(id: string): Promise<string[]> {
    return this.page.evaluate((node) => RED.nodes.node(node).validationErrors ?? [], id);
  }

  get tray(): Locator {
    return this.page.locator(".red-ui-tray").last();
  }

  async leave(): Promise<void> {
    await this.page.close({ runBeforeUnload: false });
  }

  /** Ids of the nodes in the flows. */
  ids(): Promise<string[]> {
    return this.page.evaluate(() => {
      const ids: string[] = [];
      RED.nodes.eachNode((node) => ids.push(node.id));
      return ids;
    });
  }

  private async close(button: string): Promise<void> {
    if (this.#first(button)) {
      await this.page.click(button);
      return this.#settled(button, false);
    }
    await this.page.evaluate((selector) => {
      // A field that was typed into says that it is changed when it is left.
      document.activeElement?.blur();
      document.querySelector(selector)?.click();
      return globalThis.hikflowSettled(selector, false);
    }, button);
  }

  /** That button came, or went, and what shows has slid in, if anything does; Node-RED then raises it. */
  async #settled(button: string, there: boolean): Promise<void> {
    await this.page.evaluate(([selector, comes]) => globalThis.hikflowSettled(selector, comes), [
      button,
      there,
    ] as const);
  }
}

/** Looks without drawing, unlike what Playwright waits with: a page that is looked at sixty times a second is drawn as often. */
function waiting(): void {
  globalThis.hikflowSettled = async (button, there) => {
    const settled = (): boolean => {
      if ((document.querySelector(button) !== null) !== there) return false;
      const tray = [...document.querySelectorAll(".red-ui-tray")].at(-1);
      if (!tray) return true;
      const raised = document.querySelector("#red-ui-editor-stack")?.style.zIndex === "13";
      return raised && tray.style.right === "0px";
    };
    for (const end = Date.now() + 20_000; !settled();) {
      if (Date.now() > end) throw new Error(`${button} ${there ? "did not come" : "stayed"}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
}

/**
 * What slides or spins is drawn sixty times a second, by the processor that runs the tests, and Node-RED waits until it has slid. A
 * rule for all elements, their ::before and ::after would cost more than the one that it is taken out of.
 */
function withoutMotion(): void {
  const { setTimeout } = globalThis;
  /** Of Node-RED's trays (RED.tray) and tabs. The forms of this package have no such pause. */
  const slidesMs = [150, 200, 250, 300];
  Object.assign(globalThis, {
    setTimeout: (run: () => void, ms = 0, ...more: []) => setTimeout(run, slidesMs.includes(ms) ? 0 : ms, ...more),
  });
  window.addEventListener("load", () => {
    $.fx.off = true;
    const still = (rules: Iterable<Rule>): void => {
      for (const { style, cssRules } of rules) {
        for (const motion of ["transition", "animation"]) style?.removeProperty(motion);
        if (cssRules) still(cssRules);
      }
    };
    for (const { cssRules } of document.styleSheets) still(cssRules);
    const style = document.createElement("style");
    // What is not seen is not drawn. It is laid out, and can be clicked on; the sidebar, which no test looks at, is not even that.
    style.textContent = `
      html { opacity: 0; }
      .red-ui-tray { transition: none !important; }
      #red-ui-sidebar { display: none !important; }`;
    document.head.append(style);
  });
}

/** How a device is reached. */
interface DeviceLogin {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

interface EditedNode extends Record<string, unknown> {
  readonly id: string;
  changed?: boolean;
  readonly validationErrors?: string[];
}

/** What stands in the browser. */
declare global {
  /** Revision of the flows that were started last. A property of the window. */
  var hikflowRunning: string | undefined;
  // Properties of the window, too.
  var hikflowSettled: (button: string, there: boolean) => Promise<void>;
}
/** What the tests ask of the editor itself; these functions run in the browser. */
declare const RED: {
  readonly editor: {
    edit(node: EditedNode): void;
    editConfig(name: string, type: string, id: string): void;
    validateNode(node: EditedNode): void;
    registerEditPane(name: string, pane: () => object): void;
    readonly mermaid: { render: () => void };
  };
  readonly actions: { invoke(action: string, on: boolean): void };
  readonly debug: { handleDebugMessage: () => void };
  readonly view: {
    createNode(type: string, x: number, y: number): { readonly node: EditedNode };
    redraw(all: boolean): void;
  };
  readonly workspaces: { show(id: string): void };
  readonly comms: { subscribe(topic: string, hear: (topic: string, message: { revision?: string }) => void): void };
  readonly nodes: {
    clear(): void;
    version(revision: string | null): void;
    import(flows: readonly object[]): void;
    getWorkspaceOrder(): readonly string[];
    node(id: string): EditedNode;
    add(node: EditedNode): EditedNode;
    addLink(link: { source: EditedNode; sourcePort: number; target: EditedNode }): void;
    dirty(dirty: boolean): void;
    remove(id: string): void;
    eachNode(visit: (node: EditedNode) => void): void;
    filterNodes(filter: object): readonly EditedNode[];
    convertNode(node: EditedNode, options: object): Record<string, unknown>;
  };
};
interface Rule {
  readonly style?: { removeProperty(name: string): void };
  readonly cssRules?: Iterable<Rule>;
}
interface Element {
  readonly style: { readonly right: string; readonly zIndex: string };
  value: string;
  click(): void;
  blur(): void;
  focus(): void;
  dispatchEvent(event: Event): void;
}
declare const $: { readonly fx: { off: boolean } };
declare const window: { addEventListener(event: string, hear: () => void): void };
declare const document: {
  readonly styleSheets: Iterable<{ readonly cssRules: Iterable<Rule> }>;
  readonly head: { append(element: object): void };
  createElement(name: string): { textContent: string };
  readonly documentElement: { readonly classList: { toggle(name: string, on: boolean): void } };
  readonly activeElement: Element | null;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
};
