/** What all browser tests share: one browser, and one Node-RED that has this package as a user's has. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../support/browser";
import { Editor, type EditorOptions } from "../support/editor";
import { leaveOut } from "../support/left-out";
import { installLinked } from "../support/linked-package";
import { RunningNodeRed } from "../support/running-node-red";

/** The only network of the computer that Node-RED runs on, and of this run of the tests alone. Linux has all of 127.0.0.0/8. */
export const NETWORK = `127.39.${(process.pid >> 8) & 255}.${process.pid & 255}`;

/**
 * Node-RED makes an editor for the description of a node with every form that opens: the small one takes a quarter less of
 * the processor than Monaco. No form of ours uses it.
 */
const EDITOR = { tours: false, codeEditor: { lib: "ace" } };

let browser: Browser | undefined;
let nodeRed: RunningNodeRed | undefined;
let folder: string | undefined;
/** Opening an editor takes seconds: one page is kept for all that want nothing of their own, of every file of this process. */
let kept: Editor | undefined;

export function running(): RunningNodeRed {
  assert.ok(nodeRed);
  return nodeRed;
}

/** An editor with what is deployed. Its complaints are read after the test. */
export async function openEditor(options: EditorOptions = {}): Promise<Editor> {
  assert.ok(browser);
  if (kept) {
    const before = kept.language;
    await kept.speak(options.language);
    if (kept.language === before) await kept.load();
    await kept.dark(options.dark ?? false);
    return kept;
  }
  return (kept = await Editor.open(browser, running().url, options));
}

/** Takes the kept page for a `describe`, with what is deployed. */
async function borrow(options?: EditorOptions): Promise<Editor> {
  const editor = await openEditor(options);
  kept = undefined;
  return editor;
}

async function giveBack(editor: Editor, whole: boolean): Promise<void> {
  if (kept || !whole) return editor.leave();
  await editor.dismiss();
  await editor.empty();
  kept = editor;
}

async function putAway(editor: Editor, failed: boolean): Promise<void> {
  const complaints = editor.complaints.splice(0);
  await editor.dismiss();
  await editor.empty();
  if (failed) {
    kept = undefined;
    await editor.leave();
  }
  assert.deepEqual(complaints, [], "the browser's console");
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
  nodeRed = await RunningNodeRed.start(folder, { network: NETWORK, settings: { editorTheme: EDITOR } });
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
  beforeEach(function () {
    if (!browser) this.skip();
  });
  afterEach(async function () {
    if (kept) await putAway(kept, this.currentTest?.state === "failed");
  });
}
