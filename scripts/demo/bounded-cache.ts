/** Keeps the last values that were expensive to compute, by key; the oldest are dropped first. */
export class BoundedCache<Value> {
  readonly #values = new Map<string, Value>();

  constructor(private readonly capacity: number) {}

  get(key: string, compute: () => Value): Value {
    const cached = this.#values.get(key);
    if (cached !== undefined) return cached;
    const value = compute();
    this.#values.set(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.capacity) break;
      this.#values.delete(oldest);
    }
    return value;
  }
}
