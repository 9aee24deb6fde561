import assert from "node:assert/strict";
import type { AnnouncedPicture } from "../../../src/events/types";
import { decodedOne, xmlAlert } from "../../support/alerts";

const announced = (inner: string): readonly AnnouncedPicture[] => decodedOne(xmlAlert({}, inner)).announced;
const fromJson = (more: object): readonly AnnouncedPicture[] =>
  decodedOne(JSON.stringify({ eventType: "VMD", eventState: "active", ...more })).announced;

describe("announced pictures", () => {
  it("are none when the alert says nothing of pictures", () => {
    assert.deepEqual(announced(""), []);
    assert.deepEqual(announced("<detectionPicturesNumber>0</detectionPicturesNumber>"), []);
    assert.deepEqual(announced("<detectionPicturesNumber/>"), []);
  });

  it("are counted", () => {
    const sent =
      "<detectionPictureTransType>binary</detectionPictureTransType><detectionPicturesNumber>2</detectionPicturesNumber>";
    assert.deepEqual(announced(sent), [
      { name: "picture1", keys: [] },
      { name: "picture2", keys: [] },
    ]);
  });

  for (const [spelling, sent] of Object.entries({
    "AccessControllerEvent.picturesNumber": { AccessControllerEvent: { majorEventType: 5, picturesNumber: 2 } },
    "picturesNumber as text": { picturesNumber: "2" },
    pictureNumber: { pictureNumber: 2 },
    picNumber: { picNumber: 2 },
    "VideoIntercomEvent.picNum": { VideoIntercomEvent: { picNum: 2 } },
    pictureNum: { pictureNum: 2 },
    picturesNum: { picturesNum: 2 },
    PicCount: { PicCount: 2 },
    detectionPicturesNumber: { detectionPicturesNumber: 2 },
    "FaceInfo.detectionPicturesNumber": { FaceInfo: [{ detectionPicturesNumber: 2 }] },
    "two objects that say the same": { picNum: 2, AccessControllerEvent: { picturesNumber: 2 } },
    numOfPic: { numOfPic: 2 },
    picture_count: { picture_count: 2 },
    imageNum: { imageNum: 2 },
    imagesNumber: { VideoIntercomEvent: { imagesNumber: 2 } },
    numberOfImages: { numberOfImages: "2" },
    totalNumOfPictures: { totalNumOfPictures: 2 },
    faceContrastPicNum: { faceContrast: { faceContrastPicNum: 2 } },
    thermalPictureCount: { thermalPictureCount: 2 },
    "a count with spaces and a fraction": { picNum: " 2.0 " },
    "a count as an element with an attribute": { picNum: { "@_opt": "1,2", "#text": "2" } },
  }))
    it(`are counted by ${spelling}`, () => {
      assert.deepEqual(fromJson(sent), [
        { name: "picture1", keys: [] },
        { name: "picture2", keys: [] },
      ]);
    });

  it("are not counted by numbers of something else", () => {
    for (const name of [
      ...["picNo", "picID", "maxPicNum", "pictureWidth", "topicNumber", "epicCount", "imageNo", "imageID", "timNumber"],
      ...["storedPicNum", "facePicLibNum", "supportPicNum", "remainPicNum", "libPictureCount", "imagePathNumber"],
    ])
      assert.deepEqual(fromJson({ [name]: 2, AccessControllerEvent: { [name]: 2 } }), [], name);
  });

  it("are not counted as parts where they lie at a URL, whichever object says so", () => {
    const at = { picturesNumber: 1, pictureURL: "http://192.0.2.64/a.jpg" };
    assert.deepEqual(
      fromJson({ AccessControllerEvent: at }).map(({ url }) => url),
      ["http://192.0.2.64/a.jpg"],
    );
    assert.deepEqual(fromJson({ AccessControllerEvent: { picturesNumber: 1, pictureURLType: "cloudStorageURL" } }), []);
  });

  it("in a list are read in whichever object it stands", () => {
    const list = { pictureInfoList: { pictureInfo: [{ fileName: "a.jpg", pId: "1" }] } };
    assert.deepEqual(fromJson({ vehicleDetection: list }), [{ name: "a.jpg", keys: ["a", "1"] }]);
  });

  it("are at most 16", () => {
    assert.equal(announced("<detectionPicturesNumber>1000000000</detectionPicturesNumber>").length, 16);
  });

  it("lie at a URL, which wants the digest or not", () => {
    const url = "http://192.0.2.64:91/picture/Streaming/tracks/903/?name=ch9_1&size=157264";
    const sent = (type: string): string =>
      `<detectionPictureTransType>url</detectionPictureTransType><detectionPicturesNumber>1</detectionPicturesNumber>` +
      `<bkgUrl>${url.replace("&", "&amp;")}</bkgUrl>${type}`;
    const picture = { name: "bkg", role: "background", url, keys: [] };
    assert.deepEqual(announced(sent("<URLCertificationType>digest</URLCertificationType>")), [
      { ...picture, digest: true },
    ]);
    assert.deepEqual(announced(sent("<URLCertificationType>no</URLCertificationType>")), [
      { ...picture, digest: false },
    ]);
    assert.deepEqual(announced(sent("")), [picture]);
  });

  it("lie at several URLs, however deep", () => {
    const sent = {
      AccessControllerEvent: { pictureURL: "http://192.0.2.64/a.jpg", Face: [{ visibleLightURL: "/b.jpg" }] },
    };
    assert.deepEqual(
      fromJson(sent).map(({ url, role }) => [url, role]),
      [
        ["http://192.0.2.64/a.jpg", undefined],
        ["/b.jpg", "visible"],
      ],
    );
  });

  it("lie at several URLs of one name", () => {
    const sent = "<pictureURL>/a.jpg</pictureURL><pictureURL>/b.jpg</pictureURL>";
    assert.deepEqual(
      announced(sent).map(({ url }) => url),
      ["/a.jpg", "/b.jpg"],
    );
  });

  it("are no other addresses", () => {
    assert.deepEqual(fromJson({ requestURL: "/ISAPI/x", playbackURI: "rtsp://192.0.2.64/x", someUrl: "" }), []);
  });

  it("of a plate are named by file, id and type, and counted by picNum", () => {
    const info = (name: string): string =>
      `<pictureInfo><fileName>${name}.jpg</fileName><type>${name}</type><pId>ID-${name}</pId></pictureInfo>`;
    const sent = `<ANPR><licensePlate>A1</licensePlate><pictureInfoList>${info("licensePlatePicture")}${info("vehiclePicture")}</pictureInfoList></ANPR><picNum>3</picNum>`;
    assert.deepEqual(announced(sent), [
      {
        name: "licensePlatePicture.jpg",
        role: "plate",
        keys: ["licenseplatepicture", "id-licenseplatepicture", "licenseplatepicture"],
      },
      { name: "vehiclePicture.jpg", role: "vehicle", keys: ["vehiclepicture", "id-vehiclepicture", "vehiclepicture"] },
      { name: "picture3", keys: [] },
    ]);
  });

  it("of a density report are named by Content-ID; a timer's report has none", () => {
    assert.deepEqual(fromJson({ personDensityResult: { Target: [], contentID: "background_image" } }), [
      { name: "background_image", role: "background", keys: ["background_image"] },
    ]);
    assert.deepEqual(fromJson({ personDensityResult: { Target: [] } }), []);
  });

  it("of a capture are named by Content-ID and part name together", () => {
    const Human = { contentID1: "humanImage", contentID2: "humanBackgroundImage", pId1: "9d48", pId2: "5EE7" };
    assert.deepEqual(fromJson({ CaptureResult: [{ targetID: 1, Human }] }), [
      { name: "humanImage", role: "human", keys: ["humanimage", "9d48"] },
      { name: "humanBackgroundImage", role: "background", keys: ["humanbackgroundimage", "5ee7"] },
    ]);
  });
});
