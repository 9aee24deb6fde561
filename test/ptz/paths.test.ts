import assert from "node:assert/strict";
import { FatalError, RetryableError, type ErrorDetail } from "../../src/lib/errors";
import { Paths } from "../../src/ptz/paths";
import { say } from "../../src/lib/sentence";
import { FakeClock } from "../support/fake-clock";

const PLAIN = "/ISAPI/PTZCtrl/channels/3/";
const PROXY = "/ISAPI/ContentMgmt/PTZCtrlProxy/channels/3/";

const notThere = (detail: ErrorDetail = { statusCode: 403, subStatusCode: "notSupport" }): Error =>
  new FatalError("notSupported", say`Not here.`, detail);

/** Paths on a device that answers each path with this error, or else does it. */
function setUp(kind: "local" | "analogue" | "digital" | undefined, answers: Record<string, Error | undefined>) {
  const asked: string[] = [];
  const paths = new Paths(3, kind, new FakeClock());
  const run = async (name: string, tails: readonly string[] = [name], group: "motors" | "lens" = "motors") => {
    asked.length = 0;
    const result = await paths.try(group, name, tails, (path) => {
      asked.push(path);
      const error = answers[path];
      return error ? Promise.reject(error) : Promise.resolve(path);
    });
    return [result, asked.length] as const;
  };
  return { run, asked, answers };
}

describe("PTZ paths", () => {
  it("ask a camera and a coaxial input on the plain path, an IP channel by the proxy first", async () => {
    for (const kind of ["local", "analogue", undefined] as const)
      assert.deepEqual(await setUp(kind, {}).run("continuous"), [`${PLAIN}continuous`, 1]);
    assert.deepEqual(await setUp("digital", {}).run("continuous"), [`${PROXY}continuous`, 1]);
  });

  const denials: [title: string, error: Error][] = [
    ["a bare 403", new FatalError("forbidden", say`Denied.`, { statusCode: 403 })],
    ["notSupport", notThere()],
    ["a web page", new FatalError("notIsapi", say`A page.`, { statusCode: 404 })],
    ["400", new FatalError("badRequest", say`Bad.`, { statusCode: 400 })],
    ["500", new RetryableError("protocol", say`Internal.`, { statusCode: 500 })],
  ];
  for (const [title, error] of denials) {
    it(`take the plain path where the proxy answers ${title}, then go there at once`, async () => {
      const { run } = setUp("digital", { [`${PROXY}continuous`]: error, [`${PROXY}presets`]: error });
      assert.deepEqual(await run("continuous"), [`${PLAIN}continuous`, 2]);
      assert.deepEqual(await run("continuous"), [`${PLAIN}continuous`, 1]);
      assert.deepEqual(await run("presets"), [`${PLAIN}presets`, 1]);
    });
  }

  const final: [title: string, error: Error][] = [
    ["a missing right", new FatalError("forbidden", say`Low.`, { statusCode: 403, subStatusCode: "lowPrivilege" })],
    ["a refused login", new FatalError("unauthorized", say`No.`, { statusCode: 401 })],
    ["a busy device", new RetryableError("busy", say`Busy.`, { statusCode: 503 })],
    ["a timeout", new RetryableError("timeout", say`Slow.`)],
    ["a lost connection", new RetryableError("offline", say`Gone.`)],
  ];
  for (const [title, error] of final) {
    it(`do not blame the path for ${title}, and remember nothing`, async () => {
      const { run, asked, answers } = setUp("digital", { [`${PROXY}continuous`]: error });
      await assert.rejects(run("continuous"), error);
      assert.equal(asked.length, 1);
      answers[`${PROXY}continuous`] = undefined;
      assert.deepEqual(await run("continuous"), [`${PROXY}continuous`, 1]);
    });
  }

  it("find the one function that is on the other path, and remember it", async () => {
    const { run } = setUp("digital", { [`${PROXY}onepushfoucs/start`]: notThere() });
    await run("continuous");
    assert.deepEqual(await run("focus", ["onepushfoucs/start"]), [`${PLAIN}onepushfoucs/start`, 2]);
    assert.deepEqual(await run("focus", ["onepushfoucs/start"]), [`${PLAIN}onepushfoucs/start`, 1]);
    assert.deepEqual(await run("continuous"), [`${PROXY}continuous`, 1]);
  });

  it("go on asking the path that works after it refused a preset that does not exist", async () => {
    const { run, asked } = setUp("local", {
      [`${PLAIN}presets/77/goto`]: notThere(),
      [`${PROXY}presets/77/goto`]: new RetryableError("protocol", say`Internal.`, { statusCode: 500 }),
      [`${PROXY}presets/1/goto`]: new RetryableError("protocol", say`Internal.`, { statusCode: 500 }),
    });
    await run("continuous");
    await assert.rejects(run("goto", ["presets/77/goto"]), /Not here/);
    assert.deepEqual(await run("goto", ["presets/1/goto"]), [`${PLAIN}presets/1/goto`, 1]);
    await assert.rejects(run("goto", ["presets/77/goto"]), /Not here/);
    assert.equal(asked.length, 1);
  });

  it("do not try a wrong value elsewhere once the path is known", async () => {
    const bad = new FatalError("badRequest", say`Bad.`, { statusCode: 400 });
    const { run, asked } = setUp("digital", { [`${PROXY}absolute`]: bad });
    await run("continuous");
    await assert.rejects(run("absolute"), bad);
    assert.equal(asked.length, 1);
  });

  it("say what the likeliest path said when none works, and ask only that one the next time", async () => {
    const first = notThere();
    const { run, asked } = setUp("local", { [`${PLAIN}continuous`]: first, [`${PROXY}continuous`]: notThere() });
    for (const requests of [2, 1]) {
      await assert.rejects(run("continuous"), (error) => error === first);
      assert.equal(asked.length, requests);
    }
  });

  it("take the word that this firmware knows", async () => {
    const { run } = setUp("local", { [`${PLAIN}patterns/1/run`]: notThere() });
    const tails = (pattern: number): string[] => [`patterns/${pattern}/run`, `patterns/${pattern}/start`];
    assert.deepEqual(await run("run", tails(1)), [`${PLAIN}patterns/1/start`, 2]);
    assert.deepEqual(await run("run", tails(2)), [`${PLAIN}patterns/2/start`, 1]);
  });

  const lenses: [kind: "local" | "analogue" | "digital", path: string][] = [
    ["local", "/ISAPI/System/Video/inputs/channels/3/focus"],
    ["analogue", "/ISAPI/Image/channels/3/focus"],
    ["digital", "/ISAPI/ContentMgmt/ImageProxy/channels/3/focus"],
  ];
  for (const [kind, path] of lenses) {
    it(`turn the lens of a ${kind} channel at ${path}`, async () => {
      assert.deepEqual(await setUp(kind, {}).run("focus", ["focus"], "lens"), [path, 1]);
    });
  }

  it("turn the lens of an IP channel on the recorder's other proxy, too", async () => {
    const { run } = setUp("digital", { "/ISAPI/ContentMgmt/ImageProxy/channels/3/iris": notThere() });
    const other = "/ISAPI/ContentMgmt/InputProxy/channels/3/video/iris";
    assert.deepEqual(await run("iris", ["iris"], "lens"), [other, 2]);
    assert.deepEqual(await run("iris", ["iris"], "lens"), [other, 1]);
  });
});
