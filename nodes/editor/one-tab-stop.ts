/** A list of many controls as one stop of the Tab key: arrows, Home and End move within it. */

/** @param controls what can have the focus, as a selector. Call the result whenever they have changed. */
export function oneTabStop(list: JQuery, controls: string): () => void {
  let current: HTMLElement | undefined;
  const visible = (): HTMLElement[] => list.find(controls).filter(":visible").toArray();
  const settle = (): void => {
    const all = list.find(controls).toArray();
    const shown = visible();
    if (current === undefined || !shown.includes(current)) current = shown[0];
    for (const control of all) control.tabIndex = control === current ? 0 : -1;
  };
  list.on("focusin", controls, ({ target }) => {
    current = target as HTMLElement;
    settle();
  });
  list.on("keydown", controls, (event) => {
    const shown = visible();
    const at = shown.indexOf(event.target as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    shown[Math.min(Math.max(next, 0), shown.length - 1)]?.focus();
  });
  return settle;
}
