/** When nobody waits for an answer of a route any more. */
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Calls once, when the answer is complete or the connection has ended; at once where it ended before, while something in front of the
 * route was waited for, such as a login: the response does not tell of that again. Nor does one that waits behind another one of its
 * connection, so the socket is asked, too.
 */
export function onGone(request: IncomingMessage, response: ServerResponse, gone: () => void): void {
  const { socket } = request;
  const once = (): void => {
    socket.off("close", once);
    response.off("close", once);
    gone();
  };
  if (socket.destroyed) {
    once();
    return;
  }
  socket.once("close", once);
  response.once("close", once);
}
