/** Why a field is refused: Node-RED shows it in a tooltip only; here it also stands below the field, for every reader. */
import type { EditorNode } from "./red";

interface ReasonsOptions {
  readonly node: EditorNode;
  readonly field: (property: string) => JQuery;
}

export function showReasons({ node, field }: ReasonsOptions): void {
  for (const [property, { validate }] of Object.entries(node._def.defaults)) {
    const input = field(property);
    const place = input.closest(".hikflow-field");
    if (!validate || place.length === 0) continue;
    const id = `hikflow-reason-${property}`;
    const reason = $("<div>", { class: "hikflow-reason", id, "aria-live": "polite" }).appendTo(place);
    const show = (): void => {
      const answer = validate.call(node, input.val(), {});
      const wrong = answer === true ? "" : answer;
      reason.text(wrong).toggle(wrong !== "");
      place
        .find("input:not([type=hidden]), select, .red-ui-typedInput-option-trigger")
        .filter((_index, part) => !isHiddenIn(place, part))
        .attr({ "aria-invalid": String(wrong !== ""), "aria-describedby": id });
    };
    input.on("change keyup paste input", show);
    show();
  }
}

/** By what is said of its display: asking whether it is visible makes the browser lay out the form, for every field anew. */
function isHiddenIn(place: JQuery, part: HTMLElement): boolean {
  const hidden = part.closest('[style*="display: none"]');
  return hidden !== null && place[0]?.contains(hidden) === true;
}
