/** What a node remembers over redeploys and restarts: one value in its context. Works with stores that answer later. */
import type { Node, NodeAPI } from "node-red";
import { say } from "../../src";
import { render } from "./render";

/** A store that does not answer must hold nothing up: neither a start, nor the next value, nor a deploy. */
const LOAD_MS = 5_000;
const WRITE_MS = 10_000;
const SETTLE_MS = 2_000;

export class NodeState {
  readonly #red: NodeAPI;
  readonly #node: Node;
  readonly #key: string;
  #writing: Promise<void> | undefined;
  #next: { readonly value: unknown } | undefined;
  #failed = false;

  constructor(RED: NodeAPI, node: Node, key: string) {
    this.#red = RED;
    this.#node = node;
    this.#key = key;
  }

  /** Undefined: nothing was stored, or it cannot be read; then the log says so. */
  async load(): Promise<unknown> {
    try {
      return await within(
        LOAD_MS,
        new Promise((resolve, reject) => {
          this.#node
            .context()
            .get(this.#key, (error: unknown, value: unknown) => (error ? reject(asError(error)) : resolve(value)));
        }),
      );
    } catch (error) {
      this.#warn(error);
      return undefined;
    }
  }

  /** Plain data, not to be changed afterwards. Of several given while the store is writing, only the last is written. */
  save(value: unknown): void {
    this.#next = { value };
    this.#writing ??= this.#write();
  }

  /** Resolves when everything is written, or will not be soon. */
  async settled(): Promise<void> {
    if (this.#writing) await within(SETTLE_MS, this.#writing).catch(() => undefined);
  }

  async #write(): Promise<void> {
    for (let next = this.#take(); next; next = this.#take()) {
      const { value } = next;
      try {
        await within(
          WRITE_MS,
          new Promise<void>((resolve, reject) => {
            this.#node
              .context()
              .set(this.#key, value, (error: unknown) => (error ? reject(asError(error)) : resolve()));
          }),
        );
        this.#failed = false;
      } catch (error) {
        this.#warn(error);
      }
    }
    this.#writing = undefined;
  }

  #take(): { readonly value: unknown } | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  /** Once per trouble. */
  #warn(error: unknown): void {
    if (!this.#failed)
      this.#node.warn(
        render(
          this.#red,
          say`The context store does not work: ${asError(error).message}.
            After a restart, this node may repeat or miss something.`,
        ),
      );
    this.#failed = true;
  }
}

function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
