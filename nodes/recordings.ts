/** hikvision-recordings: a list of recordings per message. Knows RED; src/recordings knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { FatalError } from "../src/errors";
import { isRecordType } from "../src/recordings/recording";
import { channelNumber } from "../src/values/channel";
import { say } from "../src/words";
import { deviceNodeOf, findDeviceNode } from "./runtime/device-node";
import { onInput } from "./runtime/on-input";
import { showFailure } from "./runtime/status";
import { optionalNumber, valueReader } from "./runtime/typed-values";

interface RecordingsDef extends NodeDef {
  readonly device?: string;
  readonly recordType?: string;
  readonly clip?: boolean;
}

export = function (RED: NodeAPI): void {
  function HikvisionRecordings(this: Node, def: RecordingsDef): void {
    RED.nodes.createNode(this, def);
    if (!findDeviceNode(RED, def.device)) showFailure(this, "unconfigured");
    const read = valueReader(RED, this, def);

    onInput(
      RED,
      this,
      () => findDeviceNode(RED, def.device)?.device?.identity,
      async (message, { signal }) => {
        const { recordings } = deviceNodeOf(RED, def.device).device;
        const channel = await read("channel", message);
        message.payload = await recordings.search({
          channel: channel === undefined ? undefined : channelNumber(channel),
          start: await read("start", message),
          end: await read("end", message),
          recordType: isRecordType(def.recordType) ? def.recordType : "all",
          newest: count(await read("newest", message)),
          clip: def.clip === true,
          signal,
        });
        return message;
      },
    );
  }

  RED.nodes.registerType("hikvision-recordings", HikvisionRecordings);
};

function count(value: unknown): number | undefined {
  const number = optionalNumber("newest", value);
  if (number === undefined || (Number.isInteger(number) && number > 0)) return number;
  throw new FatalError("badRequest", say`"newest" must be a whole number from 1.`);
}
