/**
 * Which channels a camera, NVR or hybrid DVR has, and which of them an alert means.
 * Asks several paths, each for itself: no device has all of them, and one that fails does not spoil the rest.
 */
import { codeOf, isHikvisionError, isRetryable, type HikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { Isapi } from "./isapi";
import { defined } from "../lib/defined";
import { readStreams, type VideoStream } from "./streams";
import { boolean, list, text, type XmlDocument, type XmlNode } from "./xml";

export interface Channel {
  /** From 1, as in all paths. */
  readonly number: number;
  readonly name?: string;
  /** A camera's own lens, a DVR's coaxial input, a recorder's IP camera. */
  readonly kind: "local" | "analogue" | "digital";
  /** Does a picture come? Left out when the device does not tell. */
  readonly online?: boolean;
  /** The IP camera behind a digital channel. */
  readonly source?: ChannelSource;
}

export interface ChannelSource {
  readonly address?: string;
  readonly model?: string;
  readonly serialNumber?: string;
  readonly firmware?: string;
}

export interface ChannelList {
  /** By number. */
  readonly channels: readonly Channel[];
  /** A path failed in a way that may pass (busy, booting): ask again later, something may be missing. */
  readonly incomplete?: HikvisionError;
}

export interface ChannelOptions {
  /** `type` of DeviceInfo; tells a DVR without IP channels from a camera. */
  readonly type?: string | undefined;
  readonly signal?: AbortSignal;
}

const PROXY = "/ISAPI/ContentMgmt/InputProxy/channels";

/**
 * All channels. Two requests on a camera, three on a recorder.
 * Throws only when no path answers, when the login is refused or when stopped.
 */
export async function readChannels(isapi: Pick<Isapi, "get">, options: ChannelOptions = {}): Promise<ChannelList> {
  const { type = "", signal } = options;
  const get = (path: string): Promise<XmlDocument | HikvisionError> =>
    answerOrError(isapi.get(path, { purpose: say`the list of channels`, ...(signal && { signal }) }));
  const [inputs, proxies] = await Promise.all([get("/ISAPI/System/Video/inputs/channels"), get(PROXY)]);
  const recorder = !isHikvisionError(proxies) || /VR/i.test(type);
  const digital = list(valueOf(proxies), "InputProxyChannel");
  const states = digital.length > 0 ? await get(`${PROXY}/status`) : undefined;
  const online = onlineStates(valueOf(states));

  const channels = byNumber([
    ...list(valueOf(inputs), "VideoInputChannel").map((node) => inputChannel(node, recorder)),
    ...digital.map((node) => digitalChannel(node, online)),
  ]);
  const failures = [inputs, proxies, states].filter(isHikvisionError);
  if (channels.length > 0) return result(channels, failures);

  const streams = await answerOrError(readStreams(isapi, signal));
  if (!isHikvisionError(streams)) return result(streamedChannels(streams, recorder), failures);
  failures.push(streams);
  const cause = failures.find(isRetryable) ?? failures[0];
  if (failures.length === 3 && cause) throw cause;
  return result([], failures);
}

/**
 * Which channel an alert's `channelID` or `dynChannelID` means. Older recorders count IP channels from 33 there. On an
 * NVR 33 is channel 1; on a hybrid DVR it is the first one behind the analogue inputs: 5 where there are four. A number
 * that is itself a channel, 33 on a recorder with 64, is meant as it stands; so is every number on other devices.
 */
export function eventChannels(channels: readonly Channel[]): (sent: number) => number {
  const known = new Set(channels.map(({ number }) => number));
  const numbers = (kind: Channel["kind"]): number[] =>
    channels.filter((channel) => channel.kind === kind).map(({ number }) => number);
  const digital = numbers("digital");
  const inputs = Math.max(0, ...numbers("analogue"));
  const offset = digital.some((number) => number <= inputs) ? 0 : inputs;
  return (sent) => (sent <= 32 || digital.length === 0 || known.has(sent) ? sent : sent - 32 + offset);
}

/** The answer, or why there is none; what concerns every path, not this one alone, is thrown. */
async function answerOrError<T>(answer: Promise<T>): Promise<T | HikvisionError> {
  try {
    return await answer;
  } catch (error) {
    const code = codeOf(error);
    if (!isHikvisionError(error) || code === "unauthorized" || code === "locked" || code === "aborted") throw error;
    return error;
  }
}

function valueOf(answer: XmlDocument | HikvisionError | undefined): unknown {
  return answer === undefined || isHikvisionError(answer) ? undefined : answer.value;
}

function inputChannel(node: XmlNode, recorder: boolean): Channel | undefined {
  const number = channelNumber(node);
  const signal = text(node, "resDesc"); // "2560*1440(4MP)P30" or "NO VIDEO" (iDS-7204HUHI-M1 V4.75)
  return number === undefined
    ? undefined
    : {
        number,
        kind: recorder ? "analogue" : "local",
        ...defined({
          name: text(node, "name"),
          online: signal === undefined ? undefined : !/no\s*video/i.test(signal),
        }),
      };
}

function digitalChannel(node: XmlNode, online: ReadonlyMap<number, boolean | undefined>): Channel | undefined {
  const number = channelNumber(node);
  if (number === undefined) return undefined;
  const from = "sourceInputPortDescriptor";
  const source = defined({
    address: text(node, from, "ipAddress") ?? text(node, from, "hostName"),
    model: text(node, from, "model"),
    serialNumber: text(node, from, "serialNumber"),
    firmware: text(node, from, "firmwareVersion"),
  });
  return {
    number,
    kind: "digital",
    ...defined({
      name: text(node, "name"),
      online: online.get(number),
      source: Object.keys(source).length > 0 ? source : undefined,
    }),
  };
}

function onlineStates(value: unknown): ReadonlyMap<number, boolean | undefined> {
  const states = list(value, "InputProxyChannelStatus");
  return new Map(states.map((node) => [channelNumber(node) ?? 0, boolean(node, "online")]));
}

function streamedChannels(streams: readonly VideoStream[], recorder: boolean): readonly Channel[] {
  return byNumber(
    streams.toReversed().map(({ channel, name }) => ({
      number: channel,
      kind: recorder ? "digital" : "local",
      ...defined({ name }),
    })),
  );
}

/** Usually "1"; a Trolese hybrid DVR calls its inputs "I-1". */
function channelNumber(node: XmlNode): number | undefined {
  const digits = /(\d{1,5})$/.exec(text(node, "id") ?? "")?.[1];
  const number = Number(digits);
  return number > 0 ? number : undefined;
}

/** Sorted; of two with one number the later stays: it is a digital one, with a camera to it. */
function byNumber(channels: readonly (Channel | undefined)[]): readonly Channel[] {
  const found = new Map<number, Channel>();
  for (const channel of channels) if (channel) found.set(channel.number, channel);
  return [...found.values()].sort((a, b) => a.number - b.number);
}

function result(channels: readonly Channel[], failures: readonly HikvisionError[]): ChannelList {
  const incomplete = failures.find(isRetryable);
  return { channels, ...(incomplete && { incomplete }) };
}
