/** hikvision-statistics: people counts or a heat map of a past time per message. Knows RED; src/statistics knows the cameras. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { channelNumber, FatalError, say } from "../../src";
import { onInput } from "../shared/on-input";
import { checkSettings } from "../shared/settings";
import { valueReader, withTimeWords } from "../shared/typed-values";
import { fields } from "./fields";
import { readStatistics, statisticsAction } from "./input";

interface StatisticsDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionStatistics(this: Node, def: StatisticsDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const { settings, fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal }) => {
      const action = statisticsAction(settings.action === "msg" ? message["action"] : settings.action);
      // Used up, so that nodes can be chained.
      if (settings.action === "msg") delete message["action"];
      if (action === "read") {
        const timed = withTimeWords(read, fields, device, signal);
        return Object.assign(message, await readStatistics(device, settings, timed, message, signal));
      }
      if (!settings.confirm)
        throw new FatalError(
          "badRequest",
          say`A counter that was set to zero cannot be set back. Tick "Confirm" in the form of this node to allow it.`,
        );
      const channel = channelNumber(await read("channel", message));
      await device.statistics.reset(channel, signal);
      return Object.assign(message, { payload: { done: "reset", channel } });
    });
  }

  RED.nodes.registerType("hikvision-statistics", HikvisionStatistics);
};
