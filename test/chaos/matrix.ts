/** All cells of the fault matrix, and the part of them that every test run has time for. */
import { CONVERSATIONS, type Conversation } from "./conversations";
import { titleOf } from "./cell";
import { FAULTS, type Fault } from "./faults";

export interface MatrixCell {
  readonly title: string;
  readonly conversation: Conversation;
  readonly fault: Fault;
}

export const CELLS: readonly MatrixCell[] = CONVERSATIONS.flatMap((conversation) =>
  FAULTS.map((fault) => ({ title: titleOf(conversation, fault), conversation, fault })),
);

/** One of so many; with another beginning in every column, each fault meets some conversation. */
const SHORT_STEP = 6;

export const SHORT_CELLS: readonly MatrixCell[] = CONVERSATIONS.flatMap(({ name }, column) =>
  CELLS.filter(({ conversation }) => conversation.name === name).filter(
    (_cell, row) => (row + column) % SHORT_STEP === 0,
  ),
);
