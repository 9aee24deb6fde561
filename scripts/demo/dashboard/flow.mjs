/** The dashboard example as nodes: pages and functions are files beside this one, so that they can be read and linted. */
import { readFileSync } from "node:fs";

const TAB = "hikdash-tab";
/** The device of all examples: a second one that is imported uses it. */
const DEVICE = "hikflow-example-device";
const BASE = "hikdash-base";
const THEME = "hikdash-theme";

const text = (file) => readFileSync(new URL(file, import.meta.url), "utf8");

/** The cameras of the demo's recorder. */
const CAMERAS = ["Gate", "Driveway", "Front door", "Garden", "Parking", "Loading bay", "Lobby", "Roof"].map(
  (name, index) => ({ channel: index + 1, name, ...(name === "Roof" && { ptz: true }) }),
);

const FILL_IN = `This example needs the palette module \`@flowfuse/node-red-dashboard\` (menu, *Manage palette*, *Install*).

1. Double-click any Hikvision node, press the pencil next to *Device*, and enter address, user and password of your own device. Press *Test connection* there.
2. In *my cameras*: the numbers and names of your channels, and \`"ptz": true\` for those that can move.
3. *the barrier* and *the camera's list* of the page Gate belong to the camera at the gate: choose its own device there where a recorder stands before it.
4. Recordings go into the folder \`hikvision-recordings\` in the home folder of the user that Node-RED runs as. *download* has another one, if you like.

Then Deploy, and open \`/dashboard\` of your Node-RED. Everybody who reaches it can see your cameras, unless \`httpNodeAuth\` is set in its settings.js.`;

/** @returns {object[]} */
export function dashboardFlow() {
  return [
    {
      id: TAB,
      type: "tab",
      label: "Dashboard",
      disabled: false,
      info: "Cameras, events, plates, a gate, PTZ, recordings, people, the alarm and the device's health in the browser: <your Node-RED>/dashboard",
      env: [],
    },
    ...configs(),
    ...setUp(),
    ...wall(),
    ...memory(),
    ...gate(),
    ...ptz(),
    ...recordings(),
    ...people(),
    ...health(),
    ...alarm(),
  ];
}

function configs() {
  return [
    {
      id: DEVICE,
      type: "hikvision-device",
      name: "Yard",
      version: 1,
      host: "192.0.2.10",
      port: "",
      protocol: "http",
      tls: "verify",
      fingerprint: "",
      basic: false,
      http: "strict",
      picturePorts: "",
      timeZone: "auto",
      eventSource: "stream",
      heartbeatTimeout: 30,
    },
    {
      id: BASE,
      type: "ui-base",
      name: "Cameras",
      path: "/dashboard",
      appIcon: "",
      includeClientData: true,
      acceptsClientConfig: ["ui-notification", "ui-control", "ui-template"],
      showPathInSidebar: false,
      headerContent: "page",
      navigationStyle: "default",
      titleBarStyle: "default",
      showReconnectNotification: true,
      notificationDisplayTime: 1,
      showDisconnectNotification: true,
      allowInstall: false,
    },
    {
      id: THEME,
      type: "ui-theme",
      name: "Cameras",
      colors: {
        surface: "#ffffff",
        primary: "#1d63c4",
        bgPage: "#eef1f5",
        groupBg: "#ffffff",
        groupOutline: "#d8dee6",
      },
      sizes: {
        density: "default",
        pagePadding: "12px",
        groupGap: "12px",
        groupBorderRadius: "12px",
        widgetGap: "12px",
      },
    },
    ...[
      ["wall", "Cameras", "cctv"],
      ["events", "Events", "timeline-clock-outline"],
      ["plates", "Plates", "car-outline"],
      ["gate", "Gate", "boom-gate-outline"],
      ["ptz", "PTZ", "arrow-all"],
      ["recordings", "Recordings", "filmstrip"],
      ["people", "People", "account-group-outline"],
      ["health", "Health", "heart-pulse"],
      ["alarm", "Alarm", "shield-home-outline"],
    ].flatMap(([name, title, icon], index) => page(name, title, icon, index + 1)),
  ];
}

