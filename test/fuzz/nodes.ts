/** Any settings and any messages in every node, and any body for the editor's questions: a real Node-RED beside a virtual device. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import armModule from "../../nodes/arm/arm";
import * as arm from "../../nodes/arm/fields";
import audioModule from "../../nodes/audio/audio";
import * as audio from "../../nodes/audio/fields";
import deterrentModule from "../../nodes/deterrent/deterrent";
import * as deterrent from "../../nodes/deterrent/fields";
import callModule from "../../nodes/call/call";
import * as call from "../../nodes/call/fields";
import deviceModule from "../../nodes/device/device";
import diagnoseModule from "../../nodes/diagnose/diagnose";
import * as diagnose from "../../nodes/diagnose/fields";
import doorModule from "../../nodes/door/door";
import * as door from "../../nodes/door/fields";
import downloadModule from "../../nodes/download/download";
import * as download from "../../nodes/download/fields";
import eventInModule from "../../nodes/event-in/event-in";
import * as eventIn from "../../nodes/event-in/fields";
import isapiModule from "../../nodes/isapi/isapi";
import * as isapi from "../../nodes/isapi/fields";
import outputModule from "../../nodes/output/output";
import * as output from "../../nodes/output/fields";
import plateInModule from "../../nodes/plate-in/plate-in";
import * as plateIn from "../../nodes/plate-in/fields";
import plateListModule from "../../nodes/plate-list/plate-list";
import * as plateList from "../../nodes/plate-list/fields";
import playbackUrlModule from "../../nodes/playback-url/playback-url";
import * as playbackUrl from "../../nodes/playback-url/fields";
import ptzModule from "../../nodes/ptz/ptz";
import * as ptz from "../../nodes/ptz/fields";
import recordModule from "../../nodes/record/record";
import * as record from "../../nodes/record/fields";
import recordingsModule from "../../nodes/recordings/recordings";
import * as recordings from "../../nodes/recordings/fields";
import snapshotModule from "../../nodes/snapshot/snapshot";
import * as snapshot from "../../nodes/snapshot/fields";
import historyModule from "../../nodes/history/history";
import * as history from "../../nodes/history/fields";
import statisticsModule from "../../nodes/statistics/statistics";
import * as statistics from "../../nodes/statistics/fields";
import videoModule from "../../nodes/video/video";
import * as video from "../../nodes/video/fields";
import { deviceNode, helper, loadFlow, login, nodeById, type FlowNode } from "../support/flow";
import { nodeRedMain } from "../support/node-red";
import { until } from "../support/until";
import { startVirtualDevice, stillFilm, type VirtualDevice } from "../virtual-device";

interface Kind {
  readonly name: string;
  readonly module: unknown;
  readonly fields: Readonly<Record<string, { readonly value: unknown; readonly options?: readonly string[] }>>;
  readonly hasInput: boolean;
}

const kind = (name: string, module: unknown, { fields }: { fields: Kind["fields"] }, hasInput = true): Kind => ({
  name,
  module,
  fields,
  hasInput,
});

const KINDS: readonly Kind[] = [
  kind("arm", armModule, arm),
  kind("audio", audioModule, audio),
  kind("deterrent", deterrentModule, deterrent),
  kind("call", callModule, call),
  kind("diagnose", diagnoseModule, diagnose),
  kind("door", doorModule, door),
  kind("download", downloadModule, download),
  kind("event-in", eventInModule, eventIn, false),
  kind("isapi", isapiModule, isapi),
  kind("history", historyModule, history),
  kind("output", outputModule, output),
  kind("plate-in", plateInModule, plateIn, false),
  kind("plate-list", plateListModule, plateList),
  kind("playback-url", playbackUrlModule, playbackUrl),
  kind("ptz", ptzModule, ptz),
  kind("record", recordModule, record),
  kind("recordings", recordingsModule, recordings),
  kind("snapshot", snapshotModule, snapshot),
  kind("statistics", statisticsModule, statistics),
  kind("video", videoModule, video),
];
const WITH_INPUT = KINDS.filter(({ hasInput }) => hasInput);

const QUESTIONS = [
  "deployed/list",
  "form/list",
  "form/certificate",
  "form/push",
  "form/push/plan",
  "form/repair/written",
  "form/repair/plan",
  ..."ptz snapshot playback-url video recordings download plates isapi arm deterrent door plate-list"
    .split(" ")
    .flatMap((name) => [`deployed/try/${name}`, `form/try/${name}`]),
];

const MESSAGES_PER_FLOW = 40;
const QUESTIONS_PER_FLOW = 8;
/** Of messages that may take their time (a talk, a move): then the flow is deployed anew. */
const PATIENCE_MS = 400;
const ANSWER_MS = 700;

