/* eslint-disable @typescript-eslint/no-require-imports -- one table for every node of the package */
/** What a form lets through the runtime takes, and what it refuses the runtime refuses: one rule, read by two layers. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { deviceSettings } from "../../../nodes/device/settings";
import type { Field, Fields } from "../../../nodes/shared/fields";
import { resultProperty } from "../../../nodes/shared/result-property";
import type * as Validation from "../../../nodes/editor/validate";
import { boundedNumber, NO_MESSAGE, valueReader } from "../../../nodes/shared/typed-values";
import { channelNumber, streamNumber } from "../../../src/isapi/channel-number";
import { normalizeFingerprint } from "../../../src/http/tls";
import { isHikvisionError } from "../../../src/lib/errors";
import { TimeFrame } from "../../../src/time/time-frame";
import { momentOfWord } from "../../../src/time/time-words";
import { fixedZone } from "../../../src/time/zone";
import { Values } from "../../../src/ptz/values";
import { manifest, root } from "../../support/project";

const NODES = Object.keys(manifest["node-red"].nodes).filter((name) =>
  existsSync(path.join(root, `nodes/${name}/fields.ts`)),
);

type Described = { readonly fields: Fields; readonly actionValues?: Readonly<Record<string, Fields>> };

/** Every field of every form, those of an action's values, too. */
const ALL = NODES.flatMap((node) => {
  const { fields, actionValues = {} } = require(`../../../nodes/${node}/fields`) as Described;
  return [
    ...Object.entries<Field>(fields).map(([name, field]) => ({ title: `${node}.${name}`, name, field, value: false })),
    ...Object.entries(actionValues).flatMap(([action, own]) =>
      Object.entries<Field>(own).map(([name, field]) => ({
        title: `${node}.${action}.${name}`,
        name,
        field,
        value: true,
      })),
    ),
  ];
});

/** True: taken. Throws what is no refusal. */
function takes(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!isHikvisionError(error)) throw error;
    assert.equal(error.code, "badRequest");
    return false;
  }
}

describe("what a form lets through", () => {
  type Validate = typeof Validation;
  let validate: Validate;
  const editor = (globalThis as { RED?: unknown }).RED;

  before(() => {
    (globalThis as { RED?: unknown }).RED = { _: (key: string) => key };
    validate = require("../../../nodes/editor/validate") as Validate;
  });
  after(() => {
    (globalThis as { RED?: unknown }).RED = editor;
  });

  for (const { title, name, field, value } of ALL) {
    const { rule, literal } = field;
    if (typeof rule === "object" && (literal !== undefined || value))
      it(`of a number, the runtime takes, and nothing else: ${title}`, () => {
        const { min, max, whole } = rule;
        const most = Number.isFinite(max) ? max : 1e9;
        const samples = [min, most, (min + most) / 2, min - 1, most + 1, min - 0.001, most + 0.001, 0, -1, 1.5]
          .map(String)
          .concat(["", " ", " 1 ", "1e3", "abc", "NaN", "Infinity", "0x10", "1,5", "constructor"]);
        for (const sample of samples) {
          const inForm: boolean = validate.numberCheck(rule)(sample) === undefined;
          const atRun: boolean =
            sample.trim() !== "" &&
            (value
              ? takes((): number => {
                  const values = new Values({ [name]: sample });
                  return whole ? values.whole(name, rule) : values.number(name, rule);
                })
              : takes(() => boundedNumber(name, sample, rule)));
          assert.equal(inForm, atRun, JSON.stringify(sample));
        }
      });
    if (field.fallback)
      it(`where it is empty, is what a new node has: ${title}`, async () => {
        for (const empty of ["", "  ", null, undefined]) {
          const read = valueReader(null as never, null as never, { [name]: empty }, { [name]: field });
          assert.equal(await read(name, NO_MESSAGE), field.value, String(empty));
        }
      });
  }

  it("of a channel or a stream, the runtime takes", () => {
    for (const sample of ["1", " 2 ", "100", "101", "3201", "0", "-1", "1.5", "", "abc", "1e1", "0x1", "main"]) {
      if (validate.checks.channel(sample) === undefined && !/[ex.]/.test(sample))
        assert.ok(
          takes(() => channelNumber(sample)),
          `channel ${sample}`,
        );
      if (takes(() => channelNumber(sample))) assert.equal(validate.checks.channel(sample), undefined, sample);
    }
    for (const sample of ["", "main", "SUB", " third ", "1", "3", "4", "0", "fourth", "constructor", "__proto__"])
      assert.equal(
        validate.checks.stream(sample) === undefined,
        takes(() => streamNumber(sample)),
        `stream ${sample}`,
      );
  });

  it("of a time, the runtime takes", () => {
    const frame = new TimeFrame(fixedZone(3_600_000), "utc", false);
    for (const sample of [
      ...["2026-05-01", "2026-05-01 07:30", "2026-05-01T07:30:15Z", "2026-05-01T07:30:15.123+05:45", "now", "-1h"],
      ...[
        "yesterday",
        "today 07:30",
        "-1.5d",
        "2026-02-31",
        "2026-13-01",
        "2026-05-01T25:00",
        "2026-05-01T07:61",
        "soon",
      ],
    ]) {
      const word = momentOfWord(sample, 0, fixedZone(0));
      const atRun = word !== undefined || takes(() => frame.read("start", sample, "earlier"));
      assert.equal(validate.checks.time(sample) === undefined, atRun, sample);
    }
  });

  it("of a host, ports and a result's property, the runtime takes", () => {
    const device = (more: object): boolean =>
      takes(() => deviceSettings({ id: "1", type: "hikvision-device", name: "", z: "", ...more }, undefined));
    for (const host of [
      "192.0.2.1",
      "cam.example",
      "[2001:db8::1]",
      "fe80::1",
      " a ",
      "",
      "a b",
      "http://a",
      "a/b",
      "u@h",
      "a?b",
    ])
      assert.equal(validate.checks.host(host) === undefined, device({ host }), `host ${host}`);
    const pin = "ab".repeat(32);
    for (const fingerprint of [
      pin,
      pin.toUpperCase(),
      "AB:".repeat(31) + "AB",
      "ab-".repeat(31) + "ab",
      "ab ".repeat(32),
      "",
      "ab",
      `${pin}0`,
    ])
      assert.equal(
        validate.checks.fingerprint(fingerprint) === undefined,
        normalizeFingerprint(fingerprint) !== undefined,
        `fingerprint ${fingerprint}`,
      );
    for (const picturePorts of [
      "80",
      "80, 8000",
      "80 443;8000",
      "0",
      "65536",
      "1e3",
      "-1",
      "80,,81",
      "a",
      "99999999999",
    ])
      assert.equal(
        validate.checks.ports(picturePorts) === undefined,
        device({ host: "a", picturePorts }),
        `ports ${picturePorts}`,
      );
    for (const property of [
      "picture",
      "a.b",
      "a[0]",
      "payload",
      "",
      "1a",
      "a..b",
      "channel",
      "channel.x",
      "_msgid",
      "__proto__",
    ])
      if (property !== "")
        assert.equal(
          validate.checks.property(property) === undefined,
          takes(() => resultProperty(null as never, property)),
          `property ${property}`,
        );
  });
});
