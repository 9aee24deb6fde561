/** Where the project is, and how its scripts start other programs. */
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder; may hold spaces, need not be a git clone. */
export const root = path.resolve(fileURLToPath(import.meta.url), "../../..");

/** The main script of a tool in node_modules, to be run with `node`: works without a shell, on every system. */
export const tool = (script) => path.join(root, "node_modules", script);

/**
 * Runs a program in the project's folder.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string | undefined>, quiet?: boolean, shell?: boolean, timeoutMs?: number }} [options] quiet: collect the output instead of
 *   showing it; timeoutMs: a program that takes longer is ended, and has failed
 * @returns {Promise<{ ok: boolean, output: string, seconds: number }>} never rejects for a program that failed
 */
export function run(command, args, options = {}) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      shell: options.shell ?? false,
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs,
      killSignal: "SIGKILL",
      stdio: options.quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => (output += text));
    child.stderr?.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal !== null)
        output += `\nEnded by ${signal} after ${Math.round((performance.now() - started) / 1000)} s.`;
      resolve({ ok: code === 0, output, seconds: (performance.now() - started) / 1000 });
    });
  });
}

/** {@link run} for a Node script. */
export const node = (script, args = [], options = {}) => run(process.execPath, [script, ...args], options);
