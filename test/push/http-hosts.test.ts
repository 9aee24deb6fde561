import assert from "node:assert/strict";
import { HttpHosts, type PushAddress } from "../../src/push/http-hosts";

const PATH = "/ISAPI/Event/notification/httpHosts";
const ours: PushAddress = { protocol: "http", host: "192.0.2.10", port: 1880, path: "/hikvision/push/abc&d" };

const place = (id: number, host: string, url = "/", extra = ""): string =>
  `<HttpHostNotification version="2.0">\r\n<id>${id}</id>\r\n<url>${url}</url>\r\n<protocolType>HTTP</protocolType>\r\n` +
  `<parameterFormatType>XML</parameterFormatType>\r\n<addressingFormatType>ipaddress</addressingFormatType>\r\n` +
  `<ipAddress>${host}</ipAddress>\r\n<portNo>80</portNo>\r\n<userName></userName>\r\n` +
  `<httpAuthenticationMethod>none</httpAuthenticationMethod>${extra}\r\n</HttpHostNotification>`;
const documentOf = (...places: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<HttpHostNotificationList version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">\n${places.join("\n")}\n</HttpHostNotificationList>\n`;

/** A device that keeps what it is sent, or what `keep` makes of it. */
function device(document: string, keep = (sent: string): string => sent) {
  const state = { document, puts: 0 };
  const hosts = new HttpHosts({
    bytes: (path) => {
      assert.equal(path, PATH);
      return Promise.resolve({ data: Buffer.from(state.document), contentType: "application/xml" });
    },
    put: (path, body) => {
      assert.equal(path, PATH);
      state.puts += 1;
      state.document = keep(String(body));
      return Promise.resolve(undefined);
    },
  });
  return { state, hosts };
}

describe("the hosts that a device pushes to", () => {
  const camera = documentOf(place(1, "192.0.2.99", "/other"), place(2, "0.0.0.0"), place(3, "0.0.0.0"));

  it("are shown before anything is changed", async () => {
    const { state, hosts } = device(camera);
    const plan = await hosts.plan(ours);
    assert.deepEqual(plan.places, [
      { id: "1", address: "http://192.0.2.99:80/other" },
      { id: "2", address: undefined },
      { id: "3", address: undefined },
    ]);
    assert.deepEqual([plan.place, plan.changes, state.puts, state.document], ["2", true, 0, camera]);
  });

  it("get ours in the first free entry; no other byte changes", async () => {
    const { state, hosts } = device(camera);
    await hosts.apply(await hosts.plan(ours), ours);
    const expected = place(2, "192.0.2.10", "/hikvision/push/abc&amp;d").replace("<portNo>80<", "<portNo>1880<");
    assert.equal(state.document, camera.replace(place(2, "0.0.0.0"), expected));
  });

  it("are left alone when ours is among them", async () => {
    const { state, hosts } = device(camera);
    await hosts.apply(await hosts.plan(ours), ours);
    const again = await hosts.plan(ours);
    await hosts.apply(again, ours);
    assert.deepEqual([again.changes, again.place, state.puts], [false, "2", 1]);
  });

  it("take a name instead of an address, in a recorder's single place with its extensions", async () => {
    const extra = "<Extensions><intervalBetweenEvents>0</intervalBetweenEvents></Extensions>";
    const { state, hosts } = device(documentOf(place(1, "0.0.0.0", "/", extra)));
    const named = { ...ours, protocol: "https", host: "nodered.example", port: 443 } as const;
    await hosts.apply(await hosts.plan(named), named);
    assert.match(
      state.document,
      /<addressingFormatType>hostname<\/addressingFormatType>\r\n<hostName>nodered\.example<\/hostName>\r\n<portNo>443</,
    );
    assert.match(state.document, /<protocolType>HTTPS</);
    assert.ok(state.document.includes(extra) && !state.document.includes("ipAddress"));
  });

  it("are never overwritten: when all are taken the error names them, without tokens", async () => {
    const { state, hosts } = device(documentOf(place(1, "192.0.2.99", "/hikvision/push/secret?x=y")));
    await assert.rejects(hosts.plan(ours), (error: Error & { code: string }) => {
      assert.equal(error.code, "busy");
      assert.match(error.message, /192\.0\.2\.99:80\/hikvision\/push\/…/);
      assert.doesNotMatch(error.message, /secret|abc/);
      return true;
    });
    assert.equal(state.puts, 0);
  });

  it("are restored byte for byte, unless the entry is used by another by now", async () => {
    const { state, hosts } = device(camera);
    const { place: id, before } = await hosts.plan(ours);
    assert.ok(before);
    await hosts.apply(await hosts.plan(ours), ours);
    assert.equal(await hosts.restore([ours.path], { place: id, before }), true);
    assert.equal(state.document, camera);
    assert.equal(await hosts.restore([ours.path], { place: id, before }), false);
    assert.equal(state.puts, 2);
  });

  it("get our entry freed when its former content is not known", async () => {
    const { state, hosts } = device(camera);
    await hosts.apply(await hosts.plan(ours), ours);
    assert.equal(await hosts.restore([ours.path]), true);
    assert.equal(state.document, camera);
  });

  it("keep one entry for us when our address changes, and do not restore our own address", async () => {
    const { state, hosts } = device(camera);
    await hosts.apply(await hosts.plan(ours), ours);
    const moved = { ...ours, host: "192.0.2.11", path: "/hikvision/push/new" };
    const plan = await hosts.plan(moved, [ours.path]);
    assert.deepEqual([plan.place, plan.changes, plan.before], ["2", true, undefined]);
    await hosts.apply(plan, moved);
    assert.equal(state.document.match(/hikvision\/push/g)?.length, 1);
  });

  it("are shown without secrets", async () => {
    const { hosts } = device(documentOf(place(1, "192.0.2.99", "/alarm?key=secret"), place(2, "0.0.0.0")));
    await hosts.apply(await hosts.plan(ours), ours);
    const { places } = await hosts.plan(ours);
    assert.deepEqual(
      places.map(({ address }) => address),
      ["http://192.0.2.99:80/alarm?…", "http://192.0.2.10:1880/hikvision/push/…"],
    );
  });

  it("are read again afterwards: a device that resets the address to 0.0.0.0 is found out", async () => {
    const { hosts } = device(camera, (sent) => sent.replace("192.0.2.10", "0.0.0.0"));
    await assert.rejects(hosts.apply(await hosts.plan(ours), ours), { code: "protocol" });
  });

  it("stay as they are when the list cannot be read", async () => {
    const { state, hosts } = device("<HttpHostNotificationList></HttpHostNotificationList>");
    await assert.rejects(hosts.plan(ours), { code: "notSupported" });
    assert.equal(state.puts, 0);
  });
});
