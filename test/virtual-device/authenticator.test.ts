import assert from "node:assert/strict";
import { FakeClock } from "../support/fake-clock";
import type { Algorithm } from "./digest-check";
import { DEFAULT_AUTH, Authenticator, type AuthOptions, type Denial } from "./authenticator";
import { answer, challengeOf, type Answering } from "./testing/raw-client";

const URI = "/ISAPI/System/deviceInfo";
const LOGIN = { username: "admin", password: 'pa"ss\\word', uri: URI };

class LoginClient {
  readonly clock = new FakeClock();
  readonly authenticator: Authenticator;

  constructor(options: Partial<AuthOptions> = {}) {
    this.authenticator = new Authenticator(this.clock, LOGIN, { ...DEFAULT_AUTH, ...options });
  }

  request(header?: string, target = URI): Denial | undefined {
    return this.authenticator.admit({ method: "GET", target, body: Buffer.alloc(0) }, header);
  }

  challenge(index = 0, denial = this.request()): Readonly<Record<string, string>> {
    const header = (denial?.challenges ?? []).join(", ");
    return challengeOf({ status: 401, headers: { "www-authenticate": header }, body: Buffer.alloc(0) }, index);
  }

  /** What is refused, or "in". */
  try(options: Partial<Answering> = {}, challenge = this.challenge(), target = URI): string {
    const denial = this.request(answer(challenge, { ...LOGIN, ...options }), target);
    return denial ? (denial.refusal ?? "challenge") : "in";
  }
}

