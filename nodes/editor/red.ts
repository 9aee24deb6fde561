/** The part of Node-RED's editor that the forms use, typed as narrowly as they use it. */

export interface EditorNode {
  readonly id: string;
  readonly type: string;
  name?: string;
  /** True while the node differs from what is deployed. */
  readonly changed?: boolean;
  /** Present only after the node's dialog was opened; a password only if it was typed since the last deploy. */
  readonly credentials?: Readonly<Record<string, unknown>>;
  readonly _def: { readonly defaults: Readonly<Record<string, PropertyDefinition>> };
  /** Looks a key up in the catalogue of the node's own type. */
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
  [property: string]: unknown;
}

export interface PropertyDefinition {
  /** What a new node has. */
  readonly value: unknown;
  /** Of the config node that it points to. */
  readonly type?: string;
  readonly required?: boolean;
  readonly label?: string;
  readonly validate?: Validator;
}

/** Node-RED shows the reason only if the function takes exactly two parameters. */
export type Validator = (this: EditorNode, value: unknown, options: unknown) => true | string;

interface Red {
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
  readonly nodes: {
    node(id: string): EditorNode | null;
    filterNodes(filter: { readonly type: string }): readonly EditorNode[];
  };
  readonly clipboard: { copyText(text: string, beside: JQuery, message: string): boolean };
  readonly utils: { validateTypedProperty(value: unknown, type: string, options: object): true | false | string };
  readonly settings: Readonly<Record<string, unknown>>;
}

declare const RED: Red;

/** Late bound: the script may be evaluated before the editor has finished building `RED`. */
export const red = (): Red => RED;
