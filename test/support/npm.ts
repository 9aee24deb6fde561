/** Runs npm for a test. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Standard output. Rejects with npm's own words when it fails. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, env: { ...process.env, NODE_V8_COVERAGE: undefined }, maxBuffer: 64 * 1024 * 1024 };
  const cli = process.env["npm_execpath"];
  const { stdout } = cli?.endsWith("npm-cli.js")
    ? await execute(process.execPath, [cli, ...args], options)
    : await execute("npm", args, { ...options, shell: process.platform === "win32" });
  return stdout;
}