function page(name, title, icon, order) {
  return [
    {
      id: `hikdash-page-${name}`,
      type: "ui-page",
      name: title,
      ui: BASE,
      path: `/${name}`,
      icon,
      layout: "grid",
      theme: THEME,
      breakpoints: [
        { name: "Default", px: "0", cols: "3" },
        { name: "Tablet", px: "576", cols: "6" },
        { name: "Small Desktop", px: "768", cols: "9" },
        { name: "Desktop", px: "1024", cols: "12" },
      ],
      order,
      className: "",
      visible: true,
      disabled: false,
    },
    {
      id: `hikdash-group-${name}`,
      type: "ui-group",
      name: title,
      page: `hikdash-page-${name}`,
      width: "12",
      height: "1",
      order: 1,
      showTitle: false,
      className: "",
      visible: true,
      disabled: false,
      groupType: "default",
    },
  ];
}

function setUp() {
  return [
    comment("fill-in", "FILL IN: dashboard, device, cameras, folder. Double-click me", FILL_IN, 260, 40),
    {
      ...node("start", "inject", "at the start", 150, 100, [["cameras"]]),
      props: [],
      repeat: "",
      crontab: "",
      once: true,
      onceDelay: "0.1",
      topic: "",
    },
    {
      ...node("cameras", "change", "my cameras", 370, 100, [[]]),
      rules: [{ t: "set", p: "cameras", pt: "flow", to: JSON.stringify(CAMERAS), tot: "json" }],
      action: "",
      property: "",
      from: "",
      to: "",
      reg: false,
    },
    { ...template("style", "colours, light and dark", "site:style", text("pages/style.css"), 590, 100), ui: BASE },
    { ...template("scheme", "sun and moon", "widget:ui", text("pages/scheme.vue"), 820, 100), ui: BASE },
    { ...template("player", "plays video", "widget:ui", text("pages/player.vue"), 1020, 100), ui: BASE },
  ];
}

function wall() {
  return [
    comment(
      "wall-comment",
      "Cameras: a picture of each while somebody looks, live video of the large one",
      "",
      310,
      180,
    ),
    vuePage("wall", "camera wall", "wall", 140, 240, [["which"]]),
    func("which", "which pictures", "which-pictures", 3, 350, 240, [["wall-shot"], ["wall"], ["wall-live"]]),
    snapshot("wall-shot", "its picture", 560, 240, [["wall", "which"]]),
    video("wall-live", "live", "live video", 560, 290, [["wall"]]),
    caught("wall-catch", ["wall-shot", "wall-live"], 560, 340, [["wall", "which"]]),
  ];
}

function memory() {
  return [
    comment(
      "events-comment",
      "Events and plates: the last hundred are remembered, and what the flow thinks of a plate; the recording of an event",
      "",
      420,
      380,
    ),
    {
      ...node("events-in", "hikvision-event-in", "All events", 140, 440, [["as-event"]]),
      version: 1,
      device: DEVICE,
      events: [],
      channels: [],
      targets: [],
      regions: [],
      emit: "edges",
      offDelay: 10,
      pictures: true,
      connection: true,
    },
    func("as-event", "for the timeline", "as-event", 2, 350, 440, [["shelf"], ["connection"]]),
    {
      ...node("plates-in", "hikvision-plate-in", "Plates", 140, 500, [
        ["as-plate", "gate-log"],
        ["as-plate", "gate-log"],
      ]),
      version: 1,
      device: DEVICE,
      channels: [],
      minConfidence: 0,
      lists: [],
      dropRepeats: 10,
      pollInterval: 3,
      backfill: true,
      pictures: true,
    },
    func("as-plate", "allowed or denied", "as-plate", 1, 350, 500, [["shelf"]]),
    func("shelf", "the last hundred", "shelf", 1, 570, 460, [["to-page"]]),
    {
      ...node("to-page", "switch", "which page", 800, 440, [["events"], ["plates"]]),
      property: "page",
      propertyType: "msg",
      rules: [
        { t: "eq", v: "events", vt: "str" },
        { t: "eq", v: "plates", vt: "str" },
      ],
      checkall: "true",
      repair: false,
      outputs: 2,
    },
    vuePage("events", "event timeline", "events", 1020, 420, [["events-ask"]]),
    choose("events-ask", "what is asked", [["history", "picture"], ["clip"]], 1200, 420, [["shelf"], ["clip"]]),
    video("clip", "time", "recording of an event", 1410, 420, [["events"]]),
    caught("clip-catch", ["clip"], 1410, 370, [["events"]]),
    vuePage("plates", "plate log", "plates", 1010, 480, [["plates-ask"]]),
    choose(
      "plates-ask",
      "what is asked",
      [
        ["history", "picture"],
        ["list", "allow", "deny"],
      ],
      1200,
      480,
      [["shelf"], ["allow-list"]],
    ),
    func("allow-list", "allow list", "allow-list", 1, 1390, 500, [["plates"]]),
  ];
}

