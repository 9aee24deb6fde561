import assert from "node:assert/strict";
import { codeOf } from "../../src/lib/errors";
import { SerialPorts } from "../../src/ptz/serial";
import { settle } from "../support/fake-clock";

describe("a serial port", () => {
  it("lets no more than 50 messages wait while the device hangs, and takes new ones when they are sent", async () => {
    let release: () => void = () => undefined;
    let hung: Promise<void> = new Promise((resolve) => (release = resolve));
    let sent = 0;
    const ports = new SerialPorts(
      {
        get: () => Promise.reject(new Error("not asked")),
        put: async (path) => {
          await hung;
          if (path.endsWith("transData")) sent += 1;
          return undefined;
        },
      },
      () => undefined,
    );
    const { signal } = new AbortController();
    const send = (port: number): Promise<unknown> => ports.send(port, Buffer.from("x"), signal).catch(codeOf);
    const all = Array.from({ length: 1_000 }, () => send(1));
    assert.deepEqual(new Set(await Promise.all(all.slice(51))), new Set(["busy"]));
    const other = send(2);
    release();
    hung = Promise.resolve();
    await Promise.all([...all, other]);
    assert.equal(sent, 52);
    await settle();
    assert.equal(await send(1), undefined);
  });
});
