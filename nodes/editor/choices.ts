/** A list that comes from the device (its channels, presets …), loaded when somebody looks, kept while the question stays the same. */
import { ask } from "./ask";
import type { Target } from "./connection";

export interface Choice {
  /** What is saved. */
  readonly value: string;
  /** The device's own name for it; text from outside, never HTML. */
  readonly label?: string;
  readonly online?: boolean;
  /** Of an output. */
  readonly state?: "on" | "off";
  /** Of what can be opened. */
  readonly kind?: "door" | "barrier";
}

export type ChoicesState =
  | { readonly phase: "idle" }
  /** No device is chosen yet. */
  | { readonly phase: "unset" }
  | { readonly phase: "loading" }
  | { readonly phase: "ready"; readonly items: readonly Choice[] }
  | { readonly phase: "failed"; readonly failure: unknown };

/** What to ask: the device, and whatever else decides the answer. */
export interface Question {
  readonly target: Target | undefined;
  readonly about: Readonly<Record<string, string>>;
}

export class Choices {
  readonly #list: string;
  readonly #question: () => Question;
  readonly #life: AbortSignal;
  readonly #watchers = new Set<() => void>();
  #asked = "";
  #request: AbortController | undefined;
  #state: ChoicesState = { phase: "idle" };

  /** `life` aborts when the form closes: it cancels what is under way, and nothing is asked afterwards. */
  constructor(list: string, question: () => Question, life: AbortSignal) {
    this.#list = list;
    this.#question = question;
    this.#life = life;
    life.addEventListener("abort", () => this.#request?.abort(), { once: true });
  }

  get state(): ChoicesState {
    return this.#state;
  }

  /** Calls back after every change of state, until `life` ends. */
  watch(watcher: () => void, life: AbortSignal = this.#life): void {
    this.#watchers.add(watcher);
    life.addEventListener("abort", () => this.#watchers.delete(watcher), { once: true });
  }

  /** Loads unless the same question is answered or under way. `again` asks anew in any case. */
  load(again = false): void {
    if (this.#life.aborted) return;
    const { target, about } = this.#question();
    const asked = JSON.stringify([target, about]);
    if (!again && asked === this.#asked && this.#state.phase !== "failed") return;
    this.#asked = asked;
    this.#request?.abort();
    if (target === undefined) {
      this.#become({ phase: "unset" });
      return;
    }
    const request = new AbortController();
    this.#request = request;
    this.#become({ phase: "loading" });
    ask(`${target.scope}/list`, { ...target, list: this.#list, ...about }, request.signal).then(
      (answer) => this.#settle(request, { phase: "ready", items: itemsOf(answer) }),
      (failure: unknown) => this.#settle(request, { phase: "failed", failure }),
    );
  }

  #settle(request: AbortController, state: ChoicesState): void {
    if (request === this.#request && !request.signal.aborted) this.#become(state);
  }

  #become(state: ChoicesState): void {
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}

function itemsOf(answer: unknown): readonly Choice[] {
  const items = typeof answer === "object" && answer !== null ? (answer as { items?: unknown }).items : undefined;
  return Array.isArray(items) ? items.filter(isChoice) : [];
}

function isChoice(item: unknown): item is Choice {
  return typeof item === "object" && item !== null && typeof (item as { value?: unknown }).value === "string";
}
