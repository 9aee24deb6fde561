/** hikvision-record: starts and stops recordings, on the device or in a file here. Knows RED; src/record knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import {
  channelNumber,
  type Device,
  FatalError,
  type FileSettings,
  type InFile,
  type OnDevice,
  type RecordingJob,
  type RecordingSink,
  say,
  type Started,
  type StartOptions,
  type Stopped,
  streamNumber,
} from "../../src";
import { findDeviceNode } from "../shared/device-node";
import { identityOf, onInput, type FlowMessage } from "../shared/on-input";
import { clear, show, showFailure } from "../shared/status";
import { checkSettings } from "../shared/settings";
import { boundedNumber, valueReader } from "../shared/typed-values";
import { render, renderError } from "../shared/render";
import { fields } from "./fields";

interface RecordDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function Record(this: Node, def: RecordDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const { where, action, container } = settings;
    /** Those that this node has started. */
    const own = new Set<RecordingJob>();
    /** What of it may still have to be undone. */
    const starting = new Set<Promise<unknown>>();
    const warned = new Set<string>();

    const showState = (): void => (own.size > 0 ? show(this, "busy", "recording") : clear(this));

    /** What happens to a recording later is sent with a copy of the message that started it. */
    const sinkFor = (message: FlowMessage): RecordingSink => {
      const origin = RED.util.cloneMessage(message);
      const send = (payload: object): void => this.send(Object.assign(RED.util.cloneMessage(origin), { payload }));
      return {
        started: (started) => {
          showState();
          send(payloadOf("started", started));
        },
        stopped: (stopped) => send(payloadOf("stopped", stopped)),
        failed: (error) => {
          const device = identityOf(RED, def.device);
          showFailure(this, error.code);
          this.error(renderError(RED, device ? error.at(device) : error), RED.util.cloneMessage(origin));
        },
        warn: (sentence) => {
          const text = render(RED, sentence);
          if (!warned.has(text)) this.warn(text);
          warned.add(text);
        },
      };
    };

    const fileSettings = async (message: FlowMessage): Promise<FileSettings> => ({
      directory: text("directory", await read("directory", message)),
      template: text("filename", await read("filename", message)),
      container,
    });

    const targetOf = async (message: FlowMessage): Promise<OnDevice | InFile> => {
      const channel = channelNumber(await read("channel", message));
      if (where === "device") return { where, channel };
      return { where, channel, stream: streamNumber(await read("stream", message)) };
    };

    const start = async (
      { recorder }: Device,
      target: OnDevice | InFile,
      message: FlowMessage,
      signal: AbortSignal,
    ): Promise<Started> => {
      const duration = boundedNumber("duration", await read("duration", message), fields.duration.rule);
      const durationMs = duration === undefined ? undefined : duration * 1000;
      const options: StartOptions = { durationMs, sink: sinkFor(message), signal };
      const { job, started } =
        target.where === "device"
          ? await recorder.startOnDevice(target, options)
          : await recorder.startFile(target, await fileSettings(message), options);
      if (job) await keep(job, signal);
      return started;
    };

    const awaited = async <T>(attempt: Promise<T>): Promise<T> => {
      starting.add(attempt);
      try {
        return await attempt;
      } finally {
        starting.delete(attempt);
      }
    };

    const keep = async (recording: RecordingJob, signal: AbortSignal): Promise<void> => {
      // It began in the very moment of the close.
      if (signal.aborted) await recording.close();
      own.add(recording);
      void recording.over.then(() => {
        own.delete(recording);
        if (!signal.aborted) showState();
      });
    };

    onInput(
      RED,
      this,
      { device: def.device, fault },
      async (message, { device, signal }) => {
        const chosen = action === "msg" ? takeAction(message) : action;
        const target = await targetOf(message);
        const payload =
          chosen === "start"
            ? payloadOf("started", await awaited(start(device, target, message, signal)))
            : payloadOf("stopped", await device.recorder.stop(target, signal));
        return Object.assign(message, { payload });
      },
      showState,
    );

    this.on("close", (done: () => void) => {
      const ended = [...own].map((recording) => recording.close());
      findDeviceNode(RED, def.device)?.device?.beforeClose(Promise.all(ended));
      void Promise.allSettled([...ended, ...starting]).then(() => done());
    });
  }

  RED.nodes.registerType("hikvision-record", Record);
};

function payloadOf(state: "started" | "stopped", outcome: Started | Stopped): object {
  return { state, ...outcome };
}

/** Consumed: the next node must not take it for its own. */
function takeAction(message: FlowMessage): "start" | "stop" {
  const { action } = message;
  delete message["action"];
  if (action === "start" || action === "stop") return action;
  throw new FatalError("badRequest", say`What to do? Give msg.action "start" or "stop".`);
}

function text(name: string, value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new FatalError("badRequest", say`"${name}" is empty. Fill it in, in this node's settings.`);
}
