/** Good input for every reader, as devices send it. Shapes follow public captures; names, numbers and addresses are made up. */
import { xmlAlert } from "../support/alerts";
import { alert, jpeg, json, part, sized, unsized } from "../multipart/part-reader-kit";

const buffers = (...texts: readonly (string | Buffer)[]): Buffer[] => texts.map((text) => Buffer.from(text));
const document = (root: string, inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">\n${inner}\n</${root}>\n`;

const REGION =
  "<DetectionRegionList><DetectionRegionEntry><regionID>1</regionID><sensitivityLevel>50</sensitivityLevel>" +
  "<RegionCoordinatesList><RegionCoordinates><positionX>10</positionX><positionY>20</positionY></RegionCoordinates>" +
  "</RegionCoordinatesList><detectionTarget>human</detectionTarget></DetectionRegionEntry></DetectionRegionList>";
const ANPR =
  "<ANPR><licensePlate>AB12CDE</licensePlate><line>1</line><confidenceLevel>97</confidenceLevel><vehicleType>vehicle</vehicleType>" +
  "<pictureInfoList><pictureInfo><fileName>detectionPicture.jpg</fileName><type>detectionPicture</type></pictureInfo></pictureInfoList></ANPR>";

export const ALERTS = buffers(
  xmlAlert({}),
  xmlAlert({ eventType: "fielddetection", detectionPicturesNumber: 1 }, REGION),
  xmlAlert({ eventType: "ANPR" }, ANPR),
  xmlAlert({ eventType: "videoloss", eventState: "inactive", activePostCount: 0 }),
  xmlAlert(
    { eventType: "PeopleCounting" },
    "<peopleCounting><enter>3</enter><exit>1</exit><pass>0</pass></peopleCounting>",
  ),
  json("personQueueDetection"),
);

export const STREAMS = [
  Buffer.concat([part(alert("VMD")), part(alert("linedetection")), part(jpeg("0123456789\r\n--bound"), "image/jpeg")]),
  Buffer.concat([unsized(alert("IO")), unsized(json("x"), "application/json"), part(alert("videoloss"))]),
  Buffer.concat([sized(alert("VMD"), 12), sized(alert("IO"), 9_000), part(alert("tamperdetection", "\n"))]),
];

export const RESPONSES = buffers(
  document(
    "ResponseStatus",
    "<requestURL>/ISAPI/x</requestURL><statusCode>4</statusCode><statusString>Invalid</statusString><subStatusCode>notSupport</subStatusCode>",
  ),
  document(
    "userCheck",
    "<statusValue>401</statusValue><statusString>Unauthorized</statusString><lockStatus>locked</lockStatus><unlockTime>1800</unlockTime><retryLoginTime>3</retryLoginTime>",
  ),
  JSON.stringify({
    requestURL: "/",
    statusCode: 2,
    statusString: "Device Busy",
    subStatusCode: "deviceBusy",
    errorCode: 1,
  }),
  "<!DOCTYPE html><html><head><title>Error</title></head><body>404</body></html>",
);

export const PAGES = buffers(
  document(
    "CMSearchResult",
    "<searchID>A</searchID><responseStatus>true</responseStatus><responseStatusStrg>OK</responseStatusStrg><numOfMatches>1</numOfMatches><matchList><searchMatchItem>" +
      "<sourceID>B</sourceID><trackID>101</trackID><timeSpan><startTime>2026-05-01T08:00:00Z</startTime><endTime>2026-05-01T08:10:00Z</endTime></timeSpan>" +
      "<mediaSegmentDescriptor><contentType>video</contentType><codecType>H.264-BP</codecType><playbackURI>rtsp://192.0.2.1/Streaming/tracks/101/?starttime=20260501T080000Z&amp;endtime=20260501T081000Z&amp;name=ch01&amp;size=4096</playbackURI></mediaSegmentDescriptor>" +
      "<metadataMatches><metadataDescriptor>recordType.meta.std-cgi.com/motion</metadataDescriptor></metadataMatches></searchMatchItem></matchList>",
  ),
);

export const ZONES = buffers(
  "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00",
  "CST-8:00:00",
  "EST+5DST,M3.2.0,M11.1.0",
  "\nCST-5:30:00\n",
);

export const CHALLENGES = buffers(
  'Digest qop="auth", realm="IP Camera (C1)", nonce="4e6a4d794d6a4d", stale="FALSE", algorithm=MD5',
  'Basic realm="a, \\"b\\"", Digest realm="x", nonce="1", qop="auth,auth-int", algorithm=SHA-256, opaque="o", digest REALM=y,nonce=2',
  'nextnonce="abc", qop=auth, rspauth="0123", cnonce="1", nc=00000001',
);

export const PROBE_UUID = "7621A503-49E6-4FBA-B3F8-CBE1F18E55F4";
export const PROBES = buffers(
  `<?xml version="1.0" encoding="UTF-8" ?><ProbeMatch><Uuid>${PROBE_UUID}</Uuid><Types>inquiry</Types><DeviceDescription>DS-2CD9999</DeviceDescription><DeviceSN>DS-2CD999920230101AAWR000000001</DeviceSN><HttpPort>80</HttpPort><MAC>aa-bb-cc-00-00-01</MAC><IPv4Address>192.0.2.60</IPv4Address><SoftwareVersion>V5.5.6build 180326</SoftwareVersion><Activated>true</Activated></ProbeMatch>`,
);

const form = (inner: string): string =>
  `--boundary\r\nContent-Disposition: form-data; name="Alert"\r\nContent-Type: application/xml\r\nContent-Length: ${inner.length}\r\n\r\n${inner}\r\n--boundary\r\nContent-Disposition: form-data; name="p"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xd9\r\n--boundary--\r\n`;
export const PUSHES = buffers(form(xmlAlert({})), form(xmlAlert({ eventType: "ANPR" }, ANPR)), xmlAlert({}));

export const ADDRESSES = buffers(
  "rtsp://192.0.2.1/Streaming/tracks/101/?starttime=20260501T080000Z&endtime=20260501T081000Z&name=ch01_00000000001&size=4096",
  "rtsp://192.0.2.1:554/ISAPI/Streaming/tracks/201?starttime=2026-05-01 08:00:00Z&endtime=2026-05-01 09:00:00Z",
);

export const TIMES = buffers(
  "2026-03-01T12:00:00+01:00",
  "20260501T080000Z",
  "2026-05-01 08:00:00Z",
  "2026-3-1T1:2:3.456",
);

export const CALLS = buffers(
  '{"CallStatus":{"status":"ring"}}',
  '{"CallerInfo":{"buildingNo":1,"floorNo":2,"zoneNo":1,"unitNo":3,"devNo":7,"devType":1,"status":"onCall"}}',
  '{"VideoIntercomCap":{"isSupportCallStatus":true,"isSupportCallerInfo":false}}',
  document("CallStatus", "<status>idle</status>"),
  '{"channelID":1,"eventType":"AccessControllerEvent","eventState":"active","AccessControllerEvent":{"deviceName":"Entrance","majorEventType":5,"subEventType":37,"doorNo":1}}',
  '{"channelID":1,"eventType":"voiceTalkEvent","eventState":"active","VoiceTalkEvent":{"cmdType":"request","src":{"unitType":"villa","roomNumber":3}}}',
);
const channel = (id: number): string =>
  `<id>${id}</id><enabled>true</enabled><name>Yard</name><channelName>Yard</channelName>`;
export const LISTS = buffers(
  document(
    "LPListAuditSearchResult",
    `<LicensePlateInfoList><numOfMatches>1</numOfMatches><totalMatches>2</totalMatches><LicensePlateInfo><id>1</id><LicensePlate>A1</LicensePlate><type>whiteList</type><effectiveTime>2099-12-31T23:59:59+03:00</effectiveTime></LicensePlateInfo></LicensePlateInfoList>`,
  ),
  document("VideoInputChannelList", `<VideoInputChannel>${channel(1)}<inputPort>1</inputPort></VideoInputChannel>`),
  document(
    "InputProxyChannelList",
    `<InputProxyChannel>${channel(2)}<sourceInputPortDescriptor><ipAddress>192.0.2.9</ipAddress></sourceInputPortDescriptor></InputProxyChannel>`,
  ),
  document(
    "StreamingChannelList",
    `<StreamingChannel>${channel(101)}<Video><videoCodecType>H.264</videoCodecType><videoResolutionWidth>1920</videoResolutionWidth></Video></StreamingChannel>`,
  ),
  document(
    "IOOutputPortList",
    `<IOOutputPort><id>1</id><PowerOnState><defaultState>low</defaultState><outputState>pulse</outputState><pulseDuration>2000</pulseDuration></PowerOnState></IOOutputPort>`,
  ),
  document(
    "EventTriggerList",
    `<EventTrigger><id>VMD-1</id><eventType>VMD</eventType><videoInputChannelID>1</videoInputChannelID><EventTriggerNotificationList><EventTriggerNotification><id>center</id><notificationMethod>center</notificationMethod></EventTriggerNotification></EventTriggerNotificationList></EventTrigger>`,
  ),
  document(
    "DeviceInfo",
    `<deviceName>Gate</deviceName><model>DS-2CD9999</model><serialNumber>DS1</serialNumber><macAddress>aa:bb:cc:00:00:01</macAddress><firmwareVersion>V5.7.1</firmwareVersion>`,
  ),
  document(
    "TwoWayAudioChannelList",
    `<TwoWayAudioChannel><id>1</id><enabled>false</enabled><audioCompressionType>G.711ulaw</audioCompressionType><speakerVolume>50</speakerVolume></TwoWayAudioChannel>`,
  ),
);

/** As recorders describe their video (NVR V4.60), and with parameter sets and AAC. */
export const DESCRIPTIONS = [
  "v=0\r\ns= Media Server V4.60.000\r\na=control:*\r\na=range:clock=20210818T151815Z-20210818T151908Z\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=control:trackID=video\r\nm=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:trackID=audio\r\n",
  "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LACtkEJsBEAAADAAQAAAMACDxImSA=,aMuDyyA=\r\nm=audio 0 RTP/AVP 104\r\na=rtpmap:104 mpeg4-generic/16000/1\r\na=fmtp:104 mode=AAC-hbr; config=1408;SizeLength=13;IndexLength=3\r\n",
].map((text) => Buffer.from(text));

/** RTP as it stands in an RTSP connection: parameter sets and a key picture, then a picture in pieces. */
export const PACKETS = [
  "2400001f806000010000000000000001" + "6742c00ad90426c044000003000400000300083c489920".slice(0, 38),
  "2400002380600001000000000000000165888405bc98a000207b2727275d75d75d75d75d75d780",
  "24000010806000020000000a000000017c8588842400001080e000030000000a000000017c458884",
].map((hex) => Buffer.from(hex, "hex"));

const text = (value: unknown): Buffer => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
/** Answers about the past: counts, log, stored events, targets, access. */
export const PAST: readonly Buffer[] = [
  "<CountingStatisticsResult><matchList><matchElement><timeSpan><startTime>2026-05-01T08:00:00</startTime>" +
    "<endTime>2026-05-01T08:59:59</endTime></timeSpan><enterCount>3</enterCount><exitCount>1</exitCount>" +
    "</matchElement></matchList></CountingStatisticsResult>",
  "<CMSearchResult><responseStatusStrg>OK</responseStatusStrg><matchList><searchMatchItem><logDescriptor>" +
    "<metaId>log.hikvision.com/Alarm/motionStart/1</metaId><StartDateTime>2026-05-01T08:00:00</StartDateTime>" +
    "</logDescriptor></searchMatchItem></matchList></CMSearchResult>",
  {
    EventSearchResult: {
      responseStatusStrg: "OK",
      Targets: [{ pictureUrl: "/p", startTime: "2026-05-01T08:00:00Z", endTime: "2026-05-01T08:00:20Z" }],
    },
  },
  {
    SearchResult: {
      responseStatusStrg: "OK",
      matchList: [
        { RecordInfoList: [{ RecordTime: { startTime: "2026-05-01T08:00:00Z", endTime: "2026-05-01T08:00:20Z" } }] },
      ],
    },
  },
  {
    AcsEvent: {
      responseStatusStrg: "OK",
      totalMatches: 1,
      InfoList: [{ major: 5, minor: 75, time: "2026-05-01T08:00:00Z", name: "Anna", serialNo: 7, pictureURL: "/p" }],
    },
  },
].map(text);

/** VCL of older entrance cameras. */
export const PLATE_LISTS = buffers(
  document(
    "VCLData",
    `<VCLDataList>${[1, 2, 3].map((id) => `<singleVCLData><id>${id}</id><listType>0</listType><plateNum>A${id}</plateNum><startTime>0000-00-00T00:00:00Z</startTime></singleVCLData>`).join("")}</VCLDataList>`,
  ),
  "<a><b><r><plateNum>1</plateNum></r><r><plateNum/></r></b></a>",
);

/** Of doors and barriers, sounds, and what a detection looks at. */
export const DOORS = buffers(
  '{"AcsWorkStatus":{"doorLockStatus":[0,1],"doorStatus":[4,1],"magneticStatus":[0,0]}}',
  '{"DoorList":[{"doorNo":1,"doorName":"Front"}],"RemoteControlDoor":{"doorNo":{"@min":1,"@max":2},"cmd":{"@opt":["open","close","resume"]}}}',
  document("ParkingBarrierGateStatus", "<barrierGateNum>1</barrierGateNum><status>open</status>"),
  '{"AudioAlarm":{"audioTypeList":[{"audioID":1,"audioDescription":"Siren"}],"audioClass":"alertAudio","alertAudioID":1}}',
  document(
    "LineDetection",
    `<id>1</id><enabled>true</enabled><LineItemList><LineItem><enabled>true</enabled><CoordinatesList><Coordinates><positionX>1</positionX><positionY>2</positionY></Coordinates></CoordinatesList></LineItem></LineItemList>`,
  ),
);