describe("virtual device: authentication", () => {
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
      const client = new LoginClient({ algorithms: [algorithm], nameAlgorithm: true, opaque: "0a1b" });
      assert.equal(client.try(), "in");
      assert.equal(client.try({ password: "wrong" }), "wrongResponse");
    });
  }

  it("takes an answer without qop where it offered none", () => {
    const client = new LoginClient({ qop: null });
    assert.equal(client.try(), "in");
    assert.equal(client.try({ override: { qop: "auth", nc: "00000001", cnonce: "x" } }), "wrongQop");
  });

  const wrongFields: readonly (readonly [field: string, value: string | undefined, refusal: string])[] = [
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
  for (const [field, value, refusal] of wrongFields) {
    it(`refuses ${field} ${value === undefined ? "left out" : `"${value}"`}: ${refusal}`, () => {
      const client = new LoginClient({ algorithms: ["SHA-256"], opaque: "0a1b" });
      assert.equal(client.try({ override: { [field]: value } }), refusal);
      assert.equal(client.authenticator.failures, 1);
    });
  }

  it("wants the query string in the uri", () => {
    const client = new LoginClient();
    assert.equal(client.try({}, client.challenge(), `${URI}?format=json`), "wrongUri");
    assert.equal(client.try({ uri: `${URI}?format=json` }, client.challenge(), `${URI}?format=json`), "in");
  });

  it("takes each nc once, in any order", () => {
    const client = new LoginClient();
    const challenge = client.challenge();
    assert.deepEqual(
      [1, 3, 2, 3, 2, 4].map((nc) => client.try({ nc }, challenge)),
      ["in", "in", "in", "ncReused", "ncReused", "in"],
    );
    assert.equal(client.authenticator.failures, 0, "a repeated nc is no wrong password");
  });

  it("refuses an nc far behind the highest", () => {
    const client = new LoginClient();
    const challenge = client.challenge();
    assert.equal(client.try({ nc: 100 }, challenge), "in");
    assert.equal(client.try({ nc: 36 }, challenge), "ncReused");
    assert.equal(client.try({ nc: 37 }, challenge), "in");
  });

  it("lets nc only rise when told to be strict", () => {
    const client = new LoginClient({ nc: "strict" });
    const challenge = client.challenge();
    assert.deepEqual(
      [1, 3, 2].map((nc) => client.try({ nc }, challenge)),
      ["in", "in", "ncReused"],
    );
  });

  it("calls an old nonce stale, but only to who knows the password", async () => {
    const client = new LoginClient({ nonceLifetimeMs: 1000 });
    const challenge = client.challenge();
    assert.equal(client.try({ nc: 1 }, challenge), "in");
    await client.clock.advance(1001);
    const denial = client.request(answer(challenge, { ...LOGIN, nc: 2 }));
    assert.equal(denial?.refusal, "spentNonce");
    assert.equal(client.challenge(0, denial)["stale"], "TRUE");
    const otherClient = client.request(answer(challenge, { ...LOGIN, nc: 3, password: "wrong" }));
    assert.equal(otherClient?.refusal, "wrongResponse");
    assert.equal(client.challenge(0, otherClient)["stale"], "FALSE");
  });

  it("forgets its nonces with a reboot", () => {
    const client = new LoginClient();
    const challenge = client.challenge();
    client.authenticator.forgetNonces();
    assert.equal(client.try({}, challenge), "unknownNonce");
    assert.equal(client.authenticator.failures, 0);
  });

  const spent: readonly (readonly [AuthOptions["spentNonce"], number, RegExp])[] = [
    ["stale", 1, /401 -- Unauthorized/],
    ["fresh", 1, /401 -- Unauthorized/],
    ["userCheck", 0, /<userCheck /],
    ["invalidOperation", 0, /<subStatusCode>invalidOperation</],
  ];
  for (const [spentNonce, challenges, body] of spent) {
    it(`accepts a nonce twice, then answers as "${spentNonce}" says`, () => {
      const client = new LoginClient({ nonceUses: 2, spentNonce });
      const challenge = client.challenge();
      assert.equal(client.try({ nc: 1 }, challenge), "in");
      assert.equal(client.try({ nc: 2 }, challenge), "in");
      const denial = client.request(answer(challenge, { ...LOGIN, nc: 3 }));
      assert.equal(denial?.refusal, "spentNonce");
      assert.equal(denial.challenges.length, challenges);
      assert.match(denial.body, body);
      assert.doesNotMatch(denial.body, /retryLoginTime/);
      assert.equal(client.try(), "in");
    });
  }

  it("counts down, locks, keeps even the right password out, and unlocks after 1800 s", async () => {
    const client = new LoginClient();
    const tries = [1, 2, 3, 4, 5].map(() => {
      const denial = client.request(answer(client.challenge(), { ...LOGIN, password: "wrong" }));
      return /<lockStatus>(\w+)<[^]*<unlockTime>(\d+)<[^]*<retryLoginTime>(\d)</
        .exec(denial?.body ?? "")
        ?.slice(1)
        .join(" ");
    });
    assert.deepEqual(tries, ["unlock 0 4", "unlock 0 3", "unlock 0 2", "unlock 0 1", "lock 1800 0"]);
    assert.equal(client.try(), "locked");
    await client.clock.advance(1_799_000);
    assert.match(client.request(answer(client.challenge(), LOGIN))?.body ?? "", /<unlockTime>1</);
    await client.clock.advance(1000);
    assert.equal(client.try(), "in");
  });

  it("counts no request without credentials, and forgets failures after a success", () => {
    const client = new LoginClient();
    for (let i = 0; i < 20; i++) client.request();
    assert.equal(client.authenticator.failures, 0);
    for (let i = 0; i < 4; i++) client.try({ password: "wrong" });
    assert.equal(client.authenticator.failures, 4);
    assert.equal(client.try(), "in");
    assert.equal(client.authenticator.failures, 0);
  });

  it("keeps the tries to itself when its firmware does", () => {
    const client = new LoginClient({ bodyWithTries: false });
    const denial = client.request(answer(client.challenge(), { ...LOGIN, password: "wrong" }));
    assert.match(denial?.body ?? "", /<statusValue>401</);
    assert.doesNotMatch(denial?.body ?? "", /lockStatus|retryLoginTime/);
  });

  it("puts several challenges in one header line, each with a nonce of its own", () => {
    const client = new LoginClient({ algorithms: ["MD5", "SHA-256"], oneHeaderLine: true, nameAlgorithm: true });
    const denial = client.request();
    assert.equal(denial?.challenges.length, 1);
    assert.equal(client.try({}, client.challenge(1, denial)), "in");
    assert.equal(client.try({}, client.challenge(0, denial)), "in");
    const mixed = { ...client.challenge(1, denial), algorithm: "MD5" };
    assert.equal(client.try({ nc: 2 }, mixed), "wrongAlgorithm");
  });

  it("offers Basic beside digest, in the order and letters asked for", () => {
    const client = new LoginClient({ schemes: ["basic", "digest"], lowerCase: true });
    assert.match(client.request()?.challenges.join("\n") ?? "", /^basic realm=".*"\ndigest qop=/);
    const token = (password: string): string =>
      `Basic ${Buffer.from(`${LOGIN.username}:${password}`).toString("base64")}`;
    assert.equal(client.request(token(LOGIN.password)), undefined);
    assert.equal(client.request(token("wrong"))?.refusal, "wrongResponse");
    assert.equal(new LoginClient().request(token(LOGIN.password))?.refusal, "schemeNotOffered");
  });

  for (const header of [
    "Digest",
    "Digest realm",
    'Digest realm="a" nonce="b"',
    'Digest nc=1, nc=2, uri="/"',
    "Bearer x",
  ]) {
    it(`calls ${header} malformed`, () => {
      assert.equal(new LoginClient().request(header)?.refusal, "malformed");
    });
  }
});
