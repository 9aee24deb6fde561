/**
 * Siren, voice clips and white light of a camera, with their traps: no stop, no second clip at a time (403 audioIsPlayingPleaseWait), a
 * class that does not fit plays another clip, a light that stays dark by day. Documents are kept byte for byte as they were written.
 * A recorder has none of it for its cameras.
 */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { PAGES } from "../faults";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, PROLOG, readLeaf } from "../xml";
import { rootAttributes } from "./system";

interface Sound {
  readonly id: number;
  readonly name: string;
}

interface AudioState {
  /** Of the capabilities: newer firmware's list, older firmware's. */
  family: "new" | "old";
  sounds: readonly Sound[];
  uploaded: readonly Sound[];
  /** The settings, byte for byte. */
  document: string;
  clipMs: number;
  /** Sounds that were heard, in order; "custom 1" for an uploaded one. */
  readonly played: string[];
  /** Does a clip play? Ends by itself. */
  playing: boolean;
  /** Says OK to a change of the class, and keeps it. */
  keepsClass: boolean;
  /** Some keep their list to themselves. */
  listed: boolean;
  /** Is there any of it? */
  offered: boolean;
}

interface LightState {
  light: string;
  filter: string;
  /** What the capabilities say. */
  modes: string;
  /** The last part of the path, where the device insists on a spelling. */
  spelling: { light: string; filter: string };
  /** Says OK and keeps the mode: a schedule holds it. */
  scheduled: boolean;
  /** Tells brightness only while it is set by hand. */
  hidesLevel: boolean;
}

const SOUNDS: readonly Sound[] = [
  { id: 1, name: "Siren" },
  { id: 2, name: "Warning,this is a restricted area" },
  { id: 6, name: "Attention please.The area is under surveillance" },
  { id: 10, name: "(Siren)&Danger,please keep away" },
  { id: 11, name: "Audio Warning" },
];

export const audioAlarmOf = perDevice((device): AudioState => ({
  family: "new",
  sounds: SOUNDS,
  uploaded: [],
  // Indented and ordered as no JSON.stringify would.
  document: `{\n\t"AudioAlarm": {\n\t\t"audioClass":\t"alertAudio",\n\t\t"audioID":\t6,\n\t\t"alertAudioID":\t6,\n\t\t"audioVolume":\t100,\n\t\t"alarmTimes":\t2,\n\t\t"TimeRangeList":\t[{ "week": 1, "TimeRange": [] }]\n\t}\n}`,
  clipMs: 5_000,
  played: [],
  playing: false,
  keepsClass: false,
  listed: true,
  offered: device.profile.model === "camera",
}));

export const lightOf = perDevice((device): LightState => ({
  light: PROLOG + lightXml(device),
  filter: PROLOG + filterXml(device),
  modes: "eventIntelligence,colorVuWhiteLight,irLight,close",
  spelling: { light: "supplementLight", filter: "IrcutFilter" },
  scheduled: false,
  hidesLevel: false,
}));

function lightXml(device: VirtualDevice): string {
  return element(
    "SupplementLight",
    // The one for events comes first: who takes the first of that name takes the wrong one.
    element(
      "EventIntelligenceModeCfg",
      leaf("brightnessRegulatMode", "auto") + leaf("whiteLightBrightness", 33) + leaf("irLightBrightness", 44),
    ) +
      leaf("supplementLightMode", "irLight") +
      leaf("mixedLightBrightnessRegulatMode", "auto") +
      leaf("whiteLightBrightness", 55) +
      leaf("irLightBrightness", 66),
    rootAttributes(device),
  );
}

function filterXml(device: VirtualDevice): string {
  return element(
    "IrcutFilter",
    leaf("IrcutFilterType", "auto") + leaf("nightToDayFilterLevel", 4) + leaf("nightToDayFilterTime", 5),
    rootAttributes(device),
  );
}

/** Does it shine white? Its own judgement: mode, brightness and night. */
export function isLit(device: VirtualDevice): boolean {
  const { light, filter } = lightOf(device);
  const own = withoutEvents(light);
  return (
    /^(?:colorVuWhiteLight|whitelight)$/.test(readLeaf(own, "supplementLightMode") ?? "") &&
    readLeaf(own, "mixedLightBrightnessRegulatMode") !== "auto" &&
    Number(readLeaf(own, "whiteLightBrightness") ?? 1) > 0 &&
    readLeaf(filter, "IrcutFilterType") === "night"
  );
}

