/** The life of one input: status, abort on close, exactly one done(). Every node with an input uses it. */
import { setMaxListeners } from "node:events";
import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from "node-red";
import { AbortedError, type Device, type DeviceIdentity, type HikvisionError, isHikvisionError } from "../../src";
import { deviceNodeOf, findDeviceNode } from "./device-node";
import { renderError } from "./render";
import { clear, show, showFailure } from "./status";
import { typedError } from "./unexpected";

export type FlowMessage = NodeMessageInFlow & Record<string, unknown>;
/** Sends on the node's outputs: one message, or one per output. May be called several times. */
export type Send = (message: NodeMessage | (NodeMessage | null)[]) => void;

export interface InputContext {
  /** The device that the node points to. */
  readonly device: Device;
  /** Aborts when the node is closed. */
  readonly signal: AbortSignal;
  readonly send: Send;
  /** Replaces the "working" status, for example by progress. Text, or a word of the shared vocabulary. */
  readonly progress: (text: string) => void;
}

/** Handles one message; what it returns is sent, `undefined` sends nothing. Throws typed errors. */
export type InputHandler = (message: FlowMessage, context: InputContext) => Promise<NodeMessage | undefined>;

/**
 * Handles the messages of a node whose settings name a `device`; a message without a usable one fails in words, and so does every
 * message where the node's settings have a `fault`.
 * @param showIdle shows the status of a node that has no input under way. Default: none.
 */
export function onInput(
  RED: NodeAPI,
  node: Node,
  { device: deviceId, fault }: { readonly device?: string | undefined; readonly fault?: HikvisionError | undefined },
  handle: InputHandler,
  showIdle: () => void = () => clear(node),
): void {
  if (!fault && !findDeviceNode(RED, deviceId)) showFailure(node, "unconfigured");
  const life = new AbortController();
  // Everything that is under way listens to it, and there may be any number of that.
  setMaxListeners(0, life.signal);
  let running = 0;

  node.on("input", (message, send, done) => {
    running += 1;
    show(node, "busy", "working");
    const progress = (text: string): void => show(node, "busy", text);
    const handled = async (): Promise<NodeMessage | undefined> => {
      if (fault) throw fault;
      const { device } = deviceNodeOf(RED, deviceId);
      return handle(message, { device, signal: life.signal, send, progress });
    };
    handled().then(
      (result) => {
        running -= 1;
        if (result) send(result);
        if (running === 0 && !life.signal.aborted) showIdle();
        done();
      },
      (reason: unknown) => {
        running -= 1;
        const error = renderError(RED, asHikvisionError(reason, life.signal, identityOf(RED, deviceId)));
        if (!life.signal.aborted) showFailure(node, error.code);
        done(error);
      },
    );
  });
  node.on("close", (done: () => void) => {
    life.abort(new AbortedError());
    done();
  });
}

/** Which device a failure belongs to, where the failing code could not know. */
export function identityOf(RED: NodeAPI, deviceId: string | undefined): DeviceIdentity | undefined {
  return findDeviceNode(RED, deviceId)?.device?.identity;
}

/** Whatever was thrown as one of ours. */
function asHikvisionError(reason: unknown, signal: AbortSignal, device: DeviceIdentity | undefined): HikvisionError {
  const error = !isHikvisionError(reason) && signal.aborted ? new AbortedError() : typedError(reason);
  return device ? error.at(device) : error;
}
