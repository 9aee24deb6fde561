/** The help of every node in every language, as Node-RED's editor shows it: its Markdown has a property list of its own. */
import assert from "node:assert/strict";
import { manifest, readText } from "../support/project";
import { inBrowser, openEditor } from "./stage";

const nodes = Object.keys(manifest["node-red"].nodes);
const LANGUAGES = ["en-US", "de", "zh-CN"];

interface Shown {
  readonly terms: number;
  readonly bullets: number;
  readonly text: string;
  /** Of paragraphs, list entries and descriptions, code left out. */
  readonly prose: readonly string[];
}

/** Without the script element around it. */
function sourceOf(language: string, node: string): string {
  return readText(`locales/${language}/${node}.html`).replace(/^<script[^>]*>\n|<\/script>\s*$/g, "");
}

const isCode = (line: string): boolean => line.startsWith("    ");
const items = (source: string): string[] => source.split("\n").filter((line) => line.startsWith(":"));
const bullets = (source: string): string[] => source.split("\n").filter((line) => /^(- |\d+\. )/.test(line));

/** The letters and digits that a reader sees: without the marks of Markdown, the addresses of links, and white space. */
function letters(text: string): string {
  return text
    .replace(/\]\([^)]*\)/g, "")
    .replace(/^\d+\. /gm, "")
    .replace(/[^\p{L}\p{N}]/gu, "");
}

describe("the help", function () {
  this.timeout(120_000).slow(40_000);

  for (const language of LANGUAGES) {
    it(`${language}: every property is one line ": name (type) : text" with no further colon, and no other line has two`, () => {
      const wrong = nodes.flatMap((node) =>
        sourceOf(language, node)
          .split("\n")
          .filter((line) =>
            isCode(line)
              ? // The editor puts a block of code into the page as it is.
                line.includes("<")
              : line.startsWith(":")
                ? !/^: [^:()]+ \([^:()]+\) : [^:]+$/.test(line)
                : line.replace(/\[.*?\]\(.*?\)/g, "").split(":").length > 2,
          )
          .map((line) => `${node}: ${line}`),
      );
      assert.deepEqual(wrong, []);
    });

    it(`${language}: every numbered list is in one piece, since the editor would begin another at 1`, () => {
      const broken = nodes.flatMap((node) => {
        const lines = sourceOf(language, node).split("\n");
        return lines
          .filter(
            (line, at) =>
              /^\d+\. /.test(line) && !line.startsWith("1. ") && !/^(\d+\. | {3})/.test(lines[at - 1] ?? ""),
          )
          .map((line) => `${node}: ${line}`);
      });
      assert.deepEqual(broken, []);
    });

    it(`${language}: has the properties, entries and samples that the English one has`, () => {
      for (const node of nodes) {
        const [own, english] = [sourceOf(language, node), sourceOf("en-US", node)];
        const names = (source: string): (string | undefined)[] => items(source).map((item) => item.split(" : ")[0]);
        const code = (source: string): number => source.split("\n").filter(isCode).length;
        assert.deepEqual(names(own), names(english), node);
        assert.equal(bullets(own).length, bullets(english).length, node);
        assert.equal(code(own), code(english), node);
      }
    });
  }

  describe("in the sidebar", () => {
    inBrowser();

    for (const language of LANGUAGES) {
      it(`${language}: every property list is one, nothing of the source is lost`, async () => {
        const { page } = await openEditor({ language });
        for (const node of nodes) {
          const shown = await page.evaluate((type): Shown => {
            RED.sidebar.help.show(type);
            const help = document.querySelector(".red-ui-help-title")!.parentElement;
            const prose = [...help.querySelectorAll("p, li, dt, dd")].map((part) => {
              const copy = part.cloneNode(true);
              for (const code of copy.querySelectorAll("code, pre")) code.textContent = "…";
              return copy.textContent;
            });
            return {
              terms: help.querySelectorAll("dl > dt").length,
              bullets: help.querySelectorAll("li").length,
              // Without the title of the sidebar.
              text: help.textContent.slice(help.querySelector(".red-ui-help-title")!.textContent.length),
              prose,
            };
          }, `hikvision-${node}`);
          const source = sourceOf(language, node);
          assert.equal(shown.terms, items(source).length, `${node}: properties`);
          assert.equal(shown.bullets, bullets(source).length, `${node}: entries`);
          assert.deepEqual(
            shown.prose.filter((text) => /(^|\s): |^:/.test(text)),
            [],
            `${node}: marks left over`,
          );
          assert.equal(letters(shown.text), letters(source), node);
        }
      });
    }
  });
});

/** Runs in the browser. */
interface Part {
  textContent: string;
  readonly parentElement: Part;
  cloneNode(deep: boolean): Part;
  querySelector(selector: string): Part | null;
  querySelectorAll(selector: string): Iterable<Part> & { readonly length: number };
}
declare const document: { querySelector(selector: string): Part | null };
declare const RED: { readonly sidebar: { readonly help: { show(type: string): void } } };
