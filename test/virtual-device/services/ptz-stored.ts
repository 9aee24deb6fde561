/** What a PTZ head stores: presets, patrols, patterns, home. */
import { element, leaf, readLeaf } from "../xml";
import { isEmpty, leaves } from "./ptz-requests";
import type { Use } from "./ptz-family";
import { COMMANDS } from "./ptz-family";
import type { Preset } from "./ptz-head";
import { rootAttributes } from "./system";

function presetXml(id: number, preset: Preset | undefined): string {
  return element(
    "PTZPreset",
    leaf("enabled", preset !== undefined) + leaf("id", id) + leaf("presetName", preset?.name ?? ""),
  );
}

/** Recorders list every number there could be. */
export const listPresets: Use = (exchange, { presets }, family) => {
  const ids = family === "dome" ? [...presets.keys()] : Array.from({ length: 256 }, (_, i) => i + 1);
  const inner = ids.map((id) => presetXml(id, presets.get(id))).join("");
  exchange.xml(element("PTZPresetList", inner, rootAttributes(exchange.device)));
};

export const setPreset: Use = (exchange, head) => {
  const texts = leaves(exchange, "PTZPreset/enabled", "PTZPreset/id", "PTZPreset/presetName");
  if (!texts) return;
  const id = Number(exchange.param("id"));
  if (texts[0] !== "true" || Number(texts[1]) !== id || id < 1 || id > 300) {
    exchange.status("badParameters");
    return;
  }
  const name = readLeaf(exchange.body.toString(), "presetName") ?? "";
  head.presets.set(id, { name, position: head.position });
  exchange.status("ok");
};

export const deletePreset: Use = (exchange, { presets }) =>
  exchange.status(presets.delete(Number(exchange.param("id"))) ? "ok" : "invalidOperation");

export const gotoPreset: Use = (exchange, head) => {
  if (!isEmpty(exchange)) return;
  const id = Number(exchange.param("id"));
  const preset = head.presets.get(id);
  if (id === 94) head.restarts += 1;
  else if (id === 99) head.autoPan = 100;
  else if (id === 96) head.autoPan = 0;
  else if (preset) head.travel(preset.position);
  exchange.status(preset || COMMANDS.includes(id) ? "ok" : "invalidOperation");
};

export const listPatrols: Use = (exchange, { patrols }) => {
  const unused = { preset: 0, delay: 0, speed: 0 };
  const all = Array.from({ length: 8 }, (_, i) => i + 1).map((id) => {
    const { name = `patrol 0${id}`, stops = [] } = patrols.get(id) ?? {};
    const sequence = [...stops, unused].map(({ preset, delay, speed }) =>
      element("PatrolSequence", leaf("presetID", preset) + leaf("delay", delay) + leaf("seqSpeed", speed)),
    );
    return element(
      "PTZPatrol",
      leaf("enabled", stops.length > 0) +
        leaf("id", id) +
        leaf("patrolName", name) +
        element("PatrolSequenceList", sequence.join("")),
    );
  });
  exchange.xml(element("PTZPatrolList", all.join(""), rootAttributes(exchange.device)));
};

export const setPatrol: Use = (exchange, { patrols }, family) => {
  const stop = "PTZPatrol/PatrolSequenceList/PatrolSequence";
  const count = exchange.body.toString().split("<PatrolSequence>").length - 1;
  const sequence = Array.from({ length: count }, () =>
    ["presetID", "delay", "seqSpeed"].map((leaf) => `${stop}/${leaf}`),
  );
  const texts = leaves(exchange, "PTZPatrol/enabled", "PTZPatrol/id", "PTZPatrol/patrolName", ...sequence.flat());
  if (!texts) return;
  const [, id, name = "", ...rest] = texts;
  const stops = Array.from({ length: count }, (_, i) => {
    const [preset = 0, delay = 0, speed = 0] = rest.slice(i * 3, i * 3 + 3).map(Number);
    return { preset, delay, speed };
  });
  // Cameras count seconds and allow no more than 800 of them, recorders ms.
  const [least, most] = family === "dome" ? [1, 800] : [1000, 800_000];
  const fits = stops.every(
    ({ preset, delay, speed }) =>
      preset >= 1 && preset <= 300 && delay >= least && delay <= most && speed >= 1 && speed <= 40,
  );
  if (id !== exchange.param("id") || !fits || count === 0) {
    exchange.status("badParameters");
    return;
  }
  patrols.set(Number(id), { name, stops, state: "stopped" });
  exchange.status("ok");
};

export const deletePatrol: Use = (exchange, { patrols }) =>
  exchange.status(patrols.delete(Number(exchange.param("id"))) ? "ok" : "invalidOperation");

export const runPatrol: Use = (exchange, { patrols }) => {
  if (!isEmpty(exchange)) return;
  const patrol = patrols.get(Number(exchange.param("id")));
  const state = { start: "running", pause: "paused", stop: "stopped" }[exchange.param("command")];
  if (!patrol || !state) {
    exchange.status("invalidOperation");
    return;
  }
  patrol.state = state as typeof patrol.state;
  exchange.status("ok");
};

/** Recorders say start where domes say run. */
export const usePattern: Use = (exchange, { patterns }, family) => {
  if (!isEmpty(exchange)) return;
  const id = Number(exchange.param("id"));
  const state = patterns.get(id);
  const command = exchange.param("command");
  const wordOfRun = family === "dome" || family === "coaxial" ? "run" : "start";
  if (command === "recordstart") patterns.set(id, "recording");
  else if (command === "recordstop" && state === "recording") patterns.set(id, "recorded");
  else if (command === wordOfRun && state === "recorded") patterns.set(id, "running");
  else if (command === "stop" && state === "running") patterns.set(id, "recorded");
  else {
    exchange.status(["recordstop", "stop", wordOfRun].includes(command) ? "invalidOperation" : "notSupport");
    return;
  }
  exchange.status("ok");
};

export const deletePattern: Use = (exchange, { patterns }) =>
  exchange.status(patterns.delete(Number(exchange.param("id"))) ? "ok" : "invalidOperation");

export const setHome: Use = (exchange, head) => {
  if (!isEmpty(exchange)) return;
  head.home = head.position;
  exchange.status("ok");
};

export const gotoHome: Use = (exchange, head) => {
  if (!isEmpty(exchange)) return;
  if (head.home) head.travel(head.home);
  exchange.status(head.home ? "ok" : "invalidOperation");
};

export const clearHome: Use = (exchange, head) => {
  head.home = undefined;
  exchange.status("ok");
};
