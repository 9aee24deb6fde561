/** What a flow is told of a call (docs/contract.md). */
import type { NodeMessage } from "node-red";
import type { CallChange, Caller, CallState, DeviceIdentity } from "../../src";
import { type MessageDevice, type SentPicture, topic } from "../shared/event-message";

export interface CallPayload {
  state: CallState;
  /** ISO 8601 UTC. */
  since: string;
  caller?: Caller;
  pictures?: SentPicture[];
  synthetic?: true;
  device: MessageDevice;
}

export interface CallMessage extends NodeMessage {
  topic: string;
  payload: CallPayload;
}

export function callMessage(
  { state, since, caller, synthetic }: CallChange,
  pictures: SentPicture[] | undefined,
  identity: DeviceIdentity,
): CallMessage {
  const { id, name, host } = identity;
  const payload: CallPayload = {
    state,
    since: new Date(since).toISOString(),
    ...(caller && { caller: { ...caller } }),
    ...(pictures && { pictures }),
    ...(synthetic && { synthetic }),
    device: { id, name, host },
  };
  return { topic: topic(identity, null, "call"), payload };
}
