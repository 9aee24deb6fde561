/**
 * Verified HTTPS requests, one after the other, for a process of its own: which issuers Node trusts is settled when it starts. Prints
 * the outcome of each, in a line.
 */
import { deviceHttp } from "./support";

async function request(target: string): Promise<string> {
  const { hostname: host, port } = new URL(target);
  const address = { protocol: "https", host, port: Number(port) } as const;
  const http = deviceHttp(Number(port), process.env["DEVICE_PASSWORD"] ?? "right", { address });
  try {
    return `status ${(await http.request({ method: "GET", path: "/" })).statusCode}`;
  } catch (error) {
    return `${String((error as { code?: unknown }).code)}: ${String(error)}`;
  } finally {
    await http.close();
  }
}

async function main(): Promise<void> {
  for (const target of process.argv.slice(2)) console.log(await request(target));
}

void main();
