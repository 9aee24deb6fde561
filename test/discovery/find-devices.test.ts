import assert from "node:assert/strict";
import { findDevices } from "../../src/discovery/find-devices";
import type { NetworkInterface } from "../../src/discovery/network";
import type { FoundDevice } from "../../src/discovery/sadp";
import { codeOf } from "../../src/lib/errors";
import { FakeClock, settle } from "../support/fake-clock";
import { FakeNetwork } from "./fake-network";

const LAN: NetworkInterface = { name: "eth0", address: "192.0.2.5" };
const WLAN: NetworkInterface = { name: "wlan0", address: "198.51.100.5" };
const chance = { token: (bytes: number) => "0123456789abcdef".repeat(bytes).slice(0, 2 * bytes) };

function search(network = new FakeNetwork(LAN, WLAN)) {
  const clock = new FakeClock();
  const found: FoundDevice[] = [];
  const stop = new AbortController();
  const result = findDevices((device) => found.push(device), stop.signal, { network, clock, chance });
  // What a test does not look at is no unhandled rejection.
  result.catch(() => undefined);
  return { network, clock, found, stop, result };
}

const camera = (number: number): string =>
  `<DeviceSN>DS-2CD9999-X20260101AAWR00000000${number}</DeviceSN><MAC>44-19-b6-00-00-0${number}</MAC><IPv4Address>192.0.2.${number}</IPv4Address>`;

describe("a search for devices", () => {
  it("asks in every network, by group and by broadcast, three times, and lasts five seconds", async () => {
    const { network, clock, result } = search();
    await settle();
    const once = network.sent.map(({ at, from, host }) => [at, from, host].join(" "));
    assert.deepEqual(once, [
      "eth0 37020 239.255.255.250",
      "eth0 0 239.255.255.250",
      "eth0 0 255.255.255.255",
      "wlan0 37020 239.255.255.250",
      "wlan0 0 239.255.255.250",
      "wlan0 0 255.255.255.255",
    ]);
    assert.match(network.uuid, /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
    await clock.advance(4_999);
    assert.equal(network.sent.length, 3 * once.length);
    assert.equal(new Set(network.sent.map(({ text }) => text)).size, 1);
    assert.equal(network.ears, 4);
    await clock.advance(1);
    assert.deepEqual(await result, [LAN, WLAN]);
    assert.deepEqual([network.ears, clock.pending], [0, 0]);
  });

  it("reports a device at once, and once, over all networks and repeats", async () => {
    const { network, clock, found, result } = search();
    await settle();
    network.answer(camera(1));
    assert.equal(found.length, 1);
    network.answer(camera(2).replace(/<DeviceSN>.*<\/DeviceSN>/, ""));
    network.answer(camera(1).replace("192.0.2.1<", "198.51.100.1<"), "198.51.100.1");
    network.answer("", "192.0.2.77");
    network.answer("", "192.0.2.77");
    await clock.advance(5_000);
    await result;
    assert.deepEqual(
      found.map(({ address }) => address),
      ["192.0.2.1", "192.0.2.2", "192.0.2.77"],
    );
  });

  it("reports nothing after its end", async () => {
    const { network, clock, found, result } = search();
    await settle();
    const late = network.answer.bind(network, camera(1));
    await clock.advance(5_000);
    await result;
    late();
    assert.deepEqual(found, []);
  });

  it("works without the known port when another program holds it", async () => {
    const network = new FakeNetwork(LAN);
    network.taken.add(37_020);
    const { clock, result } = search(network);
    await clock.advance(5_000);
    assert.deepEqual(await result, [LAN]);
    assert.ok(network.sent.every(({ from }) => from === 0));
  });

  it("goes on in the other networks when one is gone", async () => {
    const network = new FakeNetwork(LAN, WLAN);
    network.dead.add("eth0");
    const { clock, found, result } = search(network);
    await settle();
    network.answer(camera(1));
    await clock.advance(5_000);
    assert.deepEqual(await result, [WLAN]);
    assert.equal(found.length, 1);
  });

  it("says at once that there is no network, or that nothing can leave", async () => {
    await assert.rejects(search(new FakeNetwork()).result, {
      code: "offline",
      message: /not connected to an IPv4 network/,
    });
    const closed = new FakeNetwork(LAN);
    closed.dead.add("eth0");
    const { result } = search(closed);
    await assert.rejects(result, { code: "offline", message: /could not be sent/ });
    assert.equal(closed.ears, 0);
  });

  it("stops when told, and closes its sockets", async () => {
    const { network, clock, found, stop, result } = search();
    await clock.advance(1_500);
    stop.abort();
    network.answer(camera(1));
    await assert.rejects(result, (error) => codeOf(error) === "aborted");
    assert.deepEqual([network.ears, clock.pending, found.length], [0, 0, 0]);
  });

  it("opens nothing that it does not close when it was stopped before it began", async () => {
    const { network, stop, result } = search();
    stop.abort();
    await assert.rejects(result, (error) => codeOf(error) === "aborted");
    assert.deepEqual([network.ears, network.sent.length], [0, 0]);
  });

  it("limits a flood: answers per sender, and in all", async () => {
    const { network, clock, found, result } = search(new FakeNetwork(LAN));
    await settle();
    const serial = (number: number): string => `<DeviceSN>flood ${number} ${"x".repeat(8)}</DeviceSN>`;
    for (let i = 0; i < 500; i += 1) network.answer(serial(i), "192.0.2.66");
    assert.ok(found.length <= 64, `${found.length} of one sender`);
    network.answer(camera(1), "192.0.2.1");
    assert.equal(found.at(-1)?.address, "192.0.2.1");
    for (let i = 0; i < 3_000; i += 1) network.answer(serial(1_000 + i), `198.51.${i >> 8}.${i & 255}`);
    assert.equal(found.length, 1_000);
    await clock.advance(5_000);
    await result;
  });
});
