/** Lets what several readers found go together, in order: it waits until none of them is still reading. Knows nothing of plates. */

interface Party<T> {
  /** In order; what is left of them. */
  readonly items: T[];
  readonly deal: (item: T) => Promise<void>;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

export class OrderedMerge<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  #reading = 0;
  #moving = false;
  #waiting: Party<T>[] = [];

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  /**
   * Calls `deal` for each of the items that `read` gives (in order), one at a time, and in order among those of all who are reading at
   * this moment. Rejects as `read` or `deal` does; the others go on.
   */
  async join(read: () => Promise<readonly T[]>, deal: (item: T) => Promise<void>): Promise<void> {
    this.#reading += 1;
    let items: readonly T[];
    try {
      items = await read();
    } catch (error) {
      this.#arrive();
      throw error;
    }
    await new Promise<void>((done, failed) => {
      this.#waiting.push({ items: [...items], deal, done, failed });
      this.#arrive();
    });
  }

  #arrive(): void {
    this.#reading -= 1;
    if (this.#reading === 0 && !this.#moving) void this.#move();
  }

  async #move(): Promise<void> {
    this.#moving = true;
    while (this.#reading === 0 && this.#waiting.length > 0) {
      let parties = this.#waiting;
      this.#waiting = [];
      for (let next = this.#first(parties); next; next = this.#first(parties)) {
        const party = next;
        try {
          await party.deal(party.items.shift() as T);
        } catch (error) {
          party.failed(error);
          parties = parties.filter((other) => other !== party);
        }
      }
      for (const { done } of parties) done();
    }
    this.#moving = false;
  }

  /** Whose turn it is. */
  #first(parties: readonly Party<T>[]): Party<T> | undefined {
    let first: Party<T> | undefined;
    for (const party of parties) {
      const [item] = party.items;
      if (item === undefined) continue;
      const [least] = first?.items ?? [];
      if (least === undefined || this.#isBefore(item, least)) first = party;
    }
    return first;
  }
}
