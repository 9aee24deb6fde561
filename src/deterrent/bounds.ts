/** Bounds of the values of deterrent commands, both ends included: written once, for the commands and for forms. Imports nothing. */

export const DETERRENT_BOUNDS = {
  /** As often as cameras repeat a clip by themselves: `alarmTimes` of AudioAlarm/capabilities. */
  times: { min: 1, max: 50, whole: true },
  /** Percent, as devices count it; 0 is off. */
  brightness: { min: 1, max: 100, whole: true },
  /** Seconds: from a millisecond, the clock's unit, to a day. */
  duration: { min: 0.001, max: 86_400, unit: "s" },
} as const;

export const DETERRENT_DEFAULTS = { times: 1, brightness: 100 } as const;
