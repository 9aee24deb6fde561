import assert from "node:assert/strict";
import { codeOf } from "../../src/lib/errors";
import type { HttpReply } from "../../src/http/device-http";
import { Isapi } from "../../src/isapi/isapi";
import { settle } from "../support/fake-clock";
import { FakeHttp, OK, status } from "./fake-http";

/** An Isapi whose slow commands hang until `free`; `stop` is answered at once. */
function setUp(stopAnswer: HttpReply = OK) {
  let free = (): void => undefined;
  const slow = new Promise<HttpReply>((resolve) => (free = () => resolve(OK)));
  const http = new FakeHttp(({ path }) => (path === "/stop" ? stopAnswer : slow));
  return { http, isapi: new Isapi(http), free: () => free() };
}

describe("an urgent command", () => {
  it("does not wait for a connection: it goes at once, on a connection of its own", async () => {
    const { http, isapi, free } = setUp();
    const slow = [1, 2, 3].map((i) => isapi.put(`/slow${i}`));
    await settle();
    assert.equal((await isapi.put("/stop", "<a/>", { urgent: true, timeoutMs: 5 }))?.root, "ResponseStatus");
    assert.deepEqual(http.paths, ["/slow1", "/slow2", "/stop"]);
    assert.equal(http.bypassed, 1, "not on a pooled connection");
    assert.deepEqual([http.requests[2]?.body, http.requests[2]?.timeoutMs], ["<a/>", 5]);
    free();
    await Promise.all(slow);
  });

  it("takes a pooled connection like all others where one is free", async () => {
    const { http, isapi } = setUp();
    await isapi.put("/stop", undefined, { urgent: true });
    assert.equal(http.bypassed, 0);
  });

  it("is a typed error when refused, in either lane", async () => {
    const { isapi, free } = setUp(status(403, 4, "notSupport"));
    const refused = (error: unknown): boolean => codeOf(error) === "notSupported";
    await assert.rejects(isapi.put("/stop", undefined, { urgent: true }), refused);
    const slow = [1, 2].map((i) => isapi.put(`/slow${i}`));
    await settle();
    await assert.rejects(isapi.put("/stop", undefined, { urgent: true }), refused);
    free();
    await Promise.all(slow);
  });

  it("leaves the queue as it is: no slot is lost, none is added", async () => {
    const { http, isapi, free } = setUp();
    const slow = [1, 2, 3, 4].map((i) => isapi.put(`/slow${i}`));
    await settle();
    await isapi.put("/stop", undefined, { urgent: true });
    await settle();
    assert.equal(http.underWay, 2);
    free();
    await Promise.all(slow);
    assert.equal(http.mostUnderWay, 3);
  });
});
