import assert from "node:assert/strict";
import fc from "fast-check";
import { answerTo, inquiry } from "../../src/discovery/sadp";

const UUID = "7621A503-49E6-4FBA-B3F8-CBE1F18E55F4";
const SENDER = "192.0.2.99";

/** Element for element as in the public captures of a DS-KH6210-L and a DS-2CD2320D-I; names, numbers and addresses are made up. */
const INTERCOM = `<?xml version="1.0" encoding="UTF-8" ?>
<ProbeMatch>
<Uuid>${UUID}</Uuid>
<Types>inquiry</Types>
<DeviceType>57397</DeviceType>
<DeviceDescription>DS-KH9999-L</DeviceDescription>
<DeviceSN>DS-KH9999-L0120230101WR000000001</DeviceSN>
<CommandPort>8000</CommandPort>
<HttpPort>80</HttpPort>
<MAC>AA-BB-CC-00-00-01</MAC>
<IPv4Address>192.0.2.60</IPv4Address>
<IPv4SubnetMask>255.255.0.0</IPv4SubnetMask>
<IPv4Gateway>192.0.2.1</IPv4Gateway>
<DHCP>false</DHCP>
<AnalogChannelNum>1</AnalogChannelNum>
<DigitalChannelNum>0</DigitalChannelNum>
<SoftwareVersion>V1.5.0build 181114</SoftwareVersion>
<DSPVersion>V1.0, build 180613</DSPVersion>
<BootTime>2023-01-16 11:06:06</BootTime>
<OEMInfo>N/A</OEMInfo>
<Activated>true</Activated>
<PasswordResetAbility>true</PasswordResetAbility>
<DeviceLock>true</DeviceLock>
</ProbeMatch>`;

const answer = (inner: string, uuid = UUID): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\r\n<ProbeMatch><Uuid>${uuid}</Uuid>\r\n${inner}</ProbeMatch>\r\n`,
  );
const read = (inner: string) => answerTo(UUID, answer(inner), SENDER);

describe("SADP", () => {
  it("sends the same inquiry as the vendor's programs, byte for byte", () => {
    assert.equal(
      inquiry(UUID).toString(),
      `<?xml version="1.0" encoding="utf-8"?><Probe><Uuid>${UUID}</Uuid><Types>inquiry</Types></Probe>`,
    );
  });

  it("reads what an intercom answers", () => {
    assert.deepEqual(answerTo(UUID, Buffer.from(INTERCOM), SENDER), {
      address: "192.0.2.60",
      model: "DS-KH9999-L",
      serialNumber: "DS-KH9999-L0120230101WR000000001",
      macAddress: "aa:bb:cc:00:00:01",
      firmware: "V1.5.0 build 181114",
      httpPort: 80,
      activated: true,
      dhcp: false,
    });
  });

  const cases: [string, string, object][] = [
    ["nothing but that it is there", "", {}],
    ["a factory-fresh device", "<Activated>false</Activated>", { activated: false }],
    ["HTTPS alone", "<HttpPort>0</HttpPort><HttpsPort>443</HttpsPort>", { httpsPort: 443 }],
    ["ports that are none", "<HttpPort>80a</HttpPort><HttpsPort>65536</HttpsPort>", {}],
    ["IPv6", "<IPv6Address>2001:db8::64</IPv6Address>", { ipv6: "2001:db8::64" }],
    ["no IPv6", "<IPv6Address>::</IPv6Address>", {}],
    ["an address that is none", "<IPv4Address>camera</IPv4Address>", {}],
    ["an address not given yet", "<IPv4Address>0.0.0.0</IPv4Address><DHCP>true</DHCP>", { dhcp: true }],
    ["a MAC that is none", "<MAC>unknown</MAC>", {}],
    ["no serial number", "<DeviceSN>N/A</DeviceSN>", {}],
    [
      "other letter case",
      "<devicedescription>M</devicedescription><Mac>44-19-B6-00-00-01</Mac>",
      { model: "M", macAddress: "44:19:b6:00:00:01" },
    ],
    ["a bare ampersand", "<DeviceDescription>Black & White</DeviceDescription>", { model: "Black & White" }],
    [
      "an element twice",
      "<DeviceDescription>A</DeviceDescription><DeviceDescription>B</DeviceDescription>",
      { model: "A" },
    ],
    ["a model over several lines", "<DeviceDescription>A\n\u0007\u009bB</DeviceDescription>", { model: "A B" }],
    ["a long model", `<DeviceDescription>${"x".repeat(5_000)}</DeviceDescription>`, { model: "x".repeat(100) }],
    ["markup, which stays text", "<DeviceDescription>&lt;b&gt;x&lt;/b&gt;</DeviceDescription>", { model: "<b>x</b>" }],
    ["elements in elements", "<DeviceDescription><x>1</x></DeviceDescription>", {}],
  ];
  for (const [title, inner, expected] of cases) {
    it(`reads ${title}`, () => assert.deepEqual(read(inner), { address: SENDER, ...expected }));
  }

  const strangers: [string, Buffer][] = [
    ["an answer to somebody else", answer("", "00000000-0000-4000-8000-000000000000")],
    ["an answer to nobody", Buffer.from("<ProbeMatch><DeviceSN>x</DeviceSN></ProbeMatch>")],
    ["its own inquiry", inquiry(UUID)],
    ["a device's greeting", Buffer.from(`<Hello><Uuid>${UUID}</Uuid></Hello>`)],
    ["a text of that name", Buffer.from("<ProbeMatch>hello</ProbeMatch>")],
    [
      "another protocol's XML",
      Buffer.from(`<Envelope><Body><ProbeMatch><Uuid>${UUID}</Uuid></ProbeMatch></Body></Envelope>`),
    ],
    ["a DTD", Buffer.from(`<!DOCTYPE x [<!ENTITY a "b">]>${answer("<MAC>&a;</MAC>").toString()}`)],
    ["half an answer", answer("").subarray(0, -14)],
    ["more than any device says", answer(`<x>${"x".repeat(20_000)}</x>`)],
    ["nesting without end", answer("<a>".repeat(500) + "</a>".repeat(500))],
    ["nothing", Buffer.alloc(0)],
    ["bytes", Buffer.from([0x20, 0x02, 0xff, 0xfe, 0x00])],
  ];
  for (const [title, bytes] of strangers) {
    it(`ignores ${title}`, () => assert.equal(answerTo(UUID, bytes, SENDER), undefined));
  }

  it("never throws, and never gives what was not asked, whatever comes", () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "<ProbeMatch>",
        "</ProbeMatch>",
        `<Uuid>${UUID}</Uuid>`,
        "<MAC>",
        "</MAC>",
        "<![CDATA[",
        "<!--",
        "&#0;",
        "<__proto__>",
      ),
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((all) => Buffer.from(all)),
      fc.array(piece, { maxLength: 30 }).map((all) => Buffer.from(all.join(""))),
      fc.array(piece, { maxLength: 10 }).map((all) => answer(all.join(""))),
    );
    fc.assert(
      fc.property(bytes, (sent) => {
        const device = answerTo(UUID, sent, SENDER);
        if (!device) return;
        assert.match(device.address, /^\d+\.\d+\.\d+\.\d+$/);
        for (const value of Object.values(device)) if (typeof value === "string") assert.ok(value.length <= 100);
      }),
      { numRuns: 500 },
    );
  });
});
