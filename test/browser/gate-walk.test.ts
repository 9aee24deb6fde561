/** docs/gate.md, step by step, with the clicks counted that it promises. */
import { manifest, readText } from "../support/project";
import { until } from "../support/until";
import { accessListsOf, barriersOf, passPlate, startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { CountedWalk } from "./counted-walk";
import { afterTests, inBrowser } from "./stage";

const WALK = readText("docs/gate.md");

describe("the gate in ten minutes", function () {
  this.timeout(120_000).slow(40_000);
  inBrowser();
  let device: VirtualDevice;
  before(async () => (device = await startVirtualDevice({ model: "camera", heartbeat: { ms: 100 } })));
  afterTests(() => device.close());

  it("takes the clicks that its description counts, and then the gate opens to a known plate alone", async () => {
    const { moves } = barriersOf(device).fit();
    const lists = accessListsOf(device);
    lists.generation = "today";
    lists.add("HK47110");
    const walk = await CountedWalk.begin();
    const { editor } = walk;
    const { page } = editor;
    const type = async (field: string, text: string): Promise<void> => {
      await page.click(`#node-config-input-${field}`);
      await page.fill(`#node-config-input-${field}`, text);
    };

    const ids = await editor.importExample(manifest.name, "25-gate-in-ten-minutes");
    await walk.stepDone();

    const named = (name: string): Promise<string> => walk.show(ids, name);
    await editor.edit(await named("Plates"));
    await page.click("#node-input-btn-device-edit");
    await page.waitForSelector("#node-config-dialog-ok");
    await type("host", device.host);
    await type("port", String(device.port));
    await type("username", device.username);
    await type("password", device.password);
    await page.waitForTimeout(500);
    await editor.deviceDone();
    await editor.done();
    await walk.stepDone();

    await editor.edit(await named("on the camera's list?"));
    await page.click("#hikflow-try-plate-list");
    await page.waitForSelector('#hikflow-try-plate-list-answer:has-text("HK47110")');
    await editor.done();
    await walk.stepDone();

    await editor.deploy();
    await until(() => device.streams === 1, "the event stream", 15_000);
    await walk.stepDone();

    const button = `.red-ui-flow-node[id="${await named("a plate to add")}"] .red-ui-flow-node-button-button`;
    await page.click(button);
    await until(() => lists.plates.includes("AB123CD"), "the plate is on the list");
    await walk.stepDone();

    await passPlate(device, { plate: "ZZ999ZZ" });
    await passPlate(device, { plate: "AB123CD" });
    await until(() => moves.length > 0, "the gate opens");
    await passPlate(device, { plate: "HK47110" });
    await until(() => moves.length === 2, "and for the one that was on the list before");
    walk.check(WALK);
  });
});
