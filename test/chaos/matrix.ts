/** All cells of the fault matrix, and the part of them that every test run has time for. */
import { CONVERSATIONS, type Conversation } from "./conversations";
import { titleOf } from "./cell";
import { FAULTS, type Fault } from "./faults";
import { KNOWN } from "./known";

export interface MatrixCell {
  readonly title: string;
  readonly conversation: Conversation;
  readonly fault: Fault;
  /** Why it does not hold yet. */
  readonly known: string | undefined;
}

export const CELLS: readonly MatrixCell[] = CONVERSATIONS.flatMap((conversation) =>
  FAULTS.map((fault) => {
    const title = titleOf(conversation, fault);
    return { title, conversation, fault, known: KNOWN[title] };
  }),
);

/** One of so many; with another beginning in every column, each fault meets some conversation. */
const SHORT_STEP = 4;

/** Those that are known not to hold are left to the whole matrix: some of them wait long. */
export const SHORT_CELLS: readonly MatrixCell[] = CONVERSATIONS.flatMap(({ name }, column) =>
  CELLS.filter(({ conversation }) => conversation.name === name).filter(
    ({ known }, row) => known === undefined && (row + column) % SHORT_STEP === 0,
  ),
);
