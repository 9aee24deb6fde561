/** One question to the admin endpoints: bounded in time, cancelled with the form, failures with a code and words. */
import { known, t } from "./translate";

/** The endpoints answer within 10 s themselves; this is for the case that Node-RED does not. */
const TIMEOUT_MS = 15_000;

/** A refusal or failure. `message` is a sentence for the user. */
export class AskFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Rejects with {@link AskFailure}; `aborted` when the signal did it. */
export function ask(question: string, body: unknown, signal: AbortSignal, timeoutMs = TIMEOUT_MS): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new AskFailure("aborted", ""));
      return;
    }
    const request = post(question, body, { dataType: "json", timeout: timeoutMs });
    const cancel = (): void => request.abort();
    signal.addEventListener("abort", cancel, { once: true });
    request
      .always(() => signal.removeEventListener("abort", cancel))
      .then(
        (answer: unknown) => resolve(answer),
        (xhr: unknown) => reject(failureOf(xhr as JQuery.jqXHR)),
      );
  });
}

/** POSTs JSON. The address is relative without a leading slash, so that the editor adds its root and its login. */
export function post(question: string, body: unknown, settings: JQuery.AjaxSettings): JQuery.jqXHR {
  return $.ajax({
    url: `hikvision/${question}`,
    method: "POST",
    contentType: "application/json",
    headers: { "Accept-Language": t("language") },
    data: JSON.stringify(body),
    ...settings,
  });
}

/** Why a request to our endpoints failed. */
export function failureOf(xhr: JQuery.jqXHR): AskFailure {
  const answer: unknown = xhr.responseJSON ?? parsed(xhr.responseText);
  if (isRefusal(answer)) return new AskFailure(answer.code, answer.error);
  if (xhr.statusText === "abort") return new AskFailure("aborted", "");
  if (xhr.statusText === "timeout") return new AskFailure("timeout", t("ask.timeout"));
  if (xhr.status === 401 || xhr.status === 403) return new AskFailure("permission", t("ask.permission"));
  if (xhr.status === 404) return new AskFailure("missing", t("ask.missing"));
  return new AskFailure("offline", t("ask.unreachable"));
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The endpoints' way to say no: nothing but a code and a sentence. */
export function isRefusal(answer: unknown): answer is { code: string; error: string } {
  if (typeof answer !== "object" || answer === null) return false;
  const { code, error } = answer as Record<string, unknown>;
  return typeof code === "string" && typeof error === "string";
}

/** "Wrong password. The device refused …": the status word in the viewer's language, then the sentence. */
export function failureText(failure: unknown): string {
  if (!(failure instanceof AskFailure)) return String(failure);
  const word = known(`status.${failure.code}`);
  return word === undefined ? failure.message : `${capital(word)}: ${failure.message}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
