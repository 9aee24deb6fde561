/** What presets and patrols use of their channel; implemented in channel.ts. Apart from it to avoid an import cycle. */
import type { XmlDocument } from "../isapi/xml";
import type { Clock } from "../lib/clock";
import type { PtzCapabilities } from "./capabilities";
import type { ChannelKind } from "./paths";

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly urgent?: boolean;
}

/** Units per second. */
export type PatrolUnit = 1 | 1000;

export interface ChannelAccess {
  readonly number: number;
  readonly kind: ChannelKind | undefined;
  readonly clock: Clock;
  /** In which unit this device counts a patrol's dwell time; undefined: not known yet. */
  patrolUnit: PatrolUnit | undefined;
  get(name: string, options: CallOptions): Promise<XmlDocument>;
  put(name: string, body: string | undefined, options: CallOptions, tail?: string): Promise<void>;
  capabilities(signal: AbortSignal): Promise<PtzCapabilities>;
}
