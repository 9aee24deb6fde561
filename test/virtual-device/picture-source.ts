/** Where a device's pictures come from. The default is plain grey; scripts/demo draws places with people and vehicles. */
import { greyJpeg, withComment } from "./jpeg";

/** Direction and zoom of a PTZ camera, relative to how it was mounted. */
export interface View {
  /** Degrees, to the right and up. */
  readonly pan: number;
  readonly tilt: number;
  /** Ratio, from 1. */
  readonly zoom: number;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Channel number. */
  readonly channel: number;
  /** Local time of the device, ISO 8601. */
  readonly stamp: string;
  /** Channel name. */
  readonly channelName: string;
  /** Detected target, always in the picture. */
  readonly target?: "human" | "vehicle";
  readonly plate?: string;
  /** Vehicle color, as ISAPI spells it. */
  readonly vehicleColor?: string;
  readonly view?: View;
  /** Tampering: something covers the lens. */
  readonly covered?: boolean;
}

/** Each returns a JPEG; the same input gives the same bytes. */
export interface PictureSource {
  scene(scene: Scene): Buffer;
  /** Close-up of a number plate. */
  plate(text: string): Buffer;
}

/** Valid JPEGs of the requested size; a JPEG comment with the input makes each one different. Takes almost no time. */
export const plainPictures: PictureSource = {
  scene: (scene) => withComment(greyJpeg(scene.width, scene.height), JSON.stringify(scene)),
  plate: (text) => withComment(greyJpeg(240, 72), `plate ${text}`),
};
