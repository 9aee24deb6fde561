/**
 * Patrols: a sequence of presets. The dwell time is in seconds here; on the wire cameras count seconds and recorders ms
 * (as the vendor's web UI does), so the unit is derived from what the device has stored.
 */
import { boolean, list, number, text, type XmlNode } from "../isapi/xml";
import { say } from "../lib/sentence";
import { PTZ_BOUNDS, PTZ_DEFAULTS } from "./bounds";
import * as requests from "./requests";
import type { CallOptions, ChannelAccess, PatrolUnit } from "./channel-access";
import { presetNumber } from "./presets";
import { invalidValue, valueText, type Values } from "./values";

export interface PatrolStep {
  readonly preset: number;
  /** Dwell time. */
  readonly seconds: number;
  /** 1…40, of the move there. */
  readonly speed: number;
}

export interface Patrol {
  readonly patrol: number;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly steps: readonly PatrolStep[];
}

/** Patrols that have steps, or of which the device reports only the name. */
export async function readPatrols(channel: ChannelAccess, options: CallOptions): Promise<readonly Patrol[]> {
  const { value } = await channel.get("patrols", options);
  const nodes = list(value, "PTZPatrol");
  channel.patrolUnit ??= unitOf(nodes);
  const unit = channel.patrolUnit ?? usualUnit(channel);
  return nodes.flatMap((node) => parsePatrol(node, unit) ?? []);
}

export async function writePatrol(
  channel: ChannelAccess,
  patrol: { readonly number: number; readonly name: string; readonly steps: readonly PatrolStep[] },
  options: CallOptions,
): Promise<void> {
  if (channel.patrolUnit === undefined) {
    await readPatrols(channel, options).catch((error: unknown) => {
      if ((error as { code?: unknown }).code === "aborted") throw error;
    });
    channel.patrolUnit ??= usualUnit(channel);
  }
  const unit = channel.patrolUnit;
  const stops = patrol.steps.map(({ preset, seconds, speed }) => ({
    preset,
    speed,
    delay: Math.round(seconds * unit),
  }));
  await channel.put("patrols", requests.patrol(patrol.number, patrol.name, stops), options, `patrols/${patrol.number}`);
}

/** The steps a flow gives, checked. Throws `badRequest` naming the step. */
export function stepsOf(values: Values): readonly PatrolStep[] {
  const given = values.raw("steps");
  if (!Array.isArray(given) || given.length === 0 || given.length > PTZ_BOUNDS.patrolSteps.max)
    throw invalidValue(
      say`"steps" is ${valueText(given)}: give a list of 1 to ${PTZ_BOUNDS.patrolSteps.max} steps { preset, seconds, speed }.`,
    );
  return given.map((step: unknown, index) => {
    if (typeof step !== "object" || step === null)
      throw invalidValue(say`Step ${index + 1} is ${valueText(step)}: give an object.`);
    const { preset, seconds, speed = PTZ_DEFAULTS.patrolSpeed } = step as Readonly<Record<string, unknown>>;
    const name = (what: string): string => `steps[${index}].${what}`;
    return {
      preset: presetNumber(preset),
      seconds: values.inRange(name("seconds"), seconds, PTZ_BOUNDS.patrolSeconds, "s"),
      speed: Math.round(values.inRange(name("speed"), speed, PTZ_BOUNDS.patrolSpeed)),
    };
  });
}

function parsePatrol(node: XmlNode, unit: PatrolUnit): Patrol | undefined {
  const patrol = number(node, "id");
  const stops = list(node, "PatrolSequenceList", "PatrolSequence");
  // Unused steps have preset 0.
  const steps = stops.flatMap((stop) => {
    const preset = number(stop, "presetID") ?? 0;
    const speed =
      number(stop, "seqSpeed") ?? number(stop, "Extensions", "selfExt", "seqSpeed") ?? number(stop, "speed") ?? 0;
    return preset > 0 ? [{ preset, seconds: delayOf(stop) / unit, speed }] : [];
  });
  if (patrol === undefined || (stops.length > 0 && steps.length === 0)) return undefined;
  const name = text(node, "patrolName");
  const enabled = boolean(node, "enabled");
  return {
    patrol,
    ...(name !== undefined && { name }),
    ...(enabled !== undefined && { enabled }),
    steps,
  };
}

/** No dome stays 1000 s, no recorder less than 1000 ms. */
function unitOf(patrols: readonly XmlNode[]): PatrolUnit | undefined {
  const delays = list(patrols, "PatrolSequenceList", "PatrolSequence").map(delayOf);
  if (delays.some((delay) => delay >= 1000)) return 1000;
  return delays.some((delay) => delay > 0) ? 1 : undefined;
}

function usualUnit({ kind }: ChannelAccess): PatrolUnit {
  return kind === undefined || kind === "local" ? 1 : 1000;
}

function delayOf(stop: XmlNode): number {
  return number(stop, "delay") ?? 0;
}