function withoutEvents(light: string): string {
  return light.replace(/<EventIntelligenceModeCfg>[\s\S]*<\/EventIntelligenceModeCfg>\s*/, "");
}

/** Only a camera, and only where the path asks for JSON: else it is a page that does not exist. */
const onCamera =
  (use: (exchange: Exchange, state: AudioState) => void) =>
  (exchange: Exchange): void => {
    const { device, query } = exchange;
    const state = audioAlarmOf(device);
    if (query.get("format") !== "json") exchange.send(404, PAGES.html404.contentType, PAGES.html404.body);
    else if (!state.offered) exchange.status("notSupport");
    else use(exchange, state);
  };

function capabilities(exchange: Exchange, { family, sounds, listed }: AudioState): void {
  if (!listed) {
    exchange.status("notSupport");
    return;
  }
  const list =
    family === "new"
      ? { AlertAudioTypeListCap: sounds.map(({ id, name }) => ({ alertAudioID: id, alertAudioDescription: name })) }
      : { audioTypeListCap: sounds.map(({ id, name }) => ({ audioID: id, audioDescription: name })) };
  exchange.json({
    AudioAlarmCap: {
      ...list,
      audioClass: { "@opt": ["alertAudio", "promptAudio", "customAudio"] },
      audioVolume: { "@min": 1, "@max": 100, "@def": 100 },
      alarmTimes: { "@min": 1, "@max": 50, "@def": 5 },
    },
  });
}

/** The whole object, and what leaves customAudio brings a sound of the list with it. */
function writeSettings(exchange: Exchange, state: AudioState): void {
  const sent = audioAlarm(exchange.body.toString("utf8"));
  const present = audioAlarm(state.document);
  const needed = Object.keys(present ?? {}).filter((name) => name !== "customAudioID");
  const isWhole = sent && needed.every((name) => Object.hasOwn(sent, name));
  const leaves = present?.["audioClass"] === "customAudio" && sent?.["audioClass"] !== "customAudio";
  if (!isWhole) exchange.status("badParameters");
  else if (leaves && !state.sounds.some(({ id }) => id === sent["alertAudioID"])) exchange.status("badParameters");
  else {
    if (!state.keepsClass) state.document = exchange.body.toString("utf8");
    exchange.status("ok");
  }
}

function audioAlarm(document: string): Record<string, unknown> | undefined {
  try {
    return (JSON.parse(document) as { AudioAlarm?: Record<string, unknown> }).AudioAlarm;
  } catch {
    return undefined;
  }
}

function play(exchange: Exchange, state: AudioState): void {
  const { device } = exchange;
  const id = Number(exchange.param("id"));
  const custom = audioAlarm(state.document)?.["audioClass"] === "customAudio";
  const known = custom ? state.uploaded : state.sounds;
  if (state.playing) exchange.status("audioIsPlayingPleaseWait");
  else if (!custom && !known.some((sound) => sound.id === id)) exchange.status("badParameters");
  else {
    // With the wrong class another clip is heard, without a word.
    state.played.push(custom ? `custom ${id}` : String(id));
    state.playing = true;
    void device.pause(state.clipMs).then(() => (state.playing = false));
    exchange.status("ok");
  }
}

type Part = "light" | "filter";

const LISTED: Readonly<Record<string, RegExp>> = {
  supplementLightMode: /^(?:eventIntelligence|colorVuWhiteLight|irLight|close|mixed|whitelight)$/,
  mixedLightBrightnessRegulatMode: /^(?:auto|manual)$/,
  whiteLightBrightness: /^(?:\d{1,2}|100)$/,
  IrcutFilterType: /^(?:auto|day|night|schedule)$/,
};

const onLight =
  (part: Part, spelling: string, use: (exchange: Exchange, state: LightState) => void) =>
  (exchange: Exchange): void => {
    const { device } = exchange;
    const state = lightOf(device);
    const found = device.profile.model === "camera" && exchange.param("channel") === "1";
    if (!found || state.spelling[part] !== spelling) exchange.status("notSupport");
    else use(exchange, state);
  };

