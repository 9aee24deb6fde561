/** A line of the answer to "Find devices". Its texts come from whoever is in the network: never HTML. */

export interface Found {
  readonly address: string;
  readonly model: string | undefined;
  readonly macAddress: string | undefined;
  readonly firmware: string | undefined;
  readonly httpPort: number | undefined;
  readonly httpsPort: number | undefined;
  readonly activated: boolean | undefined;
  /** The deployed nodes that are this device. */
  readonly setUp: readonly SetUp[];
}

interface SetUp {
  readonly id: string;
  readonly name: string;
  /** It answers here, no longer at the address it is deployed for, `was`. */
  readonly moved: boolean;
  readonly was: string;
}

/** Undefined: another line. */
export function foundOf(line: unknown): Found | undefined {
  const { found, setUp } = record(line);
  const sent = record(found);
  const address = text(sent["address"]);
  if (address === undefined) return undefined;
  return {
    address,
    model: text(sent["model"]),
    macAddress: text(sent["macAddress"]),
    firmware: text(sent["firmware"]),
    httpPort: number(sent["httpPort"]),
    httpsPort: number(sent["httpsPort"]),
    activated: typeof sent["activated"] === "boolean" ? sent["activated"] : undefined,
    setUp: (Array.isArray(setUp) ? setUp : []).map(setUpOf),
  };
}

function setUpOf(sent: unknown): SetUp {
  const { id, name, moved, was } = record(sent);
  return { id: text(id) ?? "", name: text(name) ?? "", moved: moved === true, was: text(was) ?? "" };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
