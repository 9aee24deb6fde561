/** What an isapi form and a message ask for: one call of src/control. */
import type { IsapiCall } from "../../src";
import type { FlowMessage } from "../shared/on-input";
import type { ValueReader } from "../shared/typed-values";

/** As the form saves it, `path` apart. */
export interface IsapiForm {
  readonly method: string;
  /** Undefined: of an older flow. */
  readonly body: unknown;
  readonly bodyType: unknown;
  readonly returns: "auto" | "text" | "buffer";
  readonly dryRun: boolean;
  readonly confirm: boolean;
}

/** These send nothing but what somebody has chosen for them. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(["GET", "DELETE"]);

export async function isapiCall(form: IsapiForm, read: ValueReader, message: FlowMessage): Promise<IsapiCall> {
  const { returns, dryRun, confirm } = form;
  const method = form.method === "msg" ? message["method"] : form.method;
  return {
    method,
    path: await read("path", message),
    body: await bodyOf(form, method, read, message),
    returns,
    dryRun,
    confirm,
  };
}

function bodyOf(form: IsapiForm, method: unknown, read: ValueReader, message: FlowMessage): Promise<unknown> {
  const { body, bodyType } = form;
  const isDefault = body === undefined || (body === "payload" && bodyType === "msg");
  if (isDefault && typeof method === "string" && WITHOUT_BODY.has(method.trim().toUpperCase()))
    return Promise.resolve(undefined);
  return body === undefined ? Promise.resolve(message.payload) : read("body", message);
}
