/** Why a field is refused, in words. A check says what is wrong, or nothing; Node-RED's validators are made from checks. */
import { isOpen } from "./form";
import { red, type EditorNode, type Validator } from "./red";
import { t } from "./translate";

/** The reason why a text is refused; undefined when it is fine. */
export type Check = (text: string) => string | undefined;

const ENVIRONMENT = /^\$\{[^}]+\}$/;

export const checks = {
  /** A name or address alone, no URL. */
  host: ((text) => {
    if (text.trim() === "") return t("validate.hostEmpty");
    if (/:\/\//.test(text)) return t("validate.hostUrl");
    return /[\s/@?#]/.test(text.trim()) ? t("validate.host") : undefined;
  }) satisfies Check,

  fingerprint: ((text) =>
    /^[0-9a-f]{64}$/i.test(text.replace(/[\s:]/g, "")) ? undefined : t("validate.fingerprint")) satisfies Check,

  /** 101 is how devices write "channel 1, main stream": a common slip. */
  channel: ((text) => {
    const channel = Number(text);
    if (text.trim() === "") return t("validate.channelEmpty");
    if (!Number.isInteger(channel) || channel < 1) return t("validate.channel");
    return channel > 100 ? t("validate.channelStream", { channel: Math.floor(channel / 100) }) : undefined;
  }) satisfies Check,

  stream: ((text) =>
    /^(main|sub|third|[123]|)$/i.test(text.trim()) ? undefined : t("validate.stream")) satisfies Check,

  /** ISO 8601, or the same without offset for the device's own time. */
  time: ((text) =>
    /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i.test(text.trim())
      ? undefined
      : t("validate.time")) satisfies Check,

  filled: ((text) => (text.trim() === "" ? t("validate.empty") : undefined)) satisfies Check,
};

/** A JSON value of the right kind, for what has no field of its own. */
export function jsonCheck(fits: (value: unknown) => boolean, reason: string): Check {
  return (text) => {
    try {
      return fits(JSON.parse(text)) ? undefined : t(reason);
    } catch {
      return t("validate.json");
    }
  };
}

/** A number within bounds. */
export function numberCheck(min: number, max: number, { whole = false } = {}): Check {
  return (text) => {
    const number = Number(text);
    if (text.trim() === "" || !Number.isFinite(number)) return t("validate.number");
    if (number < min || number > max) {
      return Number.isFinite(max) ? t("validate.range", { min, max }) : t("validate.least", { min });
    }
    return whole && !Number.isInteger(number) ? t("validate.whole") : undefined;
  };
}

/** Nothing is fine, too. */
export const optional =
  (check: Check): Check =>
  (text) =>
    text.trim() === "" ? undefined : check(text);

/** Node-RED shows a reason only if the function takes two parameters. */
export function validator(judge: (node: EditorNode, value: unknown) => true | string): Validator {
  const validate = function (this: EditorNode, value: unknown): true | string {
    return judge(this, value);
  };
  return Object.defineProperty(validate, "length", { value: 2 });
}

/** For a plain field. `${ENV}` is accepted: it is filled in at deploy; so is a property that an older flow lacks. */
export function plain(check: Check): Validator {
  return plainWhen(() => true, check);
}

/** For a plain field without which nothing works. */
export function needed(check: Check): Validator {
  const judge = plain(check);
  return validator((node, value) => judge.call(node, value ?? "", {}));
}

/** Tells a property as the form, or else the node, has it. */
export type Settings = (name: string) => unknown;

/** For a field that matters only while `when` holds. */
export function plainWhen(when: (settings: Settings) => boolean, check: Check): Validator {
  return validator((node, value) => {
    const text = textOf(value);
    if (value === undefined || ENVIRONMENT.test(text) || !when((name) => settingOf(node, name))) return true;
    return check(text) ?? true;
  });
}

/** For a TypedInput: its literal by `check`, everything else by Node-RED's own rules. */
export function typed(property: string, check: Check): Validator {
  return typedWhen(property, () => true, check);
}

/** {@link typed} for a field that matters only while `when` holds. */
export function typedWhen(property: string, when: (settings: Settings) => boolean, check: Check): Validator {
  return validator((node, value) => {
    const settings: Settings = (name) => settingOf(node, name);
    return value !== undefined && when(settings)
      ? verdict(textOf(value), textOf(settings(`${property}Type`)), check)
      : true;
  });
}

/** What is to be said about a TypedInput's value. */
export function verdict(text: string, type: string, check: Check): true | string {
  if (type === "" || type === "num" || type === "str") return check(text) ?? true;
  if (text.trim() === "") return t("validate.empty");
  if (type === "env") return true;
  const answer = red().utils.validateTypedProperty(text, type, {});
  return answer === false ? t("validate.expression") : answer;
}

/** A property as the open form holds it, else as saved. */
export function settingOf(node: EditorNode, property: string): unknown {
  if (!isOpen(node)) return node[property];
  const element = $(`#node-input-${property}, #node-config-input-${property}`).first();
  if (element.length === 0) return node[property];
  return element.attr("type") === "checkbox" ? element.prop("checked") : element.val();
}

export function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
