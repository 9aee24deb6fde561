/** Why a field is refused, in words. A check says what is wrong, or nothing; Node-RED's validators are made from checks. */
import { isTimeWord, parseTimestamp } from "../../src";
import { type Bounds, type Field, isMessageProperty, OVERRIDES, type Rule } from "../shared/fields";
import { listOf, propertiesOf } from "../shared/unknown-values";
import { red, type EditorNode, type Validator } from "./red";
import { settingOf, textOf } from "./settings";
import { t } from "./translate";

/** The reason why a text is refused; undefined when it is fine. */
export type Check = (text: string) => string | undefined;

const ENVIRONMENT = /^\$\{[^}]+\}$/;

export const checks: Readonly<Record<Exclude<Rule, Bounds>, Check>> = {
  /** A name or address alone, no URL. */
  host: (text) => {
    if (text.trim() === "") return t("validate.hostEmpty");
    if (/:\/\//.test(text)) return t("validate.hostUrl");
    return /[\s/@?#]/.test(text.trim()) ? t("validate.host") : undefined;
  },

  fingerprint: (text) => (/^[0-9a-f]{64}$/i.test(text.replace(/[\s:.-]/g, "")) ? undefined : t("validate.fingerprint")),

  /** On the device itself: the runtime refuses more, and says why. */
  path: (text) => {
    if (text.trim() === "") return t("validate.empty");
    return /^\s*(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(text) || /(?:^|\/)\.\.?(?:\/|$)/.test(text)
      ? t("validate.path")
      : undefined;
  },

  /** Separated by commas or blanks. */
  ports: (text) => (text.split(/[\s,;]+/).every(isPort) ? undefined : t("validate.ports")),

  /** 101 is how devices write "channel 1, main stream": a common slip. */
  channel: (text) => {
    const channel = Number(text);
    if (text.trim() === "") return t("validate.channelEmpty");
    if (!Number.isInteger(channel) || channel < 1) return t("validate.channel");
    return channel > 100 ? t("validate.channelStream", { channel: Math.floor(channel / 100) }) : undefined;
  },

  stream: (text) => (/^(main|sub|third|[123]|)$/i.test(text.trim()) ? undefined : t("validate.stream")),

  /** ISO 8601, the same without offset for the device's own time, or in words. */
  time: (text) =>
    isTimeWord(text) ||
    (/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i.test(text.trim()) &&
      parseTimestamp(text) !== undefined)
      ? undefined
      : t("validate.time"),

  filled: (text) => (text.trim() === "" ? t("validate.empty") : undefined),

  box: (text) => jsonReason(text, isBox, "validate.box"),

  property: (text) => {
    const name = text.trim();
    if (!isMessageProperty(name)) return t("validate.property");
    const [first = ""] = name.split(/[.[]/, 1);
    return OVERRIDES.has(first) ? t("validate.propertyTaken", { name: first }) : undefined;
  },

  patrolSteps: (text) => jsonReason(text, arePatrolSteps, "validate.steps"),
};

/** What `field` says of its fixed value. */
export function checkOf({ rule, optional }: Pick<Field, "rule" | "optional">): Check {
  const check = rule === undefined ? () => undefined : typeof rule === "string" ? checks[rule] : numberCheck(rule);
  return optional ? (text) => (text.trim() === "" ? undefined : check(text)) : check;
}

/** A number within bounds. */
export function numberCheck({ min, max, whole }: Bounds): Check {
  return (text) => {
    const number = Number(text);
    if (text.trim() === "" || !Number.isFinite(number)) return t("validate.number");
    if (number < min || number > max) {
      return Number.isFinite(max) ? t("validate.range", { min, max }) : t("validate.least", { min });
    }
    return whole && !Number.isInteger(number) ? t("validate.whole") : undefined;
  };
}

function isPort(text: string): boolean {
  return text === "" || (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535);
}

/** A JSON value of the right kind, for what has no field of its own. */
function jsonReason(text: string, fits: (value: unknown) => boolean, reason: string): string | undefined {
  try {
    return fits(JSON.parse(text)) ? undefined : t(reason);
  } catch {
    return t("validate.json");
  }
}

/** `{ x, y, width, height }`, each from 0 to 1. */
function isBox(value: unknown): boolean {
  const sides = propertiesOf(value);
  return ["x", "y", "width", "height"].every((name) => {
    const side = sides[name];
    return typeof side === "number" && side >= 0 && side <= 1;
  });
}

/** `[{ preset, seconds, speed }]` */
function arePatrolSteps(value: unknown): boolean {
  const steps = listOf(value);
  return (
    steps.length > 0 &&
    steps.every((step) => ["preset", "seconds", "speed"].every((name) => typeof step[name] === "number"))
  );
}

/** Node-RED shows a reason only if the function takes two parameters. */
export function validator(reasonFor: (node: EditorNode, value: unknown) => true | string): Validator {
  const validate = function (this: EditorNode, value: unknown): true | string {
    return reasonFor(this, value);
  };
  return Object.defineProperty(validate, "length", { value: 2 });
}

/** Validates a property by its rule; undefined when every value is right. */
export function fieldValidator(name: string, field: Field): Validator | undefined {
  if (field.rule === undefined && field.literal === undefined) return undefined;
  const check = checkOf(field);
  return validator((node, value) => {
    if (!matters(node, field.when)) return true;
    const text = textOf(value);
    if (field.literal !== undefined)
      return value === undefined ? true : typedReason(text, textOf(settingOf(node, `${name}Type`)), check);
    // An older flow may lack it, but for the host, without which nothing works. `${ENV}` is filled in at deploy.
    if ((value === undefined && field.rule !== "host") || ENVIRONMENT.test(text)) return true;
    return check(text) ?? true;
  });
}

function matters(node: EditorNode, when: Field["when"] = {}): boolean {
  const setting = (name: string): string => textOf(settingOf(node, name) ?? node._def.defaults[name]?.value);
  return Object.entries(when).every(([name, values]) => values.includes(setting(name)));
}

/** Why a TypedInput's value is refused; true when it is right. */
export function typedReason(text: string, type: string, check: Check): true | string {
  if (type === "" || type === "num" || type === "str") return check(text) ?? true;
  if (text.trim() === "") return t("validate.empty");
  if (type === "env") return true;
  const answer = red().utils.validateTypedProperty(text, type, {});
  return answer === false ? t("validate.expression") : answer;
}
