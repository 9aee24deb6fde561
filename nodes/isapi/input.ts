/** What an isapi form and a message ask for: one call of src/control. */
import type { IsapiCall } from "../../src";
import type { FlowMessage } from "../shared/on-input";
import type { ValueReader } from "../shared/typed-values";

/** As the form saves it, `path` and the value of `body` apart. */
export interface IsapiForm {
  readonly method?: string;
  readonly body?: unknown;
  readonly bodyType?: string;
  readonly returns?: string;
  readonly dryRun?: boolean;
  readonly confirm?: boolean;
}

/** These send nothing but what somebody has chosen for them. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(["GET", "DELETE"]);

export async function isapiCall(form: IsapiForm, read: ValueReader, message: FlowMessage): Promise<IsapiCall> {
  const method = form.method === "msg" ? message["method"] : (form.method ?? "GET");
  return {
    method,
    path: await read("path", message),
    body: await bodyOf(form, method, read, message),
    returns: form.returns === "text" || form.returns === "buffer" ? form.returns : "auto",
    dryRun: form.dryRun === true,
    confirm: form.confirm === true,
  };
}

function bodyOf(form: IsapiForm, method: unknown, read: ValueReader, message: FlowMessage): Promise<unknown> {
  const { body, bodyType } = form;
  const isDefault = body === undefined || (body === "payload" && bodyType === "msg");
  if (isDefault && typeof method === "string" && WITHOUT_BODY.has(method.trim().toUpperCase()))
    return Promise.resolve(undefined);
  return body === undefined ? Promise.resolve(message.payload) : read("body", message);
}
