/** What is refused in a form, in words: below the field while one types, and at the node when it is kept all the same. */
import assert from "node:assert/strict";
import { manifest } from "../support/project";
import { inBrowser, running, sharedEditor } from "./stage";

interface Refused {
  readonly property: string;
  readonly value: string;
  readonly reason: RegExp;
  /** A value that is fine; else what the form opens with. */
  readonly right?: string;
  /** What has to be chosen for the field to matter. */
  readonly when?: Readonly<Record<string, string>>;
  /** How a TypedInput reads the value; without it the field is a plain one. */
  readonly as?: "num" | "str" | "msg" | "jsonata";
}

const channel: Refused = {
  property: "channel",
  value: "201",
  as: "num",
  reason: /Enter channel 2 and choose the stream/,
};
const stream: Refused = { property: "stream", value: "fourth", as: "str", reason: /main, sub or third/ };
const size = { value: "5", as: "num", reason: /from 16 to 8192/ } as const;
const time = { value: "the day before", as: "str", reason: /2026-05-01 08:00/ } as const;
const seconds = { value: "-1", as: "num", reason: /from 0(\.001)? to 86400/ } as const;
const empty = { value: " ", as: "str", reason: /Fill this in/, right: "here" } as const;
const result = { property: "property", value: "channel", as: "msg", reason: /msg\.channel as a setting/ } as const;
const mistake = { value: "payload.(", as: "jsonata", reason: /./ } as const;

/** By palette node; none: every choice of the form is a right one. */
const REFUSED: Readonly<Record<string, readonly Refused[]>> = {
  "event-in": [{ property: "offDelay", value: "0", reason: /from 1 to 86400/ }],
  "plate-in": [
    { property: "minConfidence", value: "101", reason: /from 0 to 100/ },
    { property: "dropRepeats", value: "often", reason: /Enter a number/ },
    { property: "pollInterval", value: "0", reason: /from 1 to 3600/ },
  ],
  snapshot: [
    channel,
    { property: "channel", ...mistake },
    stream,
    { property: "time", ...time },
    { property: "width", ...size },
    { property: "height", ...size, value: "480.5", reason: /whole number/ },
    result,
  ],
  ptz: [{ ...channel, value: "", reason: /Enter a channel number/ }, result],
  output: [
    { property: "output", ...empty },
    { property: "duration", ...seconds, when: { action: "pulse" } },
  ],
  door: [
    { property: "number", value: "65535", as: "num", reason: /from 1 to 128/ },
    { property: "duration", ...seconds, when: { action: "open" } },
  ],
  call: [{ property: "pollInterval", value: "0.5", reason: /from 1 to 60/ }],
  "plate-list": [channel],
  "playback-url": [
    channel,
    stream,
    { property: "start", ...time, when: { kind: "time" } },
    { property: "end", ...time, when: { kind: "time" } },
  ],
  video: [
    channel,
    { property: "start", ...time, when: { kind: "time" } },
    { property: "expires", value: "5", reason: /from 10 to 86400/ },
  ],
  recordings: [
    { ...channel, value: "1.5", reason: /whole number from 1/ },
    { property: "start", ...time },
    { property: "end", ...time },
    { property: "newest", ...size, value: "0", reason: /number from 1\./ },
  ],
  download: [
    channel,
    { property: "start", ...time },
    { property: "before", ...seconds },
    { property: "after", ...seconds },
    { property: "directory", ...empty, when: { deliverAs: "file" } },
  ],
  record: [
    channel,
    { property: "duration", ...seconds },
    { ...stream, when: { where: "file" } },
    { property: "directory", ...empty, when: { where: "file" } },
  ],
  audio: [channel],
  deterrent: [channel],
  arm: [],
  isapi: [
    { property: "path", value: "http://192.0.2.1/ISAPI/System/status", as: "str", reason: /path of the device itself/ },
    { property: "body", ...mistake },
  ],
  history: [
    { property: "start", ...time },
    { property: "end", ...time },
    { property: "newest", ...size, value: "0", reason: /number from 1\./ },
  ],
  statistics: [channel, { property: "start", ...time }, { property: "end", ...time }],
  diagnose: [],
};

describe("what is refused in a form", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();
  const editor = sharedEditor(() => running().deploy([{ id: "tab", type: "tab", label: "Test" }]));

  for (const name of Object.keys(manifest["node-red"].nodes).filter((node) => node !== "device")) {
    const refused = REFUSED[name];
    if (refused?.length === 0) continue;
    it(`${name} says why, below the field, and at the node`, async () => {
      assert.ok(refused, "a new node needs its refusals here");
      const { page } = editor();
      const id = await editor().add(`hikvision-${name}`);
      await editor().edit(id);
      const shown = await page.evaluate(refuse, refused);
      for (const [index, { property, reason }] of refused.entries()) {
        const { said, invalid, saidOfRight } = shown[index]!;
        assert.match(said, reason, property);
        assert.equal(invalid, 1, property);
        assert.equal(saidOfRight, "", `${property} is fine`);
      }
      await page.evaluate(keep, refused[0]!);
      await editor().done();
      assert.ok((await editor().faults(id)).some((fault) => refused[0]!.reason.test(fault)));
      await editor().remove(id);
    });
  }
});

/** What stands below a field while a wrong value is in it, how many fields are marked, and what stands there with a right one. */
interface Shown {
  readonly said: string;
  readonly invalid: number;
  readonly saidOfRight: string;
}

/** Runs in the browser: all at once, since each look from outside takes longer than what is looked at. */
function refuse(all: readonly Refused[]): Shown[] {
  return all.map(({ property, value, right, when = {}, as }) => {
    const shownOf = (selector: string): Element[] =>
      [...document.querySelectorAll(selector)].filter((found) => found.getClientRects().length > 0);
    const said = (): string =>
      shownOf(`#hikflow-reason-${property}`)
        .map(({ innerText }) => innerText)
        .join();
    const enter = (text: string, type: string | undefined): void => {
      const input = $(`#node-input-${property}`);
      if (type === undefined) input.val(text);
      else input.typedInput("type", type).typedInput("value", text);
      input.trigger("change");
    };
    for (const [setting, choice] of Object.entries(when)) $(`#node-input-${setting}`).val(choice).trigger("change");
    const input = $(`#node-input-${property}`);
    const before = as === undefined ? String(input.val()) : input.typedInput("value");
    const beforeAs = as === undefined ? undefined : input.typedInput("type");
    enter(value, as);
    const wrong = {
      said: said(),
      invalid: shownOf(`.hikflow-field:has(#node-input-${property}) [aria-invalid="true"]`).length,
    };
    enter(right ?? before, beforeAs);
    return { ...wrong, saidOfRight: said() };
  });
}

/** Runs in the browser. */
function keep({ property, value, when = {}, as }: Refused): void {
  for (const [setting, choice] of Object.entries(when)) $(`#node-input-${setting}`).val(choice).trigger("change");
  const input = $(`#node-input-${property}`);
  if (as === undefined) input.val(value);
  else input.typedInput("type", as).typedInput("value", value);
  input.trigger("change");
}

interface Element {
  readonly innerText: string;
  getClientRects(): { readonly length: number };
}
interface Input {
  typedInput(what: "value" | "type"): string;
  typedInput(what: "value" | "type", value: string): Input;
  val(): unknown;
  val(value: string): Input;
  trigger(event: string): void;
}
declare const document: { querySelectorAll(selector: string): Iterable<Element> };
declare const $: (selector: string) => Input;
