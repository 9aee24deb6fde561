/** Lists for the forms: what the device has, as value and name. Names come from the device and are text. */
import { FatalError } from "../../src/errors";
import { readChannels } from "../../src/isapi/channels";
import type { Isapi } from "../../src/isapi/isapi";
import { fields, text } from "./admin-device";

export interface Item {
  /** What the form saves. */
  readonly value: string;
  readonly label?: string;
  readonly online?: boolean;
}

/** What narrows the question, for example the channel whose presets are wanted. */
type About = Readonly<Record<string, unknown>>;
type List = (isapi: Isapi, about: About, signal: AbortSignal) => Promise<readonly Item[]>;

const LISTS: Readonly<Record<string, List>> = {
  channels: async (isapi, _about, signal) => {
    const { channels } = await readChannels(isapi, { signal });
    return channels.map(({ number, name, online }) => item(String(number), name, online));
  },
};

/** Throws `badRequest` for a list that does not exist. */
export async function listItems(isapi: Isapi, body: unknown, signal: AbortSignal): Promise<{ items: readonly Item[] }> {
  const about = fields(body);
  const name = text(about["list"]) ?? "";
  const list = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
  if (!list) throw new FatalError("badRequest", `There is no list "${name}".`);
  return { items: await list(isapi, about, signal) };
}

function item(value: string, label: string | undefined, online: boolean | undefined): Item {
  return { value, ...(label !== undefined && { label }), ...(online !== undefined && { online }) };
}
