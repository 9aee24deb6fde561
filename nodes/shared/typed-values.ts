/** Properties a flow may compute: the message's own value first, then the form's TypedInput, for this message only. */
import type { Node, NodeAPI } from "node-red";
import { FatalError, say } from "../../src";
import type { FlowMessage } from "./on-input";

/** Names that `msg.<name>` overrides (design.md 3). `directory` and `filename` are never among them. */
const OVERRIDABLE: ReadonlySet<string> = new Set([
  "channel",
  "stream",
  "width",
  "height",
  "start",
  "end",
  "recording",
  "newest",
  "before",
  "after",
  "duration",
  "output",
]);

/** Types of values that are not known before a message comes. */
const COMPUTED: ReadonlySet<string> = new Set(["msg", "flow", "global", "env", "jsonata"]);
const NO_MESSAGE = { _msgid: "" } as FlowMessage;

export type ValueReader = (name: string, message: FlowMessage) => Promise<unknown>;

/** Reads `def[name]` as its `def[name + "Type"]` says; a missing type is the literal. Empty becomes undefined. */
export function valueReader(RED: NodeAPI, node: Node, def: object): ValueReader {
  const saved = def as Readonly<Record<string, unknown>>;
  return async (name, message) => {
    const given = OVERRIDABLE.has(name) ? message[name] : undefined;
    if (given !== undefined) return given;
    const value = saved[name];
    const type = saved[`${name}Type`];
    if (typeof type !== "string" || type === "" || type === "str" || typeof value !== "string")
      return emptyIsNothing(value);
    return emptyIsNothing(await evaluate(RED, node, name, value, type, message));
  };
}

/** {@link valueReader} for a form that no message passes: throws `badRequest` for what only a flow can tell. */
export function fixedReader(RED: NodeAPI, def: object): ValueReader {
  const nobody = null as unknown as Node;
  const read = valueReader(RED, nobody, def);
  return async (name) => {
    const type = (def as Readonly<Record<string, unknown>>)[`${name}Type`];
    if (typeof type === "string" && COMPUTED.has(type))
      throw new FatalError("badRequest", say`"${name}" comes from the flow (${type}): only fixed values can be tried.`);
    return read(name, NO_MESSAGE);
  };
}

function evaluate(
  RED: NodeAPI,
  node: Node,
  name: string,
  value: string,
  type: string,
  message: FlowMessage,
): Promise<unknown> {
  if (value === "" && (type === "num" || type === "json")) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const refuse = (reason: unknown): void =>
      reject(
        new FatalError(
          "badRequest",
          say`"${name}" cannot be read from ${type} "${value}": ${reason instanceof Error ? reason.message : String(reason)}`,
        ),
      );
    try {
      RED.util.evaluateNodeProperty(value, type, node, message, (error, result) =>
        error ? refuse(error) : resolve(result),
      );
    } catch (error) {
      refuse(error);
    }
  });
}

function emptyIsNothing(value: unknown): unknown {
  return value === "" || value === null ? undefined : value;
}

/** A finite number or undefined; text numbers are accepted. Throws `badRequest` naming the property. */
export function optionalNumber(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number))
    throw new FatalError("badRequest", say`"${name}" must be a number.`);
  return number;
}
