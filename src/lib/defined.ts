/** The fields whose value is not undefined. */
export type Stated<T extends object> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** What the device stated, without what it left out. */
export function stated<T extends object>(fields: T): Stated<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Stated<T>;
}
