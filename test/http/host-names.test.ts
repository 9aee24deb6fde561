import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import type { LookupAddress } from "node:dns";
import { HostNames, hostNames } from "../../src/http/host-names";
import { connector } from "../../src/http/tls";
import { systemClock } from "../../src/lib/clock";
import { FakeClock } from "../support/fake-clock";

const V4: LookupAddress = { address: "192.0.2.7", family: 4 };
const V6: LookupAddress = { address: "2001:db8::7", family: 6 };
const unknown = Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });

/** A DNS that answers when it is told to. */
function dns() {
  const asked: string[] = [];
  const open = new Map<string, { answer: (addresses: LookupAddress[]) => void; fail: (error: Error) => void }>();
  const clock = new FakeClock();
  const names = new HostNames({
    clock,
    resolve: (host) => {
      asked.push(host);
      return new Promise((answer, fail) => open.set(host, { answer, fail }));
    },
  });
  const settle = (): Promise<void> => clock.advance(0);
  const answer = (host: string, ...addresses: LookupAddress[]): Promise<void> => {
    open.get(host)?.answer(addresses);
    return settle();
  };
  const fail = (host: string): Promise<void> => {
    open.get(host)?.fail(unknown);
    return settle();
  };
  return { names, clock, asked, settle, answer, fail };
}

const looked = (names: HostNames, all: boolean): Promise<unknown> =>
  new Promise((resolve, reject) =>
    names.lookup("cam", { all }, (error, address, family) =>
      error ? reject(error) : resolve(all ? address : [address, family]),
    ),
  );

describe("the names of devices", () => {
  it("are asked for once, however many wait for the answer", async () => {
    const { names, asked, settle, answer } = dns();
    const all = Array.from({ length: 50 }, () => names.addresses("cam"));
    await settle();
    await answer("cam", V4);
    for (const one of all) assert.deepEqual(await one, [V4]);
    assert.deepEqual(asked, ["cam"]);
  });

  it("are asked for one at a time, so that other names of Node-RED find a place", async () => {
    const { names, asked, settle, answer } = dns();
    const [first, second] = [names.addresses("one"), names.addresses("two")];
    await settle();
    assert.deepEqual(asked, ["one"]);
    await answer("one", V4);
    assert.deepEqual(asked, ["one", "two"]);
    await answer("two", V6);
    assert.deepEqual(await Promise.all([first, second]), [[V4], [V6]]);
  });

  it("are never in the queue twice, whoever gave up meanwhile, and an answer that comes late is good for a minute", async () => {
    const { names, clock, asked, settle, answer } = dns();
    const blocked = names.addresses("dead").catch((error: unknown) => error);
    for (let tries = 0; tries < 7; tries++) {
      const tried = assert.rejects(names.addresses("cam"), { code: "EAI_AGAIN" });
      await clock.advance(8_000);
      await tried;
    }
    assert.deepEqual(await blocked.then((error) => (error as { code: string }).code), "EAI_AGAIN");
    assert.deepEqual(asked, ["dead"]);
    await answer("dead", V6);
    assert.deepEqual(asked, ["dead", "cam"]);
    await answer("cam", V4);
    await clock.advance(59_000);
    assert.deepEqual(await names.addresses("cam"), [V4]);
    assert.deepEqual(asked, ["dead", "cam"]);
    await clock.advance(1_000);
    void names.addresses("cam");
    await settle();
    assert.deepEqual(asked, ["dead", "cam", "cam"]);
    await answer("cam", V4);
    assert.equal(clock.pending, 0);
  });

  it("go on after a minute when one is never answered", async () => {
    const { names, clock, asked, answer } = dns();
    const dead = assert.rejects(names.addresses("dead"), { code: "EAI_AGAIN" });
    const gone = assert.rejects(names.addresses("cam"), { code: "EAI_AGAIN" });
    await clock.advance(59_999);
    await Promise.all([dead, gone]);
    assert.deepEqual(asked, ["dead"]);
    await clock.advance(1);
    assert.deepEqual(asked, ["dead", "cam"]);
    await answer("cam", V4);
    assert.deepEqual(await names.addresses("cam"), [V4]);
    assert.equal(clock.pending, 0);
  });

  it("are asked for anew after nothing was found at the address, and after an error", async () => {
    const { names, asked, settle, answer, fail } = dns();
    const first = names.addresses("cam");
    await settle();
    await answer("cam", V4);
    await first;
    names.forget("cam");
    const refused = assert.rejects(names.addresses("cam"), unknown);
    await settle();
    await fail("cam");
    await refused;
    const third = names.addresses("cam");
    await settle();
    await answer("cam", V6);
    assert.deepEqual(await third, [V6]);
    assert.deepEqual(asked, ["cam", "cam", "cam"]);
  });

  it("are told to a socket as Node.js asks for them: all, or one with its family", async () => {
    const { names, settle, answer, fail } = dns();
    const all = looked(names, true);
    await settle();
    await answer("cam", V6, V4);
    assert.deepEqual(await all, [V6, V4]);
    assert.deepEqual(await looked(names, false), [V6.address, 6]);
    names.forget("cam");
    const none = assert.rejects(looked(names, true), unknown);
    await settle();
    await fail("cam");
    await none;
  });

  it("are not asked for where they are addresses", async () => {
    const { names, asked, settle } = dns();
    names.addresses("dead").catch(() => undefined);
    await settle();
    assert.deepEqual(await names.addresses(V4.address), [V4]);
    assert.deepEqual(await names.addresses(V6.address), [V6]);
    assert.deepEqual(asked, ["dead"]);
  });

  it("lead to the device, and are forgotten where nothing answers", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const address = { protocol: "http", host: "localhost", port } as const;
    const tried = (): Promise<unknown> =>
      new Promise((resolve) =>
        connector(
          address,
          { mode: "verify" },
          { clock: systemClock, onSocket: () => undefined },
        )({ hostname: "", protocol: "", port: "" }, (error, socket) => resolve(error ?? socket.destroy())),
      );
    assert.ok(!((await tried()) instanceof Error));
    const kept = await hostNames.addresses("localhost");
    assert.equal(await hostNames.addresses("localhost"), kept);
    server.close();
    await once(server, "close");
    assert.ok((await tried()) instanceof Error);
    assert.notEqual(await hostNames.addresses("localhost"), kept);
  });
});
