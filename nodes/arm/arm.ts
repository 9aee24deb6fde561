/** hikvision-arm: arms, disarms, and tells what is armed. Knows RED; src/arm knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { type ArmAction, type ArmItem, type ArmResult, channelNumber, eventType, FatalError, say } from "../../src";
import { onInput, type FlowMessage } from "../shared/on-input";
import { render } from "../shared/render";
import { checkSettings } from "../shared/settings";
import { clear, show } from "../shared/status";
import { fields } from "./fields";

interface ArmDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function Arm(this: Node, def: ArmDef): void {
    RED.nodes.createNode(this, def);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    const { what, action, events, channels, rollback } = settings;
    /** By the last answer. */
    let armed: ArmResult["armed"] | undefined;

    const showArmed = (): void => {
      if (armed === undefined) clear(this);
      else if (armed === "mixed") show(this, "warning", "mixed");
      else show(this, armed ? "connected" : "unconfigured", armed ? "armed" : "disarmed");
    };

    onInput(
      RED,
      this,
      { device: def.device, fault },
      async (message, { device: { arming }, signal }) => {
        const result = await arming.run(
          {
            what,
            action: action === "msg" ? takeAction(message) : action,
            channels: channels.map(channelNumber),
            types: [...new Set(events.map((type) => eventType(type).type))],
            rollback,
          },
          signal,
        );
        ({ armed } = result);
        return Object.assign(message, { payload: { ...result, items: result.items.map((item) => shown(RED, item)) } });
      },
      showArmed,
    );
  }

  RED.nodes.registerType("hikvision-arm", Arm);
};

/** As a message carries it: sentences in the language of Node-RED. */
function shown(RED: NodeAPI, { blind, error, ...item }: ArmItem): object {
  return {
    ...item,
    ...(blind && { blind: blind.map((sentence) => render(RED, sentence)).join(" ") }),
    ...(error && { error: { code: error.code, message: render(RED, error.sentence) } }),
  };
}

/** Consumed: the next node must not take it for its own. */
function takeAction(message: FlowMessage): ArmAction {
  const { action } = message;
  delete message["action"];
  if (action === "on" || action === "off" || action === "status") return action;
  throw new FatalError("badRequest", say`What to do? Give msg.action "on", "off" or "status".`);
}
