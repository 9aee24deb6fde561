import { strict as assert } from "node:assert";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { DeviceHttp, HttpMode } from "../../src/http/device-http";
import { deviceHttp, outcomes } from "./support";

/** Answers that firmware gives and undici refuses. */
const ANSWERS: Readonly<Record<string, string>> = {
  "a control character in a header": "HTTP/1.1 200 OK\r\nServer: a\x02b\r\nContent-Length: 5\r\n\r\nhello",
  "lines that end with LF alone": "HTTP/1.1 200 OK\nServer: a\nContent-Length: 5\n\nhello",
  "a version that there is not": "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "a header over two lines": "HTTP/1.1 200 OK\r\nServer: a\r\n b\r\nContent-Length: 5\r\n\r\nhello",
  "a space behind a chunk's size": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
};

describe("firmware whose HTTP breaks the rules", () => {
  let server: Server;
  let answer: string;
  let opened: DeviceHttp[];
  const sockets = new Set<Socket>();

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
      socket.on("data", () => socket.write(answer, "latin1"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    opened = [];
  });
  afterEach(() => Promise.all(opened.map((http) => http.close())));

  const get = (http: HttpMode) => {
    const device = deviceHttp((server.address() as AddressInfo).port, "right", { http });
    opened.push(device);
    return device.request({ method: "GET", path: "/x", timeoutMs: 2_000 });
  };

  for (const [what, bytes] of Object.entries(ANSWERS)) {
    it(`(${what}) is read where a person chose lenient`, async () => {
      answer = bytes;
      const { statusCode, body } = await get("lenient");
      assert.deepEqual([statusCode, body.toString()], [200, "hello"]);
    });

    it(`(${what}) is refused by default, in words that name the choice`, async () => {
      answer = bytes;
      const failed = get("strict");
      assert.deepEqual(await outcomes([failed]), ["protocol"]);
      await assert.rejects(failed, /breaks the rules.* set "HTTP answers" to "lenient"/);
    });
  }

  it("that sends bytes behind its answer is read by both", async () => {
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello\r\n\r\n<junk/>";
    for (const mode of ["strict", "lenient"] as const) assert.equal((await get(mode)).body.toString(), "hello");
  });

  it("that is no HTTP at all is called so, and lenient is not suggested", async () => {
    answer = "SSH-2.0-dropbear\r\n";
    for (const mode of ["strict", "lenient"] as const) await assert.rejects(get(mode), /not in HTTP/);
  });
});
