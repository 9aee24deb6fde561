/** Barriers of entrance cameras. None by default. A locked one says OK to open, and does not move. */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, readLeaf, rootOf } from "../xml";

const ISAPI = 'version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"';

interface Barrier {
  open: boolean;
  locked: boolean;
}

export class Barriers {
  barriers: readonly Barrier[] = [];
  /** Which paths the camera has. */
  family: "parking" | "itc" = "parking";
  /** Does it tell of its barriers when it is asked? DS-TCG405-E does not. */
  tells = true;
  /** Is the arm's position wired? "none": the question is refused. */
  position: "wired" | "noSignal" | "none" = "wired";
  /** How long the arm takes, ms. */
  moveMs = 0;
  /** What has had an effect: "1 open". */
  readonly moves: string[] = [];

  fit(count = 1, family: Barriers["family"] = "parking"): this {
    this.barriers = Array.from({ length: count }, () => ({ open: false, locked: false }));
    this.family = family;
    return this;
  }
}

export const barriersOf = perDevice(() => new Barriers());

function withBarrier(
  exchange: Exchange,
  family: Barriers["family"],
  number: number,
  use: (one: Barrier) => void,
): void {
  const state = barriersOf(exchange.device);
  const barrier = state.family === family ? state.barriers[number - 1] : undefined;
  if (barrier) use(barrier);
  else exchange.status(state.barriers.length > 0 && state.family === family ? "badParameters" : "notSupport");
}

/** OK means accepted, not moved. */
function move(
  { device }: Exchange,
  number: number,
  barrier: Barrier,
  word: "open" | "close" | "lock" | "unlock",
): void {
  const state = barriersOf(device);
  if (word === "lock" || word === "unlock") barrier.locked = word === "lock";
  else if (barrier.locked) return;
  else if (state.moveMs === 0) barrier.open = word === "open";
  else void device.pause(state.moveMs).then(() => (barrier.open = word === "open"));
  state.moves.push(`${number} ${word}`);
}

const WORDS = ["open", "close", "lock", "unlock"] as const;

function parking(exchange: Exchange): void {
  const number = Number(exchange.param("channel"));
  withBarrier(exchange, "parking", number, (barrier) => {
    const body = exchange.xmlBody("BarrierGate");
    if (body === undefined) return;
    const word = WORDS.find((one) => one === readLeaf(body, "ctrlMode"));
    if (!word) exchange.status("badXmlContent");
    else {
      move(exchange, number, barrier, word);
      exchange.status("ok");
    }
  });
}

const ITC_WORDS = { on: "open", off: "close", locked: "lock" } as const;

function itc(exchange: Exchange): void {
  const body = exchange.body.toString("utf8");
  const number = Number(readLeaf(body, "barrietGateNum"));
  if (barriersOf(exchange.device).family !== "itc" || barriersOf(exchange.device).barriers.length === 0) {
    exchange.status("notSupport");
    return;
  }
  const word = Object.entries(ITC_WORDS).find(([one]) => one === readLeaf(body, "barrietGateOper"))?.[1];
  const right =
    rootOf(body) === "BarrierGateCtrl" &&
    body.includes(`<BarrierGateCtrl ${ISAPI}>`) &&
    /<BarrierGateCtrlList>\s*<barrietGateOper>/.test(body);
  if (!right || !word) {
    exchange.status("badXmlContent");
    return;
  }
  withBarrier(exchange, "itc", number, (barrier) => {
    move(exchange, number, barrier, word);
    exchange.status("ok");
  });
}

function capabilities(exchange: Exchange): void {
  const { family, barriers, tells } = barriersOf(exchange.device);
  if (family !== "parking" || barriers.length === 0 || !tells) exchange.status("notSupport");
  else exchange.xml(element("BarrierGateCap", leaf("isSupportBarrierGateStatus", true), ISAPI));
}

function position(exchange: Exchange): void {
  const state = barriersOf(exchange.device);
  if (state.position === "none" || !state.tells) {
    exchange.status("notSupport");
    return;
  }
  withBarrier(exchange, "parking", Number(exchange.param("channel")), ({ open }) => {
    const status = state.position === "noSignal" ? 0 : open ? 2 : 1;
    exchange.xml(element("BarrierGateStatus", leaf("barrierGateStatus", status), ISAPI));
  });
}

function entrance(exchange: Exchange): void {
  const { family, barriers, tells } = barriersOf(exchange.device);
  if (family !== "itc" || barriers.length === 0 || !tells) exchange.status("notSupport");
  else
    exchange.xml(
      element("EntranceCap", leaf("supportBarrierGateNum", barriers.length) + leaf("supportRelayNum", 2), ISAPI),
    );
}

export const barriers: readonly Route[] = [
  route("PUT", "/ISAPI/Parking/channels/:channel/barrierGate", parking),
  route("GET", "/ISAPI/Parking/channels/:channel/barrierGate/capabilities", capabilities),
  route("GET", "/ISAPI/Parking/channels/:channel/barrierGate/barrierGateStatus", position),
  route("PUT", "/ISAPI/ITC/Entrance/barrierGateCtrl", itc),
  route("GET", "/ISAPI/ITC/Entrance/capabilities", entrance),
];
