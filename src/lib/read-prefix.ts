/** The beginning of a body that explains a refusal. */
import type { Readable } from "node:stream";
import { codeOf } from "./errors";

/** Reads about `most` bytes, then destroys the body. What came before it broke will do; only an abort is passed on. */
export async function readPrefix(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size >= maxBytes) break;
    }
  } catch (error) {
    if (codeOf(error) === "aborted") throw error;
  }
  return Buffer.concat(chunks);
}
