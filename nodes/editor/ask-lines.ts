/** A question whose answer comes line by line, each one JSON: told as it arrives. */
import { AskFailure, failureOf, isRefusal, post } from "./ask";

/** Resolves when the answer is over. Rejects with {@link AskFailure}, also when a line tells of a failure. */
export function askLines(
  question: string,
  body: unknown,
  onLine: (line: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let taken = 0;
    const take = (text: string): void => {
      const end = text.lastIndexOf("\n") + 1;
      const lines = text.slice(taken, end).split("\n");
      taken = Math.max(taken, end);
      for (const line of lines) {
        if (line === "" || signal.aborted) continue;
        const answer: unknown = JSON.parse(line);
        if (isRefusal(answer)) reject(new AskFailure(answer.code, answer.error));
        else onLine(answer);
      }
    };
    const request = post(question, body, {
      dataType: "text",
      xhr: () => {
        const xhr = new XMLHttpRequest();
        xhr.addEventListener("progress", () => {
          if (xhr.status === 200) take(xhr.responseText);
        });
        return xhr;
      },
    });
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.then(
      (text: unknown) => {
        // An answer of one line alone is plain JSON, and ends without a line feed.
        take(`${String(text)}\n`);
        resolve();
      },
      (xhr: unknown) => reject(failureOf(xhr as JQuery.jqXHR)),
    );
  });
}
