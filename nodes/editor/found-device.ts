/** A line of the answer to "Find devices". Its texts come from whoever is in the network: never HTML. */

import { listOf, propertiesOf, type Properties, textIn } from "../shared/unknown-values";
export interface FoundDevice {
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
export function foundDeviceOf(line: unknown): FoundDevice | undefined {
  const { found, setUp } = propertiesOf(line);
  const sent = propertiesOf(found);
  const address = textIn(sent["address"]);
  if (address === undefined) return undefined;
  return {
    address,
    model: textIn(sent["model"]),
    macAddress: textIn(sent["macAddress"]),
    firmware: textIn(sent["firmware"]),
    httpPort: number(sent["httpPort"]),
    httpsPort: number(sent["httpsPort"]),
    activated: typeof sent["activated"] === "boolean" ? sent["activated"] : undefined,
    setUp: listOf(setUp).map(setUpOf),
  };
}

function setUpOf({ id, name, moved, was }: Properties): SetUp {
  return { id: textIn(id) ?? "", name: textIn(name) ?? "", moved: moved === true, was: textIn(was) ?? "" };
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