function ptz() {
  return [
    comment(
      "ptz-comment",
      "PTZ: each move ends by itself, and is renewed while the button is held; live video meanwhile",
      "",
      370,
      580,
    ),
    vuePage("ptz", "pad", "ptz", 130, 640, [["ptz-ask"]]),
    {
      ...node("ptz-ask", "switch", "what is asked", 340, 640, [["list"], ["ptz-shot"], ["ptz-live"], ["ptz-do"]]),
      property: "topic",
      propertyType: "msg",
      rules: [...["hello", "view", "live"].map((v) => ({ t: "eq", v, vt: "str" })), { t: "else" }],
      checkall: "false",
      repair: false,
      outputs: 4,
    },
    cameraList("list", 570, 600, [["ptz"]]),
    snapshot("ptz-shot", "what it sees", 570, 640, [["ptz"]]),
    video("ptz-live", "live", "live while it moves", 590, 680, [["ptz"]]),
    {
      ...node("ptz-do", "hikvision-ptz", "does what the page says", 610, 720, [["ptz"]]),
      version: 1,
      device: DEVICE,
      channel: "1",
      channelType: "num",
      action: "msg",
      values: {},
      clamp: false,
      property: "payload",
    },
    caught("ptz-catch", ["ptz-do", "ptz-shot", "ptz-live"], 1000, 680, [["ptz"]]),
  ];
}

function recordings() {
  return [
    comment("recordings-comment", "Recordings: search, download with progress, addresses for players", "", 290, 800),
    vuePage("recordings", "recordings", "recordings", 150, 860, [["recordings-ask"]]),
    choose(
      "recordings-ask",
      "what is asked",
      [["hello"], ["search"], ["download", "cancel"], ["address"], ["play"], ["days"], ["happened"], ["play-at"]],
      340,
      860,
      [["recordings-list"], ["search"], ["download"], ["address"], ["play"], ["days"], ["happened"], ["play-at"]],
    ),
    video("play-at", "time", "video of a moment", 350, 1020, [["recordings"]]),
    recordingSearch("days", "days", "days with recordings", 810, 820),
    {
      ...node("happened", "hikvision-history", "what happened", 790, 860, [["recordings"]]),
      version: 1,
      device: DEVICE,
      source: "auto",
      channels: [],
      events: [],
      targets: [],
      start: "",
      startType: "str",
      end: "",
      endType: "str",
      newest: "",
      newestType: "num",
      pictures: false,
    },
    video("play", "recording", "video of it", 340, 970, [["recordings"]]),
    cameraList("recordings-list", 570, 820, [["recordings"]]),
    recordingSearch("search", "search", "search", 560, 870),
    {
      ...node("download", "hikvision-download", "download", 570, 920, [["saved-file"], ["recordings"]]),
      version: 1,
      device: DEVICE,
      channel: "",
      channelType: "num",
      start: "",
      startType: "str",
      end: "",
      endType: "str",
      before: "5",
      beforeType: "num",
      after: "10",
      afterType: "num",
      directory: '($env("HOME") ? $env("HOME") : $env("USERPROFILE")) & "/hikvision-recordings"',
      directoryType: "jsonata",
      filename: "{device}_{channel}_{start}",
      filenameType: "str",
      existing: "skip",
      deliverAs: "file",
    },
    {
      ...node("address", "hikvision-playback-url", "address to watch it", 600, 970, [["recordings"]]),
      version: 1,
      device: DEVICE,
      channel: "1",
      channelType: "num",
      stream: "main",
      streamType: "str",
      kind: "recording",
      start: "",
      startType: "str",
      end: "",
      endType: "str",
      recording: "",
      recordingType: "str",
      transport: "unicast",
      withCredentials: false,
    },
    {
      ...func("saved-file", "files for browsers", "saved-file", 2, 780, 900, [["recordings"], ["file-missing"]]),
      libs: ["fs", "path", "crypto"].map((module) => ({ var: module, module })),
    },
    {
      ...node("file-in", "http in", "a browser fetches one", 560, 1020, [["saved-file"]]),
      url: "/hikvision-file/:key",
      method: "get",
      upload: false,
      swaggerDoc: "",
    },
    { ...node("file-missing", "http response", "", 990, 920, []), statusCode: "", headers: {} },
    caught("recordings-catch", ["search", "download", "address", "play", "days", "happened", "play-at"], 820, 970, [
      ["recordings"],
    ]),
  ];
}

