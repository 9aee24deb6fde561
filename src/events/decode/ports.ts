/** Inputs, outputs, disks and recording channels of an alert. */
import { numbersIn, type Fields } from "./fields";

export interface Ports {
  inputPort?: number;
  outputPort?: number;
  disk?: number;
  recordingChannels?: number[];
}

/** Puts what is there into `to`. Of a recorder's remote inputs `dynInputIOPortID` (901 …) where `inputIOPortID` is 0 or empty. */
export function readPorts(alert: Fields, to: Ports): void {
  const inputPort = port(alert, "inputioportid", "dyninputioportid");
  const outputPort = port(alert, "outputioportid", "dynoutputioportid");
  const disk = readDisk(alert);
  const recordingChannels = numbersIn(alert.value(...RECORDING_CHANNELS)).filter((channel) => channel > 0);
  if (inputPort !== undefined) to.inputPort = inputPort;
  if (outputPort !== undefined) to.outputPort = outputPort;
  if (disk !== undefined) to.disk = disk;
  if (recordingChannels.length > 0) to.recordingChannels = recordingChannels;
}

/** No public capture has one; the spellings are those of the guide's structure and of ISAPI's lists. */
const RECORDING_CHANNELS = [
  "recordingchannels",
  "recordingchannellist",
  "recordchannels",
  "recordchannellist",
  "alarmrelatechannel",
  "alarmrelatechannellist",
  "relatechannellist",
  "relatedchannellist",
];

/** `HDDList/HDD{id,diskNumber}` in the one captured diskerror; a bare number in older firmware. */
function readDisk(alert: Fields): number | undefined {
  const listed = alert.in("hddlist").in("hdd");
  return port(listed, "disknumber", "id") ?? port(alert, "disknumber", "diskno", "hddno", "hddid");
}

function port(fields: Fields, ...names: string[]): number | undefined {
  for (const name of names) {
    const value = fields.number(name);
    if (value !== undefined && value > 0) return value;
  }
  return undefined;
}
