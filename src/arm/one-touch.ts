/**
 * A recorder's one-touch disarming, `disturbParams`: a disturbed channel reports nothing by the listed methods. One source (a user of a
 * DS-7608NXI-I2, maciej-or/hikvision_next#326) shows only how it is armed; that it can be read is not known, so it is tried.
 */
import type { WriteQueue } from "../control/write-queue";
import type { DeviceFacts } from "../isapi/device-facts";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { FatalError, type HikvisionError, isHikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import { failureOf, keptError, reworded } from "./failures";
import { chosenChannels, knownChannels } from "./selection";
import type { ArmCommand, ArmItem, ArmPlace } from "./types";

export interface OneTouchOptions {
  readonly isapi: Pick<Isapi, "json">;
  readonly facts: Pick<DeviceFacts, "channels">;
  readonly writes: WriteQueue;
}

interface DisturbChannel extends Readonly<Record<string, unknown>> {
  readonly channelID: number;
  readonly disturbEnabled: boolean;
}

interface DisturbDocument extends Readonly<Record<string, unknown>> {
  readonly disturbChannelList: readonly unknown[];
}

interface Outcome {
  readonly items: readonly ArmItem[];
  readonly unverified?: true;
}

const PATH = "/ISAPI/System/status/disturbParams?format=json";
const WRITE_TIMEOUT_MS = 30_000;
const WRITE = { timeoutMs: WRITE_TIMEOUT_MS, purpose: say`one-touch disarming` };

export class OneTouch {
  readonly #options: OneTouchOptions;

  constructor(options: OneTouchOptions) {
    this.#options = options;
  }

  async run(command: ArmCommand, signal: AbortSignal): Promise<Outcome> {
    const { action } = command;
    if (action === "status") return { items: this.#status(command, await this.#read(signal)) };
    return this.#options.writes.run(async () => {
      const document = await this.#read(signal);
      return isHikvisionError(document)
        ? this.#unread(command, signal)
        : { items: await this.#change(command, document) };
    }, signal);
  }

  #status(command: ArmCommand, document: DisturbDocument | HikvisionError): readonly ArmItem[] {
    if (!isHikvisionError(document)) return this.#items(command, document, document);
    throw new FatalError(
      "notSupported",
      say`The device does not tell the state of its one-touch disarming: ${document.sentence}`,
      document.cause,
    );
  }

  async #change(command: ArmCommand, before: DisturbDocument): Promise<readonly ArmItem[]> {
    const { action, rollback } = command;
    const wanted = wantedOf(before, command);
    const missing = this.#items(command, before, before).find(({ error }) => error);
    if (missing?.error && rollback) throw failureOf(missing, action, missing.error);
    if (JSON.stringify(wanted) === JSON.stringify(before)) return this.#items(command, before, before);
    try {
      await this.#options.isapi.json("PUT", PATH, wanted, WRITE);
      const items = this.#items(command, before, await this.#readBack());
      const kept = items.find(({ error }) => error);
      if (!kept?.error || !rollback) return items;
      throw failureOf(kept, action, kept.error);
    } catch (error) {
      if (!rollback || !isHikvisionError(error)) throw error;
      // Also where it is not known whether the device has stored it.
      const now = await this.#readBack().catch(() => undefined);
      if (JSON.stringify(now) === JSON.stringify(before)) throw error;
      await this.#options.isapi.json("PUT", PATH, before, WRITE).catch(() => {
        throw reworded(error, say`${error.sentence} What was set before could not be put back.`);
      });
      throw error;
    }
  }

  /** Written without having been read: that the device said OK is all there is to tell. */
  async #unread(command: ArmCommand, signal: AbortSignal): Promise<Outcome> {
    const on = command.action === "on";
    const channels = chosenChannels(command, await knownChannels(this.#options.facts, signal));
    const disturbChannelList = channels.map((channelID) => ({
      channelID,
      disturbEnabled: !on,
      disturbNotificationList: [{ notificationMethod: "center" }],
    }));
    await this.#options.isapi.json("PUT", PATH, { disturbChannelList }, WRITE);
    return { items: channels.map((channel) => ({ ...placeOf(channel), after: on, changed: true })), unverified: true };
  }

  #items(command: ArmCommand, before: DisturbDocument, after: DisturbDocument): readonly ArmItem[] {
    const listed = channelsIn(before).map(({ channelID }) => channelID);
    const wanted = command.channels.length > 0 ? [...new Set(command.channels)] : listed;
    return wanted.map((channel) => {
      const [was, is] = [armedIn(before, channel), armedIn(after, channel)];
      const place = placeOf(channel);
      if (was === undefined) return { ...place, changed: false, error: notListed() };
      const item = { ...place, before: was, ...(is !== undefined && { after: is }), changed: was !== is };
      const kept = command.action !== "status" && before !== after && is !== (command.action === "on");
      return kept ? { ...item, error: keptError() } : item;
    });
  }

  async #readBack(): Promise<DisturbDocument> {
    const document = await this.#read(undefined);
    if (isHikvisionError(document)) throw document;
    return document;
  }

  /** The error where the device does not let it be read. */
  async #read(signal: AbortSignal | undefined): Promise<DisturbDocument | HikvisionError> {
    try {
      const options = { purpose: say`one-touch disarming`, ...(signal && { signal }) };
      const answer = await this.#options.isapi.json("GET", PATH, undefined, options);
      if (isDocument(answer)) return answer;
      return new FatalError("notSupported", say`its answer holds no channels.`);
    } catch (error) {
      if (isUnavailable(error) && isHikvisionError(error)) return error;
      throw error;
    }
  }
}

function placeOf(channel: number): ArmPlace {
  return { channel, type: "disturb" };
}

function isDocument(value: unknown): value is DisturbDocument {
  if (typeof value !== "object" || value === null) return false;
  const { disturbChannelList } = value as { disturbChannelList?: unknown };
  return Array.isArray(disturbChannelList) && disturbChannelList.some(isChannel);
}

function isChannel(value: unknown): value is DisturbChannel {
  if (typeof value !== "object" || value === null) return false;
  const { channelID, disturbEnabled } = value as { channelID?: unknown; disturbEnabled?: unknown };
  return typeof channelID === "number" && typeof disturbEnabled === "boolean";
}

function channelsIn({ disturbChannelList }: DisturbDocument): readonly DisturbChannel[] {
  return disturbChannelList.filter(isChannel);
}

function armedIn(document: DisturbDocument, channel: number): boolean | undefined {
  const found = channelsIn(document).find(({ channelID }) => channelID === channel);
  return found && !found.disturbEnabled;
}

/** All else in it stays. */
function wantedOf(document: DisturbDocument, { channels, action }: ArmCommand): DisturbDocument {
  const isMeant = ({ channelID }: DisturbChannel): boolean => channels.length === 0 || channels.includes(channelID);
  const disturbChannelList = document.disturbChannelList.map((one) =>
    isChannel(one) && isMeant(one) ? { ...one, disturbEnabled: action === "off" } : one,
  );
  return { ...document, disturbChannelList };
}

function notListed(): FatalError {
  return new FatalError("notSupported", say`The device has no one-touch disarming for this channel.`);
}
