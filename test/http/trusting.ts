/** Asks devices from a process that trusts their certificates' issuers. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/**
 * What a verified connection to each says: "status 200", or the code and the words of the error.
 * @param targets "https://localhost:1234" and the like
 */
export async function askTrusting(
  certificates: readonly string[],
  targets: readonly string[],
  password = "right",
): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "tls-"));
  try {
    const file = path.join(folder, "ca.pem");
    writeFileSync(file, certificates.join("\n"));
    const args = ["--require", "tsx/cjs", path.join(__dirname, "tls-client.ts"), ...targets];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: file, DEVICE_PASSWORD: password },
    });
    return stdout.trim().split("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
