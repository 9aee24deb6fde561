/** What a command selects of what a device has. */
import type { Channel } from "../isapi/channels";
import type { DeviceFacts } from "../isapi/device-facts";
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import { concernsAll } from "./failures";
import type { ArmFailure, ArmPlace, ArmSelection, ArmSubject, ArmSwitches } from "./types";

/** The device's channels; undefined where it does not list them. Throws when it cannot be talked to. */
export async function knownChannels(
  facts: Pick<DeviceFacts, "channels">,
  signal: AbortSignal,
): Promise<readonly Channel[] | undefined> {
  try {
    const channels = await facts.channels(signal);
    return channels.length > 0 ? channels : undefined;
  } catch (error) {
    if (concernsAll(error)) throw error;
    return undefined;
  }
}

/** The channels that are meant: those that were chosen, else all. */
export function chosenChannels({ channels }: ArmSelection, known: readonly Channel[] | undefined): readonly number[] {
  if (channels.length > 0) return [...new Set(channels)];
  return known?.map(({ number }) => number) ?? [1];
}

export function isChosen({ channels, types }: ArmSelection, { channel, type }: ArmPlace): boolean {
  const here = channels.length === 0 || (channel !== null && channels.includes(channel));
  return here && (types.length === 0 || types.includes(type));
}

/** Adds a failure for every channel and every type that was chosen and is not there. */
export function withMissing(what: ArmSubject, { channels, types }: ArmSelection, found: ArmSwitches): ArmSwitches {
  const places = [...found.switches, ...found.failures].map(({ place }) => place);
  const missing: ArmPlace[] = [
    ...types.filter((type) => places.every((place) => place.type !== type)).map((type) => ({ channel: null, type })),
    ...channels
      .filter((channel) => places.every((place) => place.channel !== channel))
      .map((channel) => ({ channel, type: types.length === 1 ? (types[0] ?? what) : what })),
  ];
  // Of one type that is nowhere, its channels are told; not both.
  const told = types.length === 1 && channels.length > 0 ? missing.filter(({ channel }) => channel !== null) : missing;
  return { switches: found.switches, failures: [...found.failures, ...told.map(missingFailure)] };
}

function missingFailure(place: ArmPlace): ArmFailure {
  const error = new FatalError(
    "notSupported",
    say`The device does not offer it. Check on its web page that the channel exists and what its camera can do.`,
  );
  return { place, error };
}
