/**
 * Where devices push their events: POST <httpNodeRoot>/hikvision/push/<token>. One route per process; device nodes come and go.
 * A token is the only thing that tells a device from any other sender, so it is looked up by its hash.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NodeAPI } from "node-red";
import {
  FatalError,
  type HikvisionError,
  isHikvisionError,
  type PushReceiver,
  readPush,
  say,
  type Sentence,
  type UnfinishedPush,
  UnfinishedPushes,
} from "../../src";
import { render } from "../shared/render";

/** What a token leads to. */
export interface PushTarget {
  readonly receiver: PushReceiver;
  /** For what came and could not be read. */
  readonly warn: (sentence: Sentence) => void;
  /** Another device node listens under the same token; undefined: no other does any more. */
  readonly taken: (obstacle: HikvisionError | undefined) => void;
}

export const PUSH_PATH = "/hikvision/push/";
const MOST_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
const MOST_REPORTED = 1000;

/** By the token's hash. The first gets what is pushed; the others wait until it has gone. */
const targets = new Map<string, readonly PushTarget[]>();
const unfinished = new UnfinishedPushes();
const served = new WeakSet<object>();
/** Senders whose refusal is in the log already. */
const reported = new Set<string>();

/** Serves the route. Repeatable. */
export function servePush(RED: NodeAPI): void {
  const app = RED.httpNode as object | undefined;
  if (!app || served.has(app) || RED.settings.httpNodeRoot === false) return;
  served.add(app);
  RED.httpNode.post(`${PUSH_PATH}:token`, (request, response) => {
    take(RED, request, response);
  });
}

/** Listens for a device's pushes; the result ends that. Where another device has the same token, `target` is told, and waits. */
export function listenForPush(token: string, target: PushTarget): () => void {
  const key = keyOf(token);
  const before = targets.get(key) ?? [];
  targets.set(key, [...before, target]);
  if (before.length > 0) target.taken(sameToken());
  return () => {
    const left = (targets.get(key) ?? []).filter((one) => one !== target);
    const [first] = left;
    if (!first) targets.delete(key);
    else {
      const wasFirst = targets.get(key)?.[0] !== first;
      targets.set(key, left);
      if (wasFirst) first.taken(undefined);
    }
  };
}

/** Copies of a device node have its secret, too. */
function sameToken(): HikvisionError {
  return new FatalError(
    "badRequest",
    say`Another device node has the same push address, so no push can be told from that device's. Make a new address in the settings of one of them.`,
  );
}

/** Why no push can reach this device node; undefined: it can. */
export function pushObstacle(RED: NodeAPI, token: string | undefined): HikvisionError | undefined {
  if (token === undefined || token === "") {
    return new FatalError(
      "badRequest",
      say`The device has no push address yet. Open its settings, where one is made, and press Done.`,
    );
  }
  return rootObstacle(RED);
}

/** Why no push can reach this Node-RED; undefined: it can. */
export function rootObstacle(RED: NodeAPI): HikvisionError | undefined {
  const settings = RED.settings as { httpNodeRoot?: unknown; httpNodeAuth?: unknown };
  if (settings.httpNodeRoot === false) {
    return new FatalError(
      "badRequest",
      say`Node-RED's HTTP root is switched off (httpNodeRoot in its settings), so no device can push. Switch it on, or use the event stream.`,
    );
  }
  if (settings.httpNodeAuth !== undefined && settings.httpNodeAuth !== null) {
    return new FatalError(
      "badRequest",
      say`Node-RED asks for a password under its HTTP root (httpNodeAuth in its settings), which devices do not send. Remove it, or use the event stream.`,
    );
  }
  return undefined;
}

type PushRequest = IncomingMessage & { readonly params: { readonly token: string } };

function take(RED: NodeAPI, request: PushRequest, response: ServerResponse): void {
  // Its end was told already, while something in front of the route was waited for.
  if (request.socket.destroyed) return;
  const key = keyOf(request.params.token);
  const target = targets.get(key)?.[0];
  const sender = request.socket.remoteAddress ?? "?";
  if (!target) {
    note(RED, sender, say`${sender} pushed to an address that no device has. Is an old address left in a camera?`);
    answer(request, response, 404);
    return;
  }
  const push = unfinished.begin(key);
  if (!push) {
    refuseTooMany(RED, sender, request, response);
    return;
  }
  collect(request, push).then(
    (body) => {
      if (body === "busy") {
        refuseTooMany(RED, sender, request, response);
        return;
      }
      if (body === "too large") {
        note(RED, sender, say`${sender} pushed more than ${MOST_BYTES >> 20} MB at once. It was refused.`);
        answer(request, response, 413);
        return;
      }
      answer(request, response, 200);
      void deliver(request, body, target);
    },
    () => response.destroy(),
  );
}

async function deliver(request: PushRequest, body: Buffer, { receiver, warn }: PushTarget): Promise<void> {
  try {
    const query = queryOf(request.url ?? "");
    const parts = await readPush({ contentType: request.headers["content-type"] ?? "", query, body });
    if (!receiver.receive(parts)) warn(say`The device pushed something that is no event. It was ignored.`);
  } catch (error) {
    warn(isHikvisionError(error) ? error.sentence : say`The device's push could not be read.`);
  }
}

function refuseTooMany(RED: NodeAPI, sender: string, request: IncomingMessage, response: ServerResponse): void {
  note(RED, `${sender} busy`, say`${sender} sends more pushes at once than can be taken in. Some were refused.`);
  answer(request, response, 503);
}

/** Without `URL`, which refuses the whole of what some senders put there: "http://host:99999/path?query". */
function queryOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
}

/** The body, or why it is not taken. Rejects when the sender goes away or is too slow. */
function collect(request: IncomingMessage, push: UnfinishedPush): Promise<Buffer | "too large" | "busy"> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => request.destroy(), TIMEOUT_MS);
    const refuse = (reason: "too large" | "busy"): void => {
      chunks.length = 0;
      push.end();
      resolve(reason);
    };
    if (Number(request.headers["content-length"] ?? 0) > MOST_BYTES) refuse("too large");
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_BYTES) refuse("too large");
      else if (push.add(chunk.length)) chunks.push(chunk);
      else refuse("busy");
    });
    request.on("end", () => {
      resolve(Buffer.concat(chunks));
      push.end();
    });
    request.on("error", reject);
    request.on("close", () => {
      clearTimeout(timer);
      push.end();
      reject(new Error("The sender has gone."));
    });
  });
}

/** Closes after a refusal: what else the sender has to say is not wanted. */
function answer(request: IncomingMessage, response: ServerResponse, status: number): void {
  response.writeHead(status, { "Content-Length": 0, ...(status !== 200 && { Connection: "close" }) });
  response.end(() => status !== 200 && request.destroy());
}

/** Once per key: a sender, and what is wrong with it. */
function note(RED: NodeAPI, key: string, sentence: Sentence): void {
  if (reported.has(key) || reported.size >= MOST_REPORTED) return;
  reported.add(key);
  RED.log.warn(`hikvision: ${render(RED, sentence)}`);
}

function keyOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