/** What a hand-edited flow, an environment variable or a function node may put anywhere. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    ..."1 0 -1 999 1e9 1,2 ${CH} ../../x __proto__ constructor toString 2026-05-01T08:00:00Z start stop msg".split(" "),
    "",
    " ",
    "9".repeat(400),
    null,
    undefined,
    NaN,
    Infinity,
    -0,
    2 ** 53,
    true,
    [],
    [null],
    {},
    { toString: 1 },
    Buffer.from("RIFF\0\0\0\0WAVEfmt "),
    Symbol.iterator.description,
  ),
  fc.anything({ maxDepth: 2 }),
);
const action = fc.constantFrom<unknown>(
  ..."add replace find move momentary stop relative gotoPreset listPresets status zoomToBox setPatrol start cancel get set talk on off pulse siren light open GET PUT change".split(
    " ",
  ),
  "constructor",
  7,
);
const messages = fc.tuple(
  fc.nat(),
  fc.dictionary(
    fc.constantFrom(
      ..."payload plates channel stream start end duration action values output width height directory time topic parts path method number".split(
        " ",
      ),
    ),
    fc.oneof(
      hostile,
      fc.dictionary(
        fc.constantFrom("action", "pan", "channel", "preset", "time", "playbackUri"),
        fc.oneof(hostile, action),
      ),
    ),
    { maxKeys: 5, noNullPrototype: true },
  ),
);

/** As a flow file can have it. Node-RED itself fails on objects that cannot become text. */
const saved = fc
  .oneof(hostile, fc.jsonValue({ maxDepth: 2 }))
  .map((value) => JSON.stringify([value]))
  .filter((text) => !/toString|valueOf/.test(text))
  .map((text) => (JSON.parse(text) as [unknown])[0]);

function settingsOf({ fields }: Kind, folder: string): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(fields).flatMap(([field, { value, options }]) => {
    // Files go nowhere else, and no ffmpeg is started a thousand times.
    if (field === "directory") return [[field, fc.constant(folder)] as const];
    if (field === "where") return [[field, fc.constant("device")] as const];
    const usual = fc.constantFrom<unknown>(value, ...(options ?? []));
    const type = fc.constantFrom("str", "num", "msg", "env", "bool", "json", "jsonata", "nonsense");
    return [
      [field, fc.oneof(usual, saved)] as const,
      [`${field}Type`, fc.oneof({ weight: 3, arbitrary: fc.constant("str") }, type)] as const,
    ];
  });
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
}

/** Objects: any other JSON is refused by Node-RED itself. */
const bodies = fc
  .record(
    {
      id: fc.constantFrom("device", "ptz", "none", "__proto__"),
      what: fc.constantFrom("channels", "presets", "outputs", "constructor", "__proto__"),
      list: fc.constantFrom("channels", "presets", "outputs", "constructor", "__proto__"),
      about: fc.jsonValue(),
      form: fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom("channel", "start", "clamp"), fc.jsonValue()),
        fc.record({ action: fc.string(), channel: fc.jsonValue() }),
      ),
      connection: fc.oneof(
        fc.jsonValue(),
        fc.record({
          id: fc.constantFrom("device", "x"),
          host: fc.constantFrom("127.0.0.1", "", "a/b", "${NO_SUCH}"),
          port: fc.constantFrom("1", "0", "x", "99999"),
        }),
      ),
    },
    { requiredKeys: [] },
  )
  .map((body) => JSON.stringify(body));

const { hooks } = createRequire(nodeRedMain)("@node-red/util") as {
  hooks: {
    add(
      name: string,
      run: (event: { node: { id: string }; error?: { code?: string; message?: string } }) => void,
    ): void;
    remove(name: string): void;
  };
};

export interface NodesFuzzed {
  readonly messages: number;
  readonly questions: number;
  readonly flows: number;
}

