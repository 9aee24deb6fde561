/** Which alarm outputs a device has: its own, and those of the cameras behind a recorder. */
import { isHikvisionError, type HikvisionError } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { defined } from "../lib/defined";
import { isUnavailable } from "../isapi/unavailable";
import { list, number, text, type XmlDocument } from "../isapi/xml";
import { say } from "../lib/sentence";

/** Paths of the device's own outputs, and of a recorder's cameras'. */
export const OUTPUT_PATHS = ["/ISAPI/System/IO/outputs", "/ISAPI/ContentMgmt/IOProxy/outputs"] as const;

export interface AlarmOutput {
  /** As in paths: 1 is the device's first, 301 the first of the camera on channel 3. */
  readonly number: number;
  readonly name?: string;
  /** The channel whose camera has it; left out for the device's own. */
  readonly channel?: number;
}

/**
 * All outputs, by number; empty where it has none. Two requests.
 * Throws `notSupported` or the like when the device offers no list at all, else what {@link Isapi.get} throws.
 */
export async function readOutputs(isapi: Pick<Isapi, "get">, signal?: AbortSignal): Promise<readonly AlarmOutput[]> {
  const answers = await Promise.all(
    OUTPUT_PATHS.map((path) =>
      unlessUnavailable(isapi.get(path, { purpose: say`the list of alarm outputs`, ...(signal && { signal }) })),
    ),
  );
  const refused = answers.filter(isHikvisionError);
  if (refused.length === answers.length && refused[0]) throw refused[0];
  // Some recorders list a camera's output in both.
  const found = new Map<number, AlarmOutput>();
  for (const answer of answers)
    if (!isHikvisionError(answer)) for (const one of parse(answer)) found.set(one.number, one);
  return [...found.values()].sort((a, b) => a.number - b.number);
}

/** The channel whose camera has this output. Port 301 is on channel 3's camera (DS-7608NXI-I2 V4.62.210). */
function channelOfOutput(output: number): number | undefined {
  return output > 100 ? Math.floor(output / 100) : undefined;
}

function parse({ value }: XmlDocument): readonly AlarmOutput[] {
  const ports = ["IOOutputPort", "IOProxyOutputPort"].flatMap((name) => list(value, name));
  return ports.flatMap((port) => {
    const id = number(port, "id");
    if (id === undefined || !Number.isInteger(id) || id < 1) return [];
    return { number: id, ...defined({ name: text(port, "name"), channel: channelOfOutput(id) }) };
  });
}

async function unlessUnavailable(answer: Promise<XmlDocument>): Promise<XmlDocument | HikvisionError> {
  try {
    return await answer;
  } catch (error) {
    if (isHikvisionError(error) && isUnavailable(error)) return error;
    throw error;
  }
}
