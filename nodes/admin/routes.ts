/**
 * What the forms ask over HTTP. All questions are JSON POSTs (415 else) with a permission of their own, answered within 10 s, dropped when
 * the browser goes away, and refused as `{ error, code }`. Secrets come in a body only, and never go out.
 */
import type { IncomingMessage } from "node:http";
import type { NodeAPI } from "node-red";
import {
  type ErrorCode,
  isHikvisionError,
  translatableName,
  RetryableError,
  say,
  type Sentence,
  systemClock,
  withLimit,
} from "../../src";
import { PasswordNeeded, withDevice } from "./target-device";
import { onGone } from "../shared/on-gone";
import { propertiesOf } from "../shared/unknown-values";
import { guardVariables, requireJson } from "./guards";
import { findInNetwork } from "./discovery";
import { listItems } from "./lists";
import {
  previewDownloads,
  previewPlateList,
  previewHistory,
  previewPlates,
  previewRecordings,
  previewStatistics,
} from "./preview";
import { listenNow } from "./listen";
import { momentAnswer } from "./moment";
import { planPush, pushRoot, removePush, writePush } from "./push";
import { applyRepair, planRepair, undoRepair, writtenByRepair } from "./repair";
import { tryPlayback, tryPlaybackUrl, tryPtz, trySnapshot, type OpenForm, type TryAnswer, tryVideo } from "./try";
import { certificateOf, testConnection } from "./connection-test";
import { fixedReader } from "../shared/typed-values";
import { jsonIn } from "../shared/render";

/** The answer to one question, as JSON; `sendLine` sends parts of it beforehand, a line each. Throws typed errors. */
type Answer = (body: unknown, signal: AbortSignal, sendLine: (line: object) => void) => object | Promise<object>;
type Access = "read" | "write";

