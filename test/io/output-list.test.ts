import assert from "node:assert/strict";
import { codeOf, RetryableError } from "../../src/lib/errors";
import { readOutputs } from "../../src/io/output-list";
import { Isapi } from "../../src/isapi/isapi";
import { say } from "../../src/lib/sentence";
import { FakeHttp, reply, status, type Answer } from "../isapi/fake-http";

const OWN = "/ISAPI/System/IO/outputs";
const REMOTE = "/ISAPI/ContentMgmt/IOProxy/outputs";

const own = (...ports: string[]) => reply(200, `<IOOutputPortList xmlns="x">${ports.join("")}</IOOutputPortList>`);
const port = (id: number | string, rest = "", name = "IOOutputPort") => `<${name}><id>${id}</id>${rest}</${name}>`;
const remote = (...ports: string[]) =>
  reply(200, `<IOProxyOutputPortList xmlns="x">${ports.join("")}</IOProxyOutputPortList>`);

function read(answers: Readonly<Record<string, Answer>>) {
  return readOutputs(new Isapi(FakeHttp.of(answers)));
}

describe("the list of alarm outputs", () => {
  it("has a camera's own", async () => {
    assert.deepEqual(await read({ [OWN]: own(port(1, "<name>Gate</name>")) }), [{ number: 1, name: "Gate" }]);
  });

  it("has a recorder's own and its cameras', with the channel of each", async () => {
    const answers = {
      [OWN]: own(port(2), port(1, "<name>Gate</name>")),
      [REMOTE]: remote(
        port(301, "<name>Siren</name>", "IOProxyOutputPort"),
        port(1602, "<name/>", "IOProxyOutputPort"),
      ),
    };
    assert.deepEqual(await read(answers), [
      { number: 1, name: "Gate" },
      { number: 2 },
      { number: 301, name: "Siren", channel: 3 },
      { number: 1602, channel: 16 },
    ]);
  });

  it("has an output once that a recorder lists in both", async () => {
    const answers = {
      [OWN]: own(port(1), port(802, "<IOUseType>whiteLight</IOUseType><IOType>digitalChannel</IOType>")),
      [REMOTE]: remote(port(802, "<name>Light</name>", "IOProxyOutputPort")),
    };
    assert.deepEqual(await read(answers), [{ number: 1 }, { number: 802, name: "Light", channel: 8 }]);
  });

  it("is empty where there are none", async () => {
    assert.deepEqual(await read({ [OWN]: own() }), []);
  });

  it("leaves out what has no usable number", async () => {
    assert.deepEqual(await read({ [OWN]: own(port(""), port("x"), port(0), port("1.5"), port(3)) }), [{ number: 3 }]);
  });

  const failures: [title: string, answers: Readonly<Record<string, Answer>>, code: string][] = [
    ["neither list is offered", {}, "notSupported"],
    ["the user may see neither", { [OWN]: status(403, 4, "lowPrivilege") }, "forbidden"],
    [
      "one does not come: a name might be in it",
      { [OWN]: own(port(1)), [REMOTE]: new RetryableError("timeout", say`Slow.`) },
      "timeout",
    ],
  ];
  for (const [title, answers, code] of failures) {
    it(`fails when ${title}`, async () => {
      await assert.rejects(read(answers), (error) => codeOf(error) === code);
    });
  }
});
