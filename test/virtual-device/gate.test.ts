import assert from "node:assert/strict";
import { FakeClock } from "../support/fake-clock";
import type { Algorithm } from "./digest-check";
import { DEFAULT_AUTH, Gate, type AuthOptions, type Denial } from "./gate";
import { answer, challengeOf, type Answering } from "./testing/raw-client";

const URI = "/ISAPI/System/deviceInfo";
const LOGIN = { username: "admin", password: 'pa"ss\\word', uri: URI };

class Door {
  readonly clock = new FakeClock();
  readonly gate: Gate;

  constructor(options: Partial<AuthOptions> = {}) {
    this.gate = new Gate(this.clock, LOGIN, { ...DEFAULT_AUTH, ...options });
  }

  knock(header?: string, target = URI): Denial | undefined {
    return this.gate.admit({ method: "GET", target, body: Buffer.alloc(0) }, header);
  }

  challenge(index = 0, denial = this.knock()): Readonly<Record<string, string>> {
    const header = (denial?.challenges ?? []).join(", ");
    return challengeOf({ status: 401, headers: { "www-authenticate": header }, body: Buffer.alloc(0) }, index);
  }

  /** What is refused, or "in". */
  try(options: Partial<Answering> = {}, challenge = this.challenge(), target = URI): string {
    const denial = this.knock(answer(challenge, { ...LOGIN, ...options }), target);
    return denial ? (denial.refusal ?? "challenge") : "in";
  }
}

