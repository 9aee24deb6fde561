/** A saved list of words or numbers, as texts; whatever else was saved is an empty list. */
export function textsOf(saved: unknown): string[] {
  if (!Array.isArray(saved)) return [];
  return saved
    .filter((value): value is string | number => typeof value === "string" || typeof value === "number")
    .map(String);
}