function recordingSearch(id, action, name, x, y) {
  return {
    ...node(id, "hikvision-recordings", name, x, y, [["recordings"]]),
    version: 1,
    device: DEVICE,
    action,
    channel: "1",
    channelType: "num",
    start: "",
    startType: "str",
    end: "",
    endType: "str",
    recordType: "all",
    newest: "",
    newestType: "num",
    clip: false,
  };
}

function gate() {
  return [
    comment("gate-comment", "Gate: open it, who is on the camera's list, and what happened", "", 260, 1440),
    vuePage("gate", "gate", "gate", 130, 1500, [["gate-ask"]]),
    choose("gate-ask", "what is asked", [["hello"], ["open"], ["list", "add", "remove"]], 340, 1500, [
      ["gate-log"],
      ["gate-door"],
      ["gate-action"],
    ]),
    {
      ...node("gate-door", "hikvision-door", "the barrier", 570, 1480, [["gate-log"]]),
      version: 1,
      device: DEVICE,
      kind: "barrier",
      number: "1",
      numberType: "num",
      action: "open",
      duration: "",
      durationType: "num",
    },
    {
      ...node("gate-action", "change", "does what it says", 590, 1540, [["gate-list"]]),
      rules: [{ t: "set", p: "action", pt: "msg", to: "topic", tot: "msg" }],
      action: "",
      property: "",
      from: "",
      to: "",
      reg: false,
    },
    {
      ...node("gate-list", "hikvision-plate-list", "the camera's list", 800, 1540, [["gate-log"]]),
      version: 1,
      device: DEVICE,
      channel: "1",
      channelType: "num",
      list: "allow",
      action: "msg",
      dryRun: false,
      confirm: false,
    },
    caught("gate-catch", ["gate-door", "gate-list"], 800, 1600, [["gate-log"]]),
    func("gate-log", "what happened", "gate-log", 1, 1010, 1500, [["gate"]]),
  ];
}

