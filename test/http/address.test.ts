import { strict as assert } from "node:assert";
import { originOf, requestTarget } from "../../src/http/address";

describe("an address", () => {
  for (const [host, origin] of [
    ["192.168.1.64", "http://192.168.1.64:8000"],
    ["camera.lan", "http://camera.lan:8000"],
    ["fe80::1", "http://[fe80::1]:8000"],
  ] as const)
    it(`of ${host} is ${origin}`, () => assert.equal(originOf({ protocol: "http", host, port: 8000 }), origin));

  for (const [host, port] of [
    ["", 80],
    ["my camera", 80],
    ["camera/path", 80],
    ["user@camera", 80],
    ["camera?x", 80],
    ["camera#x", 80],
    ["http://camera", 80],
    ["1:2", 80],
    ["camera", 70000],
    ["camera", NaN],
  ] as const)
    it(`cannot be "${host}" with port ${port}`, () =>
      assert.throws(() => originOf({ protocol: "http", host, port }), { code: "badRequest" }));
});

describe("a request target", () => {
  for (const [path, target] of [
    ["/ISAPI/System/deviceInfo", "/ISAPI/System/deviceInfo"],
    ["/a b", "/a%20b"],
    ["/a%20b?c=%C3%BC", "/a%20b?c=%C3%BC"],
    ["/ü?x=ß€", "/%C3%BC?x=%C3%9F%E2%82%AC"],
    ['/"\\', "/%22%5C"],
    ["/\r\nX: y", "/%0D%0AX:%20y"],
    ["/\ud800", "/%EF%BF%BD"],
  ] as const)
    it(`of ${JSON.stringify(path)} is ${target}`, () => assert.equal(requestTarget(path), target));
});
