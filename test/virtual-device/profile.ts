/** What kind of device it is: names, numbers, and how the family writes its XML. */

export type Model = "camera" | "nvr" | "dvr";

export interface Channel {
  /** From 1; streams are number * 100 + 1, 2, 3. */
  readonly number: number;
  name: string;
  readonly source: "own" | "ip";
  /** How alerts number it: a hybrid DVR counts its IP channels from 33. */
  readonly alertId: number;
  online: boolean;
  /** Something lies on its lens. */
  covered: boolean;
}

export interface Profile {
  readonly model: Model;
  name: string;
  readonly modelName: string;
  readonly serial: string;
  readonly macAddress: string;
  readonly firmware: string;
  readonly deviceType: "IPCamera" | "NVR" | "DVR";
  readonly xmlns: string;
  readonly version: "1.0" | "2.0";
  readonly channels: readonly Channel[];
  readonly alarmInputs: number;
  readonly alarmOutputs: number;
}

export interface ProfileOptions {
  readonly model?: Model;
  readonly name?: string;
  readonly serial?: string;
  readonly macAddress?: string;
  readonly firmware?: string;
  /** Names of the channels, which also says how many there are. */
  readonly channels?: readonly string[];
}

const FAMILIES = {
  camera: {
    modelName: "VC-2CD4B-V",
    deviceType: "IPCamera",
    firmware: "V5.7.15",
    xmlns: "http://www.hikvision.com/ver20/XMLSchema",
    version: "2.0",
    channels: ["Front door"],
    alarmInputs: 1,
    alarmOutputs: 1,
  },
  nvr: {
    modelName: "VN-7708-V",
    deviceType: "NVR",
    firmware: "V4.62.210",
    xmlns: "http://www.isapi.org/ver20/XMLSchema",
    version: "2.0",
    channels: ["Gate", "Driveway", "Front door", "Garden", "Parking", "Loading bay", "Lobby", "Roof"],
    alarmInputs: 4,
    alarmOutputs: 1,
  },
  dvr: {
    modelName: "VD-7204-V",
    deviceType: "DVR",
    firmware: "V4.75.011",
    xmlns: "http://www.hikvision.com/ver20/XMLSchema",
    version: "1.0",
    channels: ["Shop", "Till", "Store room", "Yard", "Entrance", "Street"],
    alarmInputs: 4,
    alarmOutputs: 1,
  },
} as const;

const DVR_ANALOGUE = 4;

export function makeProfile(options: ProfileOptions = {}): Profile {
  const model = options.model ?? "camera";
  const family = FAMILIES[model];
  return {
    model,
    name: options.name ?? `Virtual ${model}`,
    modelName: family.modelName,
    serial: options.serial ?? `${family.modelName}20260101AAWRV00000001`,
    macAddress: options.macAddress ?? "02:00:5e:10:00:01",
    firmware: options.firmware ?? family.firmware,
    deviceType: family.deviceType,
    xmlns: family.xmlns,
    version: family.version,
    channels: (options.channels ?? family.channels).map((name, index) => makeChannel(model, name, index + 1)),
    alarmInputs: family.alarmInputs,
    alarmOutputs: family.alarmOutputs,
  };
}

function makeChannel(model: Model, name: string, number: number): Channel {
  const ip = model === "nvr" || (model === "dvr" && number > DVR_ANALOGUE);
  return {
    number,
    name,
    source: ip ? "ip" : "own",
    alertId: model === "dvr" && ip ? 32 + number - DVR_ANALOGUE : number,
    online: true,
    covered: false,
  };
}
