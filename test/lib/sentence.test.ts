import assert from "node:assert/strict";
import { FatalError } from "../../src/lib/errors";
import { enumerate, translatableName, say, Sentence } from "../../src/lib/sentence";

describe("a sentence", () => {
  it("is English text, and data: a template with numbered holes, and what fills them", () => {
    const sentence = say`Port ${8000} of ${"camera"} is open.`;
    assert.equal(sentence.toString(), "Port 8000 of camera is open.");
    assert.deepEqual([sentence.template, sentence.values], ["Port {0} of {1} is open.", [8000, "camera"]]);
  });

  it("may be broken over lines in the source", () => {
    const sentence = say`The device is busy.
      Try ${"again"}
      later.`;
    assert.equal(sentence.template, "The device is busy. Try {0} later.");
  });

  it("leaves line breaks, holes and dollar signs of a value as they are", () => {
    assert.equal(say`It said: ${"a\n {0} $& {1}"}.`.toString(), "It said: a\n {0} $& {1}.");
    assert.equal(say`Use {device} or {${0}}.`.toString(), "Use {device} or {0}.");
  });

  it("is translated with the sentences within it, numbers as the language writes them, texts never", () => {
    const words: Record<string, string> = { "{0} of {1}": "{1}: {0}", "disk {0}": "Platte {0}", free: "frei" };
    const text = say`${say`disk ${1.5}`} of ${"free"}`.render(
      (template) => words[template] ?? template,
      (number) => String(number).replace(".", ","),
    );
    assert.equal(text, "free: Platte 1,5");
  });

  it("enumerates by sentences of its own", () => {
    assert.equal(say`${enumerate([1, "b", say`c`])}`.toString(), "1, b, c");
    const chinese = say`${enumerate([1, 2, 3])}.`.render((template) => template.replace(", ", "、"), String);
    assert.equal(chinese, "1、2、3.");
    assert.equal(enumerate([]), "");
  });

  it("can be a name that somebody else translates", () => {
    assert.equal(translatableName("Motion {0}").toString(), "Motion {0}");
  });

  it("is the message of an error, and none of its own properties", () => {
    const error = new FatalError("disk", say`${"a.mp4"} cannot be written.`, { statusCode: 500 });
    assert.equal(`${error.toString()}|${error.message}`, "a.mp4 cannot be written.|a.mp4 cannot be written.");
    assert.ok(error.sentence instanceof Sentence);
    assert.deepEqual(Object.getOwnPropertyNames(error).sort(), ["cause", "code", "message", "stack"]);
  });
});
