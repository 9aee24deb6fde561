/** A browser that asks an admin endpoint and goes away before it is answered. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { helper } from "./flow";

/** Resolves when the question is under way; the result goes away. Ask once a flow is loaded. */
export async function askAndLeave(question: string, body: object): Promise<() => Promise<void>> {
  const server = createServer((helper as unknown as { _httpAdmin: RequestListener })._httpAdmin).listen(0, "127.0.0.1");
  await once(server, "listening");
  const away = new AbortController();
  const gone = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hikvision/${question}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: away.signal,
  })
    .then((answer) => answer.text())
    .catch(() => undefined);
  return async () => {
    away.abort();
    await gone;
    server.close();
    server.closeAllConnections();
  };
}