/** Until so many messages went in, or the time is over. Rejects with what does not hold, the seed and the round in its words. */
export async function fuzzNodes(count: number, seed: number, ms = Infinity): Promise<NodesFuzzed> {
  const end = Date.now() + ms;
  const done = { messages: 0, questions: 0, flows: 0 };
  const rig = await Rig.open();
  try {
    while (done.messages < count && Date.now() < end) {
      const round = (seed + done.flows) >>> 0;
      try {
        await rig.round(round);
      } catch (error) {
        throw new Error(`nodes, seed ${round}: ${error instanceof Error ? (error.stack ?? "") : String(error)}`, {
          cause: error,
        });
      }
      done.flows += 1;
      done.messages += MESSAGES_PER_FLOW;
      done.questions += QUESTIONS_PER_FLOW;
    }
    return done;
  } finally {
    await rig.close();
  }
}

class Rig {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-fuzz-"));
  readonly #strays: string[] = [];
  readonly #onStray = (error: unknown): void => void this.#strays.push(String(error));
  #device!: VirtualDevice;
  #admin!: Server;

  static async open(): Promise<Rig> {
    const rig = new Rig();
    rig.#device = await startVirtualDevice({ model: "nvr", heartbeat: null, films: stillFilm });
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
    rig.#admin = createServer((...given) => {
      (helper as unknown as { _httpAdmin: RequestListener })._httpAdmin(...given);
    });
    await new Promise<void>((resolve) => rig.#admin.listen(0, "127.0.0.1", resolve));
    process.on("unhandledRejection", rig.#onStray);
    return rig;
  }

  async close(): Promise<void> {
    process.off("unhandledRejection", this.#onStray);
    this.#admin.closeAllConnections();
    this.#admin.close();
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    await this.#device.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async round(seed: number): Promise<void> {
    const only = <T>(arbitrary: fc.Arbitrary<T>, many: number): T[] => fc.sample(arbitrary, { seed, numRuns: many });
    // As Node-RED keeps them: without what is undefined, and without __proto__.
    const saved = (settings: unknown): object =>
      JSON.parse(JSON.stringify(settings), (key, value: unknown) =>
        key === "__proto__" ? undefined : value,
      ) as object;
    const nodes = KINDS.map((one): FlowNode => ({
      ...saved(only(settingsOf(one, this.#folder), 1)[0]),
      ...{ id: one.name, type: `hikvision-${one.name}`, device: "device", wires: [] },
    }));
    const ends = new Map<string, number>();
    const defects: string[] = [];
    hooks.remove("onComplete.fuzz");
    hooks.add("onComplete.fuzz", ({ node: { id }, error }) => {
      ends.set(id, (ends.get(id) ?? 0) + 1);
      if (error && (error.code === undefined || /should not happen/.test(error.message ?? "")))
        defects.push(`${id}: ${error.code}: ${error.message}`);
    });
    const sent = new Map<string, number>();
    const allEnded = (): boolean => [...sent].every(([id, many]) => (ends.get(id) ?? 0) >= many);
    await loadFlow([deviceModule, ...KINDS.map(({ module }) => module)], [deviceNode(this.#device), ...nodes], {
      device: login(this.#device),
    });
    try {
      for (const [which, message] of only(messages, MESSAGES_PER_FLOW)) {
        const { name } = WITH_INPUT[which % WITH_INPUT.length]!;
        sent.set(name, (sent.get(name) ?? 0) + 1);
        nodeById(name).receive(message);
      }
      await Promise.all(
        only(fc.tuple(fc.constantFrom(...QUESTIONS), bodies), QUESTIONS_PER_FLOW).map((one) => this.#ask(...one)),
      );
      await until(allEnded, "", PATIENCE_MS).catch(() => undefined);
    } finally {
      await helper.unload();
    }
    await until(
      allEnded,
      `every message has its done(): ${JSON.stringify([...sent])}, ${JSON.stringify([...ends])}`,
      6_000,
    );
    hooks.remove("onComplete.fuzz");
    assert.deepEqual([...ends].sort(), [...sent].sort(), "exactly one done() for each message");
    assert.deepEqual(defects, []);
    assert.deepEqual(this.#strays.splice(0), []);
  }

  /** An answer in JSON that is no defect of ours; none is fine where the device takes its time. */
  async #ask(question: string, body: string): Promise<void> {
    const { port } = this.#admin.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/hikvision/${question}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch(() => undefined);
    if (!answer) return;
    const text = await answer.text().catch(() => "");
    assert.ok(answer.status !== 500, `${question} ${body} → ${text}`);
    assert.ok(!text.includes(this.#device.password), `${question} tells the password`);
  }
}
