import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { alerts, hostAddresses, startVirtualDevice, type VirtualDevice } from "..";
import { login } from "../testing/raw-client";

const PATH = "/ISAPI/Event/notification/httpHosts";

async function read(device: VirtualDevice): Promise<string> {
  return (await login(device, PATH)).body.toString();
}

async function write(device: VirtualDevice, body: string): Promise<number> {
  return (await login(device, PATH, { method: "PUT", body, headers: { "content-type": "application/xml" } })).status;
}

describe("virtual device: hosts it pushes to", () => {
  for (const [model, places] of [["camera", 3] as const, ["nvr", 1] as const]) {
    it(`has ${places} on a ${model}, all free, and keeps what is entered`, async () => {
      await using device = await startVirtualDevice({ model });
      const list = await read(device);
      assert.equal(list.match(/0\.0\.0\.0/g)?.length, places);
      assert.deepEqual(hostAddresses(device), []);
      const entered = list.replace("0.0.0.0", "192.0.2.7").replace("<url>/<", "<url>/a?b=1&amp;c<");
      assert.equal(await write(device, entered), 200);
      assert.equal(await read(device), entered);
      assert.deepEqual(hostAddresses(device), ["http://192.0.2.7:80/a?b=1&c"]);
    });
  }

  it("refuses a list that was made anew: less, more, in another order, or of the wrong kind", async () => {
    await using device = await startVirtualDevice({ model: "camera" });
    const list = await read(device);
    const wrong: ((text: string) => string)[] = [
      (text) => text.replace(/<HttpHostNotification [\s\S]*?<\/HttpHostNotification>\n/, ""),
      (text) => text.replace("<id>1<", "<id>7<"),
      (text) => text.replace("<userName></userName>\n", ""),
      (text) => text.replace(/(<url>.*\n)(<protocolType>.*\n)/, "$2$1"),
      (text) => text.replace("<ipAddress>0.0.0.0</ipAddress>", "<ipAddress>camera.example</ipAddress>"),
      (text) => text.replace("<ipAddress>0.0.0.0</ipAddress>", "<hostName>camera.example</hostName>"),
      (text) => text.replace("<portNo>80<", "<portNo>http<"),
    ];
    for (const change of wrong) {
      assert.notEqual(change(list), list);
      assert.equal(await write(device, change(list)), 400);
    }
    assert.equal(await read(device), list);
  });

  it("pushes alerts to the hosts that were entered", async () => {
    await using device = await startVirtualDevice({ model: "nvr" });
    assert.deepEqual(await device.pushToHosts(alerts.motion()), []);
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (text: string) => bodies.push(`${request.url} ${text}`));
      request.on("end", () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const port = String((server.address() as AddressInfo).port);
    const list = (await read(device)).replace("0.0.0.0", "127.0.0.1").replace("<portNo>80<", `<portNo>${port}<`);
    await write(device, list.replace("<url>/<", "<url>/here<"));
    assert.deepEqual(await device.pushToHosts(alerts.motion()), [200]);
    assert.match(bodies.join(""), /^\/here [\s\S]*VMD/);
    server.close();
  });
});
