/** A context store that outlives the flows, as a file would, and answers later, as a database would. */
import { createRequire } from "node:module";
import helper, { nodeRedMain } from "./node-red";

interface RuntimeContext {
  load(): Promise<unknown>;
}

type Callback = (error: unknown, value?: unknown) => void;

export class ContextStore {
  /** As text, so that nobody keeps an object of it; by scope and key. */
  readonly #texts = new Map<string, string>();
  writes = 0;
  /** Set: the store is out of order. */
  error: Error | undefined;
  /** Set: it never answers. */
  silent = false;

  constructor() {
    const module = (): object => this;
    helper.settings({ contextStorage: { default: { module } } } as never);
  }

  /** Goes among the modules of each flow that is loaded: the test helper loads no stores of its own accord. */
  readonly install = async (): Promise<void> => {
    await (createRequire(nodeRedMain)("@node-red/runtime/lib/nodes/context") as RuntimeContext).load();
  };

  /** The runtime goes back to its own store. */
  remove(): void {
    helper.settings({ contextStorage: undefined });
  }

  read(scope: string, key: string): unknown {
    const text = this.#texts.get(`${scope} ${key}`);
    return text === undefined ? undefined : JSON.parse(text);
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  get(scope: string, key: string, callback: Callback): void {
    if (this.silent) return;
    setImmediate(() => (this.error ? callback(this.error) : callback(undefined, this.read(scope, key))));
  }

  set(scope: string, key: string, value: unknown, callback?: Callback): void {
    const text = JSON.stringify(value);
    if (this.silent) return;
    setImmediate(() => {
      if (!this.error) this.#texts.set(`${scope} ${key}`, text);
      this.writes += 1;
      callback?.(this.error);
    });
  }

  keys(_scope: string, callback: Callback): void {
    setImmediate(() => callback(undefined, []));
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }

  clean(): Promise<void> {
    return Promise.resolve();
  }
}
