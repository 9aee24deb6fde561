/** The life of one open form: what it starts is cancelled when it closes, and what is wrong in it is said in words. */
import type { EditorNode } from "./red";

/** An open form, in the hands of the code that fills it. */
export interface OpenForm {
  readonly node: EditorNode;
  /** Aborts when the form closes, however it closes. */
  readonly life: AbortSignal;
  /** The element of a property, also for TypedInputs and selects. */
  readonly field: (property: string) => JQuery;
}

export interface FormBehaviour {
  open(form: OpenForm): void;
  /** Puts what has no input element of its own into the node. */
  save?(form: OpenForm): void;
}

/** What `registerType` wants. */
export interface FormHandlers {
  prepare(this: EditorNode): void;
  save(this: EditorNode): void;
  cancel(this: Pick<EditorNode, "id">): void;
}

const OPEN = new WeakSet<EditorNode>();

/** True while this very node's dialog is open: only then do the elements on the page speak for it. */
export const isOpen = (node: EditorNode): boolean => OPEN.has(node);

/** `prefix`: Node-RED names the elements of a config node's dialog differently. */
export function form(
  behaviour: FormBehaviour,
  prefix: "node-input" | "node-config-input" = "node-input",
): FormHandlers {
  // By id: when a new config node is cancelled, Node-RED hands over nothing else of it.
  const open = new Map<string, { form: OpenForm; end: () => void }>();

  const close = ({ id }: Pick<EditorNode, "id">): void => {
    const closing = open.get(id);
    if (!closing) return;
    closing.end();
    open.delete(id);
    OPEN.delete(closing.form.node);
  };

  return {
    prepare() {
      close(this);
      const life = new AbortController();
      const opened: OpenForm = { node: this, life: life.signal, field: (property) => $(`#${prefix}-${property}`) };
      open.set(this.id, { form: opened, end: () => life.abort() });
      OPEN.add(this);
      fillMissing(opened);
      offerOnlyDevice(opened);
      behaviour.open(opened);
      sayReasons(opened);
    },
    save() {
      const opened = open.get(this.id);
      if (opened && behaviour.save) behaviour.save(opened.form);
      close(this);
    },
    cancel() {
      close(this);
    },
  };
}

/** A property that an older or a hand-written flow lacks shows, and is saved as, what a new node has. */
function fillMissing({ node, field }: OpenForm): void {
  for (const [property, { value }] of Object.entries(node._def.defaults)) {
    if (node[property] !== undefined) continue;
    if (typeof value === "boolean") field(property).prop("checked", value);
    else if (typeof value === "string" || typeof value === "number") field(property).val(value);
  }
}

/** A flow with one device, the usual case, needs no choice. */
function offerOnlyDevice({ field }: OpenForm): void {
  const select = field("device");
  const isDevice = (value: unknown): boolean => typeof value === "string" && value !== "" && value !== "_ADD_";
  const devices = select
    .find("option")
    .toArray()
    .map((option) => option.getAttribute("value"))
    .filter(isDevice);
  if (!isDevice(select.val()) && devices.length === 1) select.val(devices[0] ?? "").trigger("change");
}

/** Node-RED shows why a field is refused in a tooltip only; here it also stands below the field, for every reader. */
function sayReasons({ node, field }: OpenForm): void {
  for (const [property, { validate }] of Object.entries(node._def.defaults)) {
    const input = field(property);
    const place = input.closest(".hikflow-field");
    if (!validate || place.length === 0) continue;
    const id = `hikflow-reason-${property}`;
    const reason = $("<div>", { class: "hikflow-reason", id, "aria-live": "polite" }).appendTo(place);
    const judge = (): void => {
      const verdict = validate.call(node, input.val(), {});
      const wrong = verdict === true ? "" : verdict;
      reason.text(wrong).toggle(wrong !== "");
      place
        .find("input:visible, select:visible, .red-ui-typedInput-option-trigger:visible")
        .attr({ "aria-invalid": String(wrong !== ""), "aria-describedby": id });
    };
    input.on("change keyup paste input", judge);
    judge();
  }
}

/** Shows rows marked `data-when-<property>="a b"` only while the property is a or b. A row with several marks needs all of them. */
export function showFor({ field }: OpenForm, property: string): void {
  const rows = field(property).closest(".hikflow").find(`[data-when-${property}]`);
  follow(field(property), () => {
    const now = String(field(property).val() ?? "");
    rows.each((_index, row) => {
      const fits = (row.getAttribute(`data-when-${property}`) ?? "").split(" ").includes(now);
      row.classList.toggle(`hikflow-not-${property}`, !fits);
    });
  });
}

/** Announces `change` of a field now and whenever it happens. */
export function follow(input: JQuery, run: () => void): void {
  input.on("change", run);
  run();
}
