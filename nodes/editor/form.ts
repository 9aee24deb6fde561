/**
 * A node's form as `RED.nodes.registerType` wants it, and the life of the open one: what it starts is cancelled when it closes. What
 * is the same in all forms (names, labels of ports, dialogs) stands here.
 */
import type { Fields } from "../shared/fields";
import { defaultsOf, type Defaults } from "./defaults";
import type { EditorNode, Validator } from "./red";
import { openSettings } from "./settings";
import { showReasons } from "./reasons";

/** An open form, in the hands of the code that fills it. */
export interface OpenForm {
  readonly node: EditorNode;
  /** Of the node's fields.ts. */
  readonly fields: Fields;
  /** Aborts when the form closes, however it closes. */
  readonly life: AbortSignal;
  /** The element of a property, also for TypedInputs and selects. */
  readonly field: (property: string) => JQuery;
}

export interface FormOptions {
  /** Of the node's fields.ts. */
  readonly fields: Fields;
  /** Validates properties whose rule is not in `fields`. */
  readonly validators?: Readonly<Record<string, Validator>>;
  /** What an unnamed node is called. */
  label(node: EditorNode): string;
  open(form: OpenForm): void;
  /** Puts what has no input element of its own into the node. */
  save?(form: OpenForm): void;
}

/** Part of what `registerType` takes; scripts/lib/build.mjs adds icon, colour and number of ports. */
export interface Form {
  readonly defaults: Defaults;
  label(this: EditorNode): string;
  labelStyle(this: EditorNode): string;
  inputLabels(this: EditorNode): string;
  outputLabels(this: EditorNode, index: number): string;
  oneditprepare(this: EditorNode): void;
  oneditsave(this: EditorNode): void;
  oneditcancel(this: Pick<EditorNode, "id">): void;
}

export function form(type: string, options: FormOptions): Form {
  const isConfig = type === "hikvision-device";
  // Node-RED names the elements of a config node's dialog differently.
  const prefix = isConfig ? "node-config-input" : "node-input";
  const text = (node: EditorNode, key: string): string => node._(`${type}.${key}`);
  // By id: when a new config node is cancelled, Node-RED hands over nothing else of it.
  const open = new Map<string, { form: OpenForm; close: () => void }>();

  const close = ({ id }: Pick<EditorNode, "id">): void => {
    open.get(id)?.close();
    open.delete(id);
  };

  return {
    defaults: defaultsOf(options.fields, options.validators, !isConfig),
    label() {
      return this.name || options.label(this).replace(/\s+/g, " ").trim();
    },
    labelStyle() {
      return this.name ? "node_label_italic" : "";
    },
    inputLabels() {
      return text(this, "port.input");
    },
    outputLabels(index) {
      return text(this, index === 0 ? "port.output" : "port.second");
    },
    oneditprepare() {
      close(this);
      const life = new AbortController();
      const opened: OpenForm = {
        node: this,
        fields: options.fields,
        life: life.signal,
        field: (property) => $(`#${prefix}-${property}`),
      };
      const closeSettings = openSettings(this);
      open.set(this.id, {
        form: opened,
        close: () => {
          life.abort();
          closeSettings();
        },
      });
      // What is not shown is not laid out: Node-RED's typed inputs would have the browser do so for each of their parts.
      const shown = opened.field("name").closest(".hikflow").hide();
      try {
        fillMissing(opened);
        chooseOnlyDevice(opened);
        options.open(opened);
        showReasons(opened);
      } finally {
        shown.css("display", "");
      }
    },
    oneditsave() {
      const opened = open.get(this.id);
      if (opened) options.save?.(opened.form);
      close(this);
    },
    oneditcancel() {
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
function chooseOnlyDevice({ field }: OpenForm): void {
  const select = field("device");
  const isDevice = (value: unknown): boolean => typeof value === "string" && value !== "" && value !== "_ADD_";
  const devices = select
    .find("option")
    .toArray()
    .map((option) => option.getAttribute("value"))
    .filter(isDevice);
  if (!isDevice(select.val()) && devices.length === 1) select.val(devices[0] ?? "").trigger("change");
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

/** Runs now and whenever the field changes. */
export function follow(input: JQuery, run: () => void): void {
  input.on("change", run);
  run();
}