function people() {
  const inGroup = (order) => ({ group: "hikdash-group-people", order });
  const number = (id, label, order, y) => ({
    ...node(id, "ui-text", label, 780, y, []),
    ...inGroup(order),
    width: "4",
    height: "1",
    label,
    format: "{{msg.payload}}",
    layout: "col-center",
    style: true,
    font: "",
    fontSize: "26",
    color: "#858d99",
    wrapText: false,
    className: "",
    value: "payload",
    valueType: "msg",
    wires: [],
  });
  return [
    comment("people-comment", "People: how many there are, and how many came and went", "", 270, 1060),
    {
      ...node("people-in", "hikvision-event-in", "Density and counting", 170, 1120, [["numbers"]]),
      version: 1,
      device: DEVICE,
      events: ["personDensityDetection", "PeopleCounting"],
      channels: [],
      targets: [],
      regions: [],
      emit: "edges",
      offDelay: 10,
      pictures: false,
      connection: false,
    },
    func("numbers", "numbers", "numbers", 4, 390, 1120, [["now", "chart"], ["enter"], ["exit"], ["inside"]]),
    {
      ...node("now", "ui-gauge", "people now", 590, 1100, []),
      ...inGroup(1),
      value: "payload",
      valueType: "msg",
      width: "4",
      height: "4",
      gtype: "gauge-half",
      gstyle: "rounded",
      title: "People now",
      alwaysShowTitle: false,
      floatingTitlePosition: "top-left",
      units: "people",
      icon: "",
      prefix: "",
      suffix: "",
      segments: [
        { from: "0", color: "#3b9d5c" },
        { from: "8", color: "#e0a92e" },
        { from: "12", color: "#d64545" },
      ],
      min: 0,
      max: "20",
      sizeThickness: 16,
      sizeGap: 4,
      sizeKeyThickness: 8,
      styleRounded: true,
      styleGlow: false,
      className: "",
      wires: [[]],
    },
    {
      ...node("chart", "ui-chart", "over the last hour", 610, 1150, [[]]),
      ...inGroup(2),
      label: "People over the last hour",
      chartType: "line",
      category: "topic",
      categoryType: "msg",
      xAxisLabel: "",
      xAxisProperty: "",
      xAxisPropertyType: "timestamp",
      xAxisType: "time",
      xAxisFormat: "",
      xAxisFormatType: "HH:mm:ss",
      xmin: "",
      xmax: "",
      yAxisLabel: "",
      yAxisProperty: "payload",
      yAxisPropertyType: "msg",
      ymin: "0",
      ymax: "",
      bins: 10,
      action: "append",
      stackSeries: false,
      pointShape: "circle",
      pointRadius: 3,
      showLegend: false,
      removeOlder: 1,
      removeOlderUnit: "3600",
      removeOlderPoints: "",
      colors: ["#3b82f6", "#aec7e8", "#ff7f0e", "#2ca02c", "#98df8a", "#d62728", "#ff9896", "#9467bd", "#c5b0d5"],
      textColor: ["#8a919c"],
      textColorDefault: false,
      gridColor: ["#8a919c44"],
      gridColorDefault: false,
      width: "8",
      height: "4",
      className: "",
      interpolation: "linear",
    },
    number("enter", "Entered", 3, 1100),
    number("exit", "Left", 4, 1140),
    number("inside", "Inside", 5, 1180),
    { ...vuePage("people-past", "yesterday and last week", "people", 1010, 1120, [["people-ask"]]), order: 6 },
    choose("people-ask", "what is asked", [["hello"], ["yesterday"], ["week"]], 1220, 1120, [
      ["people-list"],
      ["yesterday"],
      ["week"],
    ]),
    cameraList("people-list", 1440, 1080, [["people-past"]]),
    counts("yesterday", "by the hour", "hour", 1430, 1120),
    counts("week", "by the day", "day", 1430, 1160),
    caught("people-catch", ["yesterday", "week"], 1420, 1200, [["people-past"]]),
  ];
}

function counts(id, name, interval, x, y) {
  return {
    ...node(id, "hikvision-statistics", name, x, y, [["people-past"]]),
    version: 1,
    device: DEVICE,
    channel: "1",
    channelType: "num",
    action: "read",
    kind: "people",
    start: "",
    startType: "str",
    end: "",
    endType: "str",
    interval,
    confirm: false,
  };
}

function health() {
  return [
    comment("health-comment", "Health: what the diagnose node finds, and whether events come", "", 280, 1260),
    vuePage("health", "device health", "health", 150, 1320, [["diagnose", "connection"]]),
    {
      ...node("diagnose", "hikvision-diagnose", "all checks", 370, 1300, [["health"]]),
      version: 1,
      device: DEVICE,
      events: [],
    },
    func("connection", "is it there?", "connection", 1, 370, 1350, [["health"]]),
    caught("health-catch", ["diagnose"], 560, 1300, [["health"]]),
  ];
}

