/** Reads values of which nothing is known yet: bodies of requests, answers, saved context. For runtime and forms. */

export type Properties = Readonly<Record<string, unknown>>;

/** The value as an object; an empty one where it is none. */
export function propertiesOf(value: unknown): Properties {
  return typeof value === "object" && value !== null ? (value as Properties) : {};
}

/** A list of objects; an empty one where it is none. */
export function listOf(value: unknown): readonly Properties[] {
  return Array.isArray(value) ? value.map(propertiesOf) : [];
}

export function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
