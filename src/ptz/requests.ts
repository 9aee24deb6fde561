/**
 * Request bodies of the PTZ service: element names and order as in Hikvision's own web UI (webVideoCtrl.js) and in
 * public clients that work with devices. Old firmware requires the XML declaration; aux refuses a namespace.
 */
import { raw, xml, type RawXml } from "../isapi/xml";
import type { Position } from "./position";

/** −100…100 each. */
export interface Speed {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

/** In steps from the lower left of the picture. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Of a rectangle. */
export interface Corners {
  readonly start: Place;
  readonly end: Place;
}

/** One stop of a patrol; `delay` in the unit of the device. */
export interface PatrolStop {
  readonly preset: number;
  readonly delay: number;
  readonly speed: number;
}

function document(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${content}`;
}

const speeds = ({ pan, tilt, zoom }: Speed): RawXml =>
  raw(xml`<pan>${pan}</pan><tilt>${tilt}</tilt><zoom>${zoom}</zoom>`);

export const continuous = (speed: Speed): string => document(xml`<PTZData>${speeds(speed)}</PTZData>`);

export const momentary = (speed: Speed, ms: number): string =>
  document(xml`<PTZData>${speeds(speed)}<Momentary><duration>${ms}</duration></Momentary></PTZData>`);

/** In the steps of the channel's RelativePanTiltSpace and RelativeZoomSpace. */
export const relative = (x: number, y: number, zoom: number): string =>
  document(
    xml`<PTZData><Relative><positionX>${x}</positionX><positionY>${y}</positionY><relativeZoom>${zoom}</relativeZoom></Relative></PTZData>`,
  );

/** Tenths of a degree, tenths of the ratio. */
export const absoluteHigh = ({ azimuth, elevation, zoom }: Position): string => {
  const tenths = (value: number): number => Math.round(value * 10);
  return document(
    xml`<PTZData><AbsoluteHigh><elevation>${tenths(elevation)}</elevation><azimuth>${tenths(azimuth)}</azimuth><absoluteZoom>${tenths(zoom)}</absoluteZoom></AbsoluteHigh></PTZData>`,
  );
};

/** Degrees and ratio with fractions. */
export const absoluteEx = ({ azimuth, elevation, zoom }: Position): string =>
  document(
    xml`<PTZAbsoluteEx><elevation>${elevation.toFixed(3)}</elevation><azimuth>${azimuth.toFixed(3)}</azimuth><absoluteZoom>${zoom.toFixed(2)}</absoluteZoom></PTZAbsoluteEx>`,
  );

const region = (root: string, { start, end }: Corners): string => {
  const point = ({ x, y }: Place): RawXml => raw(xml`<positionX>${x}</positionX><positionY>${y}</positionY>`);
  return document(
    xml`<${raw(root)}><StartPoint>${point(start)}</StartPoint><EndPoint>${point(end)}</EndPoint></${raw(root)}>`,
  );
};

/** 0…255. */
export const position3D = (corners: Corners, root = "Position3D"): string => region(root, corners);

/** 0…1000. */
export const regionalFocus = (corners: Corners): string => region("RegionalFocus", corners);

/** 0…255. */
export const trackPoint = ({ x, y }: Place): string =>
  document(xml`<ManualTrace><positionX>${x}</positionX><positionY>${y}</positionY></ManualTrace>`);

/** 0…255; of one client's code. */
export const trackBox = ({ start, end }: Corners): string =>
  document(
    xml`<ManualTrace><positionX>${start.x}</positionX><positionY>${start.y}</positionY><positionX2>${end.x}</positionX2><positionY2>${end.y}</positionY2></ManualTrace>`,
  );

/** Seconds; as the vendor's web page writes it. */
export const lock = (seconds: number, root = "LockPtz"): string =>
  document(xml`<${raw(root)}><lockTime>${seconds}</lockTime></${raw(root)}>`);

export const preset = (id: number, name: string): string =>
  document(xml`<PTZPreset><enabled>true</enabled><id>${id}</id><presetName>${name}</presetName></PTZPreset>`);

export const patrol = (id: number, name: string, stops: readonly PatrolStop[]): string => {
  const sequence = stops.map(
    (stop) =>
      xml`<PatrolSequence><presetID>${stop.preset}</presetID><delay>${stop.delay}</delay><seqSpeed>${stop.speed}</seqSpeed></PatrolSequence>`,
  );
  return document(
    xml`<PTZPatrol><enabled>true</enabled><id>${id}</id><patrolName>${name}</patrolName><PatrolSequenceList>${raw(sequence.join(""))}</PatrolSequenceList></PTZPatrol>`,
  );
};

export const aux = (id: number, type: string, on: boolean): string =>
  document(xml`<PTZAux><id>${id}</id><type>${type}</type><status>${on ? "on" : "off"}</status></PTZAux>`);

export const autoPan = (speed: number): string => document(xml`<autoPanData><autoPan>${speed}</autoPan></autoPanData>`);

export const focus = (speed: number): string => document(xml`<FocusData><focus>${speed}</focus></FocusData>`);

export const iris = (speed: number): string => document(xml`<IrisData><iris>${speed}</iris></IrisData>`);
