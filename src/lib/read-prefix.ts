/** The beginning of a body that explains a refusal. */
import type { Readable } from "node:stream";
import { codeOf } from "./errors";

/** Reads about `maxBytes` bytes, then destroys the body. A body that breaks off gives what came before; only an abort is thrown. */
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