const TIMEOUT_MS = 10_000;
/** A diagnosis waits for a heartbeat, and a recorder asks each of its cameras; it tells what it knows meanwhile. */
const TEST_TIMEOUT_MS = 45_000;
/** Some sixty triggers, each read, written and read again by a slow recorder. */
const REPAIR_TIMEOUT_MS = 120_000;
/** A move of a minute is the longest that is tried. */
const MOVE_TIMEOUT_MS = 75_000;
/** Weeks of counts, a busy day of a log. */
const LOOK_TIMEOUT_MS = 60_000;
/** A recorder looks for the recording first. */
const VIDEO_TIMEOUT_MS = 40_000;
const LINES = { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store", "X-Accel-Buffering": "no" };

/** Everything else, above all a refused password, is the device's fault: a 401 would make the editor ask for its own login. */
const HTTP_STATUS: Partial<Record<ErrorCode, number>> = { badRequest: 400, notFound: 404, timeout: 504 };
const DEVICE_FAILED = 502;
const OUR_DEFECT = 500;

/** Express keeps routes for the life of the process, also when this package's nodes are loaded again. */
const served = new WeakSet<object>();

/** Serves the questions; repeatable. */
export function serveAdmin(RED: NodeAPI): void {
  if (served.has(RED.httpAdmin)) return;
  served.add(RED.httpAdmin);
  // Asking a deployed device what it has is reading; making Node-RED call whatever a form names, or the whole network, is not.
  serve(RED, "deployed/list", "read", (body, signal) =>
    withDevice(RED, "deployed", body, (device) => listItems(device, body, signal)),
  );
  serve(RED, "form/list", "write", (body, signal) =>
    withDevice(RED, "form", body, (device) => listItems(device, body, signal)),
  );
  serve(RED, "deployed/moment", "read", (body, signal) =>
    withDevice(RED, "deployed", body, (device) => momentAnswer(device, body, signal)),
  );
  serve(RED, "form/moment", "write", (body, signal) =>
    withDevice(RED, "form", body, (device) => momentAnswer(device, body, signal)),
  );
  serve(RED, "form/test", "write", (...question) => testConnection(RED, ...question), TEST_TIMEOUT_MS);
  serve(RED, "form/certificate", "write", (body, signal) => certificateOf(RED, body, signal));
  serve(RED, "find", "write", (_body, signal, sendLine) => findInNetwork(RED, signal, sendLine));
  serveListening(RED);
  serveTry(RED, "ptz", tryPtz, MOVE_TIMEOUT_MS);
  serveTry(RED, "snapshot", trySnapshot, LOOK_TIMEOUT_MS);
  serveTry(RED, "playback-url", tryPlaybackUrl);
  serveTry(RED, "playback", tryPlayback, VIDEO_TIMEOUT_MS);
  serveTry(RED, "video", tryVideo, VIDEO_TIMEOUT_MS);
  serveTry(RED, "recordings", previewRecordings);
  serveTry(RED, "download", previewDownloads);
  serveTry(RED, "plates", previewPlates);
  serveTry(RED, "history", previewHistory, LOOK_TIMEOUT_MS);
  serveTry(RED, "statistics", previewStatistics, LOOK_TIMEOUT_MS);
  serveTry(RED, "plate-list", previewPlateList);
  serve(RED, "form/push", "write", () => pushRoot(RED));
  serve(RED, "form/push/plan", "write", (body, signal) => planPush(RED, body, signal));
  serve(RED, "form/push/write", "write", (body, signal) => writePush(RED, body, signal));
  serve(RED, "form/push/remove", "write", (body, signal) => removePush(RED, body, signal));
  serve(RED, "form/repair/written", "write", (body) => writtenByRepair(RED, body));
  serve(RED, "form/repair/plan", "write", (body, signal) => planRepair(RED, body, signal), REPAIR_TIMEOUT_MS);
  serve(RED, "form/repair/apply", "write", (...question) => applyRepair(RED, ...question), REPAIR_TIMEOUT_MS);
  serve(RED, "form/repair/undo", "write", (...question) => undoRepair(RED, ...question), REPAIR_TIMEOUT_MS);
}

function serve(RED: NodeAPI, question: string, access: Access, answer: Answer, timeoutMs = TIMEOUT_MS): void {
  const permission = RED.auth.needsPermission(`hikvision-device.${access}`);
  RED.httpAdmin.post(`/hikvision/${question}`, permission, requireJson, guardVariables(RED), (request, response) => {
    const gone = new AbortController();
    onGone(request, response, () => gone.abort());
    if (gone.signal.aborted) return;
    const language = languageOf(request);
    const sendLine = (line: object): void => {
      if (gone.signal.aborted) return;
      if (!response.headersSent) response.set(LINES);
      response.write(`${jsonIn(language, line)}\n`);
    };
    const end = (status: number, last: object): void => {
      if (gone.signal.aborted) return;
      if (response.headersSent) response.end(`${jsonIn(language, last)}\n`);
      else response.status(status).type("json").send(jsonIn(language, last));
    };
    const limit = { clock: systemClock, ms: timeoutMs, signal: gone.signal, late: tooSlow };
    // What throws at once is an answer, too.
    const answered = withLimit(limit, async (signal) => answer(request.body, signal, sendLine));
    answered.then(
      (result) => end(200, result),
      (reason: unknown) => {
        const { status, error, code } = refusal(reason);
        if (status === OUR_DEFECT && !gone.signal.aborted) RED.log.error(`hikvision/${question}: ${error.toString()}`);
        end(status, { error, code });
      },
    );
  });
}

/** What the open form of a node would do. Moving a camera or looking through it is more than reading a list. */
function serveTry(RED: NodeAPI, name: string, run: TryAnswer, timeoutMs?: number): void {
  const reader: OpenForm["reader"] = (saved, fields) => fixedReader(RED, saved, fields);
  for (const scope of ["deployed", "form"] as const) {
    const answer: Answer = (body, signal) => {
      const saved = propertiesOf(propertiesOf(body)["form"]);
      return withDevice(RED, scope, body, (device) => run(device, { saved, reader }, signal));
    };
    serve(RED, `${scope}/try/${name}`, "write", answer, timeoutMs);
  }
}

/** Opens the device's event stream if nobody else has, or one of its own: more than reading. */
function serveListening(RED: NodeAPI): void {
  const permission = RED.auth.needsPermission("hikvision-device.write");
  for (const scope of ["deployed", "form"] as const)
    RED.httpAdmin.post(`/hikvision/${scope}/listen`, permission, requireJson, (request, response) => {
      const gone = new AbortController();
      onGone(request, response, () => gone.abort());
      if (gone.signal.aborted) return;
      const language = languageOf(request);
      const listener = {
        waiting: () => response.writableLength,
        write: (line: object) => void response.write(`${jsonIn(language, line)}\n`),
        end: () => void response.end(),
      };
      response.set(LINES);
      try {
        listenNow(RED, scope, request.body, listener, gone.signal);
      } catch (reason) {
        const { status, error, code } = refusal(reason);
        response.status(status).type("json").send(jsonIn(language, { error, code }));
      }
    });
}

/** The language of who looks at the form, which its questions name. */
function languageOf({ headers }: IncomingMessage): string {
  return /^[\w-]*/.exec(headers["accept-language"] ?? "")?.[0] ?? "";
}

function refusal(error: unknown): { status: number; error: Sentence; code: string } {
  if (error instanceof PasswordNeeded) return { status: 409, error: error.sentence, code: error.code };
  if (isHikvisionError(error)) {
    return { status: HTTP_STATUS[error.code] ?? DEVICE_FAILED, error: error.sentence, code: error.code };
  }
  return {
    status: OUR_DEFECT,
    error: translatableName(error instanceof Error ? error.message : "Unknown error"),
    code: "internal",
  };
}

function tooSlow(): RetryableError {
  return new RetryableError("timeout", say`The device did not answer in time.`);
}