/** As told: without the brightness while the device sets it by itself, where it does so. */
function told(state: LightState, part: Part): string {
  const document = state[part];
  const hidden = part === "light" && state.hidesLevel && !/RegulatMode>manual<\/mixed/.test(document);
  return hidden
    ? document.replace(/(<\/mixedLightBrightnessRegulatMode>\s)<whiteLightBrightness>\d+<[^>]*>\s/, "$1")
    : document;
}

/** A document made anew is refused, an unlisted value is answered OK and ignored, a schedule keeps what it holds. */
const writeLight =
  (part: Part, root: string) =>
  (exchange: Exchange, state: LightState): void => {
    const sent = exchange.body.toString("utf8");
    if (exchange.xmlBody(root) === undefined) return;
    const shown = told(state, part);
    if (names(sent) !== names(shown) && names(sent) !== names(state[part])) exchange.status("badXmlContent");
    else if (!sent.startsWith(PROLOG)) exchange.status("deviceError");
    else {
      const held = state.scheduled && part === "light" ? readLeaf(state.light, "supplementLightMode") : undefined;
      state[part] = listed(sent, state[part], held);
      if (state.hidesLevel && !withoutEvents(sent).includes("<whiteLightBrightness>"))
        state[part] = state[part].replace(
          /(<\/mixedLightBrightnessRegulatMode>\s)/,
          "$1<whiteLightBrightness>55</whiteLightBrightness>\n",
        );
      exchange.status("ok");
    }
  };

function names(document: string): string {
  return (document.match(/<[A-Za-z][\w.:-]*/g) ?? []).join();
}

function listed(sent: string, present: string, heldMode: string | undefined): string {
  return sent.replace(/<(\w+)>([^<]*)<\/\1>/g, (whole, name: string, value: string) => {
    const held = name === "supplementLightMode" && heldMode !== undefined;
    if (!held && (LISTED[name]?.test(value) ?? true)) return whole;
    return `<${name}>${readLeaf(present, name) ?? ""}</${name}>`;
  });
}

function lightCapabilities(exchange: Exchange, { modes }: LightState): void {
  const inner = `<supplementLightMode opt="${modes}"/>\n<mixedLightBrightnessRegulatMode opt="auto,manual"/>\n`;
  exchange.xml(element("SupplementLight", inner, rootAttributes(exchange.device)));
}

const sendXml = (exchange: Exchange, document: string): void =>
  exchange.send(200, 'application/xml; charset="UTF-8"', document);

const spelled = (part: Part, root: string, ...spellings: readonly string[]): readonly Route[] =>
  spellings.flatMap((spelling) => {
    const path = `/ISAPI/Image/channels/:channel/${spelling}`;
    return [
      route(
        "GET",
        path,
        onLight(part, spelling, (exchange, state) => sendXml(exchange, told(state, part))),
      ),
      route("PUT", path, onLight(part, spelling, writeLight(part, root))),
      route("GET", `${path}/capabilities`, onLight(part, spelling, lightCapabilities)),
    ];
  });

const AUDIO = "/ISAPI/Event/triggers/notifications/AudioAlarm";

export const deterrent: readonly Route[] = [
  route("GET", `${AUDIO}/capabilities`, onCamera(capabilities)),
  route(
    "GET",
    `${AUDIO}/customAudioInfo`,
    onCamera((exchange, { uploaded }) =>
      exchange.json({
        CustomAudioInfoList: uploaded.map(({ id, name }) => ({ customAudioID: id, customAudioName: name })),
      }),
    ),
  ),
  route(
    "GET",
    AUDIO,
    onCamera((exchange, { document }) => exchange.send(200, "application/json", document)),
  ),
  route("PUT", AUDIO, onCamera(writeSettings)),
  route("PUT", `${AUDIO}/:id/test`, onCamera(play)),
  ...spelled("light", "SupplementLight", "supplementLight", "SupplementLight"),
  ...spelled("filter", "IrcutFilter", "IrcutFilter", "ircutFilter"),
];
