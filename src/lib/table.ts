/** A table looked up by words of others: it has no words of its own, such as "constructor" or "__proto__". */
export function table<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.freeze(Object.assign(Object.create(null) as Record<string, T>, entries));
}
