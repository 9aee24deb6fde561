/** A walk of the documents, done in the editor by mouse, with the clicks counted that it promises: "(4 clicks)". */
import assert from "node:assert/strict";
import type { Editor } from "../support/editor";
import { openEditor, running } from "./stage";

export class CountedWalk {
  readonly editor: Editor;
  /** By step. */
  readonly #counted: number[] = [];

  private constructor(editor: Editor) {
    this.editor = editor;
  }

  /** In the Node-RED of a beginner, whatever the tests before have deployed. */
  static async begin(): Promise<CountedWalk> {
    await running().deploy([]);
    const editor = await openEditor();
    editor.byHand = true;
    await editor.page.evaluate(() => {
      const counts = "hikflowClicks" in globalThis; // the page of another walk
      globalThis.hikflowClicks = 0;
      if (!counts) document.addEventListener("click", ({ isTrusted }) => isTrusted && globalThis.hikflowClicks++, true);
    });
    return new CountedWalk(editor);
  }

  async stepDone(): Promise<void> {
    const all = await this.editor.page.evaluate(() => globalThis.hikflowClicks);
    this.#counted.push(all - this.#counted.reduce((sum, one) => sum + one, 0));
  }

  /** The id of the node of that name, whose flow is shown. */
  async show(ids: readonly string[], name: string): Promise<string> {
    return this.editor.page.evaluate(
      ([all, wanted]) => {
        const found = all.map((id) => RED.nodes.node(id)).find((node) => node.name === wanted);
        RED.workspaces.show(found?.z ?? "");
        return found?.id ?? "";
      },
      [ids, name] as const,
    );
  }

  /** Its steps took as many clicks as the document says. */
  check(text: string): void {
    const promised = [...text.matchAll(/\((\d+) clicks?\)/g)].map(([, clicks]) => Number(clicks));
    assert.deepEqual(this.#counted, promised);
  }
}

/** What stands in the browser. */
declare global {
  // A property of the window.
  var hikflowClicks: number;
}
declare const document: {
  addEventListener(type: string, hear: (event: { readonly isTrusted: boolean }) => unknown, capture: boolean): void;
};
declare const RED: {
  readonly nodes: { node(id: string): { readonly id: string; readonly name?: string; readonly z?: string } };
  readonly workspaces: { show(id: string): void };
};
