/** hikvision-audio: announcements and the settings of a device's audio channels. Knows RED; src/audio/ knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { type Audio, audioChanges, channelNumber, FatalError, say } from "../../src";
import { type FlowMessage, type InputContext, onInput } from "../shared/on-input";
import { takeAction } from "../shared/message-action";
import { checkSettings } from "../shared/settings";
import { valueReader, valuesReader } from "../shared/typed-values";
import { propertiesOf } from "../shared/unknown-values";
import { fields } from "./fields";

interface AudioDef extends NodeDef {
  readonly device?: string;
  readonly action?: unknown;
  readonly values?: unknown;
}

export = function (RED: NodeAPI): void {
  function HikvisionAudio(this: Node, def: AudioDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const readValues = valuesReader((saved, own) => valueReader(RED, this, saved, own), def.values);

    const { settings, fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, context) => {
      const action =
        def.action === undefined || settings.action === "msg" ? takeAction(message, NO_ACTION) : settings.action;
      const channel = async (): Promise<number> => channelNumber(await read("channel", message));
      message.payload = await run(
        context.device.audio,
        action,
        { channel, values: () => readValues(message) },
        message,
        context,
      );
      return message;
    });
  }

  RED.nodes.registerType("hikvision-audio", HikvisionAudio);
};

/** Of the form, read when they are needed. */
interface FormValues {
  readonly channel: () => Promise<number>;
  readonly values: () => Promise<Readonly<Record<string, unknown>>>;
}

async function run(
  audio: Audio,
  action: string,
  { channel, values }: FormValues,
  message: FlowMessage,
  { signal, progress }: InputContext,
): Promise<unknown> {
  switch (action) {
    case "list":
      return audio.list(signal);
    case "get":
      return [await audio.get(await channel(), signal)];
    case "set": {
      const sent = Buffer.isBuffer(message.payload) ? {} : propertiesOf(message.payload);
      return [await audio.set(await channel(), audioChanges({ ...(await values()), ...sent }), signal)];
    }
    case "talk": {
      const { payload, ["format"]: format } = message;
      const onProgress = (seconds: number): void => progress(`${Math.round(seconds)} s`);
      return { done: "talk", ...(await audio.talk({ channel: await channel(), payload, format, onProgress }, signal)) };
    }
    case "stop": {
      const stopped = await channel();
      return { done: "stop", channel: stopped, wasTalking: await audio.stop(stopped) };
    }
    default:
      throw new FatalError("badRequest", say`"${action}" is no action: give talk, stop, list, get or set.`);
  }
}

const NO_ACTION = say`The message brings no action: set msg.action to talk, stop, list, get or set, or choose one in the node.`;
