import assert from "node:assert/strict";
import { decode } from "jpeg-js";
import { alerts, startVirtualDevice, type VirtualDevice } from ".";
import type { Alert } from "./alert-xml";
import { rootOf } from "./xml";
import type { Part } from "./wire";
import { storePicture } from "./services/event-pictures";
import { login } from "./testing/raw-client";

function partsOf(device: VirtualDevice, alert: Alert): readonly Part[] {
  return alert(device.source(false));
}

function textOf(device: VirtualDevice, alert: Alert): string {
  const [first] = partsOf(device, alert);
  assert.ok(typeof first?.body === "string");
  return first.body;
}

describe("virtual device: alerts", () => {
  let camera: VirtualDevice;
  let nvr: VirtualDevice;
  let dvr: VirtualDevice;

  before(async () => {
    camera = await startVirtualDevice({ model: "camera", channels: ["Tom & Jerry's <yard>"] });
    nvr = await startVirtualDevice({ model: "nvr" });
    dvr = await startVirtualDevice({ model: "dvr" });
  });

  after(() => Promise.all([camera, nvr, dvr].map((device) => device.close())));

  const box = { x: 0.25, y: 0.5, width: 0.125, height: 0.2 };
  const region = {
    id: 3,
    sensitivity: 40,
    target: "vehicle",
    polygon: [
      [0.1, 0.2],
      [0.333, 1],
    ] as const,
    box,
  };
  const xml: Readonly<Record<string, readonly [alert: Alert, shape: RegExp]>> = {
    motion: [alerts.motion({ targets: ["human", "vehicle"] }), /<eventType>VMD<[^]*<targetType>human,vehicle</],
    tampering: [alerts.tampering({ count: 7 }), /<activePostCount>7<[^]*<eventType>shelteralarm</],
    "video loss": [alerts.videoLoss(), /<eventType>videoloss<[^]*<eventState>active</],
    "alarm input": [alerts.alarmInput({ port: 1 }), /<eventType>IO<[^]*<inputIOPortID>1</],
    intrusion: [
      alerts.intrusion({ regions: [region] }),
      /<regionID>3<[^]*<sensitivityLevel>40<[^]*<positionX>100<[^]*<positionY>200<[^]*<positionX>333<[^]*<positionY>1000<[^]*<detectionTarget>vehicle<[^]*<X>0.25<[^]*<width>0.125</,
    ],
    "intrusion, other scales": [
      alerts.intrusion({ regions: [region], coordinateScale: 10_000, boxScale: 1000 }),
      /<positionX>3330<[^]*<positionY>10000<[^]*<X>250<[^]*<height>200</,
    ],
    "intrusion, end": [alerts.intrusion({ state: "inactive" }), /^(?![^]*DetectionRegion)[^]*<eventState>inactive</],
    "intrusion, stripped": [
      alerts.intrusion({ stripped: true }),
      /<regionID>0<[^]*<RegionCoordinatesList>\n<\/RegionCoordinatesList>[^]*<X>0.000000</,
    ],
    "line crossing": [alerts.lineCrossing({ regions: [region] }), /<eventType>linedetection</],
    "region entrance": [alerts.regionEntrance(), /<eventType>regionEntrance<[^]*<detectionTarget>human</],
    "region exiting": [alerts.regionExiting(), /<eventType>regionExiting</],
    duration: [alerts.duration("fielddetection"), /<DurationList>\n<Duration>\n<relationEvent>fielddetection</],
    "disk full": [
      alerts.deviceException("diskfull", { disk: 2 }),
      /<channelID>0<[^]*<eventType>diskfull<[^]*<HDD>\n<id>2<[^]*<diskNumber>2</,
    ],
    "people counting": [
      alerts.peopleCounting({ enter: 5, exit: 3, pass: 1 }),
      /xmlns="urn:psialliance-org"[^]*<statisticalMethods>realTime<[^]*<enter>5<[^]*<exit>3<[^]*<pass>1</,
    ],
    plate: [
      alerts.anpr({ plate: "0012E45", list: "whiteList", confidence: 88 }),
      /<licensePlate>0012E45<[^]*<plateCharBelieve>88(,88){6}<[^]*<vehicleListName>whiteList<[^]*<picNum>0</,
    ],
    "plate of V5.4": [alerts.anpr({ plate: "A1", vehicleInfo: false }), /^(?![^]*<vehicleInfo>)[^]*<ANPR>/],
    "any other type": [alerts.plain("PIR", { channelName: "Other" }), /<eventType>PIR<[^]*<channelName>Other</],
    altered: [
      alerts.altered(alerts.motion(), (text) => text.replace("<activePostCount>1<", "<activePostCount><")),
      /<activePostCount><\/activePostCount>/,
    ],
    "a picture by address": [
      alerts.intrusion({ pictureUrl: "/picture/x" }),
      /<detectionPictureTransType>url<[^]*<bkgUrl>http:\/\/127\.0\.0\.1:\d+\/picture\/x<[^]*<URLCertificationType>digest</,
    ],
    "a time of its own": [
      alerts.motion({ dateTime: "1970-01-01T00:00:00+08:00" }),
      /<dateTime>1970-01-01T00:00:00\+08:00</,
    ],
  };
  for (const [name, [alert, shape]] of Object.entries(xml)) {
    it(`writes well-formed XML: ${name}`, () => {
      for (const device of [camera, nvr, dvr]) {
        assert.equal(rootOf(textOf(device, alert)), "EventNotificationAlert", device.profile.model);
      }
      assert.match(textOf(camera, alert), shape);
    });
  }

  it("names channels as each family does", () => {
    assert.match(textOf(camera, alerts.motion()), /<channelID>1<[^]*<channelName>Tom &amp; Jerry&apos;s &lt;yard&gt;</);
    assert.match(textOf(nvr, alerts.motion({ channel: 8 })), /<dynChannelID>8<\/dynChannelID>\n<channelID>8</);
    assert.match(textOf(dvr, alerts.motion({ channel: 4 })), /<channelID>4</);
    assert.match(textOf(dvr, alerts.motion({ channel: 6 })), /<dynChannelID>34<[^]*<channelName>Street</);
    assert.throws(() => textOf(camera, alerts.motion({ channel: 2 })), /no channel 2/);
  });

  it("stamps with the device's own clock and zone", () => {
    camera.time.zone = "CST-5:30:00";
    camera.time.driftMs = 3_600_000;
    const stamp = /<dateTime>(.*)<\/dateTime>/.exec(textOf(camera, alerts.motion()))?.[1] ?? "";
    camera.time.driftMs = 0;
    assert.match(stamp, /\+05:30$/);
    assert.ok(Math.abs(Date.parse(stamp) - Date.now() - 3_600_000) < 5000);
  });

  it("writes people density in the camera's and in the guide's spelling", () => {
    const readings = [{ source: "PDC", people: 4, regionId: 1 }, { frames: 9 }] as const;
    const own = JSON.parse(textOf(camera, alerts.density({ readings }))) as Record<string, unknown>;
    assert.equal(own["eventType"], "personDensityDetection");
    assert.deepEqual(own["personDensityResult"], {
      Target: [
        {
          recognitionType: "human",
          TargetInfo: { recognition: "personDensityDetection", dataSource: "PDC", personCnt: 4, regionID: 1 },
        },
        {
          recognitionType: "human",
          TargetInfo: {
            recognition: "personDensityDetection",
            dataSource: "timing",
            framesPeopleCounting_number: 9,
          },
        },
      ],
    });
    const guide = JSON.parse(textOf(camera, alerts.density({ spelling: "guide" }))) as Record<string, unknown>;
    assert.equal(guide["eventType"], "PERSON_DENSITY_DETECTION");
    assert.ok(Array.isArray(guide["personDensityResult"]));
  });

  it("announces pictures and sends them behind the alert, as real JPEGs", () => {
    const [first, ...pictures] = partsOf(nvr, alerts.lineCrossing({ channel: 2, withPictures: true }));
    assert.match(String(first?.body), /<detectionPictureTransType>binary<[^]*<detectionPicturesNumber>1</);
    assert.equal(pictures.length, 1);
    const { width, height } = decode(pictures[0]?.body as Buffer);
    assert.deepEqual([width, height], [480, 270]);
  });

  it("sends plate, vehicle and scene with a plate, and lists them", () => {
    const [first, ...pictures] = partsOf(nvr, alerts.anpr({ plate: "HK 4711", withPictures: true }));
    const names = pictures.map(({ headers }) => /name="([^"]*)"/.exec(headers?.[0]?.[1] ?? "")?.[1]);
    assert.deepEqual(names, ["licensePlatePicture.jpg", "vehiclePicture.jpg", "detectionPicture.jpg"]);
    for (const name of names) assert.ok(String(first?.body).includes(`<fileName>${name}</fileName>`));
    for (const { body } of pictures) assert.ok(decode(body as Buffer).width > 0);
    assert.match(String(first?.body), /<picNum>3</);
  });

  it("may announce more pictures than it sends, mislabel them, and give them a Content-ID", () => {
    const data = Buffer.from("\xff\xd8x", "latin1");
    const picture = { name: "p", data, contentType: "application/octet-stream", contentId: "p1" };
    const [first, second] = partsOf(camera, alerts.motion({ pictures: [picture], announced: 2 }));
    assert.match(String(first?.body), /<detectionPicturesNumber>2</);
    assert.equal(second?.contentType, "application/octet-stream");
    assert.deepEqual(second.headers?.[1], ["Content-ID", "p1"]);
  });

  it("serves the picture an alert points to, to who logs in", async () => {
    const path = storePicture(camera, Buffer.from("picture"));
    const reply = await login(camera, path);
    assert.equal(reply.status, 200);
    assert.equal(reply.body.toString(), "picture");
    assert.equal((await login(camera, "/picture/Streaming/tracks/103/?name=other")).status, 404);
  });
});
