/** How an open form looks, measured in the browser. */
import type { Editor } from "../support/editor";

/** Fields that a screen reader has no name for. */
export function namelessFields({ page }: Editor): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".hikflow input, .hikflow select, .hikflow button")]
      .filter((field) => field.getClientRects().length > 0)
      .filter((field) => {
        const label = [...(field.labels ?? [])].map(({ textContent }) => textContent).join(" ");
        const said =
          label + (field.getAttribute("aria-label") ?? "") + (field.tagName === "BUTTON" ? field.textContent : "");
        // Two spaces: a name that was left out of "Where … comes from".
        return said.trim() === "" || /\S {2}\S/.test(field.getAttribute("aria-label") ?? "");
      })
      .map((field) => field.outerHTML),
  );
}

/** Parts that stick out of the form in a tray that leaves it so many pixels. */
export function stickingOut({ page }: Editor, width: number): Promise<string[]> {
  return page.evaluate((px) => {
    const form = document.querySelector(".hikflow")!;
    form.style.width = `${px}px`;
    const { right } = form.getBoundingClientRect();
    const found = [...document.querySelectorAll(".hikflow *")]
      .filter((part) => part.getClientRects().length > 0 && part.getBoundingClientRect().right > right + 1)
      .map((part) => part.outerHTML.slice(0, 200));
    form.style.width = "";
    return found;
  }, width);
}

/** The lightness of the brightest background, 0 to 255, in the dark scheme; undefined where there is none. */
export async function brightestInDark({ page }: Editor): Promise<number | undefined> {
  return page.evaluate(() => {
    const lightness = (element: HTMLElement): number => {
      const [r = 0, g = 0, b = 0, alpha = 1] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) ?? []).map(
        Number,
      );
      return alpha === 0 ? 0 : (r + g + b) / 3;
    };
    document.documentElement.classList.add("nr-theme-dark");
    const dark = lightness(document.querySelector(".red-ui-tray")!) < 80;
    const parts = [
      ...document.querySelectorAll(".hikflow, .hikflow *:not(input[type=checkbox], img, .red-ui-typedInput-icon)"),
    ];
    const brightest = Math.max(...parts.map(lightness));
    document.documentElement.classList.remove("nr-theme-dark");
    return dark ? brightest : undefined;
  });
}

/** Runs in the browser. */
interface HTMLElement {
  readonly tagName: string;
  readonly outerHTML: string;
  readonly textContent: string;
  readonly style: { width: string };
  readonly labels?: Iterable<{ readonly textContent: string }>;
  readonly classList: { add(name: string): void; remove(name: string): void };
  getAttribute(name: string): string | null;
  getClientRects(): { readonly length: number };
  getBoundingClientRect(): { readonly left: number; readonly right: number };
}
declare const document: {
  readonly documentElement: HTMLElement;
  querySelector(selector: string): HTMLElement | null;
  querySelectorAll(selector: string): Iterable<HTMLElement>;
};
declare function getComputedStyle(element: HTMLElement): { readonly backgroundColor: string };