describe("virtual device: who may enter", () => {
  const algorithms: readonly Algorithm[] = [
    "MD5",
    "MD5-sess",
    "SHA-256",
    "SHA-256-sess",
    "SHA-512-256",
    "SHA-512-256-sess",
  ];
  for (const algorithm of algorithms) {
    it(`lets the right password in with ${algorithm}`, () => {
      const door = new Door({ algorithms: [algorithm], nameAlgorithm: true, opaque: "0a1b" });
      assert.equal(door.try(), "in");
      assert.equal(door.try({ password: "wrong" }), "wrongResponse");
    });
  }

  it("takes an answer without qop where it offered none", () => {
    const door = new Door({ qop: null });
    assert.equal(door.try(), "in");
    assert.equal(door.try({ spoil: { qop: "auth", nc: "00000001", cnonce: "x" } }), "wrongQop");
  });

  const spoilt: readonly (readonly [field: string, value: string | undefined, refusal: string])[] = [
    ["username", "root", "wrongUsername"],
    ["realm", "Another camera", "wrongRealm"],
    ["uri", "/ISAPI/System/time", "wrongUri"],
    ["opaque", "ffff", "wrongOpaque"],
    ["opaque", undefined, "wrongOpaque"],
    ["algorithm", "SHA-512-256", "wrongAlgorithm"],
    ["algorithm", undefined, "wrongAlgorithm"],
    ["qop", "auth-int", "wrongQop"],
    ["qop", undefined, "wrongQop"],
    ["cnonce", undefined, "missingCnonce"],
    ["nc", "1", "badNc"],
    ["nc", "00000002", "wrongResponse"],
    ["response", "0".repeat(64), "wrongResponse"],
    ["response", undefined, "malformed"],
    ["nonce", undefined, "malformed"],
  ];
  for (const [field, value, refusal] of spoilt) {
    it(`refuses ${field} ${value === undefined ? "left out" : `"${value}"`}: ${refusal}`, () => {
      const door = new Door({ algorithms: ["SHA-256"], opaque: "0a1b" });
      assert.equal(door.try({ spoil: { [field]: value } }), refusal);
      assert.equal(door.gate.failures, 1);
    });
  }

  it("wants the query string in the uri", () => {
    const door = new Door();
    assert.equal(door.try({}, door.challenge(), `${URI}?format=json`), "wrongUri");
    assert.equal(door.try({ uri: `${URI}?format=json` }, door.challenge(), `${URI}?format=json`), "in");
  });

  it("takes each nc once, in any order", () => {
    const door = new Door();
    const challenge = door.challenge();
    assert.deepEqual(
      [1, 3, 2, 3, 2, 4].map((nc) => door.try({ nc }, challenge)),
      ["in", "in", "in", "ncReused", "ncReused", "in"],
    );
    assert.equal(door.gate.failures, 0, "a repeated nc is no wrong password");
  });

  it("refuses an nc far behind the highest", () => {
    const door = new Door();
    const challenge = door.challenge();
    assert.equal(door.try({ nc: 100 }, challenge), "in");
    assert.equal(door.try({ nc: 36 }, challenge), "ncReused");
    assert.equal(door.try({ nc: 37 }, challenge), "in");
  });

  it("lets nc only rise when told to be strict", () => {
    const door = new Door({ nc: "strict" });
    const challenge = door.challenge();
    assert.deepEqual(
      [1, 3, 2].map((nc) => door.try({ nc }, challenge)),
      ["in", "in", "ncReused"],
    );
  });

  it("calls an old nonce stale, but only to who knows the password", async () => {
    const door = new Door({ nonceLifetimeMs: 1000 });
    const challenge = door.challenge();
    assert.equal(door.try({ nc: 1 }, challenge), "in");
    await door.clock.advance(1001);
    const denial = door.knock(answer(challenge, { ...LOGIN, nc: 2 }));
    assert.equal(denial?.refusal, "spentNonce");
    assert.equal(door.challenge(0, denial)["stale"], "TRUE");
    const stranger = door.knock(answer(challenge, { ...LOGIN, nc: 3, password: "wrong" }));
    assert.equal(stranger?.refusal, "wrongResponse");
    assert.equal(door.challenge(0, stranger)["stale"], "FALSE");
  });

  it("forgets its nonces with a reboot", () => {
    const door = new Door();
    const challenge = door.challenge();
    door.gate.forgetNonces();
    assert.equal(door.try({}, challenge), "unknownNonce");
    assert.equal(door.gate.failures, 0);
  });

  const spent: readonly (readonly [AuthOptions["spentNonce"], number, RegExp])[] = [
    ["stale", 1, /401 -- Unauthorized/],
    ["fresh", 1, /401 -- Unauthorized/],
    ["userCheck", 0, /<userCheck /],
    ["invalidOperation", 0, /<subStatusCode>invalidOperation</],
  ];
  for (const [spentNonce, challenges, body] of spent) {
    it(`accepts a nonce twice, then answers as "${spentNonce}" says`, () => {
      const door = new Door({ nonceUses: 2, spentNonce });
      const challenge = door.challenge();
      assert.equal(door.try({ nc: 1 }, challenge), "in");
      assert.equal(door.try({ nc: 2 }, challenge), "in");
      const denial = door.knock(answer(challenge, { ...LOGIN, nc: 3 }));
      assert.equal(denial?.refusal, "spentNonce");
      assert.equal(denial.challenges.length, challenges);
      assert.match(denial.body, body);
      assert.doesNotMatch(denial.body, /retryLoginTime/);
      assert.equal(door.try(), "in");
    });
  }

  it("counts down, locks, keeps even the right password out, and unlocks after 1800 s", async () => {
    const door = new Door();
    const tries = [1, 2, 3, 4, 5].map(() => {
      const denial = door.knock(answer(door.challenge(), { ...LOGIN, password: "wrong" }));
      return /<lockStatus>(\w+)<[^]*<unlockTime>(\d+)<[^]*<retryLoginTime>(\d)</
        .exec(denial?.body ?? "")
        ?.slice(1)
        .join(" ");
    });
    assert.deepEqual(tries, ["unlock 0 4", "unlock 0 3", "unlock 0 2", "unlock 0 1", "lock 1800 0"]);
    assert.equal(door.try(), "locked");
    await door.clock.advance(1_799_000);
    assert.match(door.knock(answer(door.challenge(), LOGIN))?.body ?? "", /<unlockTime>1</);
    await door.clock.advance(1000);
    assert.equal(door.try(), "in");
  });

  it("counts no request without credentials, and forgets failures after a success", () => {
    const door = new Door();
    for (let i = 0; i < 20; i++) door.knock();
    assert.equal(door.gate.failures, 0);
    for (let i = 0; i < 4; i++) door.try({ password: "wrong" });
    assert.equal(door.gate.failures, 4);
    assert.equal(door.try(), "in");
    assert.equal(door.gate.failures, 0);
  });

  it("keeps the tries to itself when its firmware does", () => {
    const door = new Door({ bodyWithTries: false });
    const denial = door.knock(answer(door.challenge(), { ...LOGIN, password: "wrong" }));
    assert.match(denial?.body ?? "", /<statusValue>401</);
    assert.doesNotMatch(denial?.body ?? "", /lockStatus|retryLoginTime/);
  });

  it("puts several challenges in one header line, each with a nonce of its own", () => {
    const door = new Door({ algorithms: ["MD5", "SHA-256"], oneHeaderLine: true, nameAlgorithm: true });
    const denial = door.knock();
    assert.equal(denial?.challenges.length, 1);
    assert.equal(door.try({}, door.challenge(1, denial)), "in");
    assert.equal(door.try({}, door.challenge(0, denial)), "in");
    const mixed = { ...door.challenge(1, denial), algorithm: "MD5" };
    assert.equal(door.try({ nc: 2 }, mixed), "wrongAlgorithm");
  });

  it("offers Basic beside digest, in the order and letters asked for", () => {
    const door = new Door({ schemes: ["basic", "digest"], lowerCase: true });
    assert.match(door.knock()?.challenges.join("\n") ?? "", /^basic realm=".*"\ndigest qop=/);
    const token = (password: string): string =>
      `Basic ${Buffer.from(`${LOGIN.username}:${password}`).toString("base64")}`;
    assert.equal(door.knock(token(LOGIN.password)), undefined);
    assert.equal(door.knock(token("wrong"))?.refusal, "wrongResponse");
    assert.equal(new Door().knock(token(LOGIN.password))?.refusal, "schemeNotOffered");
  });

  for (const header of [
    "Digest",
    "Digest realm",
    'Digest realm="a" nonce="b"',
    'Digest nc=1, nc=2, uri="/"',
    "Bearer x",
  ]) {
    it(`calls ${header} malformed`, () => {
      assert.equal(new Door().knock(header)?.refusal, "malformed");
    });
  }
});
