/** The life of one input: status, abort on close, exactly one done(). Every node with an input uses it. */
import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from "node-red";
import { AbortedError, type DeviceIdentity, FatalError, type HikvisionError, isHikvisionError, say } from "../../src";
import { clear, show, showFailure } from "./status";
import { renderError } from "./render";

export type FlowMessage = NodeMessageInFlow & Record<string, unknown>;
/** Sends on the node's outputs: one message, or one per output. May be called several times. */
export type Send = (message: NodeMessage | (NodeMessage | null)[]) => void;

export interface InputContext {
  /** Aborts when the node is closed. */
  readonly signal: AbortSignal;
  readonly send: Send;
  /** Replaces the "working" status, for example by progress. Text, or a word of the shared vocabulary. */
  readonly progress: (text: string) => void;
}

/** Does the work of one message; what it returns is sent, `undefined` sends nothing. Throws typed errors. */
export type Work = (message: FlowMessage, context: InputContext) => Promise<NodeMessage | undefined>;

/** Says which device a failure belongs to, where the failing code could not know. */
export type Identify = () => DeviceIdentity | undefined;

/**
 * Returns the signal of the node's life: it aborts first thing when the node closes.
 * @param rest shows the status of a node that has no input under way. Default: none.
 */
export function onInput(
  RED: NodeAPI,
  node: Node,
  identify: Identify,
  work: Work,
  rest: () => void = () => clear(node),
): AbortSignal {
  const life = new AbortController();
  let running = 0;

  node.on("input", (message, send, done) => {
    running += 1;
    show(node, "busy", "working");
    const context: InputContext = { signal: life.signal, send, progress: (text) => show(node, "busy", text) };
    work(message as FlowMessage, context).then(
      (result) => {
        running -= 1;
        if (result) send(result);
        if (running === 0 && !life.signal.aborted) rest();
        done();
      },
      (reason: unknown) => {
        running -= 1;
        const error = renderError(RED, typed(reason, life.signal, identify()));
        if (!life.signal.aborted) showFailure(node, error.code);
        done(error);
      },
    );
  });
  node.on("close", (done: () => void) => {
    life.abort(new AbortedError());
    done();
  });
  return life.signal;
}

/** Whatever was thrown as one of ours: a defect of this package is said as such, with its stack. */
function typed(reason: unknown, signal: AbortSignal, device: DeviceIdentity | undefined): HikvisionError {
  const error = isHikvisionError(reason) ? reason : signal.aborted ? new AbortedError() : unexpected(reason);
  return device ? error.at(device) : error;
}

function unexpected(reason: unknown): HikvisionError {
  const error = new FatalError(
    "badRequest",
    say`This should not happen: ${reason instanceof Error ? reason.message : say`unknown reason`}. Please report it.`,
  );
  if (reason instanceof Error && reason.stack !== undefined) error.stack = reason.stack;
  return error;
}
