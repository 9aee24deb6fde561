/** A process of the benchmark that answers commands: `start` for the one who asks, `serve` inside it. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

interface Call {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

export interface Child<T> {
  /** Its methods, called in the other process. */
  readonly ask: T;
  stop(): Promise<void>;
}

/** Set: each process leaves a CPU profile in this folder. */
const PROFILES = process.env["BENCH_PROFILES"];

/** @param script a .ts file beside this one */
export function start<T extends object>(script: string, args: readonly string[] = []): Child<T> {
  const child = fork(path.join(__dirname, script), args, {
    execArgv: [
      ...["--require", "tsx/cjs", "--expose-gc"],
      ...(PROFILES === undefined
        ? []
        : ["--cpu-prof", `--cpu-prof-dir=${PROFILES}`, `--cpu-prof-name=${profileOf(script, args)}`]),
    ],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let calls = 0;
  child.on("message", (reply: Reply) => {
    const caller = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error === undefined) caller?.resolve(reply.value);
    else caller?.reject(new Error(reply.error));
  });
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error(`${script} has ended`));
  });
  const ask = new Proxy({} as T, {
    get:
      (_, name: string) =>
      (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          const id = ++calls;
          waiting.set(id, { resolve, reject });
          child.send({ id, name, args } satisfies Call);
        }),
  });
  return { ask, stop: () => stop(child) };
}

function profileOf(script: string, args: readonly string[]): string {
  return `${[path.parse(script).name, ...args].join("-")}-${process.hrtime.bigint()}.cpuprofile`;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.disconnect();
  await gone;
}

/** Answers until the other side lets go, then ends the process. */
export function serve(methods: object): void {
  process.on("message", ({ id, name, args }: Call) => {
    const method = (methods as Record<string, (...args: readonly unknown[]) => Promise<unknown>>)[name];
    Promise.resolve(method?.apply(methods, [...args])).then(
      (value) => process.send?.({ id, value } satisfies Reply),
      (error: unknown) => process.send?.({ id, error: String(error) } satisfies Reply),
    );
  });
  process.once("disconnect", () => process.exit(0));
}
