import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock, type Clock } from "../../src/lib/clock";
import { fetchBanner, type Banner } from "../../src/http/banner";
import { FakeClock } from "../support/fake-clock";

describe("the HTTP banner of an unknown server", () => {
  const servers: Server[] = [];
  const requests: IncomingMessage[] = [];

  afterEach(() => {
    requests.length = 0;
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function look(
    answer: RequestListener,
    { clock = systemClock, signal = new AbortController().signal }: { clock?: Clock; signal?: AbortSignal } = {},
  ): Promise<Banner> {
    const server = createServer((request, response) => {
      requests.push(request);
      answer(request, response);
    }).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return fetchBanner({ protocol: "http", host: "127.0.0.1", port }, { mode: "verify" }, clock, signal);
  }

  it("tells title and server, in one line of text and no more than fits", async () => {
    const page = await look((_request, response) => {
      response.setHeader("Server", "lighttpd/1.4.76");
      response.end(
        `<html><head><TITLE lang="en">\n  Home\u0007 router\t</TITLE><title>${"x".repeat(200)}</title></head></html>`,
      );
    });
    assert.deepEqual(page, { server: "lighttpd/1.4.76", title: "Home router" });
    const long = await look((_request, response) => response.end(`<title>${"x".repeat(200)}</title>`));
    assert.equal(long.title?.length, 80);
  });

  it("is looked at without credentials, also where some are asked for", async () => {
    const page = await look((_request, response) => {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="router"', Server: "httpd" });
      response.end();
    });
    assert.deepEqual(page, { server: "httpd" });
    assert.deepEqual(
      requests.map(({ url, headers }) => [url, headers.authorization]),
      [["/", undefined]],
    );
  });

  it("is empty when there is none, or none in time", async () => {
    assert.deepEqual(await look((request) => request.socket.destroy()), {});
    const clock = new FakeClock();
    const page = look(() => void clock.advance(4_000), { clock });
    assert.deepEqual(await page, {});
  });

  it("is waited for no longer than the caller does", async () => {
    const stop = new AbortController();
    await assert.rejects(
      look(() => stop.abort(), { signal: stop.signal }),
      { code: "aborted" },
    );
  });
});