function alarm() {
  return [
    comment(
      "alarm-comment",
      "Alarm: arm and disarm all cameras, what stayed as it was and why; light, siren, silence",
      "",
      330,
      1440,
    ),
    vuePage("alarm", "alarm", "alarm", 130, 1500, [["alarm-ask"]]),
    choose("alarm-ask", "what is asked", [["arm"], ["silence", "is-silent", "deter"]], 340, 1500, [
      ["arm"],
      ["silence"],
    ]),
    {
      ...node("arm", "hikvision-arm", "all cameras", 560, 1460, [["armed-words"]]),
      version: 1,
      device: DEVICE,
      what: "detection",
      action: "msg",
      channels: [],
      events: ["VMD", "fielddetection", "linedetection"],
      rollback: false,
    },
    caught("arm-catch", ["arm"], 560, 1500, [["armed-words"]]),
    func("armed-words", "in words", "armed-words", 1, 780, 1480, [["alarm"]]),
    func("silence", "unless silenced", "silence", 2, 570, 1560, [["alarm"], ["deter"]]),
    {
      ...node("deter", "hikvision-deterrent", "light or siren", 780, 1560, [["deter-words"]]),
      version: 1,
      device: DEVICE,
      channel: "1",
      channelType: "num",
      action: "msg",
      values: { brightness: { value: "100", type: "num" }, duration: { value: "60", type: "num" } },
    },
    caught("deter-catch", ["deter"], 780, 1600, [["deter-words"]]),
    func("deter-words", "in words", "deter-words", 1, 980, 1560, [["alarm"]]),
  ];
}

function node(id, type, name, x, y, wires) {
  return { id: idOf(id), type, z: TAB, name, x, y, wires: wires.map((targets) => targets.map(idOf)) };
}

function idOf(name) {
  return `hikdash-${name}`;
}

function comment(id, name, info, x, y) {
  return { ...node(id, "comment", name, x, y, []), info };
}

function func(id, name, file, outputs, x, y, wires) {
  return {
    ...node(id, "function", name, x, y, wires),
    func: text(`functions/${file}.js`),
    outputs,
    timeout: 0,
    noerr: 0,
    initialize: "",
    finalize: "",
    libs: [],
  };
}

/** Sorts by topic: an output for each list. */
function choose(id, name, topics, x, y, wires) {
  const rules = topics.map((list) =>
    list.length === 1
      ? { t: "eq", v: list[0], vt: "str" }
      : { t: "regex", v: `^(${list.join("|")})$`, vt: "str", case: false },
  );
  return {
    ...node(id, "switch", name, x, y, wires),
    property: "topic",
    propertyType: "msg",
    rules,
    checkall: "false",
    repair: false,
    outputs: topics.length,
  };
}

function cameraList(id, x, y, wires) {
  const rules = [
    { t: "set", p: "topic", pt: "msg", to: "cameras", tot: "str" },
    { t: "set", p: "payload", pt: "msg", to: "cameras", tot: "flow" },
  ];
  return {
    ...node(id, "change", "my cameras' names", x, y, wires),
    rules,
    action: "",
    property: "",
    from: "",
    to: "",
    reg: false,
  };
}

function snapshot(id, name, x, y, wires) {
  return {
    ...node(id, "hikvision-snapshot", name, x, y, wires),
    version: 1,
    device: DEVICE,
    channel: "1",
    channelType: "num",
    stream: "sub",
    streamType: "str",
    width: "",
    widthType: "num",
    height: "",
    heightType: "num",
    time: "",
    timeType: "str",
    returns: "dataUrl",
    property: "picture",
  };
}

function video(id, kind, name, x, y, wires) {
  return {
    ...node(id, "hikvision-video", name, x, y, wires),
    version: 1,
    device: DEVICE,
    kind,
    channel: "1",
    channelType: "num",
    stream: "",
    streamType: "str",
    start: "",
    startType: "str",
    end: "",
    endType: "str",
    recording: "",
    recordingType: "str",
    expires: 300,
  };
}

function caught(id, scope, x, y, wires) {
  return { ...node(id, "catch", "", x, y, wires), scope: scope.map(idOf), uncaught: false };
}

function template(id, name, templateScope, format, x, y) {
  return {
    ...node(id, "ui-template", name, x, y, [[]]),
    group: "",
    page: "",
    ui: "",
    order: 0,
    width: "0",
    height: "0",
    head: "",
    format,
    storeOutMessages: false,
    passthru: false,
    resendOnRefresh: false,
    templateScope,
    className: "",
  };
}

function vuePage(id, name, group, x, y, wires) {
  const made = template(id, name, "local", text(`pages/${id}.vue`), x, y);
  return { ...made, group: `hikdash-group-${group}`, order: 1, wires: wires.map((targets) => targets.map(idOf)) };
}
