/** What all browser tests share: one browser, and one Node-RED that has this package as a user's has. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../support/browser";
import { Editor, ENGLISH, type EditorOptions } from "../support/editor";
import { leaveOut } from "../support/left-out";
import { installLinked } from "../support/linked-package";
import { RunningNodeRed, UNUSED_NODES } from "../support/running-node-red";

/** The only network of the computer that Node-RED runs on, and of this run of the tests alone. Linux has all of 127.0.0.0/8. */
export const NETWORK = `127.39.${(process.pid >> 8) & 255}.${process.pid & 255}`;

const SETTINGS = {
  /**
   * Node-RED makes an editor for the description of a node with every form that opens: the small one takes a quarter less of
   * the processor than Monaco. No form of ours uses it.
   */
  editorTheme: { tours: false, codeEditor: { lib: "ace" } },
  /** Node-RED also loads what stands beside it in node_modules: the dashboard is half of what the editor then reads. */
  externalModules: { palette: { denyList: ["@flowfuse/*"] } },
  nodesExcludes: UNUSED_NODES,
};

let browser: Browser | undefined;
let nodeRed: RunningNodeRed | undefined;
let folder: string | undefined;
/** Opening an editor takes seconds: a page of each language is kept for all that want nothing of their own, of every file of this process. */
const kept = new Map<string, Editor>();
/** The one that {@link openEditor} gave to the test that runs. */
let lent: Editor | undefined;

export function running(): RunningNodeRed {
  assert.ok(nodeRed);
  return nodeRed;
}

/** An editor with what is deployed. Its complaints are read after the test. */
export async function openEditor(options: EditorOptions = {}): Promise<Editor> {
  return (lent = await borrow(options));
}

/** Takes the kept page, with what is deployed. */
async function borrow(options: EditorOptions = {}): Promise<Editor> {
  assert.ok(browser);
  const { language = ENGLISH, dark = false } = options;
  const editor = kept.get(language);
  if (!editor) return Editor.open(browser, running().url, options);
  kept.delete(language);
  await editor.load();
  await editor.dark(dark);
  return editor;
}

async function giveBack(editor: Editor, whole: boolean): Promise<void> {
  if (kept.has(editor.language) || !whole) return editor.leave();
  await editor.dismiss();
  await editor.empty();
  editor.byHand = false;
  kept.set(editor.language, editor);
}

/** One editor for all tests of a `describe`, opened with the first. Its complaints are read after each. */
export function oneEditor(): () => Promise<Editor> {
  let editor: Editor | undefined;
  let whole = true;
  afterEach(function () {
    whole &&= this.currentTest?.state !== "failed";
    assert.deepEqual(editor?.complaints.splice(0) ?? [], [], "the browser's console");
  });
  after(() => editor && giveBack(editor, whole));
  return async () => (editor ??= await borrow());
}

before(async function () {
  this.timeout(120_000);
  try {
    browser = await launchBrowser();
  } catch (error) {
    console.log(`The tests of the forms in a browser are left out: ${(error as Error).message}`);
    leaveOut("Chromium");
    return;
  }
  folder = mkdtempSync(path.join(os.tmpdir(), "hikflow browser "));
  installLinked(folder);
  nodeRed = await RunningNodeRed.start(folder, { network: NETWORK, settings: SETTINGS });
});

after(async function () {
  this.timeout(60_000);
  await browser?.close();
  await nodeRed?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** One editor for all tests of a `describe`, where each leaves it as it found it; call it after {@link inBrowser}. */
export function sharedEditor(prepare: () => Promise<void>, options?: EditorOptions): () => Editor {
  let editor: Editor | undefined;
  let whole = true;
  before(async function () {
    if (!browser) return;
    this.timeout(60_000);
    await prepare();
    editor = await borrow(options);
  });
  afterEach(async function () {
    // What failed with a form open is to fail alone.
    if (this.currentTest?.state === "failed") {
      whole = false;
      await editor?.dismiss();
    }
    assert.deepEqual(editor?.complaints.splice(0) ?? [], [], "the browser's console");
  });
  after(() => editor && giveBack(editor, whole));
  return () => {
    assert.ok(editor);
    return editor;
  };
}

/** Call it first in a `describe`: skips its tests where there is no browser, and makes a browser's complaint a failure. */
export function inBrowser(): void {
  // What the file does before and after each test is left out with them; for what it does in the end, see afterTests.
  before(function () {
    if (!browser) this.skip();
  });
  afterEach(async function () {
    const editor = lent;
    lent = undefined;
    if (!editor) return;
    const complaints = editor.complaints.splice(0);
    await giveBack(editor, this.currentTest?.state !== "failed");
    assert.deepEqual(complaints, [], "the browser's console");
  });
}

/** `after` of a `describe` with {@link inBrowser}, where its tests have run: mocha does not leave it out with them. */
export function afterTests(run: () => unknown): void {
  after(() => (browser ? run() : undefined));
}
