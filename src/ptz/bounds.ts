/** Bounds of the values of PTZ commands, both ends included: written once, for the commands and for forms. Imports nothing. */

export const PTZ_BOUNDS = {
  /** Of pan, tilt, zoom, focus, iris and autoPan. */
  speed: { min: -100, max: 100 },
  /** Seconds: the shortest that motors follow, and an hour. */
  duration: { min: 0.01, max: 3600 },
  /** Of a wait for a camera that does not tell where it is: as long as one that does is waited for. */
  waitSeconds: { min: 0.1, max: 60 },
  /** Pan and tilt of a relative move, in halves of the picture. */
  relative: { min: -1, max: 1 },
  /** Zoom of a relative move. */
  relativeZoom: { min: -100, max: 100 },
  /** Degrees; a device may have a smaller range of its own. */
  azimuth: { min: 0, max: 360 },
  elevation: { min: -90, max: 270 },
  /** Zoom ratio of an absolute position. */
  zoom: { min: 1, max: 100 },
  /** Of each side of a box, and of a point, as a part of the picture. */
  box: { min: 0, max: 1 },
  /** Domes know up to 300, recorders 256. */
  preset: { min: 1, max: 400 },
  /** Domes have 8 patrols and 4 patterns; recorders more. */
  patrol: { min: 1, max: 64 },
  pattern: { min: 1, max: 64 },
  /** "A patrol can be configured with 32 presets." */
  patrolSteps: { min: 1, max: 32 },
  /** Manuals of domes allow 5 to 800 s at most. */
  patrolSeconds: { min: 1, max: 800 },
  patrolSpeed: { min: 1, max: 40 },
  serialPort: { min: 1, max: 64 },
  /** Seconds without a command before the park action; a device may have a smaller range of its own. */
  parkSeconds: { min: 5, max: 720 },
  /** 0 unlocks. The vendor's web page locks for 180 s at a time. */
  lockSeconds: { min: 0, max: 3600 },
} as const;

/** Values where a command names none. */
export const PTZ_DEFAULTS = { patrolSpeed: 30, serialPort: 1 } as const;
