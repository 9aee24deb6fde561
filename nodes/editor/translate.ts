/** Words of the shared catalogue: locales/<language>/device.json. */
import { red } from "./red";

const SHARED = "@hikflow/node-red-hikvision/device:hikvision-device.";

/** The text of a key below `hikvision-device`, in the viewer's language. */
export function t(key: string, values?: Readonly<Record<string, unknown>>): string {
  return red()._(SHARED + key, values);
}

/** Like {@link t}, or undefined when no catalogue has the key. */
export function known(key: string): string | undefined {
  return lookUp(SHARED + key);
}

/** The text of `<namespace>:<key>`, or undefined when no catalogue has it. */
export function lookUp(key: string): string | undefined {
  const text = red()._(key);
  return text === key || text === key.slice(key.indexOf(":") + 1) ? undefined : text;
}
